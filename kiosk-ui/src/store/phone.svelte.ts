import { join, styles } from "../api/client";
import { Problem } from "../api/problem";
import type { Locale, Style } from "../api/types";
import { localized } from "../words/localized";
import { phoneWords, type PhoneWords } from "../words/phone";
import { dropRoom, keepKnock, keepReceipt, keepRoom, keptKnock, keptReceipt, keptRoom, lastRoom, type Key } from "./keys";
import { Room } from "./room.svelte";
import { tab } from "./shelf";
import { Trouble } from "./trouble.svelte";

export type Stand =
  /** On the way in; `why` it takes longer than a moment, by code; it `waits` to knock again as nobody answered. */
  | { at: "joining"; why?: string; waits?: boolean }
  /** No code and no room: how to get one. `wrong`: the code is not known. */
  | { at: "unknown"; wrong: boolean }
  /**
   * The room is open to another phone, or, if a knock was `lost`, to this one; four digits open it.
   * `refused`: why they did not, by code.
   */
  | { at: "claim"; code: string; lost: boolean; refused?: string }
  | { at: "room"; room: Room }
  | { at: "over"; code: string; erased_at?: string };

const tongue = "easel.tongue";
const isLocale = (kept: unknown): kept is Locale => kept === "ko" || kept === "en";
const joinAgainMs = 3000;
/** Who hears nothing for so long is told. */
const slowMs = 1500;
/** A wish of the booth's that is longer is cut: nobody looks at a page that does nothing. */
const joinAgainAtMostMs = 120_000;

/** The phone's one store: which room it stands in, and how it got there. */
export class Phone {
  stand = $state.raw<Stand>({ at: "joining" });
  #styles = $state.raw<Style[]>([]);
  #spoken = $state(tab.get(tongue, isLocale));
  #knocking: ReturnType<typeof setTimeout> | undefined;
  /** The code of the last scan: an answer to an earlier one comes too late. */
  #scanned: string | undefined;
  /** A knock with that code went out of which no answer came. */
  #lost = false;

  /** The visitor's choice, else the phone's language, else English. */
  get locale(): Locale {
    return this.#spoken ?? (navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en");
  }

  get say(): PhoneWords {
    return phoneWords[this.locale];
  }

  /** A painter's name as the booth's settings have it. */
  nameOf(style: string): string {
    return localized(this.#styles.find(({ id }) => id === style)?.name, this.locale) || style;
  }

  readonly trouble = new Trouble();

  speak(locale: Locale): void {
    this.#spoken = locale;
    tab.put(tongue, locale);
  }

  /** Enters by the code of a scanned QR, or by what this phone kept, so that a reload lands in the same place. */
  enter(scanned: string | undefined): void {
    clearTimeout(this.#knocking);
    const before = keptKnock();
    const code = scanned ?? before?.code;
    this.#scanned = code;
    this.#lost = before?.code === code && before?.lost === true;
    const kept = code ? keptRoom(code) : lastRoom();
    if (kept) this.#open(code ? keepRoom(code, kept) : kept);
    else if (code) {
      if (this.stand.at === "room") this.stand.room.close();
      this.stand = { at: "joining" };
      void this.knock(code);
    } else {
      const receipt = keptReceipt();
      this.stand = receipt ? { at: "over", ...receipt } : { at: "unknown", wrong: false };
    }
  }

  /** Exchanges the code, once, for the token of its room. */
  async knock(code: string, claim?: string): Promise<void> {
    clearTimeout(this.#knocking);
    keepKnock({ code, lost: true }); // until there is an answer: a reload now is a knock lost
    const slow = setTimeout(() => {
      if (this.stand.at === "joining" && code === this.#scanned) this.stand = { at: "joining", why: "unreachable" };
    }, slowMs);
    try {
      const { room, token, expires_at } = await join(code, claim);
      const key = keepRoom(code, { room, token, expires_at });
      if (code === this.#scanned) this.#open(key);
    } catch (error) {
      if (code !== this.#scanned) return;
      const problem = Problem.from(error);
      this.#lost ||= !problem.answered;
      keepKnock({ code, lost: this.#lost });
      this.#refused(code, problem);
    } finally {
      clearTimeout(slow);
    }
  }

  /** The page may have slept, or the phone has a network again: who waits to knock need wait no longer. */
  wake(): void {
    const { stand } = this;
    if (stand.at === "joining" && stand.waits && this.#scanned) void this.knock(this.#scanned);
  }

  /** Erases everything of this visit; the daemon says when. */
  async erase(): Promise<boolean> {
    if (this.stand.at !== "room") return false;
    const { room } = this.stand;
    const done = await this.attempt(() => room.api.erase());
    if (done) await room.refresh();
    return done;
  }

  /** The room told this page that it is over. */
  leave(): void {
    if (this.stand.at !== "room" || !this.stand.room.over) return;
    const { room } = this.stand;
    const { code, erased_at } = room.over ?? { code: "expired" };
    room.close();
    dropRoom(room.api.id);
    this.#end(code, erased_at);
  }

  async attempt(deed: () => Promise<void>): Promise<boolean> {
    try {
      await deed();
      this.trouble.clear();
      return true;
    } catch (error) {
      this.trouble.tell(Problem.from(error).code);
      return false;
    }
  }

  #open({ room: id, token }: Key): void {
    if (this.stand.at === "room") this.stand.room.close();
    const room = new Room(id, token);
    this.stand = { at: "room", room };
    keepKnock(undefined);
    this.trouble.clear();
    void room.refresh();
    void this.#learnStyles();
  }

  async #learnStyles(): Promise<void> {
    try {
      this.#styles = await styles();
    } catch {
      // until the next room the ids must do
    }
  }

  #end(code: string, erased_at?: string): void {
    keepReceipt({ code, erased_at });
    keepKnock(undefined);
    this.stand = { at: "over", code, erased_at };
  }

  #refused(code: string, problem: Problem): void {
    switch (problem.code) {
      case "claim_required":
        this.stand = { at: "claim", code, lost: this.#lost };
        break;
      case "unknown_code":
      case "not_found":
      case "bad_request":
      case "invalid":
        this.stand = { at: "unknown", wrong: true };
        keepKnock(undefined);
        break;
      case "erased":
      case "expired":
      case "ended":
      case "gone":
      case "too_many": // as many phones as a room holds
        this.#end(problem.code, problem.body.erased_at ?? undefined);
        break;
      default:
        // Who types digits tries again; who only scanned is let in as soon as it can be.
        if (this.stand.at === "claim") this.stand = { ...this.stand, code, refused: problem.code };
        else this.#knockAgain(code, problem);
    }
  }

  #knockAgain(code: string, { code: why, waitS, answered }: Problem): void {
    // Whom the booth itself has asked to wait, waits.
    this.stand = answered ? { at: "joining", why } : { at: "joining", why, waits: true };
    const pauseMs = Math.min(Math.max(waitS * 1000, joinAgainMs), joinAgainAtMostMs);
    this.#knocking = setTimeout(() => void this.knock(code), pauseMs);
  }
}
