import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { ask } from "./support/ask.mjs";
import { Booth } from "./support/booth.mjs";
import { launch } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";
import { until } from "./support/until.mjs";
import { portrait, Visit } from "./support/visit.mjs";

describe("the phone", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open());
    browser = keep(await launch());
  });
  beforeEach(() => booth.clear());

  it("makes the whole visit with a photo of its own, and the kiosk follows", async () => {
    const visit = await Visit.open(booth, "en");
    const kiosk = await Kiosk.open(browser, booth, { locale: "en" });
    const phone = await Phone.open(browser, visit.join.url, { locale: "en" });
    const { say } = phone;
    await phone.sees(say.consent.title);
    await phone.press(say.consent.next);
    await phone.reads(say.consent.missing);
    await phone.shoot("en-phone-consent");
    await phone.page.getByText(say.consent.painting, { exact: true }).tap();
    await phone.press(say.consent.next);
    await phone.sees(say.capture.title);
    await phone.shoot("en-phone-capture");

    // No picture at all, whatever its name says; and then a portrait.
    const file = phone.page.locator("input[type=file]");
    await file.setInputFiles({ name: "me.jpg", mimeType: "image/jpeg", buffer: Buffer.from("not a picture") });
    await phone.page.getByRole("alert").filter({ hasText: /\S/ }).waitFor();
    await phone.shoot("en-phone-refused");
    await phone.sees(say.capture.title);
    assert.equal((await visit.snapshot()).captures.length, 0);
    await file.setInputFiles(portrait("jemison"));
    await kiosk.passReview();
    await kiosk.sees(kiosk.say.choose.title);
    await phone.sees(say.choose.title);
    await phone.hasItsPictures();
    await phone.shoot("en-phone-choose");

    const seeds = async () => (await visit.snapshot()).paintings.map(({ seed }) => seed);
    const before = await seeds();
    await phone.press(say.choose.again);
    await until(async () => (await seeds()).length === before.length + 1, "it is painted again");
    assert.equal(new Set(await seeds()).size, new Set(before).size + 1);
    await phone.sees(say.choose.title);
    await phone.page.getByLabel(say.choose.name).fill("Mae 🚀 <b>");
    await phone.page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await phone.press(say.choose.make);
    await phone.page.getByRole("img", { name: say.ticket.title }).waitFor();
    await phone.page.waitForFunction(() => scrollY === 0);
    await kiosk.sees(kiosk.say.ticket.title);
    const { captures, tickets } = await visit.snapshot();
    assert.deepEqual(captures.map(({ source }) => source), ["upload"]);
    assert.equal(tickets[0].name, "Mae 🚀 <b>");
    await phone.hasItsPictures();
    await phone.shoot("en-phone-emoji");
    assert.deepEqual([kiosk.complaints, kiosk.refusals, phone.complaints], [[], [], []]);
    await Promise.all([kiosk.close(), phone.close()]);
  });

  it("shares the picture as a file, at the tap", async () => {
    const visit = await Visit.open(booth, "ko");
    const { paintings } = await visit.upToTheWall("epps", ["renoir"]);
    const ticket = await visit.makeTicket(paintings[0], "연");
    const phone = await Phone.open(browser, visit.join.url, {
      // Chromium on Linux has no sharing: what a phone's browser has, in the smallest form.
      script: () => {
        globalThis.shared = [];
        navigator.canShare = ({ files }) => files.length === 1 && files[0] instanceof File;
        navigator.share = async ({ files: [file] }) => {
          const active = navigator.userActivation.isActive;
          globalThis.shared.push({ name: file.name, type: file.type, size: file.size, active });
        };
      },
    });
    await phone.press(phone.say.ticket.save);
    const { bytes, content_type: type } = ticket.formats.phone;
    const name = `easel-ticket-${ticket.number}.jpg`;
    assert.deepEqual(await phone.page.evaluate(() => globalThis.shared), [{ name, type, size: bytes, active: true }]);
    await phone.close();
  });

  it("erases everything, shows the receipt, and the link is then over", async () => {
    const visit = await Visit.open(booth, "en");
    const { paintings, captures } = await visit.upToTheWall("lindgren");
    const ticket = await visit.makeTicket(paintings[2], "Astrid");
    const kiosk = await Kiosk.open(browser, booth, { locale: "en" });
    await kiosk.sees(kiosk.say.ticket.title);
    const phone = await Phone.open(browser, visit.join.url, { locale: "en" });
    const { erase, erased, ticket: its } = phone.say;
    await phone.page.getByRole("img", { name: its.title }).waitFor();
    await phone.press(erase.button);
    await phone.page.getByRole("alertdialog", { name: erase.title }).waitFor();
    await phone.shoot("en-phone-erase");
    await phone.press(erase.no);
    await phone.page.getByRole("alertdialog").waitFor({ state: "hidden" });
    await phone.press(erase.button);
    await phone.press(erase.yes);
    await phone.reads(erased.note);

    const gone = await ask(booth.public, "GET", `/sessions/${visit.id}`, { token: visit.token });
    assert.equal(gone.status, 410);
    const time = await phone.page.evaluate((at) => {
      const how = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
      return new Intl.DateTimeFormat("en-GB", how).format(new Date(at));
    }, gone.json.erased_at);
    await phone.sees(erased.title(time));
    await phone.shoot("en-phone-erased");
    kiosk.locale = "ko";
    await kiosk.sees(kiosk.say.attract.headline(4));
    const urls = [paintings[0], paintings[0].thumb, captures[0], captures[0].screen, ...Object.values(ticket.formats)];
    for (const { url } of urls) {
      for (const base of [booth.kiosk, booth.public]) assert.equal((await fetch(base + url)).status, 410, url);
    }
    assert.equal(await phone.page.evaluate(() => JSON.stringify(localStorage).includes("token")), false);

    await phone.close();
    const late = await Phone.open(browser, visit.join.url, { locale: "en" });
    await late.sees(late.say.erased.title(time));
    assert.deepEqual([late.complaints, late.refusals], [[], ["410 POST /api/v1/join"]]);
    await Promise.all([kiosk.close(), late.close()]);
  });

  it("is friendly to who comes without a code, with a wrong one, or too late", async () => {
    const lost = await Phone.open(browser, booth.public, { locale: "en" });
    await lost.sees(lost.say.unknown.title);
    await lost.reads(lost.say.unknown.note);
    await lost.shoot("en-phone-unknown");
    await lost.close();
    const wrong = await Phone.open(browser, `${booth.public}/#AAAAAAAAAAAAAAAA`, { locale: "ko" });
    await wrong.reads(wrong.say.unknown.wrong);
    await wrong.close();

    const retention = { captures: "1s", paintings: "1s", tickets: "1s" };
    const forgetful = await Booth.open({ retention });
    try {
      const visit = await Visit.open(forgetful, "ko");
      const reader = () => ask(forgetful.public, "GET", `/sessions/${visit.id}`, { token: visit.token });
      await until(async () => (await reader()).status !== 200, "the visit is over");
      const late = await Phone.open(browser, visit.join.url, { locale: "ko" });
      await late.sees(late.say.expired.title);
      await late.reads(late.say.expired.note);
      await late.shoot("ko-phone-expired");
      assert.deepEqual(late.complaints, []);
      await late.close();
    } finally {
      await forgetful.close();
    }
  });
});
