import type { Locale } from "../api/types";
import { common as enCommon, phone as en } from "./en";
import { common as koCommon, phone as ko } from "./ko";

/** Everything the phone page says. */
export type PhoneWords = typeof en & { common: typeof enCommon };
export const phoneWords: Record<Locale, PhoneWords> = {
  en: { ...en, common: enCommon },
  ko: { ...ko, common: koCommon },
};
