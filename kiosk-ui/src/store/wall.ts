import type { Capture, Painting, Picture, Snapshot } from "../api/types";
import { isWaiting } from "./fold";

/** One place on the wall: all versions of one style, painted from the current photo. */
export interface Place {
  style: string;
  /** The newest version; what the frame tells about. */
  newest?: Painting;
  /** Every finished version, oldest first. */
  done: Painting[];
}

export function currentCapture(snapshot: Snapshot): Capture | undefined {
  return snapshot.captures.find(({ current }) => current) ?? snapshot.captures.at(-1);
}

/** The places in the order of `styles`, then whatever else the room has painted. */
export function placesOf(snapshot: Snapshot, styles: readonly string[]): Place[] {
  // Paintings are kept longer than the photo: once it is gone, the last one asked for tells which it was.
  const capture = currentCapture(snapshot)?.id ?? snapshot.paintings.at(-1)?.capture;
  const mine = snapshot.paintings.filter(
    (painting) => painting.capture === capture && painting.state !== "cancelled",
  );
  const asked = mine.length > 0 ? [...styles.filter((style) => mine.some((p) => p.style === style))] : [...styles];
  const others = mine.map(({ style }) => style).filter((style) => !asked.includes(style));
  return [...asked, ...new Set(others)].map((style) => {
    const versions = mine.filter((painting) => painting.style === style);
    return {
      style,
      newest: versions.at(-1),
      done: versions.filter((painting) => painting.state === "done"),
    };
  });
}

/** What hangs on the wall, the newest last. */
export function doneOf(snapshot: Snapshot): Painting[] {
  const done = placesOf(snapshot, []).flatMap((place) => place.done);
  return done.sort((a, b) => (a.settled_at ?? "").localeCompare(b.settled_at ?? ""));
}

/** How a place looks just now. */
export interface PlaceNow {
  /** What hangs there; of it a ticket can be made. */
  shown?: Painting;
  /** What is being painted, or waits for it. */
  waiting?: Painting;
  failed?: Painting;
  /** The address of the newest to see: a preview, or what hangs there. */
  src?: string;
}

export function placeNow({ newest, done }: Place, previews: Readonly<Record<string, string>>): PlaceNow {
  const shown = done.at(-1);
  const waiting = newest && isWaiting(newest) ? newest : undefined;
  const failed = newest?.state === "failed" ? newest : undefined;
  return { shown, waiting, failed, src: (waiting && previews[waiting.id]) ?? pictureOf(shown)?.url };
}

export function pictureOf(painting: Painting | undefined): Picture | undefined {
  if (!painting?.url || painting.state !== "done") return undefined;
  const { id, url, width = 0, height = 0, bytes = 0, content_type = "" } = painting;
  return { id, url, width, height, bytes, content_type };
}

/** When the wait began: the oldest painting still waiting was asked for, in milliseconds. */
export function waitingSince(snapshot: Snapshot): number | undefined {
  const asked = snapshot.paintings.filter(isWaiting).map(({ asked_at }) => Date.parse(asked_at));
  return asked.length > 0 ? Math.min(...asked) : undefined;
}
