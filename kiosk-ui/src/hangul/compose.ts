/**
 * Hangul from single letters, as a two-set (dubeolsik) keyboard gives them: a pure function of the
 * text so far and the next letter. Source: The Unicode Standard, ch. 3.12, Hangul syllables.
 */

const leads = [..."ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"];
const vowels = [..."ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"];
const tails = ["", ..."ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"];
const pairs: Record<string, string> = {
  ㅗㅏ: "ㅘ", ㅗㅐ: "ㅙ", ㅗㅣ: "ㅚ", ㅜㅓ: "ㅝ", ㅜㅔ: "ㅞ", ㅜㅣ: "ㅟ", ㅡㅣ: "ㅢ",
  ㄱㅅ: "ㄳ", ㄴㅈ: "ㄵ", ㄴㅎ: "ㄶ", ㄹㄱ: "ㄺ", ㄹㅁ: "ㄻ", ㄹㅂ: "ㄼ", ㄹㅅ: "ㄽ",
  ㄹㅌ: "ㄾ", ㄹㅍ: "ㄿ", ㄹㅎ: "ㅀ", ㅂㅅ: "ㅄ",
};
const halves = new Map(Object.entries(pairs).map(([two, one]) => [one, [...two] as [string, string]]));

const firstSyllable = 0xac00;
const lastSyllable = 0xd7a3;

interface Syllable {
  lead: string;
  vowel: string;
  tail: string;
}

/** `text` with the letter `jamo` typed after it. */
export function compose(text: string, jamo: string): string {
  const letters = [...text];
  const last = letters.pop() ?? "";
  const before = letters.join("");
  return before + join(last, jamo);
}

/** `text` without the letter typed last: 값 → 갑 → 가 → ㄱ. */
export function eraseLetter(text: string): string {
  const letters = graphemes(text);
  const last = letters.pop() ?? "";
  const before = letters.join("");
  const s = split(last);
  if (!s) return before + (halves.get(last)?.[0] ?? "");
  if (s.tail) return before + syllable({ ...s, tail: halves.get(s.tail)?.[0] ?? "" });
  const vowel = halves.get(s.vowel)?.[0];
  return before + (vowel ? syllable({ ...s, vowel }) : s.lead);
}

/** The letters as a reader counts them: an emoji with its modifiers is one. */
export function graphemes(text: string): string[] {
  if (!("Segmenter" in Intl)) return [...text]; // some phones' browsers have none yet
  return [...new Intl.Segmenter("ko", { granularity: "grapheme" }).segment(text)].map(({ segment }) => segment);
}

/** A label has one line for the name: so many graphemes. */
const longest = 24;

/** As much of `name` as a label takes; no letter and no emoji is cut in two. */
export function longestName(name: string): string {
  return graphemes(name).slice(0, longest).join("");
}

/** From here on a name takes more than a line of large letters. */
export function isLongName(name: string): boolean {
  return graphemes(name).length > 10;
}

function join(last: string, jamo: string): string {
  return vowels.includes(jamo) ? joinVowel(last, jamo) : joinConsonant(last, jamo);
}

function joinVowel(last: string, vowel: string): string {
  const s = split(last);
  if (!s) {
    if (leads.includes(last)) return syllable({ lead: last, vowel, tail: "" });
    return pairs[last + vowel] ?? last + vowel;
  }
  if (s.tail) {
    // The tail, or its second half, is the lead of the next syllable: 닭 + ㅣ → 달기.
    const [stays, goes] = halves.get(s.tail) ?? ["", s.tail];
    return syllable({ ...s, tail: stays }) + syllable({ lead: goes, vowel, tail: "" });
  }
  const both = pairs[s.vowel + vowel];
  return both ? syllable({ ...s, vowel: both }) : last + vowel;
}

function joinConsonant(last: string, consonant: string): string {
  const s = split(last);
  if (!s) return last + consonant;
  const tail = s.tail ? pairs[s.tail + consonant] : consonant;
  return tail && tails.includes(tail) ? syllable({ ...s, tail }) : last + consonant;
}

function split(letter: string): Syllable | undefined {
  const code = letter.codePointAt(0) ?? 0;
  if (code < firstSyllable || code > lastSyllable) return undefined;
  const index = code - firstSyllable;
  const part = (list: string[], at: number) => list[at] ?? "";
  return {
    lead: part(leads, Math.floor(index / (vowels.length * tails.length))),
    vowel: part(vowels, Math.floor(index / tails.length) % vowels.length),
    tail: part(tails, index % tails.length),
  };
}

function syllable({ lead, vowel, tail }: Syllable): string {
  const index = (leads.indexOf(lead) * vowels.length + vowels.indexOf(vowel)) * tails.length + tails.indexOf(tail);
  return String.fromCodePoint(firstSyllable + index);
}
