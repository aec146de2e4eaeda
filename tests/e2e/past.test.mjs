import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";
import { Visit } from "./support/visit.mjs";

/** What becomes of what a page keeps, on phones of all kinds; each runs in the page before its own script. */
const storages = {
  "that is forbidden": () => {
    for (const name of ["localStorage", "sessionStorage"]) {
      Object.defineProperty(globalThis, name, {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    }
  },
  "that is full": () => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
  },
  "that is emptied at every load": () => {
    localStorage.clear();
    sessionStorage.clear();
  },
  "that is full of rubbish": () => {
    const spoilt = ["null", "7", '"x"', "{}", "[7,null,[]]", '{"session":1,"draft":{"picked":7,"name":[]}}', "{not"];
    const names = ["rooms", "room", "knock", "receipt", "tongue", "intents", "draft", "house", "staff", "staff.locale"];
    const n = Number(localStorage.getItem("times") ?? 0);
    localStorage.setItem("times", n + 1);
    for (const [i, name] of names.entries()) {
      for (const place of [localStorage, sessionStorage]) place.setItem(`easel.${name}`, spoilt[(i + n) % spoilt.length]);
    }
  },
};

describe("a page trusts nothing of its own past", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open());
    browser = keep(await launch());
  });
  beforeEach(() => booth.clear());

  for (const [kind, script] of Object.entries(storages)) {
    it(`a phone with storage ${kind} keeps its room over reloads`, async () => {
      const visit = await Visit.open(booth, "en");
      const phone = await Phone.open(browser, visit.join.url, { locale: "en", script });
      await phone.at("consent");
      for (const step of ["consent", "capture"]) {
        await phone.page.reload();
        await phone.at(step);
        if (step === "consent") await visit.consent();
        await phone.at("capture");
      }
      assert.equal((await visit.snapshot()).phones, 1, "it came in once");
      await visit.erase();
      await phone.at("erased");
      await phone.page.reload();
      await phone.page.locator("[data-step]").waitFor();
      assert.deepEqual(phone.complaints, []);
      await phone.close();
    });

    it(`a kiosk with storage ${kind} lands in the same place`, async () => {
      const visit = await Visit.open(booth, "ko");
      await visit.upToTheWall("epps", ["renoir"]);
      const kiosk = await Kiosk.open(browser, booth, { script });
      await kiosk.passReview();
      await kiosk.pick("renoir");
      await kiosk.page.reload();
      await kiosk.passReview();
      await kiosk.page.locator("[data-step=picked], [data-step=choose]").waitFor();
      assert.deepEqual(kiosk.complaints, []);
      await kiosk.close();
    });
  }

  for (const believes of ["1999-12-31T23:59:50Z", "2099-01-01T00:00:00Z"]) {
    it(`nor its device's clock, which says ${believes.slice(0, 4)}`, async () => {
      const visit = await Visit.open(booth, "en");
      await visit.consent();
      await visit.paint(await visit.sendPhoto("epps"), ["renoir"]);
      const kiosk = await Kiosk.open(browser, booth, { locale: "en", believes });
      await kiosk.page.locator("[data-step]:not([data-step=attract])").waitFor();
      if (!(await kiosk.page.locator("[data-step=review]").isVisible())) {
        // On a slow machine the ten seconds of the booth's may have passed meanwhile; only then may it be over.
        const { captures, now } = (await kiosk.view()).session;
        assert.ok(Date.parse(now) - Date.parse(captures[0].taken_at) >= 10_000, "the review was lost");
      }
      const phone = await Phone.open(browser, visit.join.url, { locale: "en", believes });
      await phone.at("choose");
      const { expires_at } = await visit.snapshot();
      const year = new Date(expires_at).getFullYear();
      await phone.page.locator("footer").getByText(new RegExp(`${new Date(expires_at).getDate()}`)).first().waitFor();
      for (const other of [1999, 2000, 2099].filter((y) => y !== year)) {
        assert.ok(!(await phone.page.locator("body").innerText()).includes(String(other)));
      }
      await phone.page.reload();
      await phone.at("choose");
      assert.equal((await visit.snapshot()).phones, 1);
      await kiosk.at("choose");
      assert.deepEqual([kiosk.complaints, phone.complaints], [[], []]);
      await Promise.all([kiosk.close(), phone.close()]);
    });
  }
});
