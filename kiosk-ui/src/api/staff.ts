import { type Ask, ask, askFile } from "./client";
import { newKey } from "../store/seed";
import { Problem } from "./problem";
import type { AddressChoice, AddressPart, Overview, Pause, PauseWish, Rehearsal, Shift, StaffVisits, Tested, Verdict } from "./types";

/** A painter that is tried may have to load its model first. */
const paintedWithinMs = 150_000;
/** A camera may have to be woken. */
const shotWithinMs = 60_000;
/** How often a proxy may lose patience before we do; most wait for a minute. */
const mostRepeats = 3;

/** Exchanges the PIN for a token. Each try is one of its own, and the PIN is kept nowhere. */
export const enter = (pin: string) => ask<Shift>("/staff/enter", { json: { pin }, intent: newKey() });

/** Which visits; what is left out leaves none out. */
export interface VisitQuery {
  /** On one of its tickets. */
  number?: number;
  /** Begun before then. */
  to?: string;
  /** Those that follow this visit. */
  after?: string;
}

/** What staff may ask, with their token. */
export class StaffApi {
  constructor(readonly token: string) {}

  renew = () => this.#ask<Shift>("/renew");
  /** Ends the token, and all of its shift; goes out even while the page is being left. */
  lock = (intent: string) => this.#ask<void>("/lock", { intent, keepalive: true });
  overview = () => this.#ask<Overview>("/overview", { method: "GET" });
  figures = () => askFile("/staff/figures.csv", { method: "GET", token: this.token });

  pause = (wish: PauseWish) => this.#ask<Pause>("/pause", { method: "PUT", json: wish });
  endPause = () => this.#ask<void>("/pause", { method: "DELETE" });

  useAddress = (choice: AddressChoice) => this.#ask<AddressPart>("/address", { method: "PUT", json: choice });
  leaveAddress = () => this.#ask<AddressPart>("/address", { method: "DELETE" });

  shoot = () => this.#await<Tested>("/tests/shot", { withinMs: shotWithinMs });
  paint = (generator: string) =>
    this.#await<Tested>(`/generators/${generator}/test`, { json: {}, withinMs: paintedWithinMs });
  drain = (generator: string) => this.#ask<void>(`/generators/${generator}/drain`);
  resume = (generator: string) => this.#ask<void>(`/generators/${generator}/resume`);

  testPage = () => this.#ask<unknown>("/tests/print");
  newRoll = (sheets: number) => this.#ask<void>("/printer/roll", { json: { sheets } });
  /** `found`: how many sheets of the order there are; left out, the printer's own count holds. */
  settle = (order: string, verdict: Verdict, found?: number) =>
    this.#ask<void>(`/printer/orders/${order}/settle`, { json: { verdict, sheets_done: found } });

  visits = (query: VisitQuery) => {
    const said = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
    return this.#ask<StaffVisits>(`/visits?${new URLSearchParams(said)}`, { method: "GET" });
  };
  erase = (visit: string) => this.#ask<void>(`/visits/${visit}`, { method: "DELETE" });
  retry = (visit: string, painting: string) => this.#ask<void>(`/visits/${visit}/paintings/${painting}/retry`);
  /** However often it is repeated before there is an answer, it prints once. */
  reprint = (visit: string, ticket: string) => this.#ask<unknown>(`/visits/${visit}/prints`, { json: { ticket } });

  rehearse = (print: boolean) => this.#ask<Rehearsal>("/rehearsal", { json: { print } });

  /**
   * Asks for what may take longer than a proxy in between waits (nginx: 60 s). Its own 504 is no answer
   * of the daemon's, so the key stays the same: what is asked again is the same command, and goes on.
   */
  async #await<T>(path: string, how: Ask): Promise<T> {
    for (let repeats = 0; ; repeats += 1) {
      try {
        return await this.#ask<T>(path, how);
      } catch (error) {
        const hungUp = error instanceof Problem && error.status === 504 && !error.answered;
        if (!hungUp || repeats === mostRepeats) throw error;
      }
    }
  }

  #ask<T>(path: string, how: Ask = {}): Promise<T> {
    return ask<T>(`/staff${path}`, { ...how, token: this.token });
  }
}
