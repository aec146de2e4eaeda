/** Where the square is cut from a frame: `x`, `y` and `side` in its pixels. */
export interface Square {
  x: number;
  y: number;
  side: number;
}

/** Of the height that a square leaves over, this share is cut above: hair needs its room. */
export const cutAbove = 0.22;

/** Clockwise degrees by which a frame is turned to be upright. */
export type Turn = 0 | 90 | 180 | 270;

/** The settings' degrees, which the daemon has checked. */
export const turnOf = (degrees: number | undefined): Turn => ([90, 180, 270] as const).find((d) => d === degrees) ?? 0;

/** Where in a frame lies what is shown, 0 to 1 from its own left and top: above is where the turn puts it. */
export function cutOf(turn: Turn): { across: number; down: number } {
  switch (turn) {
    case 90:
      return { across: cutAbove, down: 0.5 };
    case 180:
      return { across: 0.5, down: 1 - cutAbove };
    case 270:
      return { across: 1 - cutAbove, down: 0.5 };
    default:
      return { across: 0.5, down: cutAbove };
  }
}

/** The largest square of a frame, in its own pixels, keeping head room once it is turned. */
export function squareOf(width: number, height: number, turn: Turn = 0): Square {
  const side = Math.min(width, height);
  const { across, down } = cutOf(turn);
  return { x: Math.round((width - side) * across), y: Math.round((height - side) * down), side };
}

/** A camera that does not open by then is away: never a wait without an end. */
const opensWithinMs = 10_000;

/** Of 255, on average; the daemon's own measure is the same. */
const blackest = 6;

/** Opens the best camera of this machine at the largest size it has. */
export async function openCamera(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DOMException("no media devices", "NotFoundError");
  const opening = navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: "user", width: { ideal: 3840 }, height: { ideal: 2160 }, frameRate: { ideal: 30 } },
  });
  let late = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // One that comes too late is closed again, so that the next try finds it free.
  opening.then((stream) => late && stream.getTracks().forEach((track) => track.stop())).catch(() => {});
  const timeout = new Promise<never>((_, refuse) => {
    timer = setTimeout(() => {
      late = true;
      refuse(new DOMException("the camera does not answer", "TimeoutError"));
    }, opensWithinMs);
  });
  return Promise.race([opening, timeout]).finally(() => clearTimeout(timer));
}

/** What a screen shows of a camera: the page's own as a film, the daemon's as a picture that changes. */
export type Seen = HTMLVideoElement | HTMLImageElement;

function squareSeen(seen: Seen, turn: Turn): Square {
  return seen instanceof HTMLVideoElement
    ? squareOf(seen.videoWidth, seen.videoHeight, turn)
    : squareOf(seen.naturalWidth, seen.naturalHeight, turn);
}

/** Draws the square of `seen` upright onto all of a canvas of `size` pixels. */
function draw(context: CanvasRenderingContext2D, seen: Seen, turn: Turn, size: number) {
  const { x, y, side } = squareSeen(seen, turn);
  context.setTransform(1, 0, 0, 1, size / 2, size / 2);
  context.rotate((turn * Math.PI) / 180);
  context.drawImage(seen, x, y, side, side, -size / 2, -size / 2, size, size);
}

/** The frame now on `seen`, square, upright, unmirrored, at full resolution, as a JPEG. */
export async function grabStill(seen: Seen, turn: Turn = 0): Promise<Blob> {
  const { side } = squareSeen(seen, turn);
  if (side === 0) throw new DOMException("the camera shows nothing yet", "InvalidStateError");
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d");
  if (context) draw(context, seen, turn, side);
  const still = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  if (!still) throw new DOMException("the frame could not be encoded", "EncodingError");
  return still;
}

/** So long a camera that runs may take for its next frame. */
const frameWithinMs = 2000;

/** Waits for a frame that `video` has not shown yet: what stands there may be of long ago. Answers whether one came. */
export async function nextFrame(video: HTMLVideoElement): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watch: ReturnType<typeof setInterval> | undefined;
  let asked: number | undefined;
  try {
    return await new Promise<boolean>((done) => {
      timer = setTimeout(() => done(false), frameWithinMs);
      if ("requestVideoFrameCallback" in video) {
        asked = video.requestVideoFrameCallback(() => done(true));
        return;
      }
      const other = video as HTMLVideoElement; // a browser that does not say when a frame is shown
      const before = other.currentTime;
      watch = setInterval(() => other.currentTime !== before && done(true), 20);
    });
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    if (asked !== undefined) video.cancelVideoFrameCallback(asked);
  }
}

/** Whether all of `seen` is as good as black: behind a lens cap there is nothing but the sensor's own noise. */
export function isBlack(seen: Seen, scratch: HTMLCanvasElement): boolean {
  const context = scratch.getContext("2d", { willReadFrequently: true });
  if (!context || squareSeen(seen, 0).side === 0) return false;
  const size = 32;
  draw(context, seen, 0, size);
  const { data } = context.getImageData(0, 0, size, size);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum += (data[i] ?? 0) + (data[i + 1] ?? 0) + (data[i + 2] ?? 0);
  return sum / (size * size * 3) < blackest;
}

/** Mean brightness of the face's place, 0 to 255; enough to ask for more light. */
export function brightness(seen: Seen, scratch: HTMLCanvasElement, turn: Turn = 0): number {
  const context = scratch.getContext("2d", { willReadFrequently: true });
  if (!context || squareSeen(seen, turn).side === 0) return 255;
  const size = 50;
  draw(context, seen, turn, size);
  const [width, height] = [size * 0.36, size * 0.44];
  const { data } = context.getImageData(size * 0.32, size * 0.2, width, height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum += 0.2126 * (data[i] ?? 0) + 0.7152 * (data[i + 1] ?? 0) + 0.0722 * (data[i + 2] ?? 0);
  }
  return sum / (width * height);
}
