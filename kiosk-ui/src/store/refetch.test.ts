import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Refetch } from "./refetch.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("asks for a picture again less and less often, and as at first for the next one", () => {
  const picture = new Refetch();
  const pauses = [3, 6, 12, 24, 48, 60, 60].map((s) => s * 1000);
  pauses.forEach((pause, tries) => {
    picture.failed();
    vi.advanceTimersByTime(pause - 1);
    expect([picture.broken, picture.tries]).toEqual([true, tries]);
    vi.advanceTimersByTime(1);
    expect(picture.tries).toBe(tries + 1);
  });
  picture.came();
  expect(picture.broken).toBe(false);
  picture.failed();
  vi.advanceTimersByTime(3000);
  expect(picture.tries).toBe(pauses.length + 1);
  picture.failed();
  picture.anew();
  vi.advanceTimersByTime(60_000);
  expect(picture.tries).toBe(pauses.length + 1);
});
