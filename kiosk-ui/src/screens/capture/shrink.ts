/** Enough for every painter, and little enough for a crowded Wi-Fi. */
const longestSidePx = 2400;
/** Just below what nginx lets through unless it is told otherwise (`client_max_body_size`, 1 MiB). */
const mostBytes = 1_000_000;
/** From the best on; even the last shows no flaw at the size of a painting. */
const qualities = [0.92, 0.85, 0.75, 0.6, 0.45];

/**
 * `photo` upright, as a JPEG of at most {@link longestSidePx} and, where any quality will do,
 * {@link mostBytes}, without the place and the name of the phone in it. A phone knows how to read
 * its own formats (HEIC); one that does not sends the file as it is.
 */
export async function shrink(photo: File): Promise<Blob> {
  try {
    const bitmap = await createImageBitmap(photo, { imageOrientation: "from-image" });
    const scale = Math.min(1, longestSidePx / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return (await encode(canvas)) ?? photo;
  } catch {
    return photo;
  }
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
