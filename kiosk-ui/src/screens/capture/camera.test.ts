import { describe, expect, it } from "vitest";
import { squareOf, turnOf } from "./camera";

describe("squareOf", () => {
  it("takes the middle of a wide frame", () => {
    expect(squareOf(1920, 1080)).toEqual({ x: 420, y: 0, side: 1080 });
  });

  it("keeps the head in a tall frame", () => {
    expect(squareOf(1080, 1920)).toEqual({ x: 0, y: 185, side: 1080 });
  });

  it("keeps the head where the turn puts it", () => {
    // On its side the left of the frame, or the right, becomes the top.
    expect(squareOf(1920, 1080, 90)).toEqual({ x: 185, y: 0, side: 1080 });
    expect(squareOf(1920, 1080, 270)).toEqual({ x: 655, y: 0, side: 1080 });
    expect(squareOf(1080, 1920, 180)).toEqual({ x: 0, y: 655, side: 1080 });
  });

  it("turns by quarters only", () => {
    expect([0, 90, 180, 270, 45, undefined].map(turnOf)).toEqual([0, 90, 180, 270, 0, 0]);
  });
});
