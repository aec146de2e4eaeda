import { describe, expect, it } from "vitest";
import type { Snapshot } from "../api/types";
import { leadsPastTheCode, patienceWith, type Scene, whenQuiet } from "./quiet";

const photo = { id: "c1" } as Snapshot["captures"][number];
const booth = { idle_warn_ms: 20_000, idle_reset_ms: 40_000 };
const scene = (screen: string, more: Partial<Scene> = {}): Scene => ({ screen, booth, code: false, wifi: false, ...more });

describe("patience", () => {
  it.each([
    ["asks after 20 s and starts over after 40 s", scene("consent"), 20, 40],
    ["is the same with a code to scan", scene("handover", { code: true }), 20, 40],
    ["is longer with two codes", scene("handover", { code: true, wifi: true }), 40, 60],
    ["is as ever where no code is shown", scene("consent", { wifi: true }), 20, 40],
    ["lets people watch the painters", scene("painting"), 60, 80],
    ["asks nobody at the wall of samples", scene("attract"), Infinity, 40],
    ["asks nobody in a pause", scene("paused"), Infinity, 40],
  ])("%s", (_, quiet, warnS, resetS) => {
    expect(patienceWith(quiet)).toEqual({ warnMs: warnS * 1000, resetMs: resetS * 1000 });
  });

  it("leaves the farewell alone, and knows nothing before the booth has told", () => {
    expect(patienceWith(scene("thanks"))).toBeUndefined();
    expect(patienceWith(scene("consent", { booth: undefined }))).toBeUndefined();
  });
});

describe("the way out", () => {
  it.each([
    ["consent", [], false],
    ["capture", [], false],
    ["capture", [photo], true], // a retake: the first photo's paintings are under way
    ["review", [photo], true],
    ["painting", [photo], true],
    ["name", [photo], true],
    ["handover", [photo], false],
    ["ticket", [photo], false],
  ])("of %s with %j leads past the code: %s", (screen, captures, past) => {
    expect(leadsPastTheCode(screen, { captures })).toBe(past);
    expect(whenQuiet(screen, { captures, phones: 0 })).toBe(past ? "code" : "leave");
    expect(whenQuiet(screen, { captures, phones: 1 })).toBe("leave");
  });
});
