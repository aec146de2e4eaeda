import { describe, expect, it } from "vitest";
import type { Painting, Snapshot } from "../api/types";
import { doneOf, placeNow } from "./wall";

const painting = (id: string, state: Painting["state"], more: Partial<Painting> = {}) =>
  ({ id, capture: "c1", style: "renoir", state, ...(state === "done" ? { url: `/media/${id}` } : {}), ...more }) as Painting;

describe("placeNow", () => {
  const older = painting("p1", "done");

  it("shows what hangs there until the next one can be seen", () => {
    const newest = painting("p2", "painting");
    const place = { style: "renoir", newest, done: [older] };
    expect(placeNow(place, {})).toEqual({ shown: older, waiting: newest, failed: undefined, src: "/media/p1" });
    expect(placeNow(place, { p2: "data:preview" }).src).toBe("data:preview");
  });

  it("shows no preview of what has settled", () => {
    const newest = painting("p2", "done");
    const previews = { p1: "data:old", p2: "data:new" };
    expect(placeNow({ style: "renoir", newest, done: [older, newest] }, previews)).toMatchObject({ shown: newest, src: "/media/p2" });
    const failed = painting("p3", "failed");
    expect(placeNow({ style: "renoir", newest: failed, done: [] }, { p3: "data:x" })).toMatchObject({ failed, src: undefined });
  });
});

describe("doneOf", () => {
  it("has the current photo's paintings, the newest last", () => {
    const paintings = [
      painting("p0", "done", { capture: "c0", settled_at: "2026-11-21T11:00:09Z" }),
      painting("p1", "done", { settled_at: "2026-11-21T11:00:05Z" }),
      painting("p2", "done", { style: "picasso", settled_at: "2026-11-21T11:00:03Z" }),
      painting("p3", "painting", { style: "van-gogh" }),
    ];
    const captures = [{ id: "c0" }, { id: "c1", current: true }];
    expect(doneOf({ paintings, captures } as Snapshot).map(({ id }) => id)).toEqual(["p2", "p1"]);
  });
});
