import { describe, expect, it } from "vitest";
import { waitInWords } from "./dates";
import * as en from "./en";
import * as ko from "./ko";

/** "kiosk.attract.begin: string", for every leaf. */
function shape(value: unknown, path = ""): string[] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([key, inner]) => shape(inner, path ? `${path}.${key}` : key));
  }
  return [`${path}: ${typeof value}`];
}

function texts(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

describe("words", () => {
  it("has the same keys in both languages", () => {
    expect(shape({ ...ko }).sort()).toEqual(shape({ ...en }).sort());
  });

  it("has no empty text", () => {
    expect(texts({ ...ko, ...en }).filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  it("has Hangul in every Korean sentence that is not a name", () => {
    const latin = texts({ ...ko }).filter(([, text]) => !/[가-힣]/.test(text));
    expect(latin.map(([path]) => path)).toEqual([".kiosk.name.toLatin"]);
  });
});

describe("waitInWords", () => {
  it.each([
    [[0, 3], "up to 5 seconds"],
    [[12, 38], "15 to 40 seconds"],
    [[30, 90], "30 to 90 seconds"],
    [[70, 170], "1 to 3 minutes"],
    [[100, 120], "1 to 2 minutes"],
  ] as const)("says %j as %s", (range, words) => {
    expect(waitInWords(range, en.common)).toBe(words);
  });
});
