import { kioskApi } from "../../api/client";
import type { CameraSeen, CameraTrouble } from "../../api/types";
import { grabStill, isBlack, nextFrame, openCamera, type Turn } from "./camera";
import type { Absence, Eye, Shot } from "./eye";

/** So often a camera that is away is looked for. */
const lookEveryMs = 5000;
/** So often what it shows is looked at. */
const examineEveryMs = 1000;
/** A lens that a hand passes over is not covered. */
const blackFor = 2;
/** So often trouble is told anew: the daemon forgets what a page that has gone told it. */
const tellEveryMs = 20_000;
/** A face of fewer pixels is none. */
const leastPx = 240;
/** A frame is encoded in a fraction of this; one that takes longer is of somebody who has left. */
const grabbedWithinMs = 5000;

/** The page's own camera. */
export class PageEye implements Eye {
  absence = $state<Absence>("gone");
  stream = $state.raw<MediaStream>();
  seen = $state.raw<HTMLVideoElement>();
  #opened = $state<Eye["condition"]>("opening");
  /** What is wrong with what an open camera shows. */
  #flaw = $state<CameraTrouble>();
  /** Why it did not open. */
  #refusal = $state<CameraTrouble>();
  #looking: Promise<void> | undefined;
  #examining = false;
  #blacks = 0;
  #told: { trouble: CameraTrouble | undefined; at: number } = { trouble: undefined, at: 0 };
  #shut = false;

  /** `turn`: by how much its frames are turned to be upright; `open` opens the camera. */
  constructor(
    readonly turn: Turn,
    private readonly open: () => Promise<MediaStream> = openCamera,
  ) {}

  get condition(): Eye["condition"] {
    return this.#opened === "there" && this.#flaw ? "away" : this.#opened;
  }

  get trouble(): CameraTrouble | undefined {
    return this.#opened === "there" ? this.#flaw : this.#refusal;
  }

  watch(): () => void {
    // One that is plugged in again is found without a touch; meanwhile nothing on the screen changes.
    const again = () => (this.#opened === "away" || this.#flaw === "frozen") && void this.look();
    const timer = setInterval(again, lookEveryMs);
    const examining = setInterval(() => void this.#examine(), examineEveryMs);
    const devices = navigator.mediaDevices;
    devices?.addEventListener("devicechange", again);
    void this.look();
    return () => {
      this.#shut = true;
      clearInterval(timer);
      clearInterval(examining);
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
    const still = this.seen && (await this.#grab(this.seen).catch(() => undefined));
    if (still) return { still, send: (api) => api.sendPhoto(still) };
    this.#flaw = "frozen";
    void this.#tell();
    return undefined;
  }

  /** It says by itself when it goes. */
  async check(): Promise<void> {}

  /** A frame of now, and none that comes when another visitor may stand there. */
  async #grab(video: HTMLVideoElement): Promise<Blob | undefined> {
    if (!(await nextFrame(video))) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((done) => (timer = setTimeout(() => done(undefined), grabbedWithinMs)));
    return Promise.race([grabStill(video, this.turn), late]).finally(() => clearTimeout(timer));
  }

  /** Whether the next photo would show anybody. */
  async #examine(): Promise<void> {
    const { seen, stream } = this;
    if (this.#examining || this.#opened !== "there" || !seen || !stream) return void this.#tell();
    this.#examining = true;
    const flaw = await flawOf(seen, stream);
    this.#examining = false;
    if (this.stream !== stream || this.#shut) return;
    this.#blacks = flaw === "dark" ? this.#blacks + 1 : 0;
    if (flaw !== "dark" || this.#blacks >= blackFor) this.#flaw = flaw;
    void this.#tell();
  }

  /** Staff read it, too. */
  async #tell(): Promise<void> {
    const trouble = this.condition === "opening" ? undefined : this.trouble;
    const now = performance.now();
    const isNews = trouble !== this.#told.trouble;
    if (!isNews && (!trouble || now - this.#told.at < tellEveryMs)) return;
    this.#told = { trouble, at: now };
    const seen: CameraSeen = trouble
      ? { trouble, width: this.seen?.videoWidth ?? 0, height: this.seen?.videoHeight ?? 0 }
      : {};
    // It is told again; and without the daemon there is nobody to tell.
    await kioskApi.tellOfCamera(seen).catch(() => {});
  }

  async #open(): Promise<void> {
    this.#stop();
    try {
      const stream = await this.open();
      if (this.#shut) return letGo(stream);
      // Unplugged: say so, and look again when it comes back.
      stream.getVideoTracks()[0]?.addEventListener("ended", () => {
        if (this.stream === stream) this.#opened = "away";
      });
      this.stream = stream;
      if (this.seen) this.seen.srcObject = stream;
      // A flaw stays until a look at what it shows now says otherwise.
      this.#blacks = 0;
      this.#refusal = undefined;
      this.#opened = "there";
    } catch (error) {
      this.#refusal = refusalOf(error);
      this.absence = this.#refusal === "refused" ? "refused" : "gone";
      this.#opened = "away";
    }
    void this.#tell();
  }

  #stop(): void {
    if (this.stream) letGo(this.stream);
    this.stream = undefined;
  }
}

const scratch = () => Object.assign(document.createElement("canvas"), { width: 32, height: 32 });

/** What makes the next photo of an open camera worthless. */
async function flawOf(seen: HTMLVideoElement, stream: MediaStream): Promise<CameraTrouble | undefined> {
  const track = stream.getVideoTracks()[0];
  // The browser mutes a track whose camera gives nothing: its lid is closed, or another program took it.
  if (track?.muted || !(await nextFrame(seen))) return "frozen";
  if (Math.min(seen.videoWidth, seen.videoHeight) < leastPx) return "too_small";
  return isBlack(seen, scratch()) ? "dark" : undefined;
}

/** What a refusal of `getUserMedia` means (W3C Media Capture and Streams, 10.2). */
function refusalOf(error: unknown): CameraTrouble {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
      return "refused";
    case "NotReadableError":
    case "AbortError":
      return "held";
    case "TimeoutError":
      return "asleep";
    default:
      return "not_found";
  }
}

function letGo(stream: MediaStream): void {
  stream.getTracks().forEach((track) => track.stop());
}
