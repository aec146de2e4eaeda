/** Brings the top of the page into sight, where what the visitor asked for appears. */
export function toTop(): void {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollTo({ top: 0, behavior: still ? "auto" : "smooth" });
}
