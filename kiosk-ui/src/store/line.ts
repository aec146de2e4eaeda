/** The line moves with the paintings of others, of which a room hears nothing. */
export const rereadEveryMs = 7000;
export const rereadAtMostMs = 60_000;

/** What is read again; answers whether it could be. */
interface Told {
  refresh: () => Promise<boolean>;
}

/**
 * Reads `room` again and again while somebody looks at the page, until the returned function is called;
 * less and less often while it cannot be read.
 */
export function followLine(room: Told): () => void {
  let pauseMs = rereadEveryMs;
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
    pauseMs = (await room.refresh()) ? rereadEveryMs : Math.min(pauseMs * 2, rereadAtMostMs);
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
