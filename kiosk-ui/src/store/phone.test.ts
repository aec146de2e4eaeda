import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";
import { emptyStorage } from "./storage.stand-in";

const daemon = vi.hoisted(() => ({ join: vi.fn(), snapshot: vi.fn() }));

vi.mock("../api/client", () => ({
  join: daemon.join,
  styles: async () => [],
  RoomApi: class {
    constructor(readonly id: string) {}
    snapshot = daemon.snapshot;
  },
}));
vi.mock("../api/socket", () => ({ listenToRoom: () => ({ again: () => {}, rest: () => {}, close: () => {} }) }));

const { Phone } = await import("./phone.svelte");

const code = "AAAAAAAAAAAAAAAA";
const other = "BBBBBBBBBBBBBBBB";
const joined = (room: string) => ({ room, token: "t", role: "visitor", expires_at: "2099-01-01T00:00:00Z" });
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("localStorage", emptyStorage());
  vi.stubGlobal("sessionStorage", emptyStorage());
  daemon.join.mockReset();
  daemon.snapshot.mockReset().mockRejectedValue(Problem.unreachable());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe("coming in", () => {
  it("goes on knocking while nobody answers, and forgets the trouble once inside", async () => {
    daemon.join.mockRejectedValueOnce(Problem.unreachable()).mockResolvedValue(joined("r1"));
    const phone = new Phone();
    phone.enter(code);
    await after(0);
    expect(phone.stand).toEqual({ at: "joining", why: "unreachable", waits: true });
    await after(3000);
    expect(phone.stand.at).toBe("room");
    expect(phone.trouble.code).toBeUndefined();
  });

  it("says after a moment that nobody answers, and knocks at once when the phone wakes", async () => {
    let silent: (error: Problem) => void = () => {};
    daemon.join
      .mockReturnValueOnce(new Promise((_, refuse) => (silent = refuse)))
      .mockRejectedValueOnce(new Problem(429, "too_many_tries", {}, 20))
      .mockResolvedValue(joined("r1"));
    const phone = new Phone();
    phone.enter(code);
    await after(1400);
    expect(phone.stand).toEqual({ at: "joining" });
    await after(200);
    expect(phone.stand).toEqual({ at: "joining", why: "unreachable" });
    phone.wake(); // the knock is still on its way
    expect(daemon.join).toHaveBeenCalledTimes(1);
    silent(Problem.unreachable());
    await after(0);
    phone.wake();
    await after(0);
    expect(daemon.join).toHaveBeenCalledTimes(2);
    phone.wake(); // the booth has asked it to wait
    await after(19_000);
    expect(daemon.join).toHaveBeenCalledTimes(2);
    await after(1000);
    expect(phone.stand.at).toBe("room");
  });

  it("waits as long as the booth asks for after too many wrong tries, and says why", async () => {
    daemon.join.mockRejectedValueOnce(new Problem(429, "too_many_tries", {}, 20)).mockResolvedValue(joined("r1"));
    const phone = new Phone();
    phone.enter(code);
    await after(19_900);
    expect(daemon.join).toHaveBeenCalledTimes(1);
    expect(phone.stand).toEqual({ at: "joining", why: "too_many_tries" });
    await after(100);
    expect(phone.stand.at).toBe("room");
  });

  it("asks for digits again where digits were asked for", async () => {
    daemon.join
      .mockRejectedValueOnce(new Problem(403, "claim_required"))
      .mockRejectedValueOnce(new Problem(429, "too_many_tries", {}, 20));
    const phone = new Phone();
    phone.enter(code);
    await after(0);
    await phone.knock(code, "1234");
    expect(phone.stand).toEqual({ at: "claim", code, lost: false, refused: "too_many_tries" });
    await after(60_000);
    expect(daemon.join).toHaveBeenCalledTimes(2);
  });

  it("does not knock at a room that is full for ever, also after a reload", async () => {
    daemon.join.mockRejectedValue(new Problem(409, "too_many"));
    const phone = new Phone();
    phone.enter(code);
    await after(60_000);
    expect(daemon.join).toHaveBeenCalledTimes(1);
    expect(phone.stand).toEqual({ at: "over", code: "too_many", erased_at: undefined });
    const reloaded = new Phone();
    reloaded.enter(undefined);
    expect(reloaded.stand).toMatchObject({ at: "over", code: "too_many" });
  });

  it("goes on where it was after a reload, until it is in or sent away", async () => {
    daemon.join.mockRejectedValueOnce(new Problem(403, "claim_required"));
    new Phone().enter(code);
    await after(0);
    daemon.join.mockRejectedValueOnce(new Problem(403, "claim_required"));
    const reloaded = new Phone();
    reloaded.enter(undefined);
    await after(0);
    expect(reloaded.stand).toEqual({ at: "claim", code, lost: false });
    daemon.join.mockRejectedValueOnce(new Problem(404, "unknown_code"));
    await reloaded.knock(code, "1234");
    const again = new Phone();
    again.enter(undefined);
    expect(again.stand).toEqual({ at: "unknown", wrong: false });
    expect(daemon.join).toHaveBeenCalledTimes(3);
  });

  it("does not say that another phone was first when it may have been itself", async () => {
    daemon.join
      .mockRejectedValueOnce(Problem.unreachable()) // let in, but the answer is lost
      .mockRejectedValueOnce(new Problem(403, "claim_required"));
    const phone = new Phone();
    phone.enter(code);
    await after(3000);
    expect(phone.stand).toEqual({ at: "claim", code, lost: true });
    daemon.join.mockRejectedValueOnce(new Problem(403, "claim_required"));
    const reloaded = new Phone();
    reloaded.enter(undefined);
    await after(0);
    expect(reloaded.stand).toEqual({ at: "claim", code, lost: true });
  });

  it("takes a reload before the answer for a lost knock", async () => {
    daemon.join.mockReturnValueOnce(new Promise(() => {}));
    new Phone().enter(code);
    daemon.join.mockRejectedValueOnce(new Problem(403, "claim_required"));
    const reloaded = new Phone();
    reloaded.enter(undefined);
    await after(0);
    expect(reloaded.stand).toEqual({ at: "claim", code, lost: true });
  });

  it("follows the code scanned last, whatever becomes of the one before", async () => {
    let late: (answer: ReturnType<typeof joined>) => void = () => {};
    daemon.join.mockImplementation((scanned: string) =>
      scanned === code ? new Promise((answer) => (late = answer)) : Promise.resolve(joined("r2")),
    );
    const phone = new Phone();
    phone.enter(code);
    phone.enter(other);
    await after(0);
    late(joined("r1"));
    await after(0);
    expect(phone.stand).toMatchObject({ at: "room", room: { api: { id: "r2" } } });
  });
});

describe("the language", () => {
  it("is the visitor's own, also after a reload", () => {
    vi.stubGlobal("navigator", { language: "en-US" });
    const phone = new Phone();
    expect(phone.locale).toBe("en");
    phone.speak("ko");
    expect(new Phone().locale).toBe("ko");
  });
});

describe("trouble", () => {
  it("is told until it is read, the last one for its whole time", async () => {
    const phone = new Phone();
    const refused = (code: string) => phone.attempt(() => Promise.reject(new Problem(409, code)));
    await refused("busy");
    await after(6000);
    await refused("wrong_state");
    await after(6999);
    expect(phone.trouble.code).toBe("wrong_state");
    await after(1);
    expect(phone.trouble.code).toBeUndefined();
  });
});
