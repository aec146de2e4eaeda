import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Ears } from "./support/ears.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";
import { Tunnel } from "./support/tunnel.mjs";
import { until } from "./support/until.mjs";
import { portrait, Visit } from "./support/visit.mjs";

describe("when things go wrong", () => {
  let browser;
  const keep = closing();
  before(async () => (browser = keep(await launch())));

  it("a painting that fails says so in plain words, spoils no other, and can be tried again", async () => {
    const generator = [
      { id: "embedded", kind: "embedded", slots: 2, size_px: 256, styles: ["picasso", "renoir", "lichtenstein"] },
      { id: "broken", kind: "faulty", fault: "fail", faults: 2, size_px: 256, styles: ["van-gogh"] },
    ];
    const style = ["picasso", "renoir", "van-gogh", "lichtenstein"].map((id) => ({ id, attempts: 1 }));
    const booth = keep(await Booth.open({ generator, style, pool: { stand_in: false } }));
    const visit = await Visit.open(booth, "ko");
    await visit.upToTheWall("jemison");
    const kiosk = await Kiosk.open(browser, booth);
    await kiosk.passReview();
    await kiosk.sees(kiosk.say.choose.title);
    await kiosk.reads(kiosk.say.painting.failed);
    await kiosk.hasItsPictures();
    await kiosk.shoot("ko-portrait-failed");
    const phone = await Phone.open(browser, visit.join.url);
    await phone.sees(phone.say.choose.title);
    await phone.reads(phone.say.painting.failed);
    await phone.shoot("ko-phone-failed");

    const ears = keep(new Ears(booth.kiosk, { token: visit.token, after: 0 }));
    await kiosk.press(kiosk.say.painting.retry);
    await ears.event("painting.failed", 2);
    await phone.press(phone.say.painting.retry);
    await kiosk.button(await kiosk.painter("van-gogh")).waitFor();
    // The newest on the wall is shown large.
    await phone.page.getByRole("img", { name: await kiosk.painter("van-gogh") }).and(phone.page.locator(".framed")).waitFor();
    assert.equal(await kiosk.page.getByText(kiosk.say.painting.failed).count(), 0);
    assert.deepEqual([kiosk.complaints, kiosk.refusals, phone.complaints, phone.refusals], [[], [], [], []]);
    await Promise.all([kiosk.close(), phone.close()]);
  });

  it("a photo nobody asked paintings for is not left waiting, though no kiosk looks", async () => {
    const booth = keep(await Booth.open());
    const visit = await Visit.open(booth, "en");
    await visit.consent();
    const phone = await Phone.open(browser, visit.join.url, { locale: "en" });
    await phone.sees(phone.say.capture.title);
    await phone.page.route("**/paintings", (route) => route.abort(), { times: 1 });
    await phone.page.locator("input[type=file]").setInputFiles(portrait("jemison"));
    await phone.sees(phone.say.painting.title);
    assert.deepEqual((await visit.snapshot()).paintings, []);
    await phone.sees(phone.say.choose.title);
    await phone.hasItsPictures();
    assert.equal((await visit.snapshot()).paintings.length, 4);
    await phone.close();
  });

  it("a phone that waits in line sees it move, though nothing of its own visit happens", async () => {
    const generator = [{ id: "stuck", kind: "faulty", fault: "hang", slots: 1 }];
    const booth = keep(await Booth.open({ generator, pool: { stand_in: false } }));
    const waits = async () => {
      const visit = await Visit.open(booth, "en");
      await visit.consent();
      await visit.paint(await visit.sendPhoto(), ["renoir"]);
      return visit;
    };
    const first = await waits();
    const ears = keep(new Ears(booth.kiosk, { token: first.token, after: 0 }));
    await ears.event("painting.started");
    const [, third, ours] = [await waits(), await waits(), await waits()];
    const standsAt = (ahead) =>
      until(async () => (await ours.snapshot()).line.ahead === ahead, `${ahead} paintings come before ours`);
    await standsAt(2);
    const phone = await Phone.open(browser, ours.join.url, { locale: "en" });
    const { ahead } = phone.words.common;
    await phone.page.getByText(ahead(2)).waitFor();
    await phone.shoot("en-phone-in-line");
    await third.erase();
    await standsAt(1);
    await phone.page.getByText(ahead(1)).waitFor();
    assert.deepEqual([phone.complaints, phone.refusals], [[], []]);
    await phone.close();
  });

  it("without a camera the screen says so, and offers a sample photo", async () => {
    const booth = keep(await Booth.open());
    for (const screen of ["portrait", "landscape"]) {
      await booth.clear();
      const kiosk = await Kiosk.open(browser, booth, { size: sizes[screen] });
      const { capture, consent, review } = kiosk.say;
      await kiosk.begin();
      await kiosk.page.getByText(consent.painting, { exact: true }).tap();
      await kiosk.press(consent.next);
      await kiosk.sees(capture.away);
      await kiosk.reads(capture.awayNote);
      await kiosk.shoot(`ko-${screen}-no-camera`);
      await kiosk.press(capture.sample);
      await kiosk.sees(review.title);
      await kiosk.hasItsPictures();
      const { session } = await kiosk.view();
      assert.deepEqual(session.captures.map(({ source }) => source), ["sample"]);
      assert.deepEqual(kiosk.complaints, []);
      await kiosk.close();
    }
  });

  it("a visitor who walks off is asked for, and the wall is cleared for the next", async () => {
    const booth = keep(await Booth.open());
    const kiosk = await Kiosk.open(browser, booth, { clock: true });
    const { idle_warn_ms: warn, idle_reset_ms: reset } = (await kiosk.view()).booth;
    await kiosk.sees(kiosk.say.attract.headline(4));
    kiosk.locale = "en";
    await kiosk.press(kiosk.words.common.language);
    await kiosk.begin();
    const curtain = kiosk.page.getByRole("alertdialog", { name: kiosk.say.idle.title });
    await kiosk.page.clock.fastForward(warn);
    await curtain.waitFor();
    await kiosk.shoot("en-portrait-still-here");
    await kiosk.press(kiosk.say.idle.stay);
    await curtain.waitFor({ state: "hidden" });
    // A presenter's remote answers too, and whoever goes by keys is where they were.
    const here = () => kiosk.page.evaluate(() => document.activeElement.textContent.trim());
    await kiosk.button(kiosk.say.consent.next).focus();
    await kiosk.passes(warn);
    await curtain.waitFor();
    assert.equal(await here(), kiosk.say.idle.stay);
    await kiosk.page.keyboard.press("PageDown");
    await curtain.waitFor({ state: "hidden" });
    await until(async () => (await here()) === kiosk.say.consent.next, "the focus is back");
    // The touch reached the curtain and nothing behind it.
    await kiosk.sees(kiosk.say.consent.title);
    for (const box of await kiosk.page.getByRole("checkbox").all()) assert.equal(await box.isChecked(), false);
    const { session } = await kiosk.view();
    await kiosk.page.clock.fastForward(warn);
    await curtain.waitFor();
    await kiosk.page.clock.fastForward(reset - warn);
    kiosk.locale = "ko";
    await kiosk.sees(kiosk.say.attract.headline(4));
    const left = await kiosk.view();
    assert.equal(left.session, undefined);
    await kiosk.begin();
    assert.notEqual((await kiosk.view()).session.id, session.id);
    assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
    await kiosk.close();
  });

  it("a phone in a tunnel comes back by itself and has missed nothing", async () => {
    const tunnel = keep(await Tunnel.open());
    const booth = keep(await Booth.open({ listen: { public_url: tunnel.url } }));
    tunnel.target = booth.public;
    const visit = await Visit.open(booth, "en");
    assert.ok(visit.join.url.startsWith(`${tunnel.url}/#`));
    await visit.consent();
    const phone = await Phone.open(browser, visit.join.url, { locale: "en" });
    await phone.sees(phone.say.capture.title);
    await phone.mark();
    tunnel.cut();
    await phone.reads(phone.say.offline);
    await phone.shoot("en-phone-offline");
    const capture = await visit.sendPhoto();
    await visit.paint(capture);
    await until(async () => (await visit.snapshot()).state === "choose", "all is painted");
    await phone.sees(phone.say.capture.title);
    tunnel.mend();
    await phone.sees(phone.say.choose.title);
    await phone.hasItsPictures();
    await phone.page.getByText(phone.say.offline).waitFor({ state: "hidden" });
    await phone.assertNeverReloaded();
    assert.deepEqual([phone.complaints, phone.refusals], [[], []]);
    await phone.close();
  });

  it("a power cut in the middle of painting ends neither page nor painting", async () => {
    // Until the power is back the painters hang, so that they are in the middle whenever it goes.
    const stuck = [{ id: "stuck", kind: "faulty", fault: "hang", slots: 4 }];
    const booth = keep(await Booth.open({ generator: stuck }));
    const visit = await Visit.open(booth, "ko");
    await visit.consent();
    await visit.paint(await visit.sendPhoto("collins"));
    const kiosk = await Kiosk.open(browser, booth);
    const phone = await Phone.open(browser, visit.join.url);
    await kiosk.passReview();
    await kiosk.sees(kiosk.say.painting.title);
    await phone.sees(phone.say.painting.title);
    await booth.kill();
    await Promise.all([kiosk.mark(), phone.mark()]);
    await kiosk.reads(kiosk.say.house.offline);
    await phone.reads(phone.say.offline);
    await kiosk.shoot("ko-portrait-offline");
    const at = (await kiosk.button(kiosk.say.house.leave).boundingBox()) ?? assert.fail("there is a way out");
    const touched = ({ x, y }) => document.elementFromPoint(x + 4, y + 4).closest(".notice") !== null;
    assert.ok(await kiosk.page.evaluate(touched, at), "a touch of the notice would press what lies below");
    booth.change({ generator: [{ id: "embedded", kind: "embedded", slots: 2, size_px: 256 }] });
    await booth.start();
    await kiosk.sees(kiosk.say.choose.title);
    await phone.sees(phone.say.choose.title);
    await kiosk.page.getByText(kiosk.say.house.offline).waitFor({ state: "hidden" });
    for (const page of [kiosk, phone]) {
      await page.hasItsPictures();
      await page.assertNeverReloaded();
      assert.deepEqual(page.complaints, []);
    }
    await kiosk.shoot("ko-portrait-recovered");
    await Promise.all([kiosk.close(), phone.close()]);
    const { paintings } = await visit.snapshot();
    assert.deepEqual(paintings.map(({ state }) => state), ["done", "done", "done", "done"]);
  });
});
