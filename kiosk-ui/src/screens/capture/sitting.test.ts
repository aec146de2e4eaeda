import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RoomApi } from "../../api/client";
import type { Capture } from "../../api/types";
import type { Eye, Shot } from "./eye";
import { type Host, Sitting } from "./sitting.svelte";

const api = { takePhoto: vi.fn(), sendPhoto: vi.fn() };
const blob = new Blob(["frame"]);

class PaintedEye implements Eye {
  condition: Eye["condition"] = "there";
  absence = "gone" as const;
  seen = undefined;
  watch = () => () => {};
  look = async () => {};
  shoot = vi.fn(async (): Promise<Shot | undefined> => ({ still: blob, send: (room) => room.sendPhoto(blob) }));
  check = vi.fn(async () => {});
}

let eye: PaintedEye;
let host: { api: RoomApi; busy: ReturnType<typeof vi.fn>; say: ReturnType<typeof vi.fn>; taken: ReturnType<typeof vi.fn> };
let sitting: Sitting;
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const said = () => host.say.mock.calls.flat();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("URL", { createObjectURL: vi.fn(() => "blob:1"), revokeObjectURL: vi.fn() });
  api.sendPhoto.mockReset().mockResolvedValue({ id: "c1" } as Capture);
  eye = new PaintedEye();
  const taken = vi.fn(async (take: () => Promise<Capture>) => Boolean(await take()));
  host = { api: api as unknown as RoomApi, busy: vi.fn(), say: vi.fn(), taken };
  sitting = new Sitting(eye, host as unknown as Host);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a sitting", () => {
  it("counts down aloud, takes the photo, and stays busy until the next screen", async () => {
    let keep: (capture: unknown) => void = () => {};
    api.sendPhoto.mockReturnValue(new Promise((done) => (keep = done)));
    sitting.ready();
    expect([sitting.phase, sitting.count]).toEqual(["counting", 5]);
    await after(4999);
    expect([sitting.phase, sitting.count, said()]).toEqual(["counting", 1, [5, 4, 3, 2, 1]]);
    await after(1);
    expect([sitting.phase, sitting.still]).toEqual(["sending", "blob:1"]);
    host.busy.mockClear();
    await after(30_000);
    expect(host.busy).toHaveBeenCalledTimes(30);
    keep({ id: "c1" });
    await after(0);
    expect(sitting.phase).toBe("sending");
    expect(eye.shoot).toHaveBeenCalledOnce();
  });

  it("does not begin twice, and not without a camera", async () => {
    sitting.ready();
    await after(2000);
    sitting.ready();
    expect(sitting.count).toBe(3);
    const other = new Sitting(Object.assign(new PaintedEye(), { condition: "away" }), host as unknown as Host);
    other.ready();
    expect([other.phase, other.count]).toEqual(["away", undefined]);
  });

  it("breaks off when the camera goes away in the middle of the count", async () => {
    sitting.ready();
    await after(2500);
    eye.condition = "away";
    expect(sitting.phase).toBe("away");
    await after(10_000);
    expect(eye.shoot).not.toHaveBeenCalled();
    eye.condition = "there";
    expect(sitting.phase).toBe("live");
  });

  it("makes sure of the camera after a photo that came to nothing, and lets the visitor try again", async () => {
    host.taken.mockResolvedValue(false);
    sitting.ready();
    await after(5000);
    expect(eye.check).toHaveBeenCalledOnce();
    expect([sitting.phase, sitting.count, sitting.still]).toEqual(["live", undefined, undefined]);
    expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:1");
  });

  it("shoots nobody who has left meanwhile", async () => {
    sitting.ready();
    await after(3000);
    sitting.close();
    await after(10_000);
    expect(eye.shoot).not.toHaveBeenCalled();
    expect(said()).toEqual([5, 4, 3, 2]);
  });
});
