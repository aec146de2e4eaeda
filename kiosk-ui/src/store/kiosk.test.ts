import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Booth, KioskView, Snapshot } from "../api/types";
import { Problem } from "../api/problem";
import { emptyDraft, screenFor } from "./screen";

/** The daemon, as far as this store asks it. */
const daemon = vi.hoisted(() => ({
  view: vi.fn(),
  open: vi.fn(),
  handOver: vi.fn(),
  end: vi.fn(),
  snapshot: vi.fn(),
  /** Rooms that were entered by the socket, ever. */
  listened: 0,
}));

vi.mock("../api/client", () => ({
  kioskApi: { view: daemon.view, open: daemon.open, opened: () => {}, handOver: daemon.handOver },
  RoomApi: class {
    constructor(readonly id: string) {}
    end = () => daemon.end(this.id);
    snapshot = () => daemon.snapshot(this.id);
  },
}));
vi.mock("../api/socket", () => ({
  listenToRoom: () => {
    daemon.listened += 1;
    return { again: () => {}, rest: () => {}, close: () => {} };
  },
}));

const { Kiosk } = await import("./kiosk.svelte");

const at = "2026-11-21T11:18:26.123Z";
const booth = { locales: ["ko", "en"] } as unknown as Booth;
const session = (more: Partial<Snapshot> = {}): Snapshot => ({
  id: "s1",
  activity: "painter",
  state: "capture",
  on_screen: true,
  seq: 1,
  now: at,
  locale: "en",
  opened_at: at,
  expires_at: at,
  phones: 0,
  captures: [],
  paintings: [],
  tickets: [],
  prints: [],
  line: { ahead: 0, eta_s: [0, 0] },
  ...more,
});
const shows = (snapshot: Snapshot): KioskView => ({ booth, session: snapshot, token: "t" });
const photo = { id: "c1" } as Snapshot["captures"][number];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("sessionStorage", { getItem: () => null, setItem: () => {}, removeItem: () => {} });
  for (const asked of [daemon.view, daemon.open, daemon.handOver, daemon.end, daemon.snapshot]) asked.mockReset();
  daemon.listened = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("leaving the screen", () => {
  async function left(snapshot: Snapshot, how: "leave" | "decline" = "leave") {
    const kiosk = new Kiosk();
    daemon.view.mockResolvedValue(shows(snapshot));
    await kiosk.refresh();
    await (how === "leave" ? kiosk.leave(false) : kiosk.decline());
    expect(kiosk.room).toBeUndefined();
    return { ended: daemon.end.mock.calls.flat(), handedOver: daemon.handOver.mock.calls.flat() };
  }

  it("ends a visit that nobody can go on with", async () => {
    expect(await left(session())).toEqual({ ended: ["s1"], handedOver: [] });
  });

  it("hands a visit over in which there is a photo, or a phone to send one", async () => {
    expect(await left(session({ captures: [photo] }))).toEqual({ ended: [], handedOver: ["s1"] });
    daemon.handOver.mockClear();
    expect(await left(session({ phones: 1 }))).toEqual({ ended: [], handedOver: ["s1"] });
    daemon.handOver.mockClear();
    expect(await left(session({ phones: 1, state: "consent" }))).toEqual({ ended: [], handedOver: ["s1"] });
  });

  it.each([
    [{ phones: 1 }, "phone"],
    [{ prints: [{ id: "o1", ticket: "t1", copies: 1, sheets_done: 0, state: "done" as const }] }, "print"],
    [{}, "nothing"],
  ])("says goodbye to whoever takes %j", async (more, takes) => {
    const kiosk = new Kiosk();
    daemon.view.mockResolvedValue(shows(session({ captures: [photo], ...more })));
    await kiosk.refresh();
    await kiosk.leave(true);
    expect(kiosk.farewell).toEqual({ name: "", takes });
  });

  it("leads past the code, whatever the visitor was about", async () => {
    const kiosk = new Kiosk();
    const wall = session({ state: "choose", captures: [{ ...photo, taken_at: at, current: true }] });
    daemon.view.mockResolvedValue(shows(wall));
    await kiosk.refresh();
    for (const step of [{ retaking: "c1" }, { picked: "p1", naming: true }, {}]) {
      kiosk.drafts.change({ ...emptyDraft, ...step });
      kiosk.showCode();
      expect(screenFor(wall, kiosk.drafts.current, Date.parse(at))).toBe("handover");
    }
  });

  it("ends it for all when the visitor says no", async () => {
    expect(await left(session({ phones: 1, state: "consent" }), "decline")).toEqual({ ended: ["s1"], handedOver: [] });
  });
});

describe("an answer that comes too late", () => {
  /** A promise that a test keeps when it likes. */
  function later<T>() {
    let keep: (value: T) => void = () => {};
    let fail: (error: unknown) => void = () => {};
    const promise = new Promise<T>((done, refuse) => ([keep, fail] = [done, refuse]));
    return { promise, keep: (value: T) => keep(value), fail: (error: unknown) => fail(error) };
  }
  async function inFront(snapshot: Snapshot) {
    const kiosk = new Kiosk();
    daemon.view.mockResolvedValue(shows(snapshot));
    await kiosk.refresh();
    return kiosk;
  }
  const next = { ...shows(session({ id: "s2" })), token: "t2" };

  it("does not bring back a visit that has just left", async () => {
    const kiosk = await inFront(session({ phones: 1 }));
    const old = later<KioskView>();
    daemon.view.mockReturnValueOnce(old.promise);
    const looking = kiosk.refresh();
    await kiosk.leave(false);
    old.keep(shows(session({ phones: 1 })));
    await looking;
    expect(kiosk.room).toBeUndefined();
  });

  it("does not take away a visit that has just begun", async () => {
    const kiosk = new Kiosk();
    daemon.view.mockResolvedValue({ booth });
    await kiosk.refresh();
    const old = later<KioskView>();
    daemon.view.mockReturnValueOnce(old.promise);
    const looking = kiosk.refresh();
    daemon.open.mockResolvedValue(next);
    await kiosk.begin();
    old.keep({ booth });
    await looking;
    expect(kiosk.room?.api.id).toBe("s2");
  });

  it("is no trouble of the next visitor's, and touches nothing of theirs", async () => {
    const kiosk = await inFront(session({ captures: [photo] }));
    const shutter = later<void>();
    const shooting = kiosk.attempt(async () => {
      await shutter.promise;
    });
    await kiosk.leave(false);
    daemon.open.mockResolvedValue(next);
    await kiosk.begin();
    kiosk.drafts.change({ picked: "p1" });
    kiosk.drafts.change({ picked: undefined }, "s1");
    expect(kiosk.drafts.current.picked).toBe("p1");
    daemon.view.mockResolvedValue(next);
    shutter.fail(new Problem(409, "wrong_state"));
    expect(await shooting).toBe(false);
    expect(kiosk.trouble.code).toBeUndefined();
  });

  it("to a touch on the way out still says goodbye, in the visitor's language, and only once", async () => {
    const kiosk = await inFront(session({ phones: 1 }));
    const slow = later<void>();
    const slower = later<void>();
    daemon.handOver.mockReturnValueOnce(slow.promise).mockReturnValueOnce(slower.promise);
    const leaving = [kiosk.leave(true), kiosk.leave(true)];
    // The room has told by the socket that it left the screen: the page has looked already.
    daemon.view.mockResolvedValue({ booth });
    await kiosk.refresh();
    expect(kiosk.room).toBeUndefined();
    slow.keep();
    await leaving[0];
    expect(kiosk.farewell).toEqual({ name: "", takes: "phone" });
    expect(kiosk.locale).toBe("en");
    kiosk.endFarewell();
    slower.keep();
    await leaving[1];
    expect(kiosk.farewell).toBeUndefined();
    expect(kiosk.locale).toBe("ko");
  });

  it("to a touch on the way out does not cover the next visit with a farewell", async () => {
    const kiosk = await inFront(session({ phones: 1 }));
    const slow = later<void>();
    daemon.handOver.mockReturnValueOnce(slow.promise);
    const leaving = kiosk.leave(true);
    daemon.view.mockResolvedValue({ booth });
    await kiosk.refresh();
    const opening = later<KioskView>();
    daemon.open.mockReturnValueOnce(opening.promise);
    const beginning = kiosk.begin();
    slow.keep();
    await leaving;
    opening.keep(next);
    await beginning;
    expect(kiosk.farewell).toBeUndefined();
    expect(kiosk.room?.api.id).toBe("s2");
  });

  it("to a second touch on the way out leaves the next visit where it is", async () => {
    const kiosk = await inFront(session({ captures: [photo] }));
    const slow = later<void>();
    daemon.handOver.mockReturnValueOnce(slow.promise).mockResolvedValue(undefined);
    const first = kiosk.leave(true);
    await kiosk.leave(true);
    daemon.open.mockResolvedValue(next);
    await kiosk.begin();
    slow.keep();
    await first;
    expect(kiosk.room?.api.id).toBe("s2");
    expect(kiosk.farewell).toBeUndefined();
  });
});

describe("a room that refuses the token it was given", () => {
  /** As the page does: what is over makes it look again, and it looks now and then besides. */
  async function live(kiosk: InstanceType<typeof Kiosk>, ms: number) {
    for (let passed = 0; passed < ms; passed += 100) {
      await vi.advanceTimersByTimeAsync(100);
      if (kiosk.room && !kiosk.room.over) await kiosk.room.refresh();
      if (kiosk.room?.over || passed % 1500 === 0) await kiosk.refresh();
    }
  }

  it("is built anew less and less often, and leaves the screen to the next visitor meanwhile", async () => {
    daemon.view.mockResolvedValue(shows(session()));
    daemon.snapshot.mockRejectedValue(new Problem(401, "token_invalid"));
    const kiosk = new Kiosk();
    await kiosk.refresh();
    await live(kiosk, 10_000);
    expect(kiosk.room?.snapshot).toBeUndefined();
    expect(daemon.listened).toBeLessThanOrEqual(4);
    await live(kiosk, 590_000);
    expect(daemon.listened).toBeLessThanOrEqual(16);
    expect(daemon.listened).toBeGreaterThan(8);
  });

  it("is there again with the next token, if that one is good", async () => {
    daemon.view.mockResolvedValue(shows(session()));
    daemon.snapshot.mockRejectedValueOnce(new Problem(401, "token_invalid")).mockResolvedValue(session({ seq: 2 }));
    const kiosk = new Kiosk();
    await kiosk.refresh();
    await live(kiosk, 200);
    expect(kiosk.room?.snapshot?.seq).toBe(2);
    expect(daemon.listened).toBe(2);
  });

  it("does not keep another visit off the screen", async () => {
    daemon.view.mockResolvedValue(shows(session()));
    daemon.snapshot.mockRejectedValue(new Problem(401, "token_invalid"));
    const kiosk = new Kiosk();
    await kiosk.refresh();
    await live(kiosk, 2000);
    daemon.view.mockResolvedValue(shows(session({ id: "s2" })));
    await kiosk.refresh();
    expect(kiosk.room?.snapshot?.id).toBe("s2");
  });
});

describe("the code for phones", () => {
  const join = (host: string, reachable = true) =>
    ({ code: "c", claim: "1234", url: `http://${host}/#c`, qr_svg: `<svg>${host}</svg>`, reachable }) as KioskView["join"];

  it("follows the booth's address while a visit goes on, and is none where no phone gets", async () => {
    const kiosk = new Kiosk();
    const wifi = { ssid: "Easel", qr_svg: "<svg/>" };
    const at = (where: KioskView["join"]) => ({ ...shows(session()), booth: { ...booth, wifi }, join: where });
    for (const [where, reach] of [
      [join("127.0.0.1", false), false],
      [join("10.42.0.1"), true],
      [join("192.168.77.1"), true],
    ] as const) {
      daemon.view.mockResolvedValueOnce(at(where));
      await kiosk.refresh();
      expect(kiosk.join).toEqual(where);
      expect(kiosk.phonesReach).toBe(reach);
      expect(kiosk.wifi).toEqual(reach ? wifi : undefined);
    }
  });
});
