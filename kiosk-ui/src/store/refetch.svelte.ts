const firstMs = 3000;
const atMostMs = 60_000;

/** A picture that does not come (the daemon restarts, the link has run out) is fetched again, less and less often. */
export class Refetch {
  /** It does not come just now. */
  broken = $state(false);
  /** A change of it asks for the picture anew. */
  tries = $state(0);
  #pauseMs = firstMs;
  #timer: ReturnType<typeof setTimeout> | undefined;

  came = (): void => {
    this.broken = false;
    this.anew();
  };

  failed = (): void => {
    this.broken = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.tries += 1), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, atMostMs);
  };

  /** Another picture is asked for. */
  anew = (): void => {
    clearTimeout(this.#timer);
    this.#pauseMs = firstMs;
  };
}
