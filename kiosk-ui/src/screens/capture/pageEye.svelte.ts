import { grabStill, openCamera, type Turn } from "./camera";
import type { Absence, Eye, Shot } from "./eye";

/** So often a camera that is away is looked for. */
const lookEveryMs = 5000;

/** The page's own camera. */
export class PageEye implements Eye {
  condition = $state<Eye["condition"]>("opening");
  absence = $state<Absence>("gone");
  stream = $state.raw<MediaStream>();
  seen = $state.raw<HTMLVideoElement>();
  #looking: Promise<void> | undefined;
  #shut = false;

  /** `turn`: by how much its frames are turned to be upright; `open` opens the camera. */
  constructor(
    readonly turn: Turn,
    private readonly open: () => Promise<MediaStream> = openCamera,
  ) {}

  watch(): () => void {
    // One that is plugged in again is found without a touch; meanwhile nothing on the screen changes.
    const again = () => this.condition === "away" && void this.look();
    const timer = setInterval(again, lookEveryMs);
    const devices = navigator.mediaDevices;
    devices?.addEventListener("devicechange", again);
    void this.look();
    return () => {
      this.#shut = true;
      clearInterval(timer);
      devices?.removeEventListener("devicechange", again);
      this.#stop();
    };
  }

  /** Opens the camera, one try at a time; until it is there it is what it was. */
  look(): Promise<void> {
    this.#looking ??= this.#open().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  /** Shows the live view in `video`. */
  attach = (video: HTMLVideoElement): (() => void) => {
    this.seen = video;
    video.srcObject = this.stream ?? null;
    return () => (this.seen = undefined);
  };

  async shoot(): Promise<Shot | undefined> {
    const still = this.seen && (await grabStill(this.seen, this.turn).catch(() => undefined));
    if (!still) {
      this.condition = "away";
      return undefined;
    }
    return { still, send: (api) => api.sendPhoto(still) };
  }

  /** It says by itself when it goes. */
  async check(): Promise<void> {}

  async #open(): Promise<void> {
    this.#stop();
    try {
      const stream = await this.open();
      if (this.#shut) return letGo(stream);
      // Unplugged: say so, and look again when it comes back.
      stream.getVideoTracks()[0]?.addEventListener("ended", () => {
        if (this.stream === stream) this.condition = "away";
      });
      this.stream = stream;
      this.condition = "there";
    } catch (error) {
      this.absence = error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "gone";
      this.condition = "away";
    }
  }

  #stop(): void {
    if (this.stream) letGo(this.stream);
    this.stream = undefined;
  }
}

function letGo(stream: MediaStream): void {
  stream.getTracks().forEach((track) => track.stop());
}
