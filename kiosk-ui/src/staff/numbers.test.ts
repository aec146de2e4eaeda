import { expect, it } from "vitest";
import { gigabytes, seconds } from "./numbers";

it("says times with one digit behind the point while they are short", () => {
  expect(seconds(0, "en")).toBe("0.0 s");
  expect(seconds(1_249, "en")).toBe("1.2 s");
  expect(seconds(9_999, "ko")).toBe("10.0초");
  expect(seconds(12_345, "ko")).toBe("12초");
});

it("says sizes as on the disk's box", () => {
  expect(gigabytes(1_960_000_000)).toBe("2.0 GB");
  expect(gigabytes(53_761_183_744)).toBe("54 GB");
});
