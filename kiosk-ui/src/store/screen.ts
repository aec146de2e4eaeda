import type { Snapshot } from "../api/types";
import { currentCapture, doneOf } from "./wall";

/** What the visitor has decided on this screen and the daemon need not know yet. */
export interface Draft {
  /** The photo that passed the review. */
  kept?: string;
  /** The photo that the visitor wants another one for; once that is there, the wish is fulfilled. */
  retaking?: string;
  /** The painting lifted from the wall. */
  picked?: string;
  /** The visitor is writing the name for the label. */
  naming: boolean;
  name: string;
  /** The QR is shown before the paintings are done. */
  leaving: boolean;
}

export const emptyDraft: Draft = { naming: false, name: "", leaving: false };

export type Screen =
  | "attract"
  | "consent"
  | "capture"
  | "review"
  | "painting"
  | "choose"
  | "picked"
  | "name"
  | "ticket"
  | "handover";

export const reviewMs = 10_000;
/** The photo and one retake. */
export const maxCaptures = 2;

/** What the kiosk shows: the daemon's state first, the visitor's small steps within it second. */
export function screenFor(snapshot: Snapshot, draft: Draft, nowMs: number): Screen {
  switch (snapshot.state) {
    case "consent":
      return "consent";
    case "capture":
      return "capture";
    case "ticket":
      return "ticket";
    case "ended":
      return "attract";
  }
  if (isRetaken(snapshot, draft)) return "capture";
  if (reviewEndsAt(snapshot, draft) > nowMs) return "review";
  if (draft.leaving) return "handover";
  if (doneOf(snapshot).some(({ id }) => id === draft.picked)) return draft.naming ? "name" : "picked";
  return snapshot.state;
}

function isRetaken(snapshot: Snapshot, { retaking }: Draft): boolean {
  return retaking !== undefined && retaking === currentCapture(snapshot)?.id && snapshot.captures.length < maxCaptures;
}

/** When the review of the current photo is over by itself, in milliseconds; 0 once it is. */
export function reviewEndsAt(snapshot: Snapshot, draft: Draft): number {
  const capture = currentCapture(snapshot);
  if (!capture || draft.kept === capture.id) return 0;
  return Date.parse(capture.taken_at) + reviewMs;
}
