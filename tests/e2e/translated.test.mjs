import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";
import { translated, translator } from "./support/translator.mjs";
import { portrait, Visit } from "./support/visit.mjs";

describe("a page that the browser translates against its wish", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open());
    browser = keep(await launch({ sitter: "epps" }));
  });
  beforeEach(() => booth.clear());

  /** Waits until the screen's headline is `text`, translated, and nothing of another screen is left. */
  async function reads(page, step, text) {
    await page.at(step);
    const headline = page.page.locator(`[data-step=${step}] h1`);
    await headline.filter({ hasText: translated(text) }).waitFor();
    assert.equal((await headline.innerText()).trim(), translated(text));
    assert.equal(await page.page.locator("[data-step]").count(), 1);
    assert.equal(await page.page.locator("h1").count(), 1);
  }

  /** Waits until the first control that does `action` is called `text`, translated. */
  async function isCalled(page, action, text) {
    const control = page.control(action).first();
    await control.filter({ hasText: translated(text) }).waitFor();
    assert.equal((await control.innerText()).trim(), translated(text));
  }

  it("asks for no translation, in whatever language it speaks", async () => {
    const visit = await Visit.open(booth, "ko");
    const phone = await Phone.open(browser, visit.join.url, { locale: "ko" });
    const kiosk = await Kiosk.open(browser, booth);
    for (const page of [phone, kiosk]) {
      await page.at("consent");
      const says = () => page.page.evaluate(() => {
        const { lang, translate } = document.documentElement;
        return { lang, translate, google: document.querySelector("meta[name=google]").content };
      });
      assert.deepEqual(await says(), { lang: "ko", translate: false, google: "notranslate" });
      await page.does("language");
      await page.page.locator("html[lang=en]").waitFor();
      assert.deepEqual(await says(), { lang: "en", translate: false, google: "notranslate" });
      // The way back is in its own language.
      assert.equal(await page.control("language").getAttribute("lang"), "ko");
      await page.does("language");
      await page.page.locator("html[lang=ko]").waitFor();
      await page.close();
    }
  });

  it("goes on: the phone's whole visit, with every word as it should be", async () => {
    const visit = await Visit.open(booth, "en");
    const phone = await Phone.open(browser, visit.join.url, { locale: "en", script: translator });
    await reads(phone, "consent", phone.say.consent.title);
    // Words that change on a screen that stays: there and back.
    await phone.does("language");
    phone.locale = "ko";
    await reads(phone, "consent", phone.say.consent.title);
    await isCalled(phone, "agree", phone.say.consent.next);
    await phone.does("language");
    phone.locale = "en";
    await reads(phone, "consent", phone.say.consent.title);
    const { say } = phone;
    await phone.does("agree");
    await phone.page.locator(".missing").filter({ hasText: translated(say.consent.missing) }).waitFor();
    await phone.page.locator("[data-step=consent] input[type=checkbox]").first().check({ force: true });
    await phone.page.locator(".missing font").waitFor({ state: "detached" });
    await phone.does("agree");
    await reads(phone, "capture", say.capture.title);
    await phone.control("shoot").setInputFiles(portrait("jemison"));
    await reads(phone, "choose", say.choose.title);
    await isCalled(phone, "take", say.choose.make);
    await phone.does("pick");
    await phone.control("name").fill("Mae");
    await phone.does("take");
    await phone.at("ticket");
    const { number } = (await visit.snapshot()).tickets[0];
    await phone.page.locator("h1").filter({ hasText: translated(say.ticket.number(number)) }).waitFor();
    await phone.does("erase");
    await isCalled(phone, "erase", say.erase.yes);
    await phone.does("erase");
    await phone.at("erased");
    assert.deepEqual(phone.complaints, []);
    await phone.close();
  });

  it("goes on: the kiosk's whole visit", async () => {
    const kiosk = await Kiosk.open(browser, booth, { script: translator });
    const { say } = kiosk;
    await reads(kiosk, "attract", say.attract.headline(4));
    await isCalled(kiosk, "begin", say.attract.begin);
    await kiosk.does("begin");
    await reads(kiosk, "consent", say.consent.title);
    await kiosk.page.locator("[data-step=consent] input[type=checkbox]").first().check({ force: true });
    await kiosk.does("agree");
    await reads(kiosk, "capture", say.capture.title);
    await isCalled(kiosk, "shoot", say.capture.ready);
    await kiosk.control("shoot").and(kiosk.page.locator(":enabled")).tap();
    await reads(kiosk, "review", say.review.title);
    await kiosk.does("keep");
    await reads(kiosk, "choose", say.choose.title);
    await kiosk.does("pick");
    await reads(kiosk, "picked", say.choose.picked);
    await kiosk.does("take");
    await reads(kiosk, "name", say.name.title);
    await isCalled(kiosk, "skip", say.name.without);
    await kiosk.page.keyboard.type("d");
    await isCalled(kiosk, "name", say.name.make);
    await kiosk.does("name");
    await reads(kiosk, "ticket", say.ticket.title);
    await isCalled(kiosk, "print", say.ticket.print(1));
    await kiosk.does("more");
    await isCalled(kiosk, "print", say.ticket.print(2));
    await kiosk.does("print");
    await kiosk.page.getByText(translated(say.ticket.printed(2))).waitFor();
    await kiosk.does("leave");
    await kiosk.at("thanks");
    assert.deepEqual(kiosk.complaints, []);
    await kiosk.close();
  });
});
