/** The two-set (dubeolsik) layout of KS X 5002, by the Latin key at the same place. */
const plain: Record<string, string> = {
  q: "ㅂ", w: "ㅈ", e: "ㄷ", r: "ㄱ", t: "ㅅ", y: "ㅛ", u: "ㅕ", i: "ㅑ", o: "ㅐ", p: "ㅔ",
  a: "ㅁ", s: "ㄴ", d: "ㅇ", f: "ㄹ", g: "ㅎ", h: "ㅗ", j: "ㅓ", k: "ㅏ", l: "ㅣ",
  z: "ㅋ", x: "ㅌ", c: "ㅊ", v: "ㅍ", b: "ㅠ", n: "ㅜ", m: "ㅡ",
};
const shifted: Record<string, string> = { q: "ㅃ", w: "ㅉ", e: "ㄸ", r: "ㄲ", t: "ㅆ", o: "ㅒ", p: "ㅖ" };

/** The keys of the on-screen keyboard, row by row. */
export const rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"].map((row) => [...row]);

/** What the key `latin` (any case) writes in Hangul; nothing for a key that is not a letter. */
export function jamoOf(latin: string, shift: boolean): string | undefined {
  const key = latin.toLowerCase();
  return (shift ? shifted[key] : undefined) ?? plain[key];
}
