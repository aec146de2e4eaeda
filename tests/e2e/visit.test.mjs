import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";
import { readQr } from "./support/qr.mjs";
import { until } from "./support/until.mjs";

describe("a whole visit, kiosk and phone side by side", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open());
    browser = keep(await launch({ sitter: "epps" }));
  });
  beforeEach(() => booth.clear());

  for (const [locale, screen] of [["ko", "portrait"], ["en", "landscape"]]) {
    it(`goes from the wall to the pocket, in ${locale} on a ${screen} screen`, async () => {
      const kiosk = await Kiosk.open(browser, booth, { size: sizes[screen] });
      const shoot = (name) => kiosk.shoot(`${locale}-${screen}-${name}`);
      if (locale !== "ko") {
        await kiosk.sees(kiosk.say.attract.headline(4));
        kiosk.locale = locale;
        await kiosk.press(kiosk.words.common.language);
      }
      const { say } = kiosk;

      await kiosk.sees(say.attract.headline(4));
      await kiosk.hasItsPictures();
      await shoot("01-attract");
      await kiosk.begin();
      await shoot("02-consent");
      await consents(kiosk);
      await photographs(kiosk, shoot);
      await kiosk.keep();

      await kiosk.sees(say.choose.title);
      await kiosk.hasItsPictures();
      await shoot("06-wall");
      await paintsAgain(kiosk, "van-gogh");
      await shoot("07-picked");
      await kiosk.press(say.choose.take);
      const name = await names(kiosk);
      await shoot("08-name");
      await kiosk.press(say.name.make);

      await kiosk.sees(say.ticket.title);
      await kiosk.hasItsPictures();
      await shoot("09-ticket");
      const url = await scans(kiosk);
      const phone = await takesHome(browser, kiosk, url, name);
      const second = await opensOnASecondPhone(browser, kiosk, url);
      await prints(kiosk, url);
      await shoot("10-printed");

      await kiosk.press(say.ticket.done);
      await kiosk.sees(say.thanks.title(name));
      await shoot("11-thanks");
      await kiosk.page.getByRole("heading", { level: 1 }).tap();
      kiosk.locale = "ko"; // the next visitor is greeted in the booth's first language
      await kiosk.sees(kiosk.say.attract.headline(4));
      assert.equal((await kiosk.view()).session, undefined);

      // The screen is the next visitor's; the room lives on in the pocket.
      for (const [pocket, reloads] of [[phone, true], [second, false]]) {
        if (reloads) await pocket.page.reload();
        await pocket.page.getByRole("img", { name: pocket.say.ticket.title }).waitFor();
      }
      assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
      assert.deepEqual([phone.complaints, phone.refusals], [[], []]);
      assert.deepEqual(second.complaints, []);
      await Promise.all([kiosk, phone, second].map((page) => page.close()));
    });
  }
});

/** Nothing is ticked for the visitor, and nothing goes on before they have. */
async function consents(kiosk) {
  const { consent, capture } = kiosk.say;
  for (const box of await kiosk.page.getByRole("checkbox").all()) assert.equal(await box.isChecked(), false);
  await kiosk.press(consent.next);
  await kiosk.reads(consent.missing);
  await kiosk.sees(consent.title);
  assert.equal((await kiosk.view()).session.state, "consent");
  await kiosk.agree();
  await kiosk.sees(capture.title);
  assert.equal((await kiosk.view()).session.consent.wall, false);
}

/** The count, the shutter, the review, and one retake. */
async function photographs(kiosk, shoot) {
  const { capture, review } = kiosk.say;
  await seesItself(kiosk);
  await shoot("03-camera");
  await kiosk.press(capture.ready);
  await kiosk.page.getByText("4", { exact: true }).waitFor();
  await shoot("04-count");
  await kiosk.sees(review.title);
  const first = await until(async () => {
    const { session } = await kiosk.view();
    return session.paintings.length === 4 && session;
  }, "painting starts at the shutter");
  assert.equal(first.captures.length, 1, "one photo");
  await kiosk.press(review.retake);
  await seesItself(kiosk);
  await kiosk.page.keyboard.press("PageDown"); // a presenter's remote
  await kiosk.sees(review.title);
  await kiosk.reads(review.last);
  assert.equal(await kiosk.button(review.retake).count(), 0, "one retake is free, and no more");
  await kiosk.hasItsPictures();
  await shoot("05-review");
  const { captures, paintings } = (await kiosk.view()).session;
  assert.deepEqual(captures.map(({ current }) => current), [false, true]);
  const old = paintings.filter(({ capture }) => capture === captures[0].id);
  for (const { state } of old) assert.ok(["cancelled", "done"].includes(state), `the first photo's painting is ${state}`);
}

/** The live view moves, and the visitor may say when. */
async function seesItself(kiosk) {
  await kiosk.page.waitForFunction(() => document.querySelector("video")?.videoWidth > 0);
  await kiosk.button(kiosk.say.capture.ready).and(kiosk.page.locator(":enabled")).waitFor();
}

/** The same face with another seed; both versions can be looked at. Leaves the newer one lifted. */
async function paintsAgain(kiosk, style) {
  const { choose } = kiosk.say;
  await kiosk.pick(style);
  await kiosk.press(choose.again);
  const versions = await until(async () => {
    const { paintings, captures } = (await kiosk.view()).session;
    const now = captures.find(({ current }) => current).id;
    const done = paintings.filter((one) => one.style === style && one.capture === now && one.state === "done");
    return done.length === 2 && done;
  }, "it is painted again");
  assert.notEqual(versions[0].seed, versions[1].seed);
  const [one, two] = await Promise.all(versions.map(({ url }) => fetched(kiosk.booth.kiosk + url)));
  assert.ok(!one.equals(two), "another seed is another painting");
  await kiosk.pick(style);
  const shown = () => kiosk.page.locator("figure img").first().getAttribute("src");
  const newer = await shown();
  await kiosk.press(choose.earlier);
  await until(async () => (await shown()) !== newer, "the earlier one is shown");
  await kiosk.press(choose.newer);
  await until(async () => (await shown()) === newer, "the newer one is shown");
}

/** Writes a name on the screen's own keyboard, or on a real one. */
async function names(kiosk) {
  await kiosk.sees(kiosk.say.name.title);
  if (kiosk.locale === "ko") {
    for (const key of "ㅅㅓㅇㅕㄴ") await kiosk.press(key);
  } else {
    await kiosk.page.keyboard.type("Adda");
    await kiosk.press(kiosk.say.name.erase);
    await kiosk.page.keyboard.press("Backspace");
    await kiosk.press("a");
  }
  const name = kiosk.locale === "ko" ? "서연" : "Ada";
  await kiosk.page.getByRole("status", { name: kiosk.say.name.field }).getByText(name).first().waitFor();
  return name;
}

/** The address in the code on the screen. */
async function scans(kiosk) {
  const url = await kiosk.scan();
  assert.equal(new URL(url).origin, kiosk.booth.public);
  assert.ok(url.length <= 45, `${url.length} characters`);
  return url;
}

/** The first phone: opens the room by the code alone, and has everything. */
async function takesHome(browser, kiosk, url, name) {
  const phone = await Phone.open(browser, url, { locale: kiosk.locale });
  const { say } = phone;
  const { session } = await kiosk.view();
  const [ticket] = session.tickets;
  assert.equal(ticket.name, name);
  await phone.sees(`${say.ticket.title} ${say.ticket.number(ticket.number)}`);
  await phone.hasItsPictures();
  await phone.reads(phone.words.common.madeWithAi);
  for (const id of ["picasso", "renoir", "lichtenstein"]) {
    assert.ok((await phone.page.locator(`[data-style=${id}] img`).count()) > 0, `${id} is there too`);
  }
  await phone.shoot(`${kiosk.locale}-phone-ticket`);

  const saves = phone.page.waitForEvent("download");
  await phone.page.getByRole("link", { name: say.ticket.download }).tap();
  const saved = await fetched(kiosk.booth.public + ticket.formats.phone.url);
  assert.deepEqual([...saved.subarray(0, 3)], [0xff, 0xd8, 0xff], "a JPEG");
  assert.match((await saves).suggestedFilename(), /^easel.*\.jpg$/);
  const pdf = await phone.page.getByRole("link", { name: say.ticket.pdf }).getAttribute("href");
  assert.equal((await fetched(kiosk.booth.public + pdf)).subarray(0, 5).toString(), "%PDF-");

  // The secret stays in the address's fragment: sent once as a body, shown nowhere, kept in no cookie.
  const secret = new URL(url).hash.slice(1);
  assert.equal(await phone.page.evaluate(() => location.href), `${kiosk.booth.public}/`);
  assert.ok(!JSON.stringify(phone.requests).includes(secret), "the code went into an address or a header");
  assert.deepEqual(await phone.page.context().cookies(), []);
  await until(async () => (await kiosk.view()).session.phones === 1, "the booth knows of the phone");
  return phone;
}

/** A second phone with the same code needs the four digits on the screen. */
async function opensOnASecondPhone(browser, kiosk, url) {
  const { claim: digits } = (await kiosk.view()).join;
  await kiosk.reads(kiosk.say.ticket.claim(digits));
  const phone = await Phone.open(browser, url, { locale: kiosk.locale });
  const { claim, ticket } = phone.say;
  await phone.sees(claim.title);
  await phone.page.getByLabel(claim.field).fill(digits === "0000" ? "1111" : "0000");
  await phone.press(claim.open);
  await phone.reads(claim.wrong);
  await phone.shoot(`${kiosk.locale}-phone-claim`);
  await phone.page.getByLabel(claim.field).fill(digits);
  await phone.press(claim.open);
  await phone.page.getByRole("img", { name: ticket.title }).waitFor();
  assert.deepEqual(phone.refusals, ["403 POST /api/v1/join", "403 POST /api/v1/join"]);
  return phone;
}

/** Two sheets ordered are two sheets printed; the stub has the key, and the keepsake has none. */
async function prints(kiosk, url) {
  const { ticket } = kiosk.say;
  await kiosk.press(ticket.more);
  await kiosk.press(ticket.print(2));
  await kiosk.reads(ticket.printed(2));
  const { session } = await kiosk.view();
  assert.deepEqual(session.prints.map(({ copies, state }) => [copies, state]), [[2, "done"]]);
  const sheets = await kiosk.booth.sheets(session.id);
  assert.equal(sheets.length, 2);
  for (const sheet of sheets) assert.equal(sheet.subarray(0, 5).toString(), "%PDF-");
  const { print, phone } = session.tickets[0].formats;
  assert.equal(readQr(await drawn(kiosk.page, print.url)), url);
  const keepsake = await drawn(kiosk.page, phone.url);
  assert.throws(() => readQr(keepsake), /there is no QR code/);
}

/** A picture as the browser draws it, as a PNG. */
async function drawn(page, url) {
  const address = await page.evaluate(async (src) => {
    const image = Object.assign(new Image(), { src });
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/png");
  }, url);
  return Buffer.from(address.slice(address.indexOf(",") + 1), "base64");
}

async function fetched(url) {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, url);
  return Buffer.from(await answer.arrayBuffer());
}
