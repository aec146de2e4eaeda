/** So often a line that is down is tried. */
export const seekEveryMs = 1000;
/** After a while of nothing. */
export const seekLaterMs = 2000;
const soonForMs = 30_000;
/** How long a try may take: a slow line is not a dead one. */
export const seekWithinMs = 4000;
/** Whoever has been found needs a moment to come back. */
const foundMs = 5000;

/**
 * Tries a line that is down again and again, until the returned function is called: asks with `look`, without
 * waiting for what was sent into the dead line, and calls `found` when an answer comes.
 */
export function seek(look: (withinMs: number) => Promise<boolean>, found: () => unknown): () => void {
  const began = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;

  function next(pauseMs: number) {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => void attempt(), pauseMs);
  }

  async function attempt() {
    next(performance.now() - began < soonForMs ? seekEveryMs : seekLaterMs);
    if (document.hidden) return; // nobody looks
    if (!(await look(seekWithinMs)) || stopped) return;
    next(foundMs);
    found();
  }

  void attempt();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
