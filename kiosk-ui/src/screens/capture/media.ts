import { Problem } from "../../api/problem";

/**
 * What the file chooser is asked for. An iPhone turns its HEIC photos into JPEG where HEIC is not asked for; on Android
 * such a list would hide them without a word, so there all are offered and {@link refuseHeic} says what to do.
 */
export function askedOf(userAgent: string): string {
  return /iPhone|iPad|iPod/.test(userAgent) ? "image/jpeg,image/png,image/webp" : "image/*";
}

/** Brands of the ISO base media format that HEVC pictures state (ISO/IEC 23008-12, annex B). */
const heicBrands = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"]);

/** Whether these first bytes of a file are a HEIC photo's. */
export function isHeic(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head.subarray(0, 64));
  if (text.slice(4, 8) !== "ftyp") return false;
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
  const listed = text.slice(8, Math.min(length, text.length));
  const brands = (listed.match(/.{4}/gs) ?? []).filter((_, at) => at !== 1); // the second is a version
  return brands.some((brand) => heicBrands.has(brand));
}

/** Refuses a HEIC photo in the daemon's words, before megabytes of it are sent only to be refused there. */
export async function refuseHeic(photo: Blob): Promise<void> {
  const head = new Uint8Array(await photo.slice(0, 64).arrayBuffer());
  if (isHeic(head)) throw new Problem(415, "unsupported_media", { params: { media: "heic" } });
}

/** What a refused file is, in the daemon's word for it; undefined if that is not why it was refused. */
export function refusedMedia(problem: Problem): string | undefined {
  return problem.code === "unsupported_media" ? (problem.body.params?.["media"] ?? "unknown") : undefined;
}
