import type { common } from "./en/common";

/** A refusal in plain words. */
export function problemInWords(code: string, words: typeof common): string {
  const known: Record<string, string> = words.problems;
  return known[code] ?? words.problems.other;
}
