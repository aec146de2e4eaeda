/** A time that moves: read `ms` in a template or an effect and it runs again every `everyMs`. */
export class Ticking {
  ms = $state(Date.now());

  constructor(everyMs: number) {
    $effect(() => {
      const timer = setInterval(() => (this.ms = Date.now()), everyMs);
      return () => clearInterval(timer);
    });
  }
}
