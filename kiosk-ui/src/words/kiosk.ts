import type { Locale } from "../api/types";
import { common as enCommon } from "./en/common";
import { facts as enFacts } from "./en/facts";
import { kiosk as en } from "./en/kiosk";
import { common as koCommon } from "./ko/common";
import { facts as koFacts } from "./ko/facts";
import { kiosk as ko } from "./ko/kiosk";

/** Everything the kiosk says. */
export type KioskWords = typeof en & { common: typeof enCommon; facts: typeof enFacts };
export const kioskWords: Record<Locale, KioskWords> = {
  en: { ...en, common: enCommon, facts: enFacts },
  ko: { ...ko, common: koCommon, facts: koFacts },
};
