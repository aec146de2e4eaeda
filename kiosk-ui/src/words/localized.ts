import type { Locale, Localized, Style } from "../api/types";
import type { common } from "./en/common";

/** The language a page can be changed to. */
export const otherThan = (locale: Locale): Locale => (locale === "ko" ? "en" : "ko");

/** A text of the settings in `locale`, or in whatever language there is. */
export function localized(text: Localized | undefined, locale: Locale): string {
  return text?.[locale] ?? text?.en ?? Object.values(text ?? {})[0] ?? "";
}

/** "in the manner of Vincent van Gogh", in the settings' own words where they have some. */
export function mannerOf(style: Style | undefined, locale: Locale, words: typeof common): string {
  return localized(style?.manner, locale) || (style ? words.manner(localized(style.name, locale)) : "");
}
