import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { ask } from "./support/ask.mjs";
import { Booth } from "./support/booth.mjs";
import { launch } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Phone } from "./support/phone.mjs";
import { Visit } from "./support/visit.mjs";

/** As many as a room takes in. */
const mostPhones = 24;

describe("at the door of a room", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open({ limits: { join_tries_per_minute: 10 } }));
    browser = keep(await launch());
  });
  beforeEach(() => booth.clear());

  /** What the page says of trouble, above the screen. */
  const notice = (phone) => phone.page.getByRole("status").first();

  for (const locale of ["ko", "en"]) {
    it(`a phone that is not answered knocks again, and comes in to a clean page (${locale})`, async () => {
      const visit = await Visit.open(booth, locale);
      const phone = await Phone.open(browser, booth.public, { locale });
      let deaf = true;
      await phone.page.route("**/api/v1/join", (route) => (deaf ? route.abort() : route.continue()));
      await phone.page.goto(visit.join.url.replace("/#", "/?again#"));
      await phone.reads(phone.say.joiningSlow.unreachable);
      await phone.shoot(`${locale}-phone-unanswered`);
      deaf = false;
      await phone.sees(phone.say.consent.title);
      assert.equal(await notice(phone).innerText(), "");
      assert.deepEqual([phone.complaints, phone.refusals], [[], []]);
      await phone.close();
    });
  }

  it("a phone whose answer was lost on the way asks again, and is who it was", async () => {
    const visit = await Visit.open(booth, "ko");
    const phone = await Phone.open(browser, booth.public);
    let knocks = 0;
    await phone.page.route("**/api/v1/join", async (route) => {
      knocks += 1;
      if (knocks > 1) return route.continue();
      await route.fetch(); // it is let in, and never hears of it
      await route.abort();
    });
    await phone.page.goto(visit.join.url.replace("/#", "/?again#"));
    await phone.sees(phone.say.consent.title);
    assert.equal((await visit.snapshot()).phones, 1);
    assert.deepEqual(phone.complaints, []);
    await phone.close();
  });

  it("a phone whose knock was lost is asked for the digits, in words that blame nobody", async () => {
    const visit = await Visit.open(booth, "ko");
    const phone = await Phone.open(browser, booth.public);
    let deaf = true;
    await phone.page.route("**/api/v1/join", (route) => (deaf ? route.abort() : route.continue()));
    await phone.page.goto(visit.join.url.replace("/#", "/?again#"));
    const { claim, consent, joiningSlow } = phone.say;
    await phone.reads(joiningSlow.unreachable);
    const other = await ask(booth.public, "POST", "/join", { json: { code: visit.join.code } });
    assert.equal(other.status, 200);
    deaf = false;
    await phone.reads(claim.lost);
    await phone.shoot("ko-phone-claim-lost");
    await phone.page.reload();
    await phone.reads(claim.lost);
    await phone.page.getByLabel(claim.field).fill(visit.join.claim);
    await phone.press(claim.open);
    await phone.sees(consent.title);
    assert.deepEqual(phone.complaints, []);
    await phone.close();
  });

  it("trouble is told in sight of the button, and not for ever", async () => {
    const visit = await Visit.open(booth, "en");
    await visit.upToTheWall("jemison");
    const phone = await Phone.open(browser, visit.join.url, { locale: "en", clock: true });
    const { choose, erase } = phone.say;
    await phone.sees(choose.title);
    await phone.hasItsPictures();
    await phone.page.route(`**/sessions/${visit.id}`, (route) => route.abort());
    await phone.press(erase.button);
    await phone.press(erase.yes);
    const told = notice(phone).getByText(phone.words.common.problems.unreachable);
    await told.waitFor();
    const { scrolled, top } = await told.evaluate((p) => ({ scrolled: scrollY, top: p.getBoundingClientRect().top }));
    assert.ok(scrolled > 100 && top >= 0 && top < 100, `told at ${top} of a page scrolled by ${scrolled}`);
    await phone.shoot("en-phone-trouble");
    await phone.page.clock.runFor(8000);
    await told.waitFor({ state: "detached" });
    await phone.sees(choose.title);
    await phone.close();
  });

  it("a room that is full says so, and is not asked for ever", async () => {
    const visit = await Visit.open(booth, "ko");
    await visit.joinByPhone();
    for (let phones = 1; phones < mostPhones; phones += 1) await visit.joinByPhone(visit.join.claim);
    const phone = await Phone.open(browser, visit.join.url);
    await phone.sees(phone.say.claim.title);
    await phone.page.getByLabel(phone.say.claim.field).fill(visit.join.claim);
    await phone.press(phone.say.claim.open);
    await phone.sees(phone.say.full.title);
    await phone.reads(phone.say.full.note);
    await phone.shoot("ko-phone-full");
    await phone.page.reload();
    await phone.sees(phone.say.full.title);
    assert.deepEqual(phone.refusals, ["403 POST /api/v1/join", "409 POST /api/v1/join"]);
    assert.deepEqual(phone.complaints, []);
    await phone.close();
  });

  // The last: it is these tests' own address that has tried too often.
  it("too many guesses are called that, asked again after the wait, and keep out nobody with a code", async () => {
    const visit = await Visit.open(booth, "en");
    const guess = "AAAAAAAAAAAAAAAA";
    let refused;
    do {
      refused = await ask(booth.public, "POST", "/join", { json: { code: guess } });
    } while (refused.status === 404);
    assert.deepEqual([refused.status, refused.json.code], [429, "too_many_tries"]);
    const guesser = await Phone.open(browser, `${booth.public}/#${guess}`, { locale: "en" });
    await guesser.reads(guesser.say.joiningSlow.too_many_tries);
    await guesser.reads(guesser.say.joining);
    await guesser.shoot("en-phone-too-many-tries");
    // Behind the same address, as everybody in the booth's Wi-Fi.
    const phone = await Phone.open(browser, visit.join.url, { locale: "en" });
    await phone.sees(phone.say.consent.title);
    assert.deepEqual([phone.complaints, phone.refusals], [[], []]);

    await guesser.reads(guesser.say.unknown.wrong);
    assert.deepEqual(guesser.complaints, []);
    assert.deepEqual(new Set(guesser.refusals), new Set(["429 POST /api/v1/join", "404 POST /api/v1/join"]));
    assert.ok(guesser.refusals.length <= 3, "it knocked sooner than it was asked to");
    await Promise.all([phone.close(), guesser.close()]);
  });
});
