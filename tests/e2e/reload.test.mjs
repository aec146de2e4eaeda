import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";
import { until } from "./support/until.mjs";
import { Visit } from "./support/visit.mjs";

/** Reloads the page; it must come back to the same screen. */
async function staysAt(page, headline) {
  await page.sees(headline);
  await page.page.reload();
  await page.sees(headline);
}

describe("a reload lands in the same place", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open());
    browser = keep(await launch({ sitter: "ride" }));
  });
  beforeEach(() => booth.clear());

  it("at every stage of a visit", async () => {
    const kiosk = await Kiosk.open(browser, booth);
    const { say } = kiosk;
    await staysAt(kiosk, say.attract.headline(4));
    await kiosk.begin();
    await kiosk.page.getByText(say.consent.painting, { exact: true }).tap();
    await kiosk.press(say.house.contrast);
    await staysAt(kiosk, say.consent.title);
    await kiosk.page.locator("html[data-contrast=high]").waitFor();
    await kiosk.press(say.house.contrast);
    for (const box of await kiosk.page.getByRole("checkbox").all()) assert.equal(await box.isChecked(), false);
    await kiosk.agree();
    await staysAt(kiosk, say.capture.title);
    await kiosk.sit();
    await kiosk.page.reload();
    await kiosk.page.getByRole("heading", { level: 1 }).waitFor();
    if ((await kiosk.button(say.review.keep).count()) === 0) {
      // On a slow machine the ten seconds of the review may have passed meanwhile; only then may it be over.
      const { captures, now } = (await kiosk.view()).session;
      assert.ok(Date.parse(now) - Date.parse(captures[0].taken_at) >= 10_000, "the review was lost");
    }
    await kiosk.passReview();
    await staysAt(kiosk, say.choose.title);
    await kiosk.pick("lichtenstein");
    await staysAt(kiosk, say.choose.picked);
    await kiosk.press(say.choose.take);
    await kiosk.sees(say.name.title);
    for (const key of "ㅇㅠㄴ") await kiosk.press(key);
    const field = kiosk.page.getByRole("status", { name: say.name.field });
    await field.getByText("윤").waitFor();
    await staysAt(kiosk, say.name.title);
    await field.getByText("윤").waitFor();
    await kiosk.press(say.name.make);
    await staysAt(kiosk, say.ticket.title);
    await kiosk.hasItsPictures();
    const { session } = await kiosk.view();
    assert.deepEqual([session.captures.length, session.paintings.length, session.tickets.length], [1, 4, 1]);
    assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
    await kiosk.close();
  });
});

describe("a reload of the phone's page lands in the same place", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open());
    browser = keep(await launch());
  });

  it("at every stage of a visit", async () => {
    const visit = await Visit.open(booth, "en");
    const phone = await Phone.open(browser, visit.join.url, { locale: "en" });
    const { say } = phone;
    await staysAt(phone, say.consent.title);
    await visit.consent();
    await staysAt(phone, say.capture.title);
    await visit.paint(await visit.sendPhoto("ride"));
    await staysAt(phone, say.choose.title);
    const { paintings } = await visit.snapshot();
    const { number } = await visit.makeTicket(paintings[0], "Sally");
    await staysAt(phone, `${say.ticket.title} ${say.ticket.number(number)}`);
    const second = await Phone.open(browser, visit.join.url, { locale: "en" });
    await staysAt(second, say.claim.title);
    await visit.erase();
    await phone.reads(say.erased.note);
    await phone.page.reload();
    await phone.reads(say.erased.note);
    assert.deepEqual([phone.complaints, second.complaints], [[], []]);
    await Promise.all([phone.close(), second.close()]);
  });
});

describe("while a painter takes long", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    const styles = ["picasso", "renoir", "lichtenstein"];
    const generator = [
      { id: "embedded", kind: "embedded", slots: 2, size_px: 256, styles },
      { id: "stuck", kind: "faulty", fault: "hang", styles: ["van-gogh"] },
    ];
    booth = keep(await Booth.open({ generator }));
    browser = keep(await launch());
  });
  beforeEach(() => booth.clear());

  for (const screen of ["portrait", "landscape"]) {
    it(`the screen is free for the next visitor, and the rest is on the phone (${screen})`, async () => {
      const visit = await Visit.open(booth, "ko");
      await visit.consent();
      await visit.paint(await visit.sendPhoto("bluford"));
      await until(async () => {
        const { paintings } = await visit.snapshot();
        return paintings.filter(({ state }) => state === "done").length === 3;
      }, "three hang");
      const kiosk = await Kiosk.open(browser, booth, { size: sizes[screen] });
      const { say } = kiosk;
      await kiosk.passReview();
      await staysAt(kiosk, say.painting.title);
      await kiosk.hasItsPictures();
      await kiosk.shoot(`ko-${screen}-wait`);

      await kiosk.press(say.painting.phone);
      await staysAt(kiosk, say.handover.title);
      await kiosk.shoot(`ko-${screen}-handover`);
      await kiosk.press(say.handover.back);
      await kiosk.sees(say.painting.title);
      await kiosk.press(say.house.leave); // the way out leads past the code, too
      await kiosk.sees(say.handover.title);
      const phone = await Phone.open(browser, await kiosk.scan());
      await phone.sees(phone.say.painting.title);
      await phone.hasItsPictures();
      await phone.shoot(`ko-phone-wait-${screen}`);
      await kiosk.reads(say.handover.joined);
      await kiosk.press(say.handover.done);
      await kiosk.sees(say.thanks.title(""));
      await kiosk.page.getByRole("heading", { level: 1 }).tap();

      await kiosk.begin();
      const { session: second } = await kiosk.view();
      assert.notEqual(second.id, visit.id);
      assert.equal(second.paintings.length, 0);
      await staysAt(phone, phone.say.painting.title);
      for (const page of [kiosk, phone]) {
        assert.deepEqual([page.complaints, page.refusals], [[], []]);
        await page.close();
      }
    });
  }

  it("the phone makes a ticket of what is done, and loses neither the painting nor the name it is made for", async () => {
    const visit = await Visit.open(booth, "ko");
    await visit.consent();
    const capture = await visit.sendPhoto("jemison");
    await visit.paint(capture, ["renoir", "van-gogh"]);
    const done = async (n) =>
      until(async () => {
        const { paintings } = await visit.snapshot();
        const all = paintings.filter(({ state }) => state === "done");
        return all.length === n && all;
      }, `${n} hang`);
    const [renoir] = await done(1);
    const phone = await Phone.open(browser, visit.join.url);
    const { choose, painting, ticket } = phone.say;
    await phone.sees(painting.title);
    const field = phone.page.getByLabel(choose.name);
    await field.fill("서연");
    // Somebody else asks for more meanwhile.
    await visit.paint(capture, ["picasso"]);
    await done(2);
    await phone.page.locator("[data-style=picasso] img").waitFor();
    assert.equal(await field.inputValue(), "서연");
    await phone.shoot("ko-phone-names-early");
    await phone.press(choose.make);
    await phone.page.getByRole("img", { name: ticket.title }).waitFor();
    const { tickets } = await visit.snapshot();
    assert.deepEqual(tickets.map((made) => [made.painting, made.name]), [[renoir.id, "서연"]]);
    assert.deepEqual([phone.complaints, phone.refusals], [[], []]);
    await phone.close();
  });
});
