import { kioskApi } from "../api/client";
import type { CameraState } from "../api/types";

const lookEveryMs = 1000;

/** The daemon's camera, looked at closely while a visitor stands before it. */
export class CameraWatch {
  state = $state.raw<CameraState>();
  #looking: ReturnType<typeof setInterval> | undefined;

  /** `known` is how it was when the kiosk last looked. */
  constructor(known: CameraState | undefined) {
    this.state = known;
  }

  /** A photo can be taken, now or in a moment. */
  get isThere(): boolean {
    return this.state?.condition === "ready" || this.state?.condition === "busy";
  }

  /** Looks again and again, until the returned function is called. */
  watch(): () => void {
    void this.look();
    this.#looking = setInterval(() => void this.look(), lookEveryMs);
    return () => clearInterval(this.#looking);
  }

  async look(): Promise<void> {
    try {
      this.state = await kioskApi.camera();
    } catch {
      // Without the daemon there is no camera either; it comes back with it.
      this.state = { condition: "recovering", says: "" };
    }
  }
}
