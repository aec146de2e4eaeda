import { describe, expect, it } from "vitest";
import { Problem } from "../../api/problem";
import { phone as en } from "../../words/en/phone";
import { phone as ko } from "../../words/ko/phone";
import { askedOf, isHeic, refusedMedia, refuseHeic } from "./media";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const android = "Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36";
const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1";

describe("askedOf", () => {
  it("has an iPhone convert its photos, and hides none on Android", () => {
    expect(askedOf(iphone)).not.toContain("*");
    expect(askedOf(android)).toBe("image/*");
  });
});

describe("isHeic", () => {
  const file = (brands: string) => bytes(`\0\0\0${String.fromCharCode(8 + brands.length)}ftyp${brands}\0\0\0\0meta`);
  it("tells by the brands", () => {
    expect(isHeic(file("heic\0\0\0\0mif1heic"))).toBe(true);
    expect(isHeic(file("mif1\0\0\0\0mif1miafheix"))).toBe(true);
  });

  it("takes nothing else for it", () => {
    expect(isHeic(file("avif\0\0\0\0mif1avif"))).toBe(false);
    expect(isHeic(file("isom\0\0\0\0mp41"))).toBe(false);
    expect(isHeic(bytes("\xff\xd8\xff\xe0\0\x10JFIF"))).toBe(false);
    expect(isHeic(bytes("heic"))).toBe(false);
    expect(isHeic(new Uint8Array())).toBe(false);
  });
});

describe("refuseHeic", () => {
  it("refuses as the daemon does", async () => {
    const refused = await refuseHeic(new Blob([bytes("\0\0\0\x18ftypheic\0\0\0\0mif1heic")])).catch(Problem.from);
    expect(refused).toMatchObject({ status: 415, code: "unsupported_media" });
    expect(refusedMedia(refused as Problem)).toBe("heic");
  });

  it("lets all else through", async () => {
    await expect(refuseHeic(new Blob(["\xff\xd8\xff"]))).resolves.toBeUndefined();
  });
});

describe("what is said of a file that is not taken", () => {
  const kinds = ["heic", "heif", "avif", "jpeg_xl", "jpeg_2000", "raw", "tiff", "gif", "bmp", "svg", "video", "pdf"];
  for (const words of [ko, en]) {
    const said = words.capture.otherMedia;
    it(`says what to do instead (${words.capture.title})`, () => {
      for (const kind of kinds) expect(said(kind).length, kind).toBeGreaterThan(20);
      expect(said("heic")).toContain("HEIC");
      expect(said("raw")).toContain("RAW");
      expect(new Set(["heic", "raw", "video", "pdf", "gif"].map(said)).size).toBe(5);
      expect(said("of tomorrow")).toBe(said("unknown"));
    });
  }

  it("is silent about other refusals", () => {
    expect(refusedMedia(new Problem(413, "too_large"))).toBeUndefined();
    expect(refusedMedia(new Problem(415, "unsupported_media"))).toBe("unknown");
  });
});
