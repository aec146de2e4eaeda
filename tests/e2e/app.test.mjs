import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Phone } from "./support/phone.mjs";
import { until } from "./support/until.mjs";
import { Visit } from "./support/visit.mjs";

const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83";
const android = "Mozilla/5.0 (Linux; Android 15; SM-S921N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36";

/** How each app calls itself, and the address its link opens in the phone's own browser; none: by the menu, or by hand. */
const apps = {
  kakaotalk: { userAgent: `${iphone} KAKAOTALK 10.9.5`, opens: (link) => new URL(link).searchParams.get("url") },
  line: { userAgent: `${iphone} Safari Line/14.17.0`, opens: (link) => link },
  naver: {
    userAgent: `${android} NAVER(inapp; search; 2000; 12.9.4)`,
    opens: (link) => {
      const [, rest, scheme] = /^intent:\/\/(.*)#Intent;scheme=(\w+);package=com\.android\.chrome;end$/.exec(link);
      return `${scheme}://${rest}`;
    },
  },
  instagram: { userAgent: `${iphone} Instagram 354.0.4.26.87 (iPhone15,4; iOS 18_1; ko_KR)` },
  facebook: { userAgent: `${iphone} [FBAN/FBIOS;FBAV/488.0.0.58.92]` },
};

describe("the phone's page inside an app", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open());
    browser = keep(await launch());
  });
  beforeEach(() => booth.clear());

  for (const [app, { userAgent, opens }] of Object.entries(apps)) {
    for (const locale of ["ko", "en"]) {
      it(`says so, and the room goes along into another browser, once (${app}, ${locale})`, async () => {
        const visit = await Visit.open(booth, locale);
        await visit.upToTheWall("epps", ["renoir"]);
        const inside = await Phone.open(browser, visit.join.url, { locale, userAgent });
        const { inApp, unknown } = inside.say;
        await inside.at("choose");
        await inside.reads(inApp.inside(inApp.names[app]));
        await inside.hasItsPictures();
        await inside.shoot(`${locale}-phone-app-${app}`);
        assert.equal(await inside.control("elsewhere").innerText(), inApp.make);
        await inside.does("elsewhere");
        await inside.reads(inApp.menu[app] ?? inApp.menu.other);
        const page = await inside.page.locator(".link").innerText();
        // The app's own "open in browser" takes what is in the address.
        const origin = new URL(booth.public).origin;
        assert.match(page, new RegExp(`^${origin}/#[\\w-]{16}$`));
        assert.equal(await inside.page.evaluate(() => location.href), page);
        if (opens) {
          assert.equal(await inside.control("elsewhere").innerText(), inApp.open);
          const link = opens(await inside.control("elsewhere").getAttribute("href"));
          assert.equal(link.replace("?openExternalBrowser=1", ""), page);
        }
        await inside.does("copy");
        await inside.reads(inApp.copied);
        await inside.shoot(`${locale}-phone-app-${app}-link`);

        // What is lent is not the app's own: a reload stays where it is, and uses nothing up.
        await inside.page.reload();
        await inside.at("choose");
        assert.equal(await inside.page.evaluate(() => location.hash), "");
        assert.equal((await visit.snapshot()).phones, 1);

        // Pasted once, the room is there, without the digits; nobody else gets in by it.
        const outside = await Phone.open(browser, page, { locale });
        await outside.at("choose");
        assert.equal(await outside.page.evaluate(() => location.href), `${origin}/`);
        assert.equal(await outside.control("elsewhere").count(), 0);
        await outside.page.reload();
        await outside.at("choose");
        const thief = await Phone.open(browser, page, { locale });
        await thief.reads(unknown.wrong);
        assert.equal((await visit.snapshot()).phones, 2);

        // Neither code nor token was in an address that anybody is sent, nor in what a page sends of itself.
        const code = new URL(page).hash.slice(1);
        const told = JSON.stringify([...inside.requests, ...outside.requests].map(({ url, headers: { authorization, ...rest } }) => [url, rest]));
        assert.ok(!told.includes(code), "the code went into an address or a header");
        assert.ok(!page.includes(visit.join.code) && !told.includes(visit.join.code), "it is the QR's own code");
        assert.ok(!booth.log.includes(code), "the code is in the log");
        await until(async () => (await visit.snapshot()).phones === 2, "both are in the room");
        assert.deepEqual(outside.complaints, []);
        await Promise.all([inside, outside, thief].map((phone) => phone.close()));
      });
    }
  }

  it("is told of nothing in a browser that can save", async () => {
    const visit = await Visit.open(booth, "en");
    const phone = await Phone.open(browser, visit.join.url, { locale: "en" });
    await phone.at("consent");
    assert.equal(await phone.control("elsewhere").count(), 0);
    await phone.close();
  });
});
