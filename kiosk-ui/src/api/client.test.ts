import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { emptyStorage, fullStorage } from "../store/storage.stand-in";

beforeEach(() => {
  vi.useFakeTimers();
  vi.resetModules();
  vi.stubGlobal("sessionStorage", emptyStorage());
  vi.stubGlobal("history", { state: null, replaceState: (state: unknown) => void Object.assign(history, { state }) });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The page's own module, as after a reload. */
const loaded = async () => (vi.resetModules(), import("./client"));

/** A daemon that does not answer: a call ends when its own signal ends it. */
function silence(): ReturnType<typeof vi.fn> {
  const fetch = vi.fn(
    (_: string, { signal }: RequestInit) =>
      new Promise((_, refuse) => signal?.addEventListener("abort", () => refuse(new DOMException("", "AbortError")))),
  );
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

/** A way to the daemon on which these answers come, one a call, the last one for ever; and the keys that were sent. */
function answers(...all: (Response | Error)[]): { keys: (string | undefined)[]; bodies: unknown[] } {
  const seen = { keys: [] as (string | undefined)[], bodies: [] as unknown[] };
  vi.stubGlobal("fetch", async (_: string, { headers, body }: RequestInit) => {
    seen.keys.push((headers as Record<string, string>)["idempotency-key"]);
    seen.bodies.push(body);
    const answer = all.length > 1 ? all.shift() : all[0];
    if (answer instanceof Response) return answer.clone();
    throw answer;
  });
  return seen;
}

const said = (status: number, body: unknown, type = "application/json") =>
  new Response(status === 204 ? null : typeof body === "string" ? body : JSON.stringify(body), { status, headers: { "content-type": type } });
const done = () => said(200, { paintings: [], capture: {}, ticket: {}, print: {} });
const page = "<html><h1>nginx</h1></html>";
const lost = () => new TypeError("Failed to fetch");

describe("a call", () => {
  it("goes out and ends on a browser without AbortSignal.timeout (iOS 15)", async () => {
    vi.stubGlobal("AbortSignal", {});
    const fetch = silence();
    const { ask } = await loaded();
    const answer = ask("/kiosk", { method: "GET" }).catch((problem: unknown) => problem);
    expect(fetch).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await answer).toMatchObject({ code: "unreachable" });
  });

  it("is given as long as it says", async () => {
    silence();
    const { ask } = await loaded();
    let over = false;
    void ask("/tests/shot", { withinMs: 60_000 }).catch(() => (over = true));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(over).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(over).toBe(true);
  });
});

describe("an answer that is not the daemon's", () => {
  it.each([
    ["a proxy's page for what it finds too large", said(413, page, "text/html"), "too_large"],
    ["a proxy's page while the daemon restarts", said(502, page, "text/html"), "unreachable"],
    ["a proxy's page when the daemon is slow", said(504, page, "text/html"), "unreachable"],
    ["a proxy's JSON of its own", said(502, { code: 502, message: "Bad gateway" }), "unreachable"],
    ["a proxy that is asked too often", said(429, "slow down", "text/plain"), "busy"],
    ["a Wi-Fi's page to sign in to", said(200, page, "text/html"), "portal"],
    ["a Wi-Fi that says so (RFC 6585)", said(511, page, "text/html"), "portal"],
    ["a Wi-Fi that sends elsewhere", Object.defineProperty(new Response(null), "type", { value: "opaqueredirect" }), "portal"],
    ["a page that is said to be JSON", said(200, page), "unreachable"],
  ])("%s", async (_, answer, code) => {
    vi.stubGlobal("fetch", async () => answer);
    const { RoomApi } = await loaded();
    const api = new RoomApi("r1", "t");
    const problem = await api.makeTicket("p1").catch((problem: unknown) => problem);
    expect(problem).toMatchObject({ code, answered: false });
  });

  it("is told from the daemon's own words", async () => {
    answers(said(413, { code: "too_large" }, "application/problem+json"));
    const { RoomApi } = await loaded();
    const problem = await new RoomApi("r1", "t").sendPhoto(new Blob()).catch((problem: unknown) => problem);
    expect(problem).toMatchObject({ status: 413, code: "too_large", answered: true });
  });
});

describe("Idempotency-Key", () => {
  it("is sent with every POST there is, and no other", async () => {
    const { keys } = answers(done());
    const { RoomApi, kioskApi, join } = await loaded();
    const { StaffApi, enter } = await import("./staff");
    const room = new RoomApi("r1", "t");
    const staff = new StaffApi("t");
    const posts = [
      () => kioskApi.open("ko"),
      () => kioskApi.handOver("r1"),
      () => join("code"),
      () => room.end(),
      () => room.takeAlong(),
      () => room.setLocale("ko"),
      () => room.consent({ painting: true, wall: false }),
      () => room.sendPhoto(new Blob()),
      () => room.takePhoto("camera"),
      () => room.paint("c1"),
      () => room.paintAgain("c1", "renoir"),
      () => room.retry("p1"),
      () => room.makeTicket("p1"),
      () => room.print("t1", 1),
      () => enter("1234"),
      () => staff.renew(),
      () => staff.shoot(),
      () => staff.paint("g"),
      () => staff.drain("g"),
      () => staff.resume("g"),
      () => staff.testPage(),
      () => staff.newRoll(100),
      () => staff.settle("o", "printed" as never),
      () => staff.retry("v", "p"),
      () => staff.reprint("v", "t"),
      () => staff.rehearse(false),
    ];
    for (const post of posts) await post();
    expect(new Set(keys).size).toBe(posts.length);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/);
    await room.snapshot();
    await room.erase();
    expect(keys.slice(posts.length)).toEqual([undefined, undefined]);
  });

  it("stays the same until there is an answer, over reloads too, and is then another", async () => {
    const { keys } = answers(lost(), said(502, page, "text/html"), said(200, page, "text/html"), done());
    for (let tries = 0; tries < 5; tries += 1) {
      const { RoomApi } = await loaded();
      await new RoomApi("r1", "t").makeTicket("p1", "Mae").catch(() => {});
    }
    expect(new Set(keys.slice(0, 4)).size).toBe(1);
    expect(keys[4]).not.toBe(keys[0]);
  });

  it("is another one after a refusal, and for another wish", async () => {
    const { keys } = answers(said(409, { code: "wrong_state" }, "application/problem+json"), lost());
    const { RoomApi } = await loaded();
    const room = new RoomApi("r1", "t");
    for (const name of ["Mae", "Mae", "Sally"]) await room.makeTicket("p1", name).catch(() => {});
    await new RoomApi("r2", "t").makeTicket("p1", "Mae").catch(() => {});
    expect(new Set(keys).size).toBe(4);
  });

  it("lasts where the browser keeps nothing but the history's state", async () => {
    vi.stubGlobal("sessionStorage", fullStorage());
    const { keys } = answers(lost());
    for (let tries = 0; tries < 2; tries += 1) {
      const { RoomApi } = await loaded();
      await new RoomApi("r1", "t").print("t1", 1).catch(() => {});
    }
    expect(keys[1]).toBe(keys[0]);
  });

  it.each(["null", "7", '"x"', "{}", "[[1,2],null,[],{}]", "{not JSON"])("does not mind %s in its place", async (rubbish) => {
    sessionStorage.setItem("easel.intents", rubbish);
    const { keys } = answers(done());
    const { RoomApi } = await loaded();
    await new RoomApi("r1", "t").print("t1", 1);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("is one for a shutter pressed again before the page knows of a photo, whatever the camera", async () => {
    const { keys } = answers(lost());
    const { RoomApi } = await loaded();
    const room = new RoomApi("r1", "t");
    const press = () => room.takePhoto("camera").catch(() => {});
    await press();
    await press();
    room.photos = 1; // a retake
    await press();
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
    const send = (file?: string) => room.sendPhoto(new Blob(), file).catch(() => {});
    await send("a.jpg 1 2");
    await send("a.jpg 1 2");
    await send("b.jpg 1 2");
    expect(new Set(keys.slice(3)).size).toBe(2);
  });

  it("brings its seed along: painted again once, also when asked twice", async () => {
    const { keys, bodies } = answers(lost(), done());
    const { RoomApi } = await loaded();
    const room = new RoomApi("r1", "t");
    for (let tries = 0; tries < 3; tries += 1) await room.paintAgain("c1", "renoir").catch(() => {});
    const seeds = bodies.map((body) => (JSON.parse(String(body)) as { seed: number }).seed);
    expect([keys[1], seeds[1]]).toEqual([keys[0], seeds[0]]);
    expect(keys[2]).not.toBe(keys[0]);
    expect(seeds[2]).not.toBe(seeds[0]);
  });

  it("of a visit that was opened is not used for the next visitor's", async () => {
    const { keys } = answers(lost());
    const { kioskApi } = await loaded();
    await kioskApi.open("ko").catch(() => {});
    await kioskApi.open("en").catch(() => {});
    expect(keys[1]).toBe(keys[0]);
    kioskApi.opened(); // it was, and the screen shows it
    await kioskApi.open("ko").catch(() => {});
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("keeps no PIN", async () => {
    answers(lost());
    await loaded();
    const { enter } = await import("./staff");
    await enter("271828").catch(() => {});
    expect(JSON.stringify([sessionStorage.getItem("easel.intents"), history.state])).not.toContain("271828");
  });
});
