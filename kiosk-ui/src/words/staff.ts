import type { Locale } from "../api/types";
import { common as enCommon } from "./en/common";
import { staff as en } from "./en/staff";
import { common as koCommon } from "./ko/common";
import { staff as ko } from "./ko/staff";

/** Everything the staff page says. */
export type StaffWords = typeof en & { common: typeof enCommon };
export const staffWords: Record<Locale, StaffWords> = {
  en: { ...en, common: enCommon },
  ko: { ...ko, common: koCommon },
};
