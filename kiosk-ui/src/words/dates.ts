import type { Locale } from "../api/types";

/** "Saturday 21 November, 18:03", in the page's own time zone. */
export function dateAndTime(iso: string, locale: Locale): string {
  return format(iso, locale, { weekday: "short", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
}

export function dateOnly(iso: string, locale: Locale): string {
  return format(iso, locale, { year: "numeric", month: "long", day: "numeric" });
}

/** "18:03" */
export function timeOnly(iso: string, locale: Locale): string {
  return format(iso, locale, { hour: "2-digit", minute: "2-digit" });
}

/** "18:03" on the day of `now`; on any other the date as well. */
export function timeOrDate(iso: string, now: string, locale: Locale): string {
  return dateOnly(iso, locale) === dateOnly(now, locale) ? timeOnly(iso, locale) : dateAndTime(iso, locale);
}

// Not `hour12: false`: with it older engines call midnight 24:00.
function format(iso: string, locale: Locale, how: Intl.DateTimeFormatOptions): string {
  const tag = locale === "ko" ? "ko-KR" : "en-GB";
  return new Intl.DateTimeFormat(tag, { ...how, hourCycle: "h23" }).format(new Date(iso));
}

/** A wait as a range a person can use: seconds below a minute and a half, minutes above. */
export function waitInWords(
  [lo, hi]: readonly [number, number],
  say: { seconds: (lo: number, hi: number) => string; minutes: (lo: number, hi: number) => string },
): string {
  if (hi <= 90) return say.seconds(upTo(lo, 5), Math.max(upTo(hi, 5), 5));
  return say.minutes(Math.max(1, Math.floor(lo / 60)), Math.ceil(hi / 60));
}

function upTo(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
