import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Idle } from "./idle.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("idle", () => {
  it("warns, counts down, and resets", () => {
    const reset = vi.fn();
    const idle = new Idle();
    const stop = idle.watch(20_000, 40_000, reset);
    vi.advanceTimersByTime(19_750);
    expect(idle.left).toBeUndefined();
    vi.advanceTimersByTime(250);
    expect(idle.left).toBe(20);
    vi.advanceTimersByTime(19_750);
    expect([idle.left, reset.mock.calls.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(250);
    expect(reset).toHaveBeenCalledOnce();
    stop();
  });

  it("keeps its own time when the booth's clock is set", () => {
    const reset = vi.fn();
    const idle = new Idle();
    const stop = idle.watch(20_000, 40_000, reset);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(1000);
    expect([idle.left, reset.mock.calls.length]).toEqual([undefined, 0]);
    vi.setSystemTime(Date.now() - 7_200_000);
    vi.advanceTimersByTime(39_000);
    expect(reset).toHaveBeenCalledOnce();
    stop();
  });
});
