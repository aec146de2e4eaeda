import { RoomApi } from "../api/client";
import { isFinal, Problem } from "../api/problem";
import { listenToRoom, type RoomLine } from "../api/socket";
import type { RoomEvent, Snapshot } from "../api/types";
import { fold } from "./fold";
import { seek } from "./seek";
import { currentCapture } from "./wall";

/** Why a room is over for this page. */
export interface Over {
  code: string;
  erased_at?: string;
}

const rereadAfterMs = 250;
/** What a call takes on a slow line. */
const callMs = 2000;
/** How long a photo may be without paintings before whoever watches asks for them. */
export const forgottenMs = 4000;

/** One room as this page knows it: the daemon's snapshot, folded with what it heard since. */
export class Room {
  snapshot = $state.raw<Snapshot>();
  /** The newest preview frame of each painting, as a data address. */
  previews = $state<Record<string, string>>({});
  /** The line is up. */
  linked = $state(true);
  /** Why the daemon did not answer when it was last asked, by code. */
  silent = $state<string>();
  /** The snapshot is of this waking hour: what a page knew before it slept is not to be acted upon. */
  fresh = $state(false);
  over = $state.raw<Over>();

  readonly api: RoomApi;
  /** The daemon's clock minus `performance.now()`, in milliseconds: a device's own clock may be wrong, and be set. */
  skewMs = $state(0);
  readonly #line: RoomLine;
  #seeking: (() => void) | undefined;
  /** The browser has put the page away. */
  #away = false;
  /** When the line was last called anew. */
  #calledAt = -Infinity;
  /** Raised when the page wakes: what was asked before tells of then. */
  #hour = 0;
  #reread: ReturnType<typeof setTimeout> | undefined;
  #askedAt = new Map<string, number>();

  constructor(id: string, token: string, snapshot?: Snapshot) {
    this.api = new RoomApi(id, token);
    if (snapshot) this.tell(snapshot);
    this.#line = listenToRoom({
      auth: () => ({ token, after: this.snapshot?.seq }),
      snapshot: (told) => this.tell(told),
      event: (event) => this.#hear(event),
      link: (up) => this.#linked(up),
      refused: (code) => this.#refused(code),
    });
  }

  /** The daemon's time now, in milliseconds since 1970. */
  now(): number {
    return performance.now() + this.skewMs;
  }

  /** Nobody answers, neither on the line nor when asked. */
  get offline(): boolean {
    return !this.linked && this.silent !== undefined;
  }

  /** The page may have slept: the line may be dead, and the snapshot old. */
  wake(): void {
    if (this.over) return;
    this.#away = false;
    this.#hour += 1;
    this.fresh = false;
    this.#linked(false);
    this.#call();
  }

  /** The browser puts the page away: with an open line it would not keep it. */
  rest(): void {
    this.#away = true;
    this.#stopSeeking();
    this.#line.rest();
  }

  /** Asks for the snapshot anew; a room that is over is noted. Answers whether the daemon told it. */
  async refresh(withinMs?: number): Promise<boolean> {
    const hour = this.#hour;
    try {
      const told = await this.api.snapshot(withinMs);
      if (hour === this.#hour) this.tell(told);
      this.silent = undefined;
      return true;
    } catch (error) {
      if (hour === this.#hour) this.#note(Problem.from(error));
      return false;
    }
  }

  /** Asks for the paintings of a photo, unless this page did a moment ago. */
  async askFor(capture: string): Promise<void> {
    const now = performance.now(); // the wall's clock may be set meanwhile
    if (now - (this.#askedAt.get(capture) ?? -Infinity) < forgottenMs) return;
    this.#askedAt.set(capture, now);
    await this.api.paint(capture);
  }

  /** The photo that has been without any paintings for `patienceMs`: whoever took it was cut off. */
  forgotten(patienceMs: number): string | undefined {
    const capture = this.snapshot && currentCapture(this.snapshot);
    if (!capture || this.snapshot?.paintings.some((painting) => painting.capture === capture.id)) return undefined;
    return this.now() - Date.parse(capture.taken_at) > patienceMs ? capture.id : undefined;
  }

  /** Takes `told` as the truth unless this page has heard more since. */
  tell(told: Snapshot): void {
    this.fresh = true;
    if (this.snapshot && told.seq < this.snapshot.seq) return;
    this.skewMs = Date.parse(told.now) - performance.now();
    this.#take(told);
  }

  close(): void {
    clearTimeout(this.#reread);
    this.#stopSeeking();
    this.#line.close();
  }

  #linked(up: boolean): void {
    this.linked = up;
    if (up) {
      // What it knows is from before; the snapshot comes next.
      this.#stopSeeking();
      this.silent = undefined;
      this.fresh = false;
    } else if (!this.#seeking && !this.#away && !this.over) {
      this.silent = "unreachable";
      this.#seeking = seek(
        (withinMs) => this.refresh(withinMs),
        // A call that has just gone out may be about to be answered.
        () => performance.now() - this.#calledAt > callMs && this.#call(),
      );
    }
  }

  #call(): void {
    this.#calledAt = performance.now();
    this.#line.again();
  }

  #stopSeeking(): void {
    this.#seeking?.();
    this.#seeking = undefined;
  }

  #take(snapshot: Snapshot): void {
    this.snapshot = snapshot;
    this.api.photos = snapshot.captures.length;
  }

  #hear(event: RoomEvent): void {
    if (event.type === "painting.progress" && event.data.preview) {
      this.previews[event.data.painting] = event.data.preview;
    }
    if (event.type === "session.erased") this.over = { code: "erased", erased_at: event.data.erased_at };
    if (!this.snapshot) return;
    this.#take(fold(this.snapshot, event));
    // The line and the waiting times are the daemon's to say: re-read once the burst is over.
    if (event.seq !== undefined && !this.over) {
      clearTimeout(this.#reread);
      this.#reread = setTimeout(() => void this.refresh(), rereadAfterMs);
    }
  }

  #refused(code: string): boolean {
    // The socket says only that it is refused; the call says why (erased when, expired).
    void this.refresh();
    return !isFinal(code);
  }

  #note(problem: Problem): void {
    if (isFinal(problem.code) || problem.code === "token_invalid") {
      this.over = { code: problem.code, erased_at: problem.body.erased_at ?? undefined };
      this.#stopSeeking();
      this.#line.close();
      return;
    }
    this.silent = problem.code;
  }
}
