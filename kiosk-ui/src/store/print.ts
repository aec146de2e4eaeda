import type { Locale, Print, Snapshot } from "../api/types";
import { localized } from "../words/localized";

/** The last order of a ticket. */
export function orderOf(snapshot: Snapshot, ticket: string | undefined): Print | undefined {
  return snapshot.prints.filter((order) => order.ticket === ticket).at(-1);
}

/** How far an order is of which some sheets are out and not all, in the words of who reads it. */
export function partlyDone(order: Print | undefined, say: (done: number, of: number) => string): string {
  const partly = order && order.state !== "done" && order.sheets_done > 0;
  return partly ? say(order.sheets_done, order.copies) : "";
}

/** What keeps a sheet waiting, in the language of who reads it, as the daemon says it: this very order, or the printer. */
export function whatKeepsWaiting({ printer }: Snapshot, locale: Locale, order?: Print): string | undefined {
  if (order && order.state !== "queued") return undefined;
  const says = order?.waits ?? (printer?.keeps_waiting ? printer.says : undefined);
  return says && localized(says, locale);
}
