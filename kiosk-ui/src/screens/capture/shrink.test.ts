import { afterEach, describe, expect, it, vi } from "vitest";
import { shrink, sizeWithin } from "./shrink";

const photo = new File(["photo"], "photo.jpg");
const jpeg = new Blob(["jpeg"]);

/** A browser's parts as far as `shrink` needs them; `alpha` is what its canvas shows once drawn. */
function browser({ bitmap, element, alpha = 255 }: { bitmap?: [number, number]; element?: [number, number]; alpha?: number }) {
  const canvas = { width: 0, height: 0, filled: "", toBlob: (done: (blob: Blob) => void) => done(jpeg) };
  const context = {
    fillStyle: "",
    globalCompositeOperation: "",
    drawImage: vi.fn(),
    getImageData: () => ({ data: [0, 0, 0, alpha] }),
    fillRect: () => (canvas.filled = `${context.globalCompositeOperation} ${context.fillStyle}`),
  };
  const close = vi.fn();
  vi.stubGlobal("createImageBitmap", async () => {
    if (!bitmap) throw new DOMException("it cannot be decoded");
    return { width: bitmap[0], height: bitmap[1], close };
  });
  vi.stubGlobal(
    "Image",
    class {
      naturalWidth = element?.[0] ?? 0;
      naturalHeight = element?.[1] ?? 0;
      decode = async () => {
        if (!element) throw new DOMException("it cannot be decoded");
      };
    },
  );
  vi.stubGlobal("document", { createElement: () => Object.assign(canvas, { getContext: () => context }) });
  return { canvas, context, close };
}

afterEach(() => vi.unstubAllGlobals());

describe("sizeWithin", () => {
  it("keeps the shape, never enlarges and leaves a pixel", () => {
    expect(sizeWithin(11648, 8736)).toEqual({ width: 2400, height: 1800 });
    expect(sizeWithin(800, 600)).toEqual({ width: 800, height: 600 });
    expect(sizeWithin(3, 60_000)).toEqual({ width: 1, height: 2400 });
  });
});

describe("shrink", () => {
  it("draws no canvas larger than what it sends, so that phones with small canvases can", async () => {
    const { canvas, close } = browser({ bitmap: [11648, 8736] });
    expect(await shrink(photo)).toBe(jpeg);
    expect([canvas.width, canvas.height]).toEqual([2400, 1800]);
    expect(close).toHaveBeenCalled();
  });

  it("lets white show through transparent pictures", async () => {
    const { canvas } = browser({ bitmap: [100, 100] });
    await shrink(photo);
    expect(canvas.filled).toBe("destination-over white");
  });

  it("reads by an element what is too large for a bitmap", async () => {
    const { canvas } = browser({ element: [16320, 12240] });
    expect(await shrink(photo)).toBe(jpeg);
    expect([canvas.width, canvas.height]).toEqual([2400, 1800]);
  });

  it("sends as it is what the phone cannot read", async () => {
    browser({});
    expect(await shrink(photo)).toBe(photo);
  });

  it("sends as it is what the phone draws as nothing", async () => {
    const { close } = browser({ bitmap: [9000, 9000], element: [9000, 9000], alpha: 0 });
    expect(await shrink(photo)).toBe(photo);
    expect(close).toHaveBeenCalled();
  });

  it("sends as it is what a canvas refuses", async () => {
    const { canvas } = browser({ bitmap: [100, 100] });
    canvas.toBlob = (done: (blob: Blob) => void) => done(null as unknown as Blob);
    expect(await shrink(photo)).toBe(photo);
  });
});
