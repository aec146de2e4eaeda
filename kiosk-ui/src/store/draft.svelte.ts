import { emptyDraft, type Draft } from "./screen";

const key = "easel.draft";

/** The visitor's small steps, kept for one session, so that a reload lands in the same place. */
export class Drafts {
  current = $state<Draft>({ ...emptyDraft });
  #session: string | undefined;

  /** Takes up the draft of `session`; another visitor's is forgotten. */
  open(session: string | undefined): void {
    if (session === this.#session) return;
    this.#session = session;
    this.current = { ...emptyDraft, ...(session ? stored(session) : {}) };
    if (!session) sessionStorage.removeItem(key);
  }

  change(step: Partial<Draft>): void {
    Object.assign(this.current, step);
    if (!this.#session) return;
    sessionStorage.setItem(key, JSON.stringify({ session: this.#session, draft: this.current }));
  }
}

function stored(session: string): Partial<Draft> {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}") as { session?: string; draft?: Partial<Draft> };
    return kept.session === session ? (kept.draft ?? {}) : {};
  } catch {
    return {};
  }
}
