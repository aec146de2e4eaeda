import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RoomEars } from "../api/socket";
import type { Snapshot } from "../api/types";
import { Problem } from "../api/problem";

/** The daemon and the line to it, as far as a room knows them. */
const line = vi.hoisted(() => ({ ears: undefined as unknown, again: vi.fn(), rest: vi.fn(), close: vi.fn(), snapshot: vi.fn() }));

vi.mock("../api/socket", () => ({ listenToRoom: (ears: unknown) => ((line.ears = ears), line) }));
vi.mock("../api/client", () => ({
  RoomApi: class {
    photos = 0;
    snapshot = line.snapshot;
  },
}));

const { Room } = await import("./room.svelte");
const ears = () => line.ears as RoomEars;
const told = (seq: number, now = "2026-11-21T11:18:26.123Z") => ({ id: "r1", seq, now, captures: [], paintings: [] }) as unknown as Snapshot;
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const dead = () => new Promise<Snapshot>((_, refuse) => setTimeout(() => refuse(Problem.unreachable()), 4000));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
  for (const fn of [line.again, line.rest, line.close, line.snapshot]) fn.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function open() {
  const room = new Room("r1", "t");
  ears().link(true);
  ears().snapshot(told(3));
  return room;
}

describe("a room", () => {
  it("is acted upon when its snapshot is of this waking hour, and not before", async () => {
    line.snapshot.mockImplementation(dead);
    const room = open();
    expect([room.fresh, room.offline]).toEqual([true, false]);
    room.wake();
    expect(line.again).toHaveBeenCalledOnce();
    expect([room.fresh, room.offline]).toEqual([false, true]);
    ears().link(true);
    expect([room.fresh, room.offline]).toEqual([false, false]);
    ears().snapshot(told(5));
    expect([room.fresh, room.snapshot?.seq]).toEqual([true, 5]);
    room.close();
  });

  it("takes no answer for news that was asked for before the page slept", async () => {
    const room = open();
    let late: (snapshot: Snapshot) => void = () => {};
    line.snapshot.mockImplementationOnce(() => new Promise((answer) => (late = answer))).mockImplementation(dead);
    const asked = room.refresh();
    room.wake();
    late(told(3));
    await asked;
    expect(room.fresh).toBe(false);
    room.close();
  });

  it("asks a dead line every second, and has the news and a new line as soon as it is back", async () => {
    line.snapshot.mockImplementation(dead);
    const room = open();
    ears().link(false);
    await after(10_000);
    expect(room.offline).toBe(true);
    expect(line.snapshot.mock.calls.length).toBeGreaterThanOrEqual(10);
    expect(line.again).not.toHaveBeenCalled();
    line.snapshot.mockImplementation(async () => told(7));
    await after(1000);
    expect([room.snapshot?.seq, room.fresh, room.offline]).toEqual([7, true, false]);
    expect(line.again).toHaveBeenCalledOnce();
    ears().link(true);
    ears().snapshot(told(7));
    const asked = line.snapshot.mock.calls.length;
    await after(60_000);
    expect(line.snapshot.mock.calls.length).toBe(asked);
    room.close();
  });

  it("asks nothing while nobody looks, and once it is closed", async () => {
    line.snapshot.mockImplementation(dead);
    const room = open();
    ears().link(false);
    Object.assign(document, { hidden: true });
    await after(5000);
    const asked = line.snapshot.mock.calls.length;
    await after(60_000);
    expect(line.snapshot.mock.calls.length).toBe(asked);
    Object.assign(document, { hidden: false });
    room.close();
    await after(60_000);
    expect(line.snapshot.mock.calls.length).toBe(asked);
  });

  it("rests without asking when the browser puts the page away", async () => {
    const room = open();
    line.rest.mockImplementation(() => ears().link(false));
    room.rest();
    await after(5000);
    expect(line.snapshot).not.toHaveBeenCalled();
    line.snapshot.mockImplementation(dead);
    room.wake();
    expect(line.snapshot).toHaveBeenCalled();
    room.close();
  });

  it("has the daemon's time, however the device's clock is set", async () => {
    const room = open();
    const at = Date.parse("2026-11-21T11:18:26.123Z");
    expect(room.now()).toBeCloseTo(at, 0);
    vi.setSystemTime(Date.parse("1999-01-01"));
    await after(1000);
    expect(room.now()).toBeCloseTo(at + 1000, 0);
    room.close();
  });
});
