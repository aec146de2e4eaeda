import { Problem } from "../api/problem";
import { enter, StaffApi } from "../api/staff";
import type { Locale, Overview, Shift, Tested } from "../api/types";
import { device, isText, tab } from "../store/shelf";
import { localized } from "../words/localized";
import { type StaffWords, staffWords } from "../words/staff";

const lookEveryMs = 2000;
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
  #looking: ReturnType<typeof setTimeout> | undefined;
  #saying: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #renewAt = 0;

  constructor() {
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

  /** Locks the page; the booth's own screen goes back to the visitors. */
  lock(code?: string): void {
    clearTimeout(this.#looking);
    clearTimeout(this.#idle);
    tab.put(shelf, undefined);
    this.api = undefined;
    this.view = undefined;
    this.shown = undefined;
    this.said = undefined;
    this.refused = code ? { code, waitS: 0 } : undefined;
    if (this.onKiosk && !code) this.toVisitors();
  }

  /** Gives the screen back, once the booth is there: the browser's own error page knows no way back. */
  toVisitors(): void {
    clearTimeout(this.#idle);
    fetch("/", { method: "HEAD", cache: "no-store" }).then(
      () => location.assign("/"),
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
    try {
      this.#tell({ text: done(await deed(api)), wrong: false });
    } catch (error) {
      this.#refuse(Problem.from(error));
    }
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
    // Who waits for what the booth does is there, without a touch.
    if (this.#isAtWork) this.touch();
    try {
      if (performance.now() > this.#renewAt && !document.hidden) {
        const shift = await api.renew();
        if (this.api !== api) return; // locked meanwhile
        this.#begin(shift, false);
      }
      const view = await api.overview();
      if (!this.api) return;
      this.view = view;
      this.reachable = true;
    } catch (error) {
      if (!this.api) return;
      const { code } = Problem.from(error);
      if (code === "staff_required") return this.lock(code);
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
    await this.look();
  }

  #begin({ token, lives_s }: Shift, look = true): void {
    this.api = new StaffApi(token);
    this.refused = undefined;
    this.#renewAt = performance.now() + (lives_s * 1000) / 2;
    if (!this.onKiosk) tab.put(shelf, token);
    this.touch();
    if (look) void this.look();
  }

  #refuse(problem: Problem): void {
    if (problem.code === "staff_required") return this.lock(problem.code);
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
