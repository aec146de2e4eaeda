import { describe, expect, it } from "vitest";
import type { Print, Snapshot } from "../api/types";
import { whatKeepsWaiting } from "./print";

const says = { ko: "종이가 없어요", en: "Out of paper" };
const jam = { ko: "종이가 걸렸어요", en: "A sheet is stuck" };
const snapshot = { locale: "ko", printer: { state: "needs", says, keeps_waiting: true } } as unknown as Snapshot;
const order: Print = { id: "o1", ticket: "t1", copies: 1, state: "queued" };

describe("whatKeepsWaiting", () => {
  it("is in the language of who reads it, not of who opened the visit", () => {
    expect(whatKeepsWaiting(snapshot, "en")).toBe(says.en);
    expect(whatKeepsWaiting(snapshot, "ko")).toBe(says.ko);
  });

  it("is what the order itself waits for, until it is out", () => {
    expect(whatKeepsWaiting(snapshot, "en", { ...order, waits: jam })).toBe(jam.en);
    expect(whatKeepsWaiting(snapshot, "en", { ...order, state: "done", waits: jam })).toBeUndefined();
  });

  it("is nothing while the printer prints", () => {
    const well = { ...snapshot, printer: { ...snapshot.printer, keeps_waiting: false } } as Snapshot;
    expect(whatKeepsWaiting(well, "en", order)).toBeUndefined();
  });
});
