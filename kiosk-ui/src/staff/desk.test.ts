import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Problem } from "../api/problem";
import type { Overview, Rehearsal, StaffVisit } from "../api/types";

const booth = vi.hoisted(() => ({ renew: vi.fn(), overview: vi.fn(), lock: vi.fn(), visits: vi.fn() }));

vi.mock("../api/staff", () => ({
  enter: async () => ({ token: "t1", lives_s: 600 }),
  StaffApi: class {
    constructor(readonly token: string) {}
    renew = booth.renew;
    overview = booth.overview;
    lock = (intent: string) => booth.lock(this.token, intent);
    visits = booth.visits;
  },
}));

const { Desk } = await import("./desk.svelte");

const shelf = () => {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  };
};
const view = (rehearsal?: Partial<Rehearsal>) => ({ rehearsal }) as unknown as Overview;
const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("location", { search: "?kiosk", assign: vi.fn() });
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("navigator", { language: "en" });
  vi.stubGlobal("localStorage", shelf());
  vi.stubGlobal("sessionStorage", shelf());
  vi.stubGlobal("fetch", async () => new Response());
  booth.overview.mockReset().mockResolvedValue(view());
  booth.lock.mockReset().mockResolvedValue(undefined);
  booth.visits.mockReset().mockResolvedValue({ visits: [] });
  booth.renew.mockReset().mockResolvedValue({ token: "t2", lives_s: 600 });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the desk on the booth's own screen", () => {
  async function entered() {
    const desk = new Desk();
    await desk.enter("271828");
    await after(0);
    return desk;
  }

  it("gives the screen back when nobody touches it", async () => {
    const desk = await entered();
    await after(89_000);
    expect(desk.api).toBeDefined();
    await after(1000);
    expect(desk.api).toBeUndefined();
    expect(location.assign).toHaveBeenCalledWith("/");
  });

  it("stays with who watches a test, and for a while after it", async () => {
    const desk = await entered();
    let done: (result: string) => void = () => {};
    void desk.act("paint", () => new Promise<string>((answer) => (done = answer)), (text) => text);
    await after(149_000);
    expect(desk.api).toBeDefined();
    done("painted");
    await after(80_000);
    expect(desk.api).toBeDefined();
    await after(10_000);
    expect(desk.api).toBeUndefined();
  });

  it("stays with who watches a rehearsal", async () => {
    booth.overview.mockResolvedValue(view({ ended_at: null }));
    const desk = await entered();
    await after(480_000);
    expect(desk.api).toBeDefined();
    booth.overview.mockResolvedValue(view({ ended_at: "2026-11-21T11:18:26Z" }));
    await after(95_000);
    expect(desk.api).toBeUndefined();
  });
});

describe("locking", () => {
  const away = () => Promise.reject(Problem.unreachable());
  const refused = (status: number) => Promise.reject(new Problem(status, status === 401 ? "staff_required" : "internal"));
  async function entered(search = "") {
    vi.stubGlobal("location", { search, assign: vi.fn() });
    const desk = new Desk();
    await desk.enter("271828");
    await after(0);
    return desk;
  }

  it("is not undone by a renewal that was on its way", async () => {
    let renewed: (shift: unknown) => void = () => {};
    booth.renew.mockReturnValue(new Promise((answer) => (renewed = answer)));
    const desk = await entered();
    await after(302_000);
    expect(booth.renew).toHaveBeenCalledOnce();
    desk.lock();
    renewed({ token: "t2", lives_s: 600 });
    await after(0);
    expect(desk.api).toBeUndefined();
    expect(sessionStorage.getItem("easel.staff")).toBeNull();
  });

  it("ends the token at the booth and leaves it nowhere", async () => {
    const desk = await entered();
    expect(JSON.stringify(sessionStorage.getItem("easel.staff"))).toContain("t1");
    desk.lock();
    expect(desk.api).toBeUndefined();
    expect(sessionStorage.getItem("easel.staff")).toBeNull();
    await after(0);
    expect(booth.lock).toHaveBeenCalledOnce();
    expect(booth.lock.mock.lastCall?.[0]).toBe("t1");
    await after(60_000);
    expect(booth.lock).toHaveBeenCalledOnce();
  });

  it("locks the screen at once where the booth is away, and tells it later, as one command", async () => {
    booth.lock.mockImplementation(away);
    const desk = await entered();
    desk.lock();
    expect(desk.api).toBeUndefined();
    expect(desk.view).toBeUndefined();
    await after(10_000);
    const tries = booth.lock.mock.calls.length;
    expect(tries).toBeGreaterThan(3);
    expect(new Set(booth.lock.mock.calls.map(([, intent]) => intent)).size).toBe(1);
    // Who comes in meanwhile has a token of their own, and keeps it.
    await desk.enter("271828");
    booth.lock.mockResolvedValue(undefined);
    await after(10_000);
    expect(booth.lock).toHaveBeenCalledTimes(tries + 1);
    expect(desk.api).toBeDefined();
  });

  it("gives up once the token is over by itself, or the booth does not know it, or cannot keep it", async () => {
    for (const [how, tries] of [[away, 295], [() => refused(401), 1], [() => refused(500), 3]] as const) {
      booth.lock.mockReset().mockImplementation(how);
      const desk = await entered();
      await after(10_000);
      desk.lock();
      await after(700_000);
      expect(booth.lock).toHaveBeenCalledTimes(tries);
    }
  });

  it("gives the booth's own screen back only when the token is ended", async () => {
    booth.lock.mockImplementation(away);
    const desk = await entered("?kiosk");
    await after(90_000);
    expect(desk.api).toBeUndefined();
    await after(6000);
    expect(location.assign).not.toHaveBeenCalled();
    booth.lock.mockResolvedValue(undefined);
    await after(2000);
    expect(location.assign).toHaveBeenCalledWith("/");
  });

  it("happens when the booth's own screen leaves the page, and not when a laptop reloads it", async () => {
    const desk = await entered("?kiosk");
    desk.leave();
    expect(booth.lock).toHaveBeenCalledOnce();
    const laptop = await entered();
    laptop.leave();
    expect(laptop.api).toBeDefined();
    expect(booth.lock).toHaveBeenCalledOnce();
  });

  it("shows nothing afterwards of what was begun before", async () => {
    const desk = await entered();
    let done: (shot: unknown) => void = () => {};
    const shoot = () => new Promise((answer) => (done = answer));
    void desk.act("shot", shoot, () => desk.show({ picture: "data:", took_ms: 1, width: 1, height: 1 }, "Shot", "A face"));
    desk.lock();
    done({});
    await after(0);
    await desk.enter("271828");
    expect(desk.shown).toBeUndefined();
    expect(desk.said).toBeUndefined();
    expect(desk.busy.size).toBe(0);
  });
});

describe("visits beyond the newest", () => {
  const visit = (id: string, prints: object[] = []) => ({ id, prints, paintings: [] }) as unknown as StaffVisit;
  /** A booth that keeps these visits, two on a page, and has the first two in its overview. */
  const keeps = (all: StaffVisit[]) => {
    const nextOf = (page: StaffVisit[]) => {
      const last = page.at(-1);
      return last && last !== all.at(-1) ? last.id : undefined;
    };
    const newest = all.slice(0, 2);
    booth.overview.mockResolvedValue({ visits: newest, visits_next: nextOf(newest) } as unknown as Overview);
    booth.visits.mockImplementation(async ({ after, number }: { after?: string; number?: number }) => {
      if (number !== undefined) return { visits: all.filter(({ id }) => id === String(number)) };
      const from = after ? all.findIndex(({ id }) => id === after) + 1 : 0;
      const page = all.slice(from, from + 2);
      return { visits: page, next: nextOf(page) };
    });
  };
  const named = (...ids: string[]) => ids.map((id) => visit(id));
  const ids = (visits: StaffVisit[]) => visits.map(({ id }) => id);
  async function entered() {
    vi.stubGlobal("location", { search: "", assign: vi.fn() });
    const desk = new Desk();
    await desk.enter("271828");
    await after(0);
    return desk;
  }

  it("are read page by page to the last one", async () => {
    keeps(named("7", "6", "5", "4", "3"));
    const { archive } = await entered();
    expect(archive.goesOn).toBe(true);
    await archive.older();
    expect([ids(archive.visits), archive.goesOn]).toEqual([["5", "4"], true]);
    await archive.older();
    expect([ids(archive.visits), archive.goesOn]).toEqual([["5", "4", "3"], false]);
  });

  it("lose none that a new visit pushes out of the newest, and are not read again for nothing", async () => {
    keeps(named("7", "6", "5", "4", "3"));
    const { archive } = await entered();
    await archive.older();
    await after(10_000);
    expect(booth.visits).toHaveBeenCalledOnce();
    keeps(named("8", "7", "6", "5", "4", "3"));
    await after(2000);
    expect(ids(archive.visits)).toEqual(["6", "5"]);
  });

  it("follow what is done for one of them", async () => {
    keeps(named("7", "6", "5", "4"));
    const desk = await entered();
    await desk.archive.older();
    keeps([...named("7", "6"), visit("5", [{ state: "queued" }]), visit("4")]);
    await desk.act("print 5", async () => undefined, () => "ordered");
    await after(0);
    expect(desk.archive.visits[0]?.prints).toEqual([{ state: "queued" }]);
    keeps([...named("7", "6"), visit("5", [{ state: "done" }]), visit("4")]);
    await after(2000);
    expect(desk.archive.visits[0]?.prints).toEqual([{ state: "done" }]);
    const reads = booth.visits.mock.calls.length;
    await after(10_000);
    expect(booth.visits).toHaveBeenCalledTimes(reads);
  });

  it("are found by a ticket's number, or not, and left again", async () => {
    keeps(named("7", "6", "5", "4"));
    const { archive } = await entered();
    await archive.find({ number: 4 });
    expect([ids(archive.visits), archive.goesOn]).toEqual([["4"], false]);
    await archive.find({ number: 9 });
    expect([ids(archive.visits), archive.goesOn]).toEqual([[], false]);
    archive.close();
    expect([archive.search, ids(archive.visits), archive.goesOn]).toEqual([undefined, [], true]);
  });

  it("are found by the minute in which they were begun, that minute included", async () => {
    const { archive } = await entered();
    await archive.find({ until: new Date("2026-11-21T11:18:00Z") });
    expect(booth.visits).toHaveBeenCalledWith({ to: "2026-11-21T11:19:00.000Z" });
  });

  it("say why they cannot be read, and are asked for again", async () => {
    keeps(named("7", "6", "5"));
    const { archive } = await entered();
    booth.visits.mockRejectedValueOnce(new Problem(503, "busy"));
    await archive.older();
    expect([archive.problem?.code, archive.reading]).toEqual(["busy", false]);
    await archive.again();
    expect([archive.problem, ids(archive.visits)]).toEqual([undefined, ["5"]]);
  });

  it("lock the page where the booth does not take the token, and are gone with it", async () => {
    keeps(named("7", "6", "5"));
    const desk = await entered();
    await desk.archive.older();
    booth.visits.mockRejectedValueOnce(new Problem(401, "staff_required"));
    await desk.archive.older();
    expect([desk.api, desk.archive.visits, desk.refused?.code]).toEqual([undefined, [], "staff_required"]);
  });
});
