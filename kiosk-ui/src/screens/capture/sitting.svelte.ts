import type { RoomApi } from "../../api/client";
import type { Capture } from "../../api/types";
import type { Eye, Shot } from "./eye";

const countFrom = 5;
const beatMs = 1000;

/** How far the sitting is: before it the camera's own condition, then the count, then the photo's way. */
export type Phase = "opening" | "away" | "live" | "counting" | "sending";

/** What a sitting needs of the screen it is on. */
export interface Host {
  readonly api: RoomApi;
  /** The photo is in the room: what follows from it. Answers whether all went well. */
  taken: (take: () => Promise<Capture>) => Promise<boolean>;
  /** Somebody is certainly here, while the numbers are counted and the photo is on its way. */
  busy: () => void;
  /** Says a number aloud. */
  say: (number: number) => void;
}

/** From "I am ready" to the photo in the room. */
export class Sitting {
  /** The number that is said; nothing before and after the count. */
  count = $state<number>();
  /** The address of what stands still while the photo is on its way. */
  still = $state<string>();
  #sending = $state(false);
  /** The shot that is on its way: what comes of another one is not shown. */
  #shot: Shot | undefined;
  #beat: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(
    private readonly eye: Eye,
    private readonly host: Host,
  ) {}

  get phase(): Phase {
    if (this.#sending) return "sending";
    if (this.eye.condition !== "there") return this.eye.condition;
    return this.count === undefined ? "live" : "counting";
  }

  ready(): void {
    if (this.phase !== "live") return;
    this.count = countFrom;
    this.eye.arm?.(this.host.api.id);
    this.#tell();
  }

  /** Goes on with a photo of somebody else. */
  sample(): Promise<void> {
    return this.#send({ send: (api) => api.takePhoto("sample") });
  }

  close(): void {
    this.#over = true;
    clearTimeout(this.#beat);
    if (this.count !== undefined && !this.#sending) this.eye.disarm?.();
    this.#putAway();
  }

  #tell(): void {
    this.host.busy();
    if (this.count !== undefined) this.host.say(this.count);
    this.#beat = setTimeout(() => void this.#next(), beatMs);
  }

  async #next(): Promise<void> {
    // The camera went away meanwhile: whoever sits begins anew when it is back.
    if (this.count === undefined || this.phase !== "counting") {
      if (this.count !== undefined) this.eye.disarm?.();
      return this.#stop();
    }
    if (this.count > 1) {
      this.count -= 1;
      return this.#tell();
    }
    const shot = await this.eye.shoot();
    if (shot && !this.#over) await this.#send(shot);
    this.#stop();
  }

  #stop(): void {
    this.count = undefined;
  }

  /** Painting starts at the shutter; the review comes meanwhile. */
  async #send(shot: Shot): Promise<void> {
    const { send } = shot;
    this.#sending = true;
    this.#shot = shot;
    void this.#show(shot);
    this.host.busy();
    const busy = setInterval(this.host.busy, beatMs);
    const sent = await this.host.taken(() => send(this.host.api));
    clearInterval(busy);
    // What comes next is another screen's, which follows from the photo.
    if (sent || this.#over) return;
    this.#putAway();
    await this.eye.check();
    this.#sending = false;
  }

  async #show(shot: Shot): Promise<void> {
    const frame = await shot.still;
    if (frame && this.#shot === shot && this.#sending && !this.#over) this.still = URL.createObjectURL(frame);
  }

  #putAway(): void {
    if (this.still) URL.revokeObjectURL(this.still);
    this.still = undefined;
  }
}
