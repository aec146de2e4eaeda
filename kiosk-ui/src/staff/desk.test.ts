import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Overview, Rehearsal } from "../api/types";

const booth = vi.hoisted(() => ({ renew: vi.fn(), overview: vi.fn() }));

vi.mock("../api/staff", () => ({
  enter: async () => ({ token: "t1", lives_s: 600 }),
  StaffApi: class {
    constructor(readonly token: string) {}
    renew = booth.renew;
    overview = booth.overview;
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
  it("is not undone by a renewal that was on its way", async () => {
    vi.stubGlobal("location", { search: "", assign: vi.fn() });
    let renewed: (shift: unknown) => void = () => {};
    booth.renew.mockReturnValue(new Promise((answer) => (renewed = answer)));
    const desk = new Desk();
    await desk.enter("271828");
    await after(302_000);
    expect(booth.renew).toHaveBeenCalledOnce();
    desk.lock();
    renewed({ token: "t2", lives_s: 600 });
    await after(0);
    expect(desk.api).toBeUndefined();
    expect(sessionStorage.getItem("easel.staff")).toBeNull();
  });
});
