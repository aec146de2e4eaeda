/** The line moves with the paintings of others, of which a room hears nothing. */
export const rereadEveryMs = 7000;
/** Links to pictures hold for an hour at least: a page that is left open has good ones. */
export const relinkEveryMs = 45 * 60_000;
export const rereadAtMostMs = 60_000;

/** What is read again; answers whether it could be. */
interface Told {
  refresh: () => Promise<boolean>;
}

/**
 * Reads `room` again, now and then while somebody looks at the page and whenever they come back to it,
 * until the returned function is called; less and less often while it cannot be read.
 */
export function follow(room: Told, everyMs: number): () => void {
  let pauseMs = everyMs;
  let retryMs = rereadEveryMs;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;
  let stopped = false;

  function wait() {
    clearTimeout(timer);
    timer = stopped || document.hidden ? undefined : setTimeout(() => void read(), pauseMs);
  }

  async function read() {
    if (reading) return;
    reading = true;
    const told = await room.refresh();
    retryMs = told ? rereadEveryMs : Math.min(retryMs * 2, rereadAtMostMs);
    pauseMs = told ? everyMs : retryMs;
    reading = false;
    wait();
  }

  /** Who comes back to the page sees how things stand. */
  function turned() {
    if (document.hidden) wait();
    else void read();
  }

  document.addEventListener("visibilitychange", turned);
  wait();
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", turned);
  };
}
