import type { Locale, Print, Snapshot } from "../api/types";
import { localized } from "../words/localized";

/** The last order of a ticket. */
export function orderOf(snapshot: Snapshot, ticket: string | undefined): Print | undefined {
  return snapshot.prints.filter((order) => order.ticket === ticket).at(-1);
}

/** What keeps a sheet waiting, in the language of who reads it, as the daemon says it: this very order, or the printer. */
export function whatKeepsWaiting({ printer }: Snapshot, locale: Locale, order?: Print): string | undefined {
  if (order && order.state !== "queued") return undefined;
  const says = order?.waits ?? (printer?.keeps_waiting ? printer.says : undefined);
  return says && localized(says, locale);
}
