import assert from "node:assert/strict";
import { ask } from "./ask.mjs";
import { sizes } from "./chromium.mjs";
import { Watched } from "./page.mjs";
import { readQr } from "./qr.mjs";
import { until } from "./until.mjs";

/** The kiosk's screen, and a visitor before it. */
export class Kiosk extends Watched {
  /** Letters of 12 mm and targets of 20 mm on 24 inches of Full HD. */
  manners = { text: 43, target: 72, fixed: true };

  /**
   * Opens the kiosk page of `booth` on a screen of that size, in CSS pixels, enlarged `zoom` times.
   * With `clock` the test may turn the page's clock.
   */
  static async open(browser, booth, { locale = "ko", size = sizes.portrait, zoom = 1, clock = false } = {}) {
    const context = await browser.newContext({
      viewport: size,
      deviceScaleFactor: zoom,
      hasTouch: true,
      permissions: ["camera"],
    });
    const kiosk = new Kiosk(await context.newPage(), locale);
    // What is enlarged may be scrolled, and is as large as ever in the hand.
    if (zoom > 1) kiosk.manners = { text: 43 / zoom, target: 72 / zoom, fixed: false };
    kiosk.booth = booth;
    if (clock) await kiosk.page.clock.install();
    await kiosk.page.goto(booth.kiosk);
    return kiosk;
  }

  get say() {
    return this.words.kiosk;
  }

  /** What the daemon says is on this screen. */
  async view() {
    return (await ask(this.booth.kiosk, "GET", "/kiosk")).json;
  }

  /** A painter's name in the language of the screen. */
  async painter(id) {
    const { booth } = await this.view();
    return booth.styles.find((style) => style.id === id).name[this.locale];
  }

  async begin() {
    await this.sees(this.say.attract.headline(4));
    await this.press(this.say.attract.begin);
    await this.sees(this.say.consent.title);
  }

  async agree() {
    await this.page.getByText(this.say.consent.painting, { exact: true }).tap();
    await this.press(this.say.consent.next);
    await this.sees(this.say.capture.title);
  }

  /** From the live view to the photo under review. */
  async sit() {
    await this.press(this.say.capture.ready);
    await this.sees(this.say.review.title);
  }

  async keep() {
    await this.press(this.say.review.keep);
  }

  /** Beyond the review, whether or not it has ended by itself on the way. */
  async passReview() {
    const { keep, title } = this.say.review;
    const over = this.page.getByRole("heading", { name: title, exact: true }).waitFor({ state: "detached" });
    await this.page.locator("h1").first().waitFor();
    if (await this.button(keep).isVisible()) await Promise.race([this.button(keep).tap().catch(() => {}), over]);
    await over;
  }

  /** There are so many codes on the screen, each of them large enough for an arm's length. */
  async codesAreLarge(n) {
    const codes = this.page.locator("img.qr");
    await until(async () => (await codes.count()) === n, `there are ${n} codes`);
    for (const code of await codes.all()) {
      const { width } = await code.boundingBox();
      assert.ok(width >= 360, `a code is ${width} px wide: less than 10 cm on 24 inches`);
    }
  }

  /** Time goes by on a page opened with `clock`; second by second, so that the daemon can answer. */
  async passes(ms) {
    for (let passed = 0; passed < ms; passed += 1000) await this.page.clock.runFor(Math.min(1000, ms - passed));
  }

  /** Reads the code off the screen, as a phone's camera does. */
  async scan() {
    await this.page.getByRole("img", { name: this.say.ticket.scan }).waitFor();
    await this.codesAreLarge(1);
    return readQr(await this.page.screenshot({ animations: "disabled" }));
  }

  /** From the wall to the label of a painting. */
  async pick(style) {
    await this.sees(this.say.choose.title);
    await this.press(await this.painter(style));
    await this.sees(this.say.choose.picked);
  }
}
