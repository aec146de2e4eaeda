import type { Painting, Print, RoomEvent, SessionState, Snapshot, Ticket } from "../api/types";

/**
 * The snapshot after `event`: what the daemon will say at its next telling, known at once.
 * An event the snapshot already holds changes nothing; one without a number changes no state.
 */
export function fold(snapshot: Snapshot, event: RoomEvent): Snapshot {
  if (event.seq !== undefined && event.seq <= snapshot.seq) return snapshot;
  const next = happened(snapshot, event);
  if (event.seq === undefined) return next;
  const told: Snapshot = { ...next, seq: event.seq };
  return { ...told, state: stateOf(told) };
}

function happened(s: Snapshot, event: RoomEvent): Snapshot {
  switch (event.type) {
    case "session.opened":
      return { ...s, ...event.data };
    case "consent.given":
      return { ...s, consent: event.data };
    case "locale.chosen":
      return { ...s, locale: event.data.locale };
    case "capture.taken": {
      const earlier = s.captures
        .filter((capture) => capture.id !== event.data.capture.id)
        .map((capture) => ({ ...capture, current: false }));
      return { ...s, captures: [...earlier, event.data.capture] };
    }
    case "paintings.asked":
      return { ...s, paintings: event.data.paintings.reduce(withPainting, s.paintings) };
    case "painting.started": {
      const { painting, attempt, by } = event.data;
      return changePainting(s, painting, { state: "painting", attempts: attempt, by });
    }
    case "painting.progress": {
      const { painting, share } = event.data;
      // A late frame must not wake a painting that has settled.
      const waits = s.paintings.some(({ id, ...rest }) => id === painting && isWaiting(rest));
      return waits ? changePainting(s, painting, { state: "painting", share }) : s;
    }
    case "painting.done":
      return { ...s, paintings: withPainting(s.paintings, event.data.painting) };
    case "painting.failed": {
      const { painting, attempts, error } = event.data;
      return changePainting(s, painting, { state: "failed", attempts, error, settled_at: event.at });
    }
    case "painting.cancelled":
      return changePainting(s, event.data.painting, { state: "cancelled", settled_at: event.at });
    case "painting.retried":
      return changePainting(s, event.data.painting, {
        state: "queued",
        share: 0,
        error: undefined,
        settled_at: undefined,
      });
    case "ticket.ready":
      return { ...s, tickets: withItem<Ticket>(s.tickets, event.data.ticket) };
    case "print.queued":
      return { ...s, prints: withItem<Print>(s.prints, event.data.print) };
    case "print.done":
      return changePrint(s, event.data.print, {
        state: "done",
        sheets_done: event.data.copies,
        waits: undefined,
      });
    case "print.failed":
      return changePrint(s, event.data.print, { state: "failed", error: event.data.error, waits: undefined });
    case "print.progress":
      return changePrint(s, event.data.print, { sheets_done: event.data.sheets_done });
    case "print.waiting":
      return changePrint(s, event.data.print, { waits: event.data.waits });
    case "printer.state":
      return { ...s, printer: event.data };
    case "phone.joined":
      return { ...s, phones: event.data.phones };
    case "session.handed_over":
      return { ...s, on_screen: false };
    case "session.ended":
      return { ...s, on_screen: false, state: "ended" };
    case "session.erased":
      return { ...s, on_screen: false, state: "ended", captures: [], paintings: [], tickets: [], prints: [] };
    default:
      return s; // a newer daemon may tell more than this page knows
  }
}

/**
 * The state of a visit, by the daemon's own rule: what has happened, nothing else. Pictures leave the
 * snapshot when their time is over, photos first; what was made of them has happened all the same.
 */
export function stateOf(s: Snapshot): SessionState {
  if (s.state === "ended") return "ended";
  if (!s.consent) return "consent";
  if (s.tickets.length > 0 || s.state === "ticket") return "ticket";
  if (s.captures.length === 0 && s.paintings.length === 0) return "capture";
  const wanted = s.paintings.filter((painting) => painting.state !== "cancelled");
  if (wanted.length === 0 || wanted.some(isWaiting)) return "painting";
  return "choose";
}

export function isWaiting({ state }: Pick<Painting, "state">): boolean {
  return state === "queued" || state === "painting";
}

function withPainting(paintings: Painting[], painting: Painting): Painting[] {
  return withItem(paintings, painting);
}

/** `items` with `item` in the place of the one with its id, or at the end. */
function withItem<T extends { id: string }>(items: T[], item: T): T[] {
  const known = items.some(({ id }) => id === item.id);
  return known ? items.map((old) => (old.id === item.id ? item : old)) : [...items, item];
}

function changePainting(s: Snapshot, id: string, change: Partial<Painting>): Snapshot {
  const paintings = s.paintings.map((painting) => (painting.id === id ? { ...painting, ...change } : painting));
  return { ...s, paintings };
}

function changePrint(s: Snapshot, id: string, change: Partial<Print>): Snapshot {
  return { ...s, prints: s.prints.map((print) => (print.id === id ? { ...print, ...change } : print)) };
}
