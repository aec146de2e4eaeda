import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Office } from "./support/office.mjs";
import { Phone } from "./support/phone.mjs";
import { until } from "./support/until.mjs";
import { portrait, Visit } from "./support/visit.mjs";

/** What can be done on every screen of a kiosk that somebody has, and on every page of a phone. */
const kioskFloor = ["contrast", "language", "lower"];
const phoneHead = ["language"];

/**
 * Waits for the screen of `step`, and for these actions on it besides those of the whole page: no more, no fewer.
 * There is one screen at a time, and the words on it are in the language that the page says they are in.
 */
async function offers(page, step, actions, always) {
  await page.at(step);
  const wanted = [...actions, ...always].sort();
  let there;
  try {
    await until(async () => {
      there = await page.page.evaluate(() => [...document.querySelectorAll("[data-action]")].map((e) => e.dataset.action));
      return JSON.stringify([...new Set(there)].sort()) === JSON.stringify(wanted);
    }, `the actions are there`, 20_000);
  } catch {
    assert.deepEqual([...new Set(there)].sort(), wanted, `the actions at ${step}`);
  }
  const steps = await page.page.evaluate(() => [...document.querySelectorAll("[data-step]")].map((e) => e.dataset.step));
  assert.deepEqual(steps, [step]);
  assert.equal(await page.page.evaluate(() => document.documentElement.lang), page.locale);
  // One way out, one photo, one ticket: only paintings and what failed are there several times.
  for (const action of there.filter((name) => !["pick", "retry"].includes(name))) {
    assert.equal(there.filter((name) => name === action).length, 1, `one ${action} at ${step}`);
  }
}

describe("every screen says for programs which it is and what can be done on it", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open({ staff: { pin: "271828" } }));
    browser = keep(await launch({ sitter: "epps" }));
  });
  beforeEach(() => booth.clear());

  for (const [locale, screen] of [["ko", "portrait"], ["en", "landscape"]]) {
    it(`the kiosk, from the wall to the wall (${locale}, ${screen})`, async () => {
      const kiosk = await Kiosk.open(browser, booth, { size: sizes[screen] });
      const has = (step, ...actions) => offers(kiosk, step, actions, kioskFloor);
      await has("attract", "begin");
      if (locale === "en") {
        kiosk.locale = "en";
        await kiosk.does("language");
      }
      await has("attract", "begin");
      await kiosk.does("begin");
      await has("consent", "agree", "decline", "leave");
      await kiosk.page.locator("[data-step=consent] input[type=checkbox]").first().check({ force: true });
      await kiosk.does("agree");
      await has("capture", "shoot", "leave");
      await kiosk.control("shoot").and(kiosk.page.locator(":enabled")).tap();
      await has("review", "keep", "retake", "leave");
      await kiosk.does("retake");
      await has("capture", "shoot", "keep", "leave");
      await kiosk.does("keep");
      await has("choose", "pick", "leave");
      assert.equal(await kiosk.control("pick").count(), 4);
      await kiosk.does("pick");
      await has("picked", "again", "back", "take", "leave");
      await kiosk.does("take");
      await has("name", "skip", "back", "leave");
      await kiosk.page.keyboard.type("d");
      await has("name", "name", "back", "leave");
      await kiosk.does("back");
      await kiosk.at("picked");
      await kiosk.does("again");
      await until(async () => (await kiosk.view()).session.paintings.filter(({ state }) => state === "done").length === 5, "it is painted again");
      await kiosk.does("pick");
      await has("picked", "again", "back", "take", "earlier", "newer", "leave");
      await kiosk.does("take");
      await kiosk.does("name");
      await has("ticket", "print", "fewer", "more", "leave");
      await kiosk.does("print");
      await has("ticket", "leave");
      await kiosk.does("leave");
      await has("thanks");
      await kiosk.page.getByRole("heading", { level: 1 }).tap();
      kiosk.locale = "ko";
      await has("attract", "begin");
      assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
      await kiosk.close();
    });

    it(`the phone, from the code to the receipt (${locale})`, async () => {
      const visit = await Visit.open(booth, locale);
      const phone = await Phone.open(browser, visit.join.url, { locale });
      const has = (step, ...actions) => offers(phone, step, actions, phoneHead);
      await has("consent", "agree", "erase");
      await phone.page.locator("[data-step=consent] input[type=checkbox]").first().check({ force: true });
      await phone.does("agree");
      await has("capture", "shoot", "erase");
      await phone.control("shoot").setInputFiles(portrait("jemison"));
      await has("choose", "again", "name", "pick", "save", "take", "erase");
      await phone.control("name").fill("Mae");
      await phone.does("take");
      await has("ticket", "pick", "save", "erase");
      assert.equal((await visit.snapshot()).tickets[0].name, "Mae");

      const second = await Phone.open(browser, visit.join.url, { locale });
      await offers(second, "claim", ["open"], phoneHead);
      await second.close();
      await phone.does("erase");
      await has("ticket", "pick", "save", "erase", "keep");
      await phone.does("erase");
      await has("erased");
      const other = locale === "ko" ? "en" : "ko";
      await phone.does("language");
      phone.locale = other;
      await has("erased");
      assert.deepEqual(phone.complaints, []);
      await phone.close();
    });
  }

  it("where things are not as they should be", async () => {
    const generator = [
      { id: "broken", kind: "faulty", fault: "fail", faults: 100, size_px: 256, styles: ["van-gogh"] },
      { id: "stuck", kind: "faulty", fault: "hang", styles: ["picasso"] },
      { id: "embedded", kind: "embedded", slots: 2, size_px: 256, styles: ["renoir", "lichtenstein"] },
    ];
    const style = ["picasso", "renoir", "van-gogh", "lichtenstein"].map((id) => ({ id, attempts: 1 }));
    const retention = { captures: "1h", paintings: "1h", tickets: "1h" };
    const sore = keep(await Booth.open({ generator, style, retention, pool: { stand_in: false }, staff: { pin: "271828" } }));
    const blind = keep(await launch());
    const kiosk = await Kiosk.open(blind, sore);
    const has = (step, ...actions) => offers(kiosk, step, actions, kioskFloor);
    await has("attract", "begin");
    await kiosk.does("begin");
    await kiosk.page.locator("[data-step=consent] input[type=checkbox]").first().check({ force: true });
    await kiosk.does("agree");
    await has("capture", "look", "sample", "leave");
    await kiosk.does("sample");
    await kiosk.does("keep");
    await has("painting", "pick", "retry", "leave");
    const { join } = await kiosk.view();
    const phone = await Phone.open(browser, join.url);
    await offers(phone, "painting", ["again", "erase", "name", "pick", "retry", "save", "take"], phoneHead);
    await kiosk.does("leave");
    await has("handover", "back", "leave");
    await kiosk.does("leave");
    await has("thanks");
    await kiosk.page.getByRole("heading", { level: 1 }).tap();
    await kiosk.at("attract");
    await Promise.all([kiosk.close(), phone.close()]);

    const lost = await Phone.open(browser, sore.public);
    await offers(lost, "lost", [], phoneHead);
    await lost.close();
  });

  it("a booth that is paused, and a visit that is over", async () => {
    const forgetful = keep(await Booth.open({ retention: { captures: "1s", paintings: "1s", tickets: "1s" }, staff: { pin: "271828" } }));
    const visit = await Visit.open(forgetful, "ko");
    const office = await Office.open(browser, forgetful.kiosk);
    await office.enter();
    await office.press(office.say.pause.ask);
    await office.press(office.say.pause.begin);
    await office.hears(office.say.said.paused);
    const kiosk = await Kiosk.open(browser, forgetful);
    await offers(kiosk, "paused", [], kioskFloor);
    const gone = async () => (await fetch(`${forgetful.public}/api/v1/sessions/${visit.id}`, { headers: { authorization: `Bearer ${visit.token}` } })).status !== 200;
    await until(gone, "the visit is over");
    const late = await Phone.open(browser, visit.join.url);
    await offers(late, "expired", [], phoneHead);
    await Promise.all([office.close(), kiosk.close(), late.close()]);
  });
});
