import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { emptyStorage, fullStorage } from "./storage.stand-in";

const code = "AAAAAAAAAAAAAAAA";
const key = (room: string) => ({ room, token: `t-${room}`, expires_at: "2026-11-24T11:18:26Z" });

/** The page's own module, as after a reload. */
const loaded = async () => (vi.resetModules(), import("./keys"));

beforeEach(() => {
  vi.stubGlobal("localStorage", emptyStorage());
  vi.stubGlobal("sessionStorage", emptyStorage());
  vi.stubGlobal("history", { state: null, replaceState: (state: unknown) => void Object.assign(history, { state }) });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the key of a room", () => {
  it.each(["1970-01-01", "2099-01-01"])("is kept on a phone that believes in %s: the daemon says whether it opens", async (today) => {
    vi.useFakeTimers({ now: Date.parse(today) });
    (await loaded()).keepRoom(code, key("r1"));
    const { keptRoom, lastRoom } = await loaded();
    expect(lastRoom()).toMatchObject(key("r1"));
    expect(keptRoom(code)).toMatchObject(key("r1"));
  });

  it.each([
    ["full", fullStorage],
    ["forbidden", () => new Proxy({} as Storage, { get: () => { throw new DOMException("", "SecurityError"); } })],
  ])("is kept over a reload where storage is %s", async (_, storage) => {
    vi.stubGlobal("localStorage", storage());
    vi.stubGlobal("sessionStorage", storage());
    (await loaded()).keepRoom(code, key("r1"));
    const { dropRoom, keptRoom, lastRoom } = await loaded();
    expect([lastRoom(), keptRoom(code)]).toMatchObject([key("r1"), key("r1")]);
    dropRoom("r1");
    expect((await loaded()).lastRoom()).toBeUndefined();
  });

  it("is that of the tab's own room, whatever others have entered since", async () => {
    (await loaded()).keepRoom(code, key("r1"));
    const mine = [sessionStorage, history.state] as const;
    vi.stubGlobal("sessionStorage", emptyStorage());
    history.replaceState(null, "");
    (await loaded()).keepRoom("BBBBBBBBBBBBBBBB", key("r2"));
    vi.stubGlobal("sessionStorage", mine[0]);
    history.replaceState(mine[1], "");
    expect((await loaded()).lastRoom()).toMatchObject(key("r1"));
  });

  it.each(["null", "7", '"x"', "{}", "[7,null,{},[]]", `[{"room":1,"token":"t","expires_at":"x","code":"c"}]`, "{not JSON"])(
    "is not found in %s, and nothing breaks",
    async (rubbish) => {
      for (const place of [localStorage, sessionStorage]) {
        for (const name of ["easel.rooms", "easel.room", "easel.knock", "easel.receipt"]) place.setItem(name, rubbish);
      }
      history.replaceState({ "easel.room": rubbish, "easel.knock": 7 }, "");
      const keys = await loaded();
      expect([keys.lastRoom(), keys.keptRoom(code), keys.keptKnock(), keys.keptReceipt()]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
      keys.keepRoom(code, key("r1"));
      expect((await loaded()).lastRoom()).toMatchObject(key("r1"));
    },
  );

  it("is one of a few", async () => {
    const { keepRoom } = await loaded();
    for (let n = 0; n < 40; n += 1) keepRoom(`${code}${n}`, key(`r${n}`));
    expect((JSON.parse(localStorage.getItem("easel.rooms") ?? "[]") as unknown[]).length).toBe(12);
    expect((await loaded()).lastRoom()).toMatchObject(key("r39"));
  });
});

describe("a code that is lent to another browser", () => {
  const address = (hash: string) => {
    vi.stubGlobal("location", { hash, pathname: "/", search: "", href: `http://booth/${hash}` });
  };

  it("is not the page's own, after a reload either; another one is", async () => {
    address("");
    const { lend } = await loaded();
    lend(code);
    address(`#${code}`);
    expect((await loaded()).takeCode()).toBeUndefined();
    address("#BBBBBBBBBBBBBBBB");
    expect((await loaded()).takeCode()).toBe("BBBBBBBBBBBBBBBB");
  });
});
