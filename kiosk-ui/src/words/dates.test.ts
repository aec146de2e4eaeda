import { afterEach, describe, expect, it, vi } from "vitest";
import { dateAndTime, dateOnly, timeOnly, timeOrDate } from "./dates";

/** Five past midnight where this runs, whatever the time zone. */
const night = new Date(2026, 10, 22, 0, 5).toISOString();

/** An engine as old phones have it: "24 hours" without a cycle count from one. */
class Older extends Intl.DateTimeFormat {
  constructor(locale: string, how: Intl.DateTimeFormatOptions) {
    const { hour12, ...rest } = how;
    super(locale, hour12 === false ? { ...rest, hourCycle: "h24" } : how);
  }
}

describe("times", () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each(["ko", "en"] as const)("count midnight from zero (%s)", (locale) => {
    expect(timeOnly(night, locale)).toBe("00:05");
    vi.stubGlobal("Intl", { ...Intl, DateTimeFormat: Older });
    expect(timeOnly(night, locale)).toBe("00:05");
    expect(dateAndTime(night, locale)).toContain("00:05");
  });

  it("are told in the visitor's language", () => {
    expect(dateAndTime(night, "en")).toMatch(/^Sun 22 November\b.* 00:05$/);
    expect(dateOnly(night, "en")).toBe("22 November 2026");
    expect(dateOnly(night, "ko")).toBe("2026년 11월 22일");
  });
});

it("a time of another day comes with its date", () => {
  const evening = new Date(2026, 10, 21, 18, 3).toISOString();
  const later = new Date(2026, 10, 21, 23, 59).toISOString();
  expect(timeOrDate(evening, later, "en")).toBe("18:03");
  expect(timeOrDate(evening, night, "en")).toBe(dateAndTime(evening, "en"));
});
