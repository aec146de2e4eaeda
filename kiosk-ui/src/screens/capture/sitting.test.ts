import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RoomApi } from "../../api/client";
import type { Capture } from "../../api/types";
import type { Eye, Shot } from "./eye";
import { type Host, Sitting } from "./sitting.svelte";

const api = { id: "s1", takePhoto: vi.fn(), sendPhoto: vi.fn() };
const blob = new Blob(["frame"]);

class PaintedEye implements Eye {
  condition: Eye["condition"] = "there";
  absence = "gone" as const;
  seen = undefined;
  watch = () => () => {};
  look = async () => {};
  shoot = vi.fn(async (): Promise<Shot | undefined> => ({ still: blob, send: (room) => room.sendPhoto(blob) }));
  check = vi.fn(async () => {});
  arm = vi.fn();
  disarm = vi.fn();
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

  it("tells the camera when somebody is counted down to, and when they are not", async () => {
    sitting.ready();
    expect(eye.arm).toHaveBeenCalledExactlyOnceWith("s1");
    await after(5000);
    sitting.close();
    expect(eye.disarm).not.toHaveBeenCalled();

    const left = new Sitting(eye, host as unknown as Host);
    left.ready();
    await after(2000);
    left.close();
    expect(eye.disarm).toHaveBeenCalledOnce();

    const away = new Sitting(eye, host as unknown as Host);
    away.ready();
    eye.condition = "away";
    await after(1000);
    expect(eye.disarm).toHaveBeenCalledTimes(2);
  });

  it("a frame that comes after its visitor has left, or after a retake, is sent to nobody", async () => {
    let grabbed: (shot: Shot) => void = () => {};
    eye.shoot.mockReturnValueOnce(new Promise((done) => (grabbed = done)));
    sitting.ready();
    await after(5000);
    sitting.close();
    // The next visitor stands there, in a room of their own.
    const theirs = { ...api, id: "s2", sendPhoto: vi.fn().mockResolvedValue({ id: "c2" }) };
    const next = new Sitting(eye, { ...host, api: theirs } as unknown as Host);
    next.ready();
    const late = vi.fn();
    grabbed({ still: new Blob(["of the first"]), send: late });
    await after(5000);
    expect(late).not.toHaveBeenCalled();
    expect([api.sendPhoto.mock.calls.length, theirs.sendPhoto.mock.calls.length]).toEqual([0, 1]);
    expect(theirs.sendPhoto).toHaveBeenCalledWith(blob);
  });

  it("shows the frame of the shot that is on its way, and no other", async () => {
    let first: (frame: Blob) => void = () => {};
    eye.shoot.mockResolvedValueOnce({ still: new Promise((done) => (first = done)), send: (room) => room.sendPhoto(blob) });
    host.taken.mockResolvedValueOnce(false);
    sitting.ready();
    await after(5000);
    eye.shoot.mockResolvedValueOnce({ send: () => new Promise(() => {}) });
    host.taken.mockReturnValueOnce(new Promise(() => {}));
    sitting.ready();
    await after(5000);
    first(new Blob(["of before"]));
    await after(0);
    expect([sitting.phase, sitting.still]).toEqual(["sending", undefined]);
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
