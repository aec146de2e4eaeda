import { sizes } from "./chromium.mjs";
import { Watched } from "./page.mjs";

const languages = { ko: "ko-KR", en: "en-US" };

/** A visitor's phone: a fresh browser with no cookie and no app. */
export class Phone extends Watched {
  manners = { text: 14, target: 44, fixed: false };

  /**
   * Opens `url`, as the phone's camera does with a QR code. `script` runs before the page's own;
   * with `clock` the test may turn the page's clock. Its own clock `believes` in another time, where that is said.
   */
  static async open(browser, url, { locale = "ko", script, clock = false, believes, userAgent } = {}) {
    const context = await browser.newContext({
      viewport: sizes.phone,
      locale: languages[locale],
      isMobile: true,
      hasTouch: true,
      deviceScaleFactor: 2,
      ...(userAgent ? { userAgent } : {}),
    });
    if (script) await context.addInitScript(script);
    const phone = new Phone(await context.newPage(), locale);
    if (clock) await phone.page.clock.install();
    if (believes) await phone.page.clock.setSystemTime(believes);
    await phone.page.goto(url);
    return phone;
  }

  get say() {
    return this.words.phone;
  }
}
