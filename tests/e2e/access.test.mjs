import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Visit } from "./support/visit.mjs";

/** More than any screen has to step through. */
const stops = 60;

describe("the kiosk is for everybody", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open());
    browser = keep(await launch());
  });
  beforeEach(() => booth.clear());

  it("a whole visit needs nothing but keys, and what they are on can be seen", async () => {
    const kiosk = await Kiosk.open(browser, booth, { size: sizes.landscape });
    const { say, words } = kiosk;
    const { keyboard } = kiosk.page;

    /** Steps to what is called `name`, which must show that it has the focus. */
    const stepTo = async (name) => {
      const walked = [];
      for (let i = 0; i < stops; i += 1) {
        await keyboard.press("Tab");
        const on = await kiosk.page.evaluate(whereTheFocusIs);
        if (on.name === name) {
          assert.ok(on.shown, `nothing shows that the focus is on "${name}"`);
          return;
        }
        walked.push(on.name);
      }
      throw new Error(`no way to "${name}" by Tab: ${[...new Set(walked)].join(" · ")}`);
    };
    const use = async (name, key = "Enter") => {
      await stepTo(name);
      await keyboard.press(key);
    };

    await kiosk.sees(say.attract.headline(4));
    await use(say.attract.begin);
    await kiosk.sees(say.consent.title);
    await use(`${say.consent.painting} ${say.consent.paintingNote}`, "Space");
    await use(say.consent.next);
    await kiosk.sees(say.capture.away);
    await use(say.capture.sample);
    await kiosk.sees(say.review.title);
    await use(say.review.keep);
    await kiosk.sees(say.choose.title);
    await use(await kiosk.painter("renoir"));
    await kiosk.sees(say.choose.picked);
    await use(say.choose.take);
    await kiosk.sees(say.name.title);
    await keyboard.type("dkssud"); // 안녕, as the keys of a Korean keyboard lie
    await kiosk.page.getByRole("status", { name: say.name.field }).getByText("안녕").waitFor();
    await use(say.name.make);
    await kiosk.sees(say.ticket.title);
    await use(say.ticket.print(1));
    await kiosk.reads(say.ticket.printed(1));
    await use(say.ticket.done);
    await kiosk.sees(say.thanks.title("안녕"));
    assert.equal(words.common.language, "한국어");
    assert.deepEqual(kiosk.complaints, []);
    await kiosk.close();
  });

  it("stays usable at 200 %, and in high contrast", async () => {
    const visit = await Visit.open(booth, "en");
    const half = { width: sizes.portrait.width / 2, height: sizes.portrait.height / 2 };
    const kiosk = await Kiosk.open(browser, booth, { locale: "en", size: half, zoom: 2 });
    const { say } = kiosk;
    await kiosk.sees(say.consent.title);
    await kiosk.press(say.house.contrast);
    await kiosk.page.locator("html[data-contrast=high]").waitFor();
    await kiosk.shoot("en-200-consent");
    await kiosk.page.getByText(say.consent.painting, { exact: true }).tap();
    await kiosk.press(say.consent.next);
    await kiosk.sees(say.capture.away);
    await kiosk.press(say.capture.sample);
    await kiosk.sees(say.review.title);
    await kiosk.press(say.review.keep);
    await kiosk.sees(say.choose.title);
    await kiosk.hasItsPictures();
    await kiosk.shoot("en-200-wall");
    await kiosk.pick("picasso");
    await kiosk.shoot("en-200-picked");
    await kiosk.press(say.choose.take);
    for (const key of "Mo") await kiosk.press(key);
    await kiosk.shoot("en-200-name");
    await kiosk.press(say.name.make);
    await kiosk.sees(say.ticket.title);
    await kiosk.shoot("en-200-ticket");
    assert.equal((await visit.snapshot()).tickets[0].name, "Mo");
    await kiosk.close();
  });
});

/** Runs in the page: the name of what has the focus, and whether a ring or a border shows it. */
function whereTheFocusIs() {
  const on = document.activeElement;
  const name = on.getAttribute("aria-label") ?? on.labels?.[0]?.innerText ?? on.innerText ?? "";
  const rings = [on, on.nextElementSibling, on.parentElement].filter(Boolean).map((element) => {
    const style = getComputedStyle(element);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  return { name: name.replace(/\s+/g, " ").trim(), shown: rings.includes(true) };
}
