import { Problem } from "../api/problem";
import type { StaffApi, VisitQuery } from "../api/staff";
import type { StaffVisit } from "../api/types";

/** What is searched for: a ticket's number, or the visits begun up to a time. */
export type Search = { number: number } | { until: Date };

/** What the archive needs of the desk. */
export interface Asker {
  readonly api: StaffApi | undefined;
  /** After which visit the newest ones go on, if they do. */
  readonly next: string | undefined;
  /** The booth has refused: `true` if the page is locked by that. */
  isOver: (problem: Problem) => boolean;
}

const minuteMs = 60_000;

/** Visits that are kept, beyond the newest ones that every look brings: older ones, and those searched for. */
export class Archive {
  search = $state.raw<Search>();
  visits = $state.raw<StaffVisit[]>([]);
  /** After which visit the list goes on, as far as it is read. */
  #next = $state<string>();
  /** It is being read for the first time, or further than before. */
  reading = $state(false);
  /** Why it could not be read. */
  problem = $state.raw<Problem>();
  #pages = $state(0);
  #since: string | undefined;
  #stale = false;
  #turn = 0;

  constructor(readonly desk: Asker) {}

  /** Whether there are more to be read. */
  get goesOn(): boolean {
    return Boolean(this.#pages > 0 || this.search ? this.#next : this.desk.next);
  }

  find(search: Search): Promise<void> {
    this.#empty();
    this.search = search;
    this.#pages = 1;
    return this.#read(true);
  }

  older(): Promise<void> {
    this.#pages += 1;
    return this.#read(true);
  }

  again(): Promise<void> {
    return this.#read(true);
  }

  /** Back to the newest visits alone. */
  close(): void {
    this.#empty();
    this.search = undefined;
  }

  /** Something was done: what is shown is not the last word. */
  touch(): void {
    this.#stale = true;
  }

  /** The desk has looked: reads again what may have changed. */
  async follow(): Promise<void> {
    if (this.#pages === 0 || this.reading || this.problem) return;
    const moved = !this.search && this.#since !== this.desk.next;
    if (moved || this.#stale || this.visits.some(isInHand)) await this.#read(false);
  }

  #empty(): void {
    this.#turn += 1;
    this.#pages = 0;
    this.#next = undefined;
    this.visits = [];
    this.reading = false;
    this.problem = undefined;
  }

  /** Reads all pages that are shown: what is erased or has changed in one of them shows. */
  async #read(first: boolean): Promise<void> {
    const turn = ++this.#turn;
    const { api, next: since } = this.desk;
    if (!api) return;
    this.reading = first;
    this.#stale = false;
    try {
      const visits: StaffVisit[] = [];
      let next = this.search ? undefined : since;
      for (let page = 0; page < this.#pages && (page === 0 ? this.search || next : next); page += 1) {
        const read = await api.visits({ ...query(this.search), ...(next ? { after: next } : {}) });
        if (turn !== this.#turn) return;
        visits.push(...read.visits);
        next = read.next ?? undefined;
      }
      this.visits = visits;
      this.#next = next;
      this.#since = since;
      this.problem = undefined;
    } catch (error) {
      const problem = Problem.from(error);
      if (turn !== this.#turn || this.desk.isOver(problem)) return;
      // What is shown stays, and is read again with the next look.
      if (first) this.problem = problem;
      else this.#stale = true;
    }
    this.reading = false;
  }
}

function query(search: Search | undefined): VisitQuery {
  if (!search) return {};
  if ("number" in search) return { number: search.number };
  // The minute that was named is in it.
  return { to: new Date(search.until.getTime() + minuteMs).toISOString() };
}

const isInHand = ({ paintings, prints }: StaffVisit) =>
  prints.some(({ state }) => state === "queued") ||
  paintings.some(({ state }) => state === "queued" || state === "painting");
