import { expect, it } from "vitest";
import { nextAt } from "./times";

it("is later today, or tomorrow", () => {
  const noon = new Date(2026, 10, 21, 12, 0).getTime();
  expect(nextAt("14:30", noon)).toEqual(new Date(2026, 10, 21, 14, 30));
  expect(nextAt("12:00", noon)).toEqual(new Date(2026, 10, 22, 12, 0));
  expect(nextAt("01:05", noon)).toEqual(new Date(2026, 10, 22, 1, 5));
});
