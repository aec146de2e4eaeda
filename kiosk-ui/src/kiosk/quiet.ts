import type { Booth, Snapshot } from "../api/types";

/** People watch the wait without touching anything: ask later there. */
const watchingMs = 60_000;
/** Two codes and a change of network take longer than one. */
const wifiMs = 20_000;

/** What a quiet screen is judged by. */
export interface Scene {
  /** Its name, as `screenFor` says it; `attract` and `paused` are nobody's. */
  screen: string;
  booth: Pick<Booth, "idle_warn_ms" | "idle_reset_ms"> | undefined;
  /** There is a code on it for phones to scan: nobody need touch the screen meanwhile. */
  code: boolean;
  /** A phone must first come into the booth's network. */
  wifi: boolean;
}

/** How long a screen may be quiet before it asks whether anybody is there, and before it starts over. */
export interface Patience {
  warnMs: number;
  resetMs: number;
}

/** Nobody has the screen. */
export const isFree = (screen: string): boolean => screen === "attract" || screen === "paused";

/** How patient a screen is; not at all with a farewell, which goes by itself. */
export function patienceWith({ screen, booth, code, wifi }: Scene): Patience | undefined {
  if (!booth || screen === "thanks") return undefined;
  const { idle_warn_ms: warnMs, idle_reset_ms: resetMs } = booth;
  if (isFree(screen)) return { warnMs: Infinity, resetMs };
  const towards = code && wifi ? wifiMs : 0;
  const later = screen === "painting" ? Math.max(watchingMs - warnMs, 0) : towards;
  return { warnMs: warnMs + later, resetMs: resetMs + later };
}

/** The way out of `screen` leads past the code: there is a photo, and nobody has been shown how to take it along. */
export function leadsPastTheCode(screen: string, { captures }: Pick<Snapshot, "captures">): boolean {
  return captures.length > 0 && screen !== "handover" && screen !== "ticket";
}

/** What becomes of a visit whose screen has been quiet for too long. */
export function whenQuiet(screen: string, snapshot: Pick<Snapshot, "captures" | "phones">): "code" | "leave" {
  return snapshot.phones === 0 && leadsPastTheCode(screen, snapshot) ? "code" : "leave";
}
