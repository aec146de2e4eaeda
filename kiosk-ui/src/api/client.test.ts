import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask } from "./client";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A daemon that does not answer: a call ends when its own signal ends it. */
function silence(): ReturnType<typeof vi.fn> {
  const fetch = vi.fn(
    (_: string, { signal }: RequestInit) =>
      new Promise((_, refuse) => signal?.addEventListener("abort", () => refuse(new DOMException("", "AbortError")))),
  );
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

describe("a call", () => {
  it("goes out and ends on a browser without AbortSignal.timeout (iOS 15)", async () => {
    vi.stubGlobal("AbortSignal", {});
    const fetch = silence();
    const answer = ask("/kiosk", { method: "GET" }).catch((problem: unknown) => problem);
    expect(fetch).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await answer).toMatchObject({ code: "unreachable" });
  });

  it("is given as long as it says", async () => {
    silence();
    let over = false;
    void ask("/tests/shot", { withinMs: 60_000 }).catch(() => (over = true));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(over).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(over).toBe(true);
  });
});
