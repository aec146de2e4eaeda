import type { Locale } from "../api/types";
import * as en from "./en";
import * as ko from "./ko";

const spoken = (words: typeof en) => ({ ...words.kiosk, common: words.common, facts: words.facts });

/** Everything the kiosk says. */
export type KioskWords = ReturnType<typeof spoken>;
export const kioskWords: Record<Locale, KioskWords> = { en: spoken(en), ko: spoken(ko) };
