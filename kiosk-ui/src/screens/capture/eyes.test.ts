import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CameraState } from "../../api/types";

const daemon = vi.hoisted(() => ({ camera: vi.fn() }));
vi.mock("../../api/client", () => ({ kioskApi: { camera: daemon.camera } }));

const { BoothEye } = await import("./boothEye.svelte");
const { PageEye } = await import("./pageEye.svelte");

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A camera's stream with one track. */
class Stream {
  track = Object.assign(new EventTarget(), { stop: vi.fn() });
  getTracks = () => [this.track];
  getVideoTracks = () => [this.track];
}
const stream = () => new Stream() as Stream & MediaStream;

let devices: EventTarget;
beforeEach(() => {
  vi.useFakeTimers();
  devices = new EventTarget();
  vi.stubGlobal("navigator", { mediaDevices: devices });
  daemon.camera.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the page's own camera", () => {
  const notFound = () => Promise.reject(new DOMException("", "NotFoundError"));

  it("stays away, without a word, while it is looked for in vain", async () => {
    const open = vi.fn<() => Promise<MediaStream>>(notFound);
    const eye = new PageEye(0, open);
    const rest = eye.watch();
    expect(eye.condition).toBe("opening");
    await after(0);
    const conditions = new Set<string>();
    // A device that hangs takes as long as its patience to fail.
    open.mockImplementation(() => new Promise((_, refuse) => setTimeout(() => refuse(new DOMException("")), 3000)));
    for (let passed = 0; passed < 30_000; passed += 500) {
      conditions.add(eye.condition);
      await after(500);
    }
    expect([...conditions]).toEqual(["away"]);
    expect(open.mock.calls.length).toBeGreaterThan(4);
    rest();
  });

  it("is tried once at a time, and found when it is plugged in", async () => {
    const open = vi.fn<() => Promise<MediaStream>>(notFound);
    const eye = new PageEye(0, open);
    const rest = eye.watch();
    await after(0);
    const found = stream();
    open.mockImplementation(() => new Promise((done) => setTimeout(() => done(found), 1000)));
    devices.dispatchEvent(new Event("devicechange"));
    devices.dispatchEvent(new Event("devicechange"));
    void eye.look();
    await after(1000);
    expect([eye.condition, eye.stream, open.mock.calls.length]).toEqual(["there", found, 2]);
    found.track.dispatchEvent(new Event("ended"));
    expect(eye.condition).toBe("away");
    rest();
    expect(found.track.stop).toHaveBeenCalled();
  });

  it("is let go of when it opens too late", async () => {
    const found = stream();
    const eye = new PageEye(0, () => new Promise((done) => setTimeout(() => done(found), 1000)));
    eye.watch()();
    await after(1000);
    expect(found.track.stop).toHaveBeenCalled();
    expect(eye.condition).toBe("opening");
  });

  it("says when the browser forbids it", async () => {
    const eye = new PageEye(0, () => Promise.reject(new DOMException("", "NotAllowedError")));
    const rest = eye.watch();
    await after(0);
    expect([eye.condition, eye.absence]).toEqual(["away", "refused"]);
    rest();
  });
});

describe("the daemon's camera", () => {
  const is = (condition: CameraState["condition"]): CameraState => ({ condition, says: "" });

  it("is opening until its view shows, and at most for six seconds", async () => {
    daemon.camera.mockResolvedValue(is("ready"));
    const eye = new BoothEye({ live: true, state: is("ready") });
    const rest = eye.watch();
    await after(5999);
    expect(eye.condition).toBe("opening");
    await after(1);
    expect(eye.condition).toBe("there");
    rest();
  });

  it("goes and comes back with a view of a new address", async () => {
    daemon.camera.mockResolvedValue(is("busy"));
    const eye = new BoothEye({ live: true, state: is("ready") });
    const rest = eye.watch();
    eye.shows();
    expect([eye.condition, eye.views]).toEqual(["there", 1]);
    daemon.camera.mockResolvedValue(is("asleep"));
    await after(1000);
    expect([eye.condition, eye.absence]).toEqual(["away", "asleep"]);
    daemon.camera.mockRejectedValue(new Error("the daemon is gone"));
    await after(1000);
    expect([eye.condition, eye.absence]).toEqual(["away", "recovering"]);
    daemon.camera.mockResolvedValue(is("ready"));
    await after(1000);
    expect([eye.condition, eye.views]).toEqual(["opening", 2]);
    rest();
  });

  it("without a live view is there at once", () => {
    expect(new BoothEye({ live: false, state: is("ready") }).condition).toBe("there");
  });
});
