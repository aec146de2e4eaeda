import { kioskApi } from "../api/client";
import { Problem } from "../api/problem";
import type { Booth, JoinCode, KioskView, Locale, Pause } from "../api/types";
import { kioskWords, type KioskWords } from "../words/kiosk";
import { Drafts } from "./draft.svelte";
import { Retrials } from "./retrials";
import { forgottenMs, Room } from "./room.svelte";
import { type Takes, takesWith } from "./takes";
import { Trouble } from "./trouble.svelte";
import { currentCapture } from "./wall";

const farewellMs = 6000;
const lookEveryMs = 3000;
const lookSoonMs = 1500;

/** The kiosk's one store: what the daemon says is on this screen. */
export class Kiosk {
  booth = $state.raw<Booth>();
  room = $state.raw<Room>();
  join = $state.raw<JoinCode>();
  /** The booth takes no new visitors now. */
  pause = $state.raw<Pause>();
  /** The daemon answered last time. */
  reachable = $state(true);
  /** What is on the screen is from before the page slept, and another visitor may be in front. */
  stale = $state(false);
  /** Whom the farewell is for while it shows; the session itself is already off the screen. */
  farewell = $state<{ name: string; takes: Takes }>();
  readonly trouble = new Trouble();
  readonly drafts = new Drafts();
  readonly #retrials = new Retrials();
  #chosen = $state<Locale>();
  #looking: ReturnType<typeof setTimeout> | undefined;
  #parting: ReturnType<typeof setTimeout> | undefined;
  /** The id of the visit that was said goodbye to last. */
  #parted: string | undefined;
  /** Raised by what this page itself does to the screen: what was asked before is old news. */
  #turn = 0;

  get locale(): Locale {
    return this.room?.snapshot?.locale ?? this.#chosen ?? this.firstLocale;
  }

  get firstLocale(): Locale {
    return this.booth?.locales[0] ?? "ko";
  }

  get say(): KioskWords {
    return kioskWords[this.locale];
  }

  get offline(): boolean {
    return !this.reachable || this.room?.linked === false || this.room?.over !== undefined;
  }

  /** Whether a phone gets to the address in the code; if not, no code is shown. */
  get phonesReach(): boolean {
    return this.join?.reachable !== false;
  }

  /** The booth's network, where there is one: who has come in needs it no more. */
  get wifi(): Booth["wifi"] {
    return this.room?.snapshot?.phones || !this.phonesReach ? undefined : this.booth?.wifi;
  }

  /** The id of the photo that is painted. */
  get currentCapture(): string | undefined {
    return this.room?.snapshot && currentCapture(this.room.snapshot)?.id;
  }

  /** Asks what the screen shows now, again and again; the socket tells the rest in between. */
  async watch(): Promise<void> {
    clearTimeout(this.#looking);
    await this.refresh();
    clearTimeout(this.#looking); // somebody else may have begun to watch meanwhile
    this.#looking = setTimeout(() => void this.watch(), this.offline ? lookSoonMs : lookEveryMs);
  }

  async refresh(): Promise<void> {
    const turn = this.#turn;
    try {
      const view = await kioskApi.view();
      this.reachable = true;
      if (turn !== this.#turn) return;
      this.stale = false;
      this.pause = view.pause ?? undefined;
      this.#adopt(view);
    } catch {
      this.reachable = false;
    }
  }

  /** The page may have slept, or lain in the browser's cache while others had the screen. */
  wake(): void {
    this.#turn += 1;
    this.stale = true;
    this.room?.wake();
    void this.watch();
  }

  /** The browser puts the page away. */
  rest(): void {
    clearTimeout(this.#looking);
    this.room?.rest();
  }

  /** The first touch: opens a visit. */
  async begin(): Promise<void> {
    this.endFarewell();
    await this.attempt(async () => {
      const opened = await kioskApi.open(this.locale);
      this.#turn += 1;
      if (this.booth) this.#adopt({ booth: this.booth, ...opened });
    });
  }

  /** Asks for the paintings of a photo, unless that was done a moment ago. */
  async askFor(capture: string): Promise<void> {
    const { room } = this;
    if (room) await this.attempt(() => room.askFor(capture));
  }

  /** Asks for the paintings of a photo that has waited too long without any. */
  async askIfForgotten(): Promise<void> {
    const forgotten = this.room?.forgotten(forgottenMs);
    if (forgotten) await this.askFor(forgotten);
  }

  /** The visitor does not want to: the visit is over, for whoever is in its room. */
  async decline(): Promise<void> {
    const { room } = this;
    if (!room) return;
    await this.attempt(async () => {
      await room.api.end();
      this.#free(room);
    });
  }

  /** Frees the screen: a visit with a photo lives on in its room, and one with a phone, which may still send one. */
  async leave(farewell: boolean): Promise<void> {
    const room = this.room;
    if (!room?.snapshot) return;
    const { captures, phones, tickets } = room.snapshot;
    if (captures.length === 0 && phones === 0) return this.decline();
    const parting = { name: tickets.at(-1)?.name ?? "", takes: takesWith(room.snapshot) };
    const { locale } = this;
    await this.attempt(async () => {
      await kioskApi.handOver(room.api.id);
      if (this.#free(room) && farewell) this.#partFrom(room.api.id, parting, locale);
    });
  }

  endFarewell(): void {
    clearTimeout(this.#parting);
    if (this.farewell) this.forgetLocale();
    this.farewell = undefined;
  }

  async speak(locale: Locale): Promise<void> {
    this.#chosen = locale;
    const room = this.room;
    if (!room?.snapshot) return;
    room.snapshot = { ...room.snapshot, locale };
    await this.attempt(() => room.api.setLocale(locale));
  }

  /** Back to the booth's first language, for the next visitor. */
  forgetLocale(): void {
    this.#chosen = undefined;
  }

  /** The way out leads past the code once there is a photo: whatever else the visitor was about is put aside. */
  showCode(): void {
    const kept = this.currentCapture;
    this.drafts.change({ leaving: true, retaking: undefined, naming: false, picked: undefined, kept });
  }

  /**
   * Does `deed`; a refusal becomes {@link trouble} and makes the kiosk look again.
   * One that comes when another visitor is in front is none of theirs.
   */
  async attempt(deed: () => Promise<void>): Promise<boolean> {
    const inFront = this.room?.api.id;
    try {
      await deed();
      this.trouble.clear();
      return true;
    } catch (error) {
      const { code } = Problem.from(error);
      if (this.room?.api.id === inFront) this.trouble.tell(code);
      void this.refresh();
      return false;
    }
  }

  #adopt({ booth, session, token, join }: KioskView): void {
    this.booth = booth;
    this.join = join ?? undefined;
    if (!session || !token) {
      if (this.room) this.#show(undefined);
      return;
    }
    const same = this.room?.api.id === session.id;
    if (same && this.room && !this.room.over) {
      // A room that is asked before it is shown tells its own snapshot.
      if (this.room.snapshot) this.room.tell(session);
      return;
    }
    if (same) this.#retrials.refused(session.id);
    switch (this.#retrials.next(session.id)) {
      case "show":
        return this.#show(new Room(session.id, token, session));
      case "ask":
        return this.#showOnceTold(new Room(session.id, token));
      case "wait":
        if (this.room) this.#show(undefined);
    }
  }

  /** A room that was refused before must open again before it has the screen. */
  #showOnceTold(room: Room): void {
    this.#show(room);
    void room.refresh();
  }

  /**
   * Takes `room` off the screen, unless another one has come; answers whether the screen is free.
   * The socket may have been quicker than the answer to what freed it: then it was free before.
   */
  #free(room: Room): boolean {
    this.#turn += 1;
    if (this.room?.api.id === room.api.id) this.#show(undefined);
    return this.room === undefined;
  }

  #show(room: Room | undefined): void {
    this.room?.close();
    this.room = room;
    if (room) {
      kioskApi.opened();
      this.endFarewell();
      this.#parted = undefined;
    }
    this.trouble.clear();
    if (!room) {
      this.join = undefined;
      this.forgetLocale();
    }
    this.drafts.open(room?.api.id);
  }

  /** Says goodbye in the visitor's language, though the visit is off the screen; once, however often they touched. */
  #partFrom(visit: string, farewell: { name: string; takes: Takes }, locale: Locale): void {
    if (this.#parted === visit) return;
    this.#parted = visit;
    this.farewell = farewell;
    this.#chosen = locale;
    clearTimeout(this.#parting);
    this.#parting = setTimeout(() => this.endFarewell(), farewellMs);
  }
}
