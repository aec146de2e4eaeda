import { describe, expect, it } from "vitest";
import { compose, eraseLetter, longestName } from "./compose";
import { jamoOf } from "./layout";

/** Types Latin keys as on a two-set keyboard; a capital is the key with Shift. */
const type = (keys: string) =>
  [...keys].reduce((text, key) => {
    const jamo = jamoOf(key, key !== key.toLowerCase());
    return jamo ? compose(text, jamo) : text + key;
  }, "");

describe("compose", () => {
  it.each([
    ["rk", "가"],
    ["rkr", "각"],
    ["rkrk", "가가"],
    ["rkqt", "값"],
    ["rkqtdl", "값이"],
    ["ekfrl", "달기"],
    ["dkssudgktpdy", "안녕하세요"],
    ["rlaalstn", "김민수"],
    ["ghkddPwl", "황예지"],
    ["dmldml", "의의"],
    ["Thdhk", "쏘와"],
    ["dnpQ", "웨ㅃ"],
    ["QkWk", "빠짜"],
    ["ekfr dhkd", "닭 왕"],
    ["kk", "ㅏㅏ"],
    ["hk", "ㅘ"],
    ["rt", "ㄱㅅ"],
    ["RkE", "까ㄸ"],
    ["dlTek", "있다"],
    ["dkswdk", "앉아"],
    ["tjsanfrhksflwk", "선물관리자"],
  ])("%s is %s", (keys, text) => {
    expect(type(keys)).toBe(text);
  });

  it("leaves Latin letters and emoji alone", () => {
    expect(compose("Ana", "ㅎ")).toBe("Anaㅎ");
    expect(compose("👩‍🎨", "ㅏ")).toBe("👩‍🎨ㅏ");
  });
});

describe("eraseLetter", () => {
  it("takes one letter at a time", () => {
    const steps = ["값", "갑", "가", "ㄱ", ""];
    expect(steps.slice(0, -1).map(eraseLetter)).toEqual(steps.slice(1));
    expect(eraseLetter("왕")).toBe("와");
    expect(eraseLetter("와")).toBe("오");
  });

  it("takes a whole emoji", () => {
    expect(eraseLetter("Jo👩‍🎨")).toBe("Jo");
    expect(eraseLetter("")).toBe("");
  });
});

describe("longestName", () => {
  it("cuts no emoji and no syllable in two", () => {
    expect(longestName("가".repeat(30))).toBe("가".repeat(24));
    expect(longestName("x".repeat(23) + "👩‍🚀🚀")).toBe("x".repeat(23) + "👩‍🚀");
  });
});
