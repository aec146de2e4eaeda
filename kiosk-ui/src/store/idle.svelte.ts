/**
 * Counts the quiet since the last sign of life; warns first, then calls `reset`.
 * Not on the wall's clock, which may be set at any moment.
 */
export class Idle {
  /** Seconds until the reset, once the warning is due. */
  left = $state<number>();
  #since = performance.now();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Somebody is here. */
  touch = (): void => {
    this.#since = performance.now();
    this.left = undefined;
  };

  /** Watches until the returned function is called. */
  watch(warnMs: number, resetMs: number, reset: () => void): () => void {
    this.touch();
    this.#timer = setInterval(() => {
      const quiet = performance.now() - this.#since;
      if (quiet >= resetMs) {
        this.touch();
        reset();
      } else {
        this.left = quiet >= warnMs ? Math.ceil((resetMs - quiet) / 1000) : undefined;
      }
    }, 250);
    return () => {
      clearInterval(this.#timer);
      this.left = undefined;
    };
  }
}
