import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";
import { until } from "./support/until.mjs";
import { Visit } from "./support/visit.mjs";

const screens = [["ko", "portrait"], ["en", "landscape"]];

describe("the code on the screen", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    browser = keep(await launch());
    booth = keep(await Booth.open());
  });
  beforeEach(() => booth.clear());

  /** A visit whose paintings hang, and the kiosk before its code. */
  async function beforeTheCode(locale, screen) {
    const visit = await Visit.open(booth, locale);
    await visit.upToTheWall("epps", ["renoir"]);
    const kiosk = await Kiosk.open(browser, booth, { locale, size: sizes[screen], clock: true });
    await kiosk.passReview();
    await kiosk.press(kiosk.say.house.leave);
    await kiosk.sees(kiosk.say.handover.title);
    return { visit, kiosk };
  }

  for (const [locale, screen] of screens) {
    it(`can be scanned while the booth asks whether anybody is there (${locale}, ${screen})`, async () => {
      const { visit, kiosk } = await beforeTheCode(locale, screen);
      const { handover, idle } = kiosk.say;
      const { idle_warn_ms: warn, idle_reset_ms: reset } = (await kiosk.view()).booth;
      const band = kiosk.page.getByRole("alert").filter({ hasText: idle.title });
      await kiosk.passes(warn + 1000);
      await band.waitFor();
      assert.equal(await kiosk.scan(), visit.join.url);
      await kiosk.shoot(`${locale}-${screen}-code-asks`);
      // The whole touch is the band's; "leave" lies below it.
      await kiosk.press(idle.stay);
      await band.waitFor({ state: "hidden" });
      await kiosk.sees(handover.title);
      assert.equal((await kiosk.view()).session.id, visit.id);
      // What stands above it answers as ever.
      await kiosk.passes(warn + 1000);
      await band.waitFor();
      await kiosk.press(handover.back);
      await kiosk.sees(kiosk.say.choose.title);
      await kiosk.press(kiosk.say.house.leave);
      await kiosk.sees(handover.title);
      await kiosk.passes(reset + 1000);
      kiosk.locale = "ko";
      await kiosk.sees(kiosk.say.attract.headline(4));
      assert.equal((await kiosk.view()).session, undefined);
      assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
      await kiosk.close();
    });
  }

  it("comes before the screen goes from who walked off without it", async () => {
    const visit = await Visit.open(booth, "en");
    await visit.upToTheWall("epps", ["renoir"]);
    const kiosk = await Kiosk.open(browser, booth, { locale: "en", clock: true });
    const { choose, handover } = kiosk.say;
    const { idle_reset_ms: reset } = (await kiosk.view()).booth;
    await kiosk.passReview();
    await kiosk.pick("renoir");
    await kiosk.press(choose.take);
    await kiosk.passes(reset + 1000);
    await kiosk.sees(handover.title);
    assert.equal(await kiosk.scan(), visit.join.url);
    await kiosk.passes(reset + 1000);
    kiosk.locale = "ko";
    await kiosk.sees(kiosk.say.attract.headline(4));
    assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
    await kiosk.close();
  });

  it("is what a retake that is given up leads to, and the first photo can be kept", async () => {
    const kiosk = await Kiosk.open(browser, booth);
    const { capture, choose, consent, handover, house, review, thanks, ticket } = kiosk.say;
    await kiosk.begin();
    await kiosk.page.getByText(consent.painting, { exact: true }).tap();
    await kiosk.press(consent.next);
    await kiosk.press(capture.sample);
    await kiosk.press(review.retake);
    await kiosk.sees(capture.away);
    await kiosk.shoot("ko-portrait-retake-away");
    await kiosk.press(house.leave);
    await kiosk.sees(handover.title);
    const { join, session } = await kiosk.view();
    assert.equal(await kiosk.scan(), join.url);
    await kiosk.press(handover.back);
    await kiosk.sees(choose.title);
    assert.equal((await kiosk.view()).session.id, session.id);
    // Who goes without a phone is not told that it has everything.
    await kiosk.press(house.leave);
    await kiosk.press(ticket.without);
    await kiosk.reads(thanks.note.nothing);
    await kiosk.shoot("ko-portrait-thanks-without");
    await kiosk.page.getByRole("heading", { level: 1 }).tap();

    await kiosk.begin();
    await kiosk.page.getByText(consent.painting, { exact: true }).tap();
    await kiosk.press(consent.next);
    // What the photo led to is answered after the visitor has asked for another one.
    let paint;
    const slow = new Promise((done) => (paint = done));
    await kiosk.page.route("**/paintings", async (route) => {
      await slow;
      await route.continue();
    });
    await kiosk.press(capture.sample);
    await kiosk.press(review.retake);
    await kiosk.button(capture.first).waitFor();
    const told = kiosk.page.waitForResponse(/\/sessions\/[^/]+$/);
    paint();
    await told;
    await kiosk.press(capture.first);
    await kiosk.sees(choose.title);
    assert.equal((await kiosk.view()).session.captures.length, 1);
    assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
    await kiosk.close();
  });

  for (const [locale, screen] of [...screens, ["en", "portrait"], ["ko", "landscape"]]) {
    it(`is 10 cm wide beside that of the network, wherever it is shown (${locale}, ${screen})`, async () => {
      const wifi = { ssid: "Easel visitors of the museum 4", password: "paint me like one" };
      const away = keep(await Booth.open({ wifi }));
      const visit = await Visit.open(away, locale);
      const { paintings } = await visit.upToTheWall("epps", ["renoir"]);
      const kiosk = await Kiosk.open(browser, away, { locale, size: sizes[screen], clock: true });
      const { handover, house, idle, thanks, ticket } = kiosk.say;
      const { idle_warn_ms: warn } = (await kiosk.view()).booth;
      await kiosk.passReview();
      await kiosk.press(house.leave);
      await kiosk.sees(handover.title);
      await kiosk.codesAreLarge(2);
      await kiosk.shoot(`${locale}-${screen}-wifi-handover`);
      // Two codes and another network take longer than one.
      const band = kiosk.page.getByRole("alert").filter({ hasText: idle.title });
      await kiosk.passes(warn + 15_000);
      assert.equal(await band.count(), 0);
      await kiosk.passes(6000);
      await band.waitFor();
      await kiosk.press(idle.stay);

      await visit.makeTicket(paintings[0], "Mina");
      await kiosk.sees(ticket.title);
      await kiosk.hasItsPictures();
      await kiosk.codesAreLarge(2);
      await kiosk.shoot(`${locale}-${screen}-wifi-ticket`);
      const phone = await Phone.open(browser, visit.join.url, { locale });
      await kiosk.button(ticket.done).waitFor();
      await kiosk.codesAreLarge(1);
      assert.equal(await kiosk.scan(), visit.join.url);
      await kiosk.shoot(`${locale}-${screen}-wifi-joined`);
      await kiosk.press(ticket.done);
      await kiosk.reads(thanks.note.phone);
      assert.deepEqual([kiosk.complaints, kiosk.refusals, phone.complaints], [[], [], []]);
      await Promise.all([kiosk.close(), phone.close()]);
    });
  }
});
