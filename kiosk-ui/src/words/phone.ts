import type { Locale } from "../api/types";
import { common as enCommon } from "./en/common";
import { phone as en } from "./en/phone";
import { common as koCommon } from "./ko/common";
import { phone as ko } from "./ko/phone";

/** Everything the phone page says. */
export type PhoneWords = typeof en & { common: typeof enCommon };
export const phoneWords: Record<Locale, PhoneWords> = {
  en: { ...en, common: enCommon },
  ko: { ...ko, common: koCommon },
};
