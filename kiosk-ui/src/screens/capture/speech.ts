import type { Locale } from "../../api/types";

/** Says `text` aloud where the machine has a voice; silence is no failure. */
export function speak(text: string, locale: Locale): void {
  try {
    if (!("speechSynthesis" in globalThis)) return;
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = locale === "ko" ? "ko-KR" : "en-GB";
    speechSynthesis.cancel();
    speechSynthesis.speak(utterance);
  } catch {
    // A browser without voices may throw; the number is on the screen anyway.
  }
}
