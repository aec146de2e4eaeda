import { kioskApi } from "../../api/client";
import type { Camera, CameraState, CameraTrouble } from "../../api/types";
import { grabStill } from "./camera";
import type { Absence, Eye, Shot } from "./eye";

const lookEveryMs = 1000;
/** A camera that shows nothing by then takes photos all the same. */
const showsWithinMs = 6000;

/** The daemon's camera: it comes and goes by itself, and the screen follows. */
export class BoothEye implements Eye {
  /** It has a live view. */
  readonly live: boolean;
  /** Counts the live views opened: each has an address of its own, or the browser would show the old one. */
  views = $state(0);
  seen = $state.raw<HTMLImageElement>();
  #state = $state.raw<CameraState>();
  #shows = $state(false);
  #showing: ReturnType<typeof setTimeout> | undefined;

  /** `camera` is how it was when the kiosk last looked. */
  constructor({ live, state }: Pick<Camera, "live" | "state">) {
    this.live = live === true;
    this.#take(state);
  }

  get condition(): Eye["condition"] {
    if (!isThere(this.#state)) return "away";
    return this.#shows || !this.live ? "there" : "opening";
  }

  get absence(): Absence {
    const condition = this.#state?.condition;
    return condition === "gone" || condition === "asleep" ? condition : "recovering";
  }

  get trouble(): CameraTrouble | undefined {
    return this.#state?.trouble ?? undefined;
  }

  /** What the camera's own shutter takes until the press is then the photo; without it, only what the press takes. */
  arm(session: string): void {
    void kioskApi.countDown(session).catch(() => {});
  }

  disarm(): void {
    void kioskApi.breakOff().catch(() => {});
  }

  watch(): () => void {
    const timer = setInterval(() => void this.look(), lookEveryMs);
    void this.look();
    return () => {
      clearInterval(timer);
      clearTimeout(this.#showing);
    };
  }

  async look(): Promise<void> {
    // Without the daemon there is no camera either; it comes back with it.
    this.#take(await kioskApi.camera().catch((): CameraState => ({ condition: "recovering", says: "" })));
  }

  check(): Promise<void> {
    return this.look();
  }

  /** Shows the live view in `mirror`. */
  attach = (mirror: HTMLImageElement): (() => void) => {
    this.seen = mirror;
    return () => {
      this.seen = undefined;
      mirror.removeAttribute("src"); // a stream that is not let go of goes on behind the page
    };
  };

  /** The first frame of the live view has come. */
  shows(): void {
    this.#shows = true;
  }

  /** The view stands still while the photo comes, which does not wait for that. */
  async shoot(): Promise<Shot> {
    const send: Shot["send"] = (api) => api.takePhoto("camera");
    return this.seen ? { still: grabStill(this.seen).catch(() => undefined), send } : { send };
  }

  #take(state: CameraState | undefined): void {
    const was = isThere(this.#state);
    this.#state = state;
    if (was || !isThere(state)) return;
    this.views += 1;
    this.#shows = false;
    clearTimeout(this.#showing);
    this.#showing = setTimeout(() => (this.#shows = true), showsWithinMs);
  }
}

/** A photo can be taken, now or in a moment. */
function isThere(state: CameraState | undefined): boolean {
  return state?.condition === "ready" || state?.condition === "busy";
}
