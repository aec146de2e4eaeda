import type { Locale, Localized } from "../api/types";

/** A text of the settings in `locale`, or in whatever language there is. */
export function localized(text: Localized | undefined, locale: Locale): string {
  return text?.[locale] ?? text?.en ?? Object.values(text ?? {})[0] ?? "";
}
