const firstMs = 3000;
const atMostMs = 60_000;
/** A room that was open for so long has been a good one. */
const provenMs = 60_000;

/**
 * When to build a room again that refused its page although the daemon says it is on the screen.
 *
 * Once at once, with the fresh token that came with the news; then after pauses that double, so that
 * a daemon that is wrong about the room is not asked without end.
 */
export class Retrials {
  #room = "";
  #refusals = 0;
  #at = -Infinity;
  #builtAt = -Infinity;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Room `id` turned out to be over for this page. */
  refused(id: string): void {
    const again = id === this.#room && this.now() - this.#builtAt < provenMs;
    this.#refusals = again ? this.#refusals + 1 : 1;
    this.#room = id;
    this.#at = this.now();
  }

  /** What to do with room `id` now: show it, ask it before it is shown, or wait. */
  next(id: string): "show" | "ask" | "wait" {
    if (id === this.#room && this.#refusals > 1) {
      const pause = Math.min(firstMs * 2 ** (this.#refusals - 2), atMostMs);
      if (this.now() - this.#at < pause) return "wait";
      this.#builtAt = this.now();
      return "ask";
    }
    this.#builtAt = this.now();
    return "show";
  }
}
