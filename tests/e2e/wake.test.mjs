import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";
import { Tunnel } from "./support/tunnel.mjs";
import { until } from "./support/until.mjs";
import { Visit } from "./support/visit.mjs";

/** What is on its way arrives in real time, however slow the machine; the page's own time stands still meanwhile. */
const arrivesMs = 250;

describe("a page that has slept", () => {
  let tunnel, booth, browser;
  const keep = closing();
  before(async () => {
    tunnel = keep(await Tunnel.open());
    booth = keep(await Booth.open({ listen: { public_url: tunnel.url } }));
    tunnel.target = booth.public;
    browser = keep(await launch({ cachesPages: true }));
  });
  beforeEach(() => booth.clear());

  /** The visitor puts the phone into the pocket, or takes it out. */
  const sleeps = (phone, hidden) =>
    phone.page.evaluate((asleep) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => asleep });
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => (asleep ? "hidden" : "visible") });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);

  /** Lets the page's time go on until `look` is satisfied; answers how many milliseconds of it went by. */
  async function takes(phone, look, atMost, what) {
    for (let passed = 0; passed <= atMost; passed += 100) {
      await pause(arrivesMs);
      if (await look()) return passed;
      await phone.page.clock.runFor(100);
    }
    throw new Error(`not within ${atMost} ms: ${what}`);
  }

  const isInert = (phone) => phone.page.evaluate(() => document.querySelector("[data-step]").closest("[inert]") !== null);

  it("says within two seconds that the line is dead, and within three of its return what happened meanwhile", async () => {
    const visit = await Visit.open(booth, "en");
    await visit.consent();
    const phone = await Phone.open(browser, visit.join.url, { locale: "en", clock: true });
    const { say } = phone;
    await phone.at("capture");
    await until(async () => !(await isInert(phone)), "it can be used");
    await sleeps(phone, true);
    tunnel.freeze();
    await visit.paint(await visit.sendPhoto("ride"), ["renoir"]);
    await until(async () => (await visit.snapshot()).state === "choose", "all is painted");
    await sleeps(phone, false);
    assert.ok(await isInert(phone), "what is old can be used");
    const offline = phone.page.getByText(say.offline);
    const told = await takes(phone, () => offline.isVisible(), 2000, "the phone says that it hears nothing");
    assert.ok(told > 0, "a line is not called dead at once");
    await phone.shoot("en-phone-woken");
    // It goes on like this for a while.
    for (let s = 0; s < 20; s += 1) await phone.page.clock.runFor(1000);
    await phone.at("capture");
    assert.ok(await isInert(phone));
    tunnel.thaw();
    await takes(phone, () => phone.page.locator("[data-step=choose]").isVisible(), 3000, "the phone shows the paintings");
    await takes(phone, () => offline.isHidden(), 1000, "the notice goes");
    await until(async () => !(await isInert(phone)), "it can be used again");
    await phone.does("take");
    await phone.at("ticket");
    assert.deepEqual(phone.complaints, []);
    await phone.close();
  });

  it("comes out of the browser's cache with what is true now, and can be used then", async () => {
    const visit = await Visit.open(booth, "ko");
    const { paintings } = await visit.upToTheWall("epps", ["renoir"]);
    const phone = await Phone.open(browser, visit.join.url);
    await phone.at("choose");
    await phone.page.evaluate(() => {
      globalThis.marked = true;
      addEventListener("pageshow", ({ persisted }) => {
        globalThis.persisted = persisted;
        globalThis.wasInert = document.querySelector("[data-step]").closest("[inert]") !== null;
      });
    });
    await phone.page.goto(`${tunnel.url}/healthz-is-not-here`);
    const { number } = await visit.makeTicket(paintings[0], "연");
    await phone.page.goBack({ waitUntil: "commit" });
    await phone.sees(`${phone.say.ticket.title} ${phone.say.ticket.number(number)}`);
    const { marked, persisted } = await phone.page.evaluate(() => ({ marked, persisted }));
    assert.deepEqual({ marked, persisted }, { marked: true, persisted: true }, "the browser kept the page");
    await until(async () => !(await isInert(phone)), "it can be used");
    await phone.does("erase");
    await phone.does("erase");
    await phone.at("erased");
    assert.deepEqual(phone.complaints, []);
    await phone.close();
  });

  it("on the kiosk shows nothing of an earlier visitor's that could be touched", async () => {
    const first = await Visit.open(booth, "ko");
    await first.upToTheWall("epps", ["renoir"]);
    const kiosk = await Kiosk.open(browser, booth);
    await kiosk.passReview();
    await kiosk.at("choose");
    await kiosk.page.evaluate(() => {
      globalThis.touchable = [];
      addEventListener("pageshow", () => {
        const look = () => {
          const step = document.querySelector("[data-step]");
          if (step && !step.closest("[inert]")) globalThis.touchable.push(step.dataset.step);
          requestAnimationFrame(look);
        };
        setTimeout(look);
      });
    });
    await kiosk.page.goto(`${booth.kiosk}/staff?kiosk`);
    await booth.clear();
    const second = await Visit.open(booth, "ko");
    await kiosk.page.goBack({ waitUntil: "commit" });
    await kiosk.at("consent");
    assert.equal((await kiosk.view()).session.id, second.id);
    await until(() => kiosk.page.evaluate(() => globalThis.touchable?.length > 0), "it can be used");
    const touchable = await kiosk.page.evaluate(() => globalThis.touchable);
    assert.ok(touchable.length > 0, "the browser kept the page");
    assert.deepEqual([...new Set(touchable)], ["consent"]);
    await until(async () => !(await isInert(kiosk)), "it can be used");
    assert.deepEqual(kiosk.complaints, []);
    await kiosk.close();
  });
});
