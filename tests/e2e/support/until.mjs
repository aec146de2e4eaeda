import { setTimeout as pause } from "node:timers/promises";

/** A guard against hanging, no measure of speed: machines that build at the same time are slow. */
export const patience = 60_000;

/**
 * Asks `look` again and again until it answers something truthy, and answers that.
 * Fails after `within` milliseconds with what was waited for.
 */
export async function until(look, what, within = patience) {
  const last = performance.now() + within;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > last) throw new Error(`waited ${within} ms in vain until ${what}`);
    await pause(25);
  }
}

/** `promise`, or a failure that says what did not come within `ms` milliseconds. */
export async function within(ms, promise, what) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`waited ${ms} ms in vain until ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
