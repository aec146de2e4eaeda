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
   * With `clock` the test may turn the page's clock; `script` runs before the page's own.
   * Its own clock `believes` in another time, where that is said.
   */
  static async open(browser, booth, { locale = "ko", size = sizes.portrait, zoom = 1, clock = false, script, believes } = {}) {
    const context = await browser.newContext({
      viewport: size,
      deviceScaleFactor: zoom,
      hasTouch: true,
      permissions: ["camera"],
    });
    if (script) await context.addInitScript(script);
    const kiosk = new Kiosk(await context.newPage(), locale);
    // What is enlarged may be scrolled, and is as large as ever in the hand.
    if (zoom > 1) kiosk.manners = { text: 43 / zoom, target: 72 / zoom, fixed: false };
    kiosk.booth = booth;
    if (clock) await kiosk.page.clock.install();
    if (believes) await kiosk.page.clock.setSystemTime(believes);
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
    await this.at("attract");
    await this.does("begin");
    await this.at("consent");
  }

  async agree() {
    await this.page.getByText(this.say.consent.painting, { exact: true }).tap();
    await this.does("agree");
    await this.at("capture");
  }

  /** From the live view to the photo under review. */
  async sit() {
    await this.does("shoot");
    await this.at("review");
  }

  async keep() {
    await this.does("keep");
  }

  /** Beyond the review, whether or not it has ended by itself on the way. */
  async passReview() {
    const review = this.page.locator("[data-step=review]");
    const over = review.waitFor({ state: "detached" });
    const keep = review.locator("[data-action=keep]");
    await this.page.locator("[data-step]").waitFor();
    if (await keep.isVisible()) await Promise.race([keep.tap().catch(() => {}), over]);
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
    await this.at("choose");
    await this.page.locator(`[data-style=${style}] [data-action=pick]`).tap();
    await this.at("picked");
  }
}
