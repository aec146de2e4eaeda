import { describe, expect, it } from "vitest";
import { squareOf } from "./camera";

describe("squareOf", () => {
  it("takes the middle of a wide frame", () => {
    expect(squareOf(1920, 1080)).toEqual({ x: 420, y: 0, side: 1080 });
  });

  it("keeps the head in a tall frame", () => {
    expect(squareOf(1080, 1920)).toEqual({ x: 0, y: 185, side: 1080 });
  });
});
