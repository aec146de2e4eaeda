import * as en from "../../../kiosk-ui/src/words/en.ts";
import * as ko from "../../../kiosk-ui/src/words/ko.ts";

/** What the pages say, in each language, from the pages' own words. */
export const words = { en, ko };
