import type { Snapshot } from "../api/types";

/** With what a visitor who goes now comes back to the paintings; `nothing` brings nobody back, staff included. */
export type Takes = "phone" | "print" | "nothing";

export function takesWith({ phones, prints }: Pick<Snapshot, "phones" | "prints">): Takes {
  if (phones > 0) return "phone";
  // Every sheet has the code on its stub, one that still waits for the printer too.
  return prints.some(({ state }) => state !== "failed") ? "print" : "nothing";
}
