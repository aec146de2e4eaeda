import { describe, expect, it } from "vitest";
import type { Print } from "../api/types";
import { takesWith } from "./takes";

const print = (state: Print["state"]): Print => ({ id: "o1", ticket: "t1", copies: 1, sheets_done: 0, state });

describe("takesWith", () => {
  it.each([
    [0, [], "nothing"],
    [0, [print("failed")], "nothing"],
    [0, [print("failed"), print("queued")], "print"],
    [0, [print("done")], "print"],
    [1, [print("done")], "phone"],
    [2, [], "phone"],
  ] as const)("with %i phones and the prints %j: %s", (phones, prints, takes) => {
    expect(takesWith({ phones, prints: [...prints] })).toBe(takes);
  });
});
