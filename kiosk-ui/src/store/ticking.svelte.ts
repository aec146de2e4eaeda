/**
 * A time that moves, on a clock that nobody sets: read `ms` in a template or an effect and it runs again every `everyMs`.
 * `room.skewMs` makes it the daemon's time.
 */
export class Ticking {
  ms = $state(performance.now());

  constructor(everyMs: number) {
    $effect(() => {
      const timer = setInterval(() => (this.ms = performance.now()), everyMs);
      return () => clearInterval(timer);
    });
  }
}
