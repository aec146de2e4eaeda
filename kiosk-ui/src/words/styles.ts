import type { Locale } from "../api/types";

const names: Record<string, Record<Locale, string>> = {
  picasso: { ko: "파블로 피카소", en: "Pablo Picasso" },
  renoir: { ko: "오귀스트 르누아르", en: "Auguste Renoir" },
  "van-gogh": { ko: "빈센트 반 고흐", en: "Vincent van Gogh" },
  lichtenstein: { ko: "로이 릭턴스타인", en: "Roy Lichtenstein" },
};

/** A painter's name on the phone, whose room does not tell the booth's settings. */
export function styleName(id: string, locale: Locale): string {
  return names[id]?.[locale] ?? id.replace(/(^|-)(\w)/g, (_, gap: string, letter: string) => (gap ? " " : "") + letter.toUpperCase());
}
