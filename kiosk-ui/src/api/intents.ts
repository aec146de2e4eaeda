import { newKey } from "../store/seed";
import { tab } from "../store/shelf";

/**
 * One `Idempotency-Key` for what somebody wants, however often the page has to ask for it: kept until
 * the daemon has answered, over reloads too. What is asked for after an answer is wanted anew.
 */

type Open = [intent: string, key: string];

const shelf = "easel.intents";
/** More than anybody waits for at once. */
const most = 24;
let open: Open[] | undefined;

export function keyOf(intent: string): string {
  const known = all().find(([name]) => name === intent);
  if (known) return known[1];
  const key = newKey();
  save([[intent, key], ...all()].slice(0, most) as Open[]);
  return key;
}

/** The daemon has answered, or nobody waits for it any more. */
export function settle(intent: string): void {
  const rest = all().filter(([name]) => name !== intent);
  if (rest.length < all().length) save(rest);
}

function all(): Open[] {
  open ??= (tab.get(shelf, Array.isArray) ?? []).filter(isOpen);
  return open;
}

function save(intents: Open[]): void {
  open = intents;
  tab.put(shelf, intents.length > 0 ? intents : undefined);
}

const isOpen = (kept: unknown): kept is Open =>
  Array.isArray(kept) && kept.length === 2 && kept.every((text) => typeof text === "string");
