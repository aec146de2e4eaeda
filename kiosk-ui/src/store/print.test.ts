import { describe, expect, it } from "vitest";
import type { Print, Snapshot } from "../api/types";
import { partlyDone, whatKeepsWaiting } from "./print";

const says = { ko: "종이가 없어요", en: "Out of paper" };
const jam = { ko: "종이가 걸렸어요", en: "A sheet is stuck" };
const snapshot = { locale: "ko", printer: { state: "needs", says, keeps_waiting: true } } as unknown as Snapshot;
const order: Print = { id: "o1", ticket: "t1", copies: 1, sheets_done: 0, state: "queued" };

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

describe("an order that is partly done", () => {
  const say = (done: number, of: number) => `${done}/${of}`;

  it("says how far it is, whatever keeps the rest waiting or ended it", () => {
    const three: Print = { ...order, copies: 3, sheets_done: 2 };
    expect(partlyDone(three, say)).toBe("2/3");
    expect(partlyDone({ ...three, state: "failed" }, say)).toBe("2/3");
  });

  it("says nothing before its first sheet and after its last", () => {
    expect(partlyDone(undefined, say)).toBe("");
    expect(partlyDone({ ...order, copies: 3 }, say)).toBe("");
    expect(partlyDone({ ...order, sheets_done: 1, state: "done" }, say)).toBe("");
  });
});
