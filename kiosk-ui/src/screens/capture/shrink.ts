/** Enough for every painter, and little enough for a crowded Wi-Fi. */
const longestSidePx = 2400;
/** Just below what nginx lets through unless it is told otherwise (`client_max_body_size`, 1 MiB). */
const mostBytes = 1_000_000;
/** From the best on; even the last shows no flaw at the size of a painting. */
const qualities = [0.92, 0.85, 0.75, 0.6, 0.45];

/** How large a picture becomes: never larger, and no side below one pixel. */
export function sizeWithin(width: number, height: number, longest = longestSidePx): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  const scaled = (side: number) => Math.max(1, Math.round(side * scale));
  return { width: scaled(width), height: scaled(height) };
}

/**
 * `photo` upright, as a JPEG of at most {@link longestSidePx} and, where any quality will do,
 * {@link mostBytes}, without the place and the name of the phone in it. What the phone cannot read
 * (another's format), or not at this size, is sent as it is.
 */
export async function shrink(photo: File): Promise<Blob> {
  for (const open of [openAsBitmap, openAsElement]) {
    try {
      const opened = await open(photo);
      try {
        const jpeg = await draw(opened);
        if (jpeg) return jpeg;
      } finally {
        opened.close();
      }
    } catch {
      // The other way may do, or the daemon.
    }
  }
  return photo;
}

/** A picture that has been read, and its size as people see it. */
interface Opened {
  picture: CanvasImageSource;
  width: number;
  height: number;
  close: () => void;
}

async function openAsBitmap(photo: File): Promise<Opened> {
  const picture = await createImageBitmap(photo, { imageOrientation: "from-image" });
  return { picture, width: picture.width, height: picture.height, close: () => picture.close() };
}

/** Phones with little memory read a large picture at a smaller scale here, where a bitmap would be too large for them. */
async function openAsElement(photo: File): Promise<Opened> {
  const url = URL.createObjectURL(photo);
  const close = () => URL.revokeObjectURL(url);
  const picture = new Image();
  picture.src = url;
  try {
    await picture.decode();
  } catch (error) {
    close();
    throw error;
  }
  return { picture, width: picture.naturalWidth, height: picture.naturalHeight, close };
}

async function draw({ picture, width, height }: Opened): Promise<Blob | null> {
  if (!width || !height) return null;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, sizeWithin(width, height));
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  if (isEmpty(context, canvas)) return null;
  // A JPEG has no transparency: white shows through it, as in the browser and at the booth, and not black.
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  return await encode(canvas);
}

/** The best JPEG of `canvas` that is small enough, or else the smallest. */
async function encode(canvas: HTMLCanvasElement): Promise<Blob | null> {
  let jpeg: Blob | null = null;
  for (const quality of qualities) {
    jpeg = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (!jpeg || jpeg.size <= mostBytes) break;
  }
  return jpeg;
}

/** Some phones draw nothing, and say nothing, where a picture is too large for them. */
function isEmpty(context: CanvasRenderingContext2D, { width, height }: HTMLCanvasElement): boolean {
  const places = [0.25, 0.5, 0.75];
  return places.every((across) =>
    places.every((down) => {
      const pixel = context.getImageData(Math.floor(width * across), Math.floor(height * down), 1, 1);
      return pixel.data[3] === 0;
    }),
  );
}
