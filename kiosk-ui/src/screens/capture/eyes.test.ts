import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CameraState } from "../../api/types";

const daemon = vi.hoisted(() => ({ camera: vi.fn(), tellOfCamera: vi.fn(), countDown: vi.fn(), breakOff: vi.fn() }));
vi.mock("../../api/client", () => ({ kioskApi: daemon }));
const sees = vi.hoisted(() => ({ nextFrame: vi.fn(), isBlack: vi.fn(), grabStill: vi.fn() }));
vi.mock("./camera", async (original) => ({ ...(await original<object>()), ...sees }));

const { BoothEye } = await import("./boothEye.svelte");
const { PageEye } = await import("./pageEye.svelte");

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A camera's stream with one track. */
class Stream {
  track = Object.assign(new EventTarget(), { stop: vi.fn(), muted: false });
  getTracks = () => [this.track];
  getVideoTracks = () => [this.track];
}
const stream = () => new Stream() as Stream & MediaStream;

let devices: EventTarget;
beforeEach(() => {
  vi.useFakeTimers();
  devices = new EventTarget();
  vi.stubGlobal("navigator", { mediaDevices: devices });
  vi.stubGlobal("document", { createElement: () => ({}) });
  daemon.camera.mockReset();
  for (const call of [daemon.tellOfCamera, daemon.countDown, daemon.breakOff]) call.mockReset().mockResolvedValue(undefined);
  sees.nextFrame.mockReset().mockResolvedValue(true);
  sees.isBlack.mockReset().mockReturnValue(false);
  sees.grabStill.mockReset().mockResolvedValue(new Blob(["now"]));
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

describe("what the page's own camera shows", () => {
  const room = { sendPhoto: vi.fn() };
  const video = (size = 1080) => ({ videoWidth: size, videoHeight: size }) as HTMLVideoElement;

  async function opened(shows = video()) {
    const found = stream();
    const eye = new PageEye(0, async () => found);
    const rest = eye.watch();
    await after(0);
    eye.attach(shows);
    await after(1000);
    return { eye, found, rest };
  }
  const said = () => daemon.tellOfCamera.mock.calls.map(([seen]) => seen.trouble);

  it.each([
    ["frozen", () => sees.nextFrame.mockResolvedValue(false), () => sees.nextFrame.mockResolvedValue(true)],
    ["dark", () => sees.isBlack.mockReturnValue(true), () => sees.isBlack.mockReturnValue(false)],
  ])("that is %s is away before anybody is photographed, tells staff, and comes back by itself", async (code, breaks, mends) => {
    const { eye, rest } = await opened();
    expect(eye.condition).toBe("there");
    breaks();
    await after(2000);
    expect([eye.condition, eye.trouble]).toEqual(["away", code]);
    expect(said()).toEqual([code]);
    await after(25_000);
    expect(said().length).toBeGreaterThan(1);
    mends();
    await after(7000);
    expect([eye.condition, eye.trouble]).toEqual(["there", undefined]);
    expect(said().at(-1)).toBeUndefined();
    rest();
  });

  it("is frozen while the browser mutes its track", async () => {
    const { eye, found, rest } = await opened();
    found.track.muted = true;
    await after(1000);
    expect(eye.trouble).toBe("frozen");
    rest();
  });

  it("is too small for a face", async () => {
    const { eye, rest } = await opened(video(160));
    expect([eye.condition, eye.trouble]).toEqual(["away", "too_small"]);
    rest();
  });

  it("a hand before the lens is not a lens cap", async () => {
    const { eye, rest } = await opened();
    sees.isBlack.mockReturnValue(true);
    await after(1000);
    sees.isBlack.mockReturnValue(false);
    await after(3000);
    expect(said()).toEqual([]);
    expect(eye.condition).toBe("there");
    rest();
  });

  it("is a photo only if a frame came after the press", async () => {
    const { eye, rest } = await opened();
    const frames: ((came: boolean) => void)[] = [];
    sees.nextFrame.mockImplementation(() => new Promise((done) => frames.push(done)));
    const shot = eye.shoot();
    await after(0);
    expect(sees.grabStill).not.toHaveBeenCalled();
    frames.at(-1)?.(true);
    await (await shot)?.send(room as never);
    expect(room.sendPhoto).toHaveBeenCalledOnce();

    sees.nextFrame.mockResolvedValue(false);
    expect(await eye.shoot()).toBeUndefined();
    expect([eye.condition, eye.trouble]).toEqual(["away", "frozen"]);
    rest();
  });

  it("a frame that is encoded too late is nobody's", async () => {
    const { eye, rest } = await opened();
    sees.grabStill.mockReturnValue(new Promise(() => {}));
    const shot = eye.shoot();
    await after(5000);
    expect(await shot).toBeUndefined();
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

  it("says what is wrong with it, and hears of the count", async () => {
    daemon.camera.mockResolvedValue({ ...is("gone"), trouble: "no_jpeg" });
    const eye = new BoothEye({ live: true, state: is("ready") });
    const rest = eye.watch();
    await after(0);
    expect([eye.condition, eye.trouble]).toEqual(["away", "no_jpeg"]);
    eye.arm("s1");
    eye.disarm();
    expect([daemon.countDown.mock.calls, daemon.breakOff.mock.calls.length]).toEqual([[["s1"]], 1]);
    rest();
  });

  it("without a live view is there at once", () => {
    expect(new BoothEye({ live: false, state: is("ready") }).condition).toBe("there");
  });
});
