import { emptyDraft, type Draft } from "./screen";
import { isRecord, isText, tab } from "./shelf";

const key = "easel.draft";
const draftFields = ["kept", "picked", "retaking", "naming", "name", "leaving"] as const;
/** Ids, which an empty draft has none of. */
const ids: readonly (keyof Draft)[] = ["kept", "picked", "retaking"];

/** The visitor's small steps, kept for one session, so that a reload lands in the same place. */
export class Drafts {
  current = $state<Draft>({ ...emptyDraft });
  #session: string | undefined;

  /** Takes up the draft of `session`; another visitor's is forgotten. */
  open(session: string | undefined): void {
    if (session === this.#session) return;
    this.#session = session;
    this.current = { ...emptyDraft, ...(session ? stored(session) : {}) };
    if (!session) tab.put(key, undefined);
  }

  /** Takes a `step` in the draft of `session`; one that comes when another visitor is in front is not taken. */
  change(step: Partial<Draft>, session = this.#session): void {
    if (session !== this.#session) return;
    Object.assign(this.current, step);
    if (session) tab.put(key, { session, draft: this.current });
  }
}

function stored(session: string): Partial<Draft> {
  const kept = tab.get(key, isRecord);
  if (kept?.session !== session || !isRecord(kept.draft)) return {};
  // Nothing that is not as it should be: a visitor stands before what is made of it.
  const { draft } = kept;
  const good = (name: keyof Draft) =>
    ids.includes(name) ? isText(draft[name]) : typeof draft[name] === typeof emptyDraft[name];
  return Object.fromEntries(draftFields.filter(good).map((name) => [name, draft[name]]));
}
