import type { Snapshot } from "../api/types";
import { waitInWords } from "./dates";
import type { common } from "./en/common";

/**
 * The place in line and the wait, in a sentence or two; `wait` says a range. The place counts until the
 * first of this visitor's paintings has begun. Nothing while nothing is known.
 */
export function lineInWords(
  { paintings, line }: Pick<Snapshot, "paintings" | "line">,
  words: typeof common,
  wait: (range: string) => string,
): string {
  const wanted = paintings.filter(({ state }) => state !== "cancelled");
  const inLine = wanted.length > 0 && wanted.every(({ state }) => state === "queued");
  const [, longest] = line.eta_s;
  return [
    inLine ? words.ahead(line.ahead) : "",
    longest > 0 ? wait(waitInWords(line.eta_s, words)) : "",
  ]
    .filter(Boolean)
    .join(" ");
}
