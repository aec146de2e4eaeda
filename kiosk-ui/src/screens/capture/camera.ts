/** Where the square is cut from a frame: `x`, `y` and `side` in its pixels. */
export interface Square {
  x: number;
  y: number;
  side: number;
}

/** Of the height that a square leaves over, this share is cut above: hair needs its room. */
export const cutAbove = 0.22;

/** The largest square of a frame, keeping head room. */
export function squareOf(width: number, height: number): Square {
  const side = Math.min(width, height);
  return { x: Math.round((width - side) / 2), y: Math.round((height - side) * cutAbove), side };
}

/** A camera that does not open by then is away: never a wait without an end. */
const opensWithinMs = 10_000;

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

function squareSeen(seen: Seen): Square {
  return seen instanceof HTMLVideoElement
    ? squareOf(seen.videoWidth, seen.videoHeight)
    : squareOf(seen.naturalWidth, seen.naturalHeight);
}

/** The frame now on `seen`, square, unmirrored, at full resolution, as a JPEG. */
export async function grabStill(seen: Seen): Promise<Blob> {
  const { x, y, side } = squareSeen(seen);
  if (side === 0) throw new DOMException("the camera shows nothing yet", "InvalidStateError");
  const canvas = document.createElement("canvas");
  canvas.width = side;
  canvas.height = side;
  canvas.getContext("2d")?.drawImage(seen, x, y, side, side, 0, 0, side, side);
  const still = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  if (!still) throw new DOMException("the frame could not be encoded", "EncodingError");
  return still;
}

/** Mean brightness of the face's place, 0 to 255; enough to ask for more light. */
export function brightness(seen: Seen, scratch: HTMLCanvasElement): number {
  const { x, y, side } = squareSeen(seen);
  const context = scratch.getContext("2d", { willReadFrequently: true });
  if (!context || side === 0) return 255;
  const size = 16;
  context.drawImage(seen, x + side * 0.32, y + side * 0.2, side * 0.36, side * 0.45, 0, 0, size, size);
  const { data } = context.getImageData(0, 0, size, size);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum += 0.2126 * (data[i] ?? 0) + 0.7152 * (data[i + 1] ?? 0) + 0.0722 * (data[i + 2] ?? 0);
  }
  return sum / (size * size);
}
