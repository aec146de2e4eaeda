const defaultInches = 24;
/** A wall of four pictures and their labels needs this much of the shorter side. */
const leastShortSideMm = 250;

/**
 * Sets `--mm`, the CSS pixels of one millimetre on this screen, from its diagonal: `?inch=32`, or 24.
 *
 * From the screen and not from the window, so that the browser's zoom still enlarges. On screens
 * smaller than the design (a tablet at arm's length) sizes shrink until everything has its place.
 */
export function sizeByDiagonal(): void {
  const asked = Number(new URLSearchParams(location.search).get("inch"));
  const inches = asked >= 5 && asked <= 110 ? asked : defaultInches;
  const set = () => {
    const { width, height } = screen;
    const exact = Math.hypot(width, height) / (inches * 25.4);
    const mm = Math.min(exact, Math.min(width, height) / leastShortSideMm);
    document.documentElement.style.setProperty("--mm", `${mm.toFixed(4)}px`);
  };
  set();
  addEventListener("resize", set);
}
