import { RoomApi } from "../api/client";
import { isFinal, Problem } from "../api/problem";
import { listenToRoom } from "../api/socket";
import type { RoomEvent, Snapshot } from "../api/types";
import { fold } from "./fold";
import { currentCapture } from "./wall";

/** Why a room is over for this page. */
export interface Over {
  code: string;
  erased_at?: string;
}

const rereadAfterMs = 250;
/** How long a photo may be without paintings before whoever watches asks for them. */
export const forgottenMs = 4000;

/** One room as this page knows it: the daemon's snapshot, folded with what it heard since. */
export class Room {
  snapshot = $state.raw<Snapshot>();
  /** The newest preview frame of each painting, as a data address. */
  previews = $state<Record<string, string>>({});
  linked = $state(true);
  over = $state.raw<Over>();

  readonly api: RoomApi;
  /** The daemon's clock minus this page's, in milliseconds. */
  skewMs = $state(0);
  #hangUp: () => void;
  #reread: ReturnType<typeof setTimeout> | undefined;
  #askedAt = new Map<string, number>();

  constructor(id: string, token: string, snapshot?: Snapshot) {
    this.api = new RoomApi(id, token);
    if (snapshot) this.tell(snapshot);
    this.#hangUp = listenToRoom({
      auth: () => ({ token, after: this.snapshot?.seq }),
      snapshot: (told) => this.tell(told),
      event: (event) => this.#hear(event),
      link: (up) => (this.linked = up),
      refused: (code) => this.#refused(code),
    });
  }

  /** The daemon's time now, in milliseconds since 1970. */
  now(): number {
    return Date.now() + this.skewMs;
  }

  /** Asks for the snapshot anew; a room that is over is noted. Answers whether the daemon told it. */
  async refresh(): Promise<boolean> {
    try {
      this.tell(await this.api.snapshot());
      return true;
    } catch (error) {
      this.#note(Problem.from(error));
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
    if (this.snapshot && told.seq < this.snapshot.seq) return;
    this.skewMs = Date.parse(told.now) - Date.now();
    this.snapshot = told;
  }

  close(): void {
    clearTimeout(this.#reread);
    this.#hangUp();
  }

  #hear(event: RoomEvent): void {
    if (event.type === "painting.progress" && event.data.preview) {
      this.previews[event.data.painting] = event.data.preview;
    }
    if (event.type === "session.erased") this.over = { code: "erased", erased_at: event.data.erased_at };
    if (!this.snapshot) return;
    this.snapshot = fold(this.snapshot, event);
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
      this.#hangUp();
    }
  }
}
