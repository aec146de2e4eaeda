import { describe, expect, it } from "vitest";
import type { Painting } from "../api/types";
import { common } from "./en/common";
import { lineInWords } from "./line";

const paintings = (...states: Painting["state"][]) => states.map((state) => ({ state }) as Painting);
const said = (states: Painting["state"][], ahead: number, eta_s: [number, number]) =>
  lineInWords({ paintings: paintings(...states), line: { ahead, eta_s } }, common, (range) => `Wait ${range}.`);

describe("lineInWords", () => {
  it("says how many come before, and who is next", () => {
    expect(said(["queued", "queued"], 2, [12, 38])).toBe("2 paintings before yours. Wait 15 to 40 seconds.");
    expect(said(["queued", "cancelled"], 1, [0, 0])).toBe("1 painting before yours.");
    expect(said(["queued"], 0, [0, 0])).toBe("You are next.");
  });

  it("says no place once a painting has begun, or before any is asked for", () => {
    expect(said(["painting", "queued"], 0, [12, 38])).toBe("Wait 15 to 40 seconds.");
    expect(said(["done", "queued"], 2, [0, 0])).toBe("");
    expect(said([], 0, [0, 0])).toBe("");
    expect(said(["cancelled"], 0, [0, 0])).toBe("");
  });
});
