/** Enough for every painter, and little enough for a crowded Wi-Fi. */
const longestSidePx = 2400;

/**
 * `photo` upright, as a JPEG of at most {@link longestSidePx}, without the place and the name of the
 * phone in it. A phone knows how to read its own formats (HEIC); one that does not sends the file as it is.
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
    return await new Promise<Blob>((done) => canvas.toBlob((jpeg) => done(jpeg ?? photo), "image/jpeg", 0.92));
  } catch {
    return photo;
  }
}
