import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { emptyStorage } from "../store/storage.stand-in";

beforeEach(() => {
  vi.resetModules();
  vi.stubGlobal("sessionStorage", emptyStorage());
  vi.stubGlobal("history", { state: null, replaceState: () => {} });
});
afterEach(() => vi.unstubAllGlobals());

/** A way to the daemon on which these answers come, one a call, the last one for ever; and the keys that were sent. */
function answers(...all: Response[]): string[] {
  const keys: string[] = [];
  vi.stubGlobal("fetch", async (_: string, { headers }: RequestInit) => {
    keys.push((headers as Record<string, string>)["idempotency-key"] ?? "");
    return (all.length > 1 ? all.shift() : all[0])?.clone();
  });
  return keys;
}

const hungUp = (status = 504) =>
  new Response("<html><h1>nginx</h1></html>", { status, headers: { "content-type": "text/html" } });
const said = (status: number, body: object) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const staff = async () => new (await import("./staff")).StaffApi("t");

describe("a test that takes longer than a proxy waits", () => {
  it("is asked for again as the same one, until it is done", async () => {
    for (const ask of ["shoot", "paint"] as const) {
      const keys = answers(hungUp(), hungUp(), said(200, { took_ms: 90_000 }));
      expect(await (await staff())[ask]("gpu")).toEqual({ took_ms: 90_000 });
      expect(keys).toHaveLength(3);
      expect(new Set(keys).size).toBe(1);
      expect(keys[0]).not.toBe("");
    }
  });

  it("is not asked for for ever, nor after any other answer", async () => {
    const keys = answers(hungUp());
    await expect((await staff()).paint("gpu")).rejects.toMatchObject({ status: 504 });
    expect(keys).toHaveLength(4);
    for (const answer of [hungUp(502), said(504, { code: "timed_out" })]) {
      const keys = answers(answer);
      await expect((await staff()).shoot()).rejects.toMatchObject({ status: answer.status });
      expect(keys).toHaveLength(1);
    }
  });
});
