import type { Locale } from "../api/types";

/** "1.2 s" */
export function seconds(ms: number, locale: Locale): string {
  const value = ms < 10_000 ? (ms / 1000).toFixed(1) : String(Math.round(ms / 1000));
  return locale === "ko" ? `${value}초` : `${value} s`;
}

/** "53.8 GB", in powers of a thousand, as on the disk's box. */
export function gigabytes(bytes: number): string {
  const value = bytes / 1e9;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} GB`;
}
