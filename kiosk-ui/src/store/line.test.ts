import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { follow, relinkEveryMs, rereadAtMostMs, rereadEveryMs } from "./line";

/** A page that is looked at, or not. */
class Page extends EventTarget {
  hidden = false;

  turn(hidden: boolean) {
    this.hidden = hidden;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

describe("follow", () => {
  let page: Page;
  let answers: boolean;
  const refresh = vi.fn(async () => answers);

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("document", (page = new Page()));
    refresh.mockClear();
    answers = true;
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it("reads again and again, until it is stopped", async () => {
    const stop = follow({ refresh }, rereadEveryMs);
    await after(3 * rereadEveryMs);
    expect(refresh).toHaveBeenCalledTimes(3);
    stop();
    await after(3 * rereadEveryMs);
    page.turn(false);
    expect(refresh).toHaveBeenCalledTimes(3);
  });

  it("does not read for nobody, and at once for who comes back", async () => {
    const stop = follow({ refresh }, rereadEveryMs);
    page.turn(true);
    await after(10 * rereadEveryMs);
    expect(refresh).not.toHaveBeenCalled();
    page.turn(false);
    expect(refresh).toHaveBeenCalledTimes(1);
    await after(rereadEveryMs);
    expect(refresh).toHaveBeenCalledTimes(2);
    stop();
  });

  it("asks ever less of a booth that does not answer, and as before once it does", async () => {
    answers = false;
    const stop = follow({ refresh }, rereadEveryMs);
    await after(rereadEveryMs);
    await after(2 * rereadEveryMs - 1);
    expect(refresh).toHaveBeenCalledTimes(1);
    await after(1);
    expect(refresh).toHaveBeenCalledTimes(2);
    await after(20 * rereadAtMostMs);
    answers = true;
    await after(rereadAtMostMs);
    refresh.mockClear();
    await after(rereadEveryMs);
    expect(refresh).toHaveBeenCalledTimes(1);
    stop();
  });

  it("keeps the links of a page good that nothing happens on", async () => {
    const stop = follow({ refresh }, relinkEveryMs);
    await after(relinkEveryMs - 1);
    expect(refresh).not.toHaveBeenCalled();
    answers = false;
    await after(1);
    await after(2 * rereadEveryMs); // not an hour later, if the booth was away just then
    expect(refresh).toHaveBeenCalledTimes(2);
    page.turn(true);
    page.turn(false);
    expect(refresh).toHaveBeenCalledTimes(3);
    stop();
  });
});
