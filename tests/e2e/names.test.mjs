import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Visit } from "./support/visit.mjs";

/** As long as the screen lets a name be, and as it is typed on a real keyboard. */
const names = {
  ko: { typed: "rkskekfkakqktkdkwkckzkxkvkgk rkskekfkakqktk", shown: "가나다라마바사아자차카타파하 가나다라마바사" },
  en: { typed: "Wolfeschlegelsteinhausenberger", shown: "Wolfeschlegelsteinhausen" },
};

describe("long names", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open({ booth: { event: "The Grand Autumn Open Studio Weekend of the Museum 2026" } }));
    browser = keep(await launch());
  });
  beforeEach(() => booth.clear());

  for (const [locale, screen] of [["ko", "portrait"], ["ko", "landscape"], ["en", "portrait"], ["en", "landscape"]]) {
    it(`break no screen (${locale}, ${screen})`, async () => {
      const visit = await Visit.open(booth, locale);
      await visit.upToTheWall("jemison", ["renoir"]);
      const kiosk = await Kiosk.open(browser, booth, { locale, size: sizes[screen] });
      const { choose, house, name, thanks, ticket } = kiosk.say;
      const { typed, shown } = names[locale];
      await kiosk.passReview();
      await kiosk.pick("renoir");
      await kiosk.press(choose.take);
      await kiosk.sees(name.title);
      await kiosk.page.keyboard.type(typed);
      await kiosk.page.getByRole("status", { name: name.field }).getByText(shown).waitFor();
      await kiosk.shoot(`${locale}-${screen}-long-name`);
      if (screen === "portrait") {
        await kiosk.press(house.lower);
        await kiosk.button(house.raise).waitFor();
        await kiosk.shoot(`${locale}-${screen}-long-name-lowered`);
        await kiosk.press(house.raise);
      }
      await kiosk.press(name.make);
      await kiosk.sees(ticket.title);
      await kiosk.hasItsPictures();
      await kiosk.shoot(`${locale}-${screen}-long-ticket`);
      await kiosk.press(ticket.without);
      await kiosk.sees(thanks.title(shown));
      await kiosk.shoot(`${locale}-${screen}-long-thanks`);
      assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
      await kiosk.close();
    });
  }
});
