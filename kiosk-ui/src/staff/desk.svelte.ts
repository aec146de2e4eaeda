import { Problem } from "../api/problem";
import { enter, StaffApi } from "../api/staff";
import type { Locale, Overview, Shift, Tested } from "../api/types";
import { device, isText, tab } from "../store/shelf";
import { localized } from "../words/localized";
import { type StaffWords, staffWords } from "../words/staff";
import { Archive } from "./archive.svelte";
import { endShift } from "./shift";

const lookEveryMs = 2000;
/** As long as any token lives, where the booth has not said it yet. */
const longestLifeMs = 600_000;
/** On the booth's own screen: after so long without a touch the visitors get it back. */
const idleMs = 90_000;
const saidForMs = 8000;
const shelf = "easel.staff";
const tongue = "easel.staff.locale";

/** A sentence of the page's about what was just done. */
export interface Said {
  text: string;
  /** The booth's own words, in English, where there are any. */
  detail?: string;
  wrong: boolean;
}

/** The staff page's one store: what the booth says of itself, and what staff ask of it. */
export class Desk {
  view = $state.raw<Overview>();
  /** The booth answered last time. */
  reachable = $state(true);
  said = $state.raw<Said>();
  /** What a test brought to light. */
  shown = $state.raw<{ picture: string; title: string; note: string; style?: string }>();
  /** What is being done, by name: its button waits. */
  busy = $state.raw<ReadonlySet<string>>(new Set());
  /** The page is on the booth's own screen, and must give it back. */
  readonly onKiosk = new URLSearchParams(location.search).has("kiosk");
  api = $state.raw<StaffApi>();
  /** Why the PIN is asked for, by code, and how long to wait before, in seconds. */
  refused = $state.raw<{ code: string; waitS: number }>();
  locale = $state<Locale>(keptLocale());
  /** Visits beyond the newest ones. */
  readonly archive: Archive;
  #looking: ReturnType<typeof setTimeout> | undefined;
  #saying: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #renewAt = 0;
  /** Counts how often the page was locked: what was begun before shows nothing after. */
  #shift = 0;
  /** When the token runs out by itself. */
  #endsAt = 0;

  constructor() {
    const desk = this;
    this.archive = new Archive({
      get api() {
        return desk.api;
      },
      get next() {
        return desk.view?.visits_next ?? undefined;
      },
      isOver: (problem) => desk.#isOver(problem),
    });
    const token = this.onKiosk ? undefined : tab.get(shelf, isText);
    if (token) void this.#takeOver(token);
  }

  get say(): StaffWords {
    return staffWords[this.locale];
  }

  /** A painter's name as the booth's settings have it. */
  nameOf(style: string): string {
    return localized(this.view?.styles.find(({ id }) => id === style)?.name, this.locale) || style;
  }

  speak(locale: Locale): void {
    this.locale = locale;
    device.put(tongue, locale);
  }

  async enter(pin: string): Promise<boolean> {
    try {
      this.#begin(await enter(pin));
      return true;
    } catch (error) {
      const { code, waitS } = Problem.from(error);
      this.refused = { code, waitS };
      return false;
    }
  }

  /**
   * Locks the page at once, and has the booth end its token as soon as it can be told; then the booth's own
   * screen goes back to the visitors. `code`: why the booth does not take the token any more.
   */
  lock(code?: string): void {
    const { api } = this;
    this.#forget();
    this.refused = code ? { code, waitS: 0 } : undefined;
    if (code) return;
    const told = api ? endShift(api, this.#endsAt) : Promise.resolve();
    if (this.onKiosk) void told.then(() => this.toVisitors());
  }

  /** The page goes away: from the booth's own screen nobody comes back to it. */
  leave(): void {
    if (!this.onKiosk || !this.api) return;
    void endShift(this.api, this.#endsAt);
    this.#forget();
  }

  /** Nothing of the token, nor of what it has shown, stays on the page or in the browser. */
  #forget(): void {
    this.#shift += 1;
    for (const timer of [this.#looking, this.#idle, this.#saying]) clearTimeout(timer);
    tab.put(shelf, undefined);
    this.api = undefined;
    this.view = undefined;
    this.shown = undefined;
    this.said = undefined;
    this.busy = new Set();
    this.archive.close();
  }

  /** Gives the screen back, once the booth is there: the browser's own error page knows no way back. */
  toVisitors(): void {
    clearTimeout(this.#idle);
    if (this.api) return; // somebody has come in again
    fetch("/", { method: "HEAD", cache: "no-store" }).then(
      () => this.api || location.assign("/"),
      () => (this.#idle = setTimeout(() => this.toVisitors(), lookEveryMs)),
    );
  }

  /** Somebody is there. */
  touch(): void {
    if (!this.onKiosk) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => (this.api ? this.lock() : this.toVisitors()), idleMs);
  }

  /** Does `deed` under the name of its button; says what came of it. */
  async act<T>(name: string, deed: (api: StaffApi) => Promise<T>, done: (result: T) => string): Promise<void> {
    const api = this.api;
    if (!api || this.busy.has(name)) return;
    this.busy = new Set([...this.busy, name]);
    const shift = this.#shift;
    try {
      const result = await deed(api);
      if (this.#shift !== shift) return;
      this.#tell({ text: done(result), wrong: false });
    } catch (error) {
      if (this.#shift !== shift) return;
      this.#refuse(Problem.from(error));
    }
    this.archive.touch();
    this.busy = new Set([...this.busy].filter((other) => other !== name));
    void this.look();
  }

  /** Shows what a test made; `note` says how it went. */
  show({ picture, style }: Tested, title: string, note: string): string {
    this.shown = { picture, title, note, ...(style ? { style } : {}) };
    return note;
  }

  hush(): void {
    this.said = undefined;
  }

  async look(): Promise<void> {
    clearTimeout(this.#looking);
    const api = this.api;
    if (!api) return;
    const shift = this.#shift;
    // Who waits for what the booth does is there, without a touch.
    if (this.#isAtWork) this.touch();
    try {
      if (performance.now() > this.#renewAt && !document.hidden) {
        const newer = await api.renew();
        if (this.#shift !== shift) return;
        this.#begin(newer, false);
      }
      const view = await api.overview();
      if (this.#shift !== shift) return;
      this.view = view;
      this.reachable = true;
      void this.archive.follow();
    } catch (error) {
      if (this.#shift !== shift || this.#isOver(Problem.from(error))) return;
      this.reachable = false;
    }
    this.#looking = setTimeout(() => void this.look(), lookEveryMs);
  }

  /** Something is tried or rehearsed. */
  get #isAtWork(): boolean {
    const rehearsal = this.view?.rehearsal;
    return this.busy.size > 0 || Boolean(rehearsal && !rehearsal.ended_at);
  }

  async #takeOver(token: string): Promise<void> {
    this.api = new StaffApi(token);
    this.#endsAt = performance.now() + longestLifeMs;
    await this.look();
  }

  #begin({ token, lives_s }: Shift, look = true): void {
    this.api = new StaffApi(token);
    this.refused = undefined;
    this.#renewAt = performance.now() + (lives_s * 1000) / 2;
    this.#endsAt = performance.now() + lives_s * 1000;
    if (!this.onKiosk) tab.put(shelf, token);
    this.touch();
    if (look) void this.look();
  }

  /** Locks the page if the booth does not take its token any more. */
  #isOver({ code }: Problem): boolean {
    if (code !== "staff_required") return false;
    this.lock(code);
    return true;
  }

  #refuse(problem: Problem): void {
    if (this.#isOver(problem)) return;
    const known: Record<string, string> = this.say.problems;
    const text = known[problem.code] ?? this.say.problems.other;
    this.#tell({ text, wrong: true, ...(problem.body.detail ? { detail: problem.body.detail } : {}) });
  }

  #tell(said: Said): void {
    clearTimeout(this.#saying);
    this.said = said;
    if (!said.wrong) this.#saying = setTimeout(() => this.hush(), saidForMs);
  }
}

function keptLocale(): Locale {
  const kept = device.get(tongue, isText);
  if (kept === "ko" || kept === "en") return kept;
  return navigator.language.startsWith("ko") ? "ko" : "en";
}
