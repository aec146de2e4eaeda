import { sizes } from "./chromium.mjs";
import { Watched } from "./page.mjs";

/** The PIN that booths of these tests are given. */
export const pin = "271828";

const languages = { ko: "ko-KR", en: "en-GB" };

/** The staff's page, and somebody who runs the booth before it. */
export class Office extends Watched {
  manners = { text: 11, target: 34, fixed: false };

  /** Opens the page at `base`; the door is still shut. `onKiosk`: it is the booth's own screen. */
  static async open(browser, base, { locale = "en", size = sizes.laptop, onKiosk = false } = {}) {
    const small = size === sizes.phone;
    const context = await browser.newContext({
      viewport: size,
      locale: languages[locale],
      hasTouch: true,
      isMobile: small,
      deviceScaleFactor: small ? 2 : 1,
      acceptDownloads: true,
    });
    const office = new Office(await context.newPage(), locale);
    if (onKiosk) office.manners = { text: 16, target: 50, fixed: false };
    await office.page.goto(`${base}/staff${onKiosk ? "?kiosk" : ""}`);
    return office;
  }

  get say() {
    return this.words.staff;
  }

  /** Types digits on the page's own keys. */
  async type(digits) {
    for (const digit of digits) await this.press(digit);
    await this.press(this.say.gate.enter);
  }

  /** In by the right PIN. */
  async enter() {
    await this.type(pin);
    await this.page.getByRole("heading", { name: this.say.parts.title, exact: true }).waitFor();
  }

  /** The token of the last request that bore one. */
  get token() {
    const bearers = this.requests.map(({ headers }) => headers.authorization).filter(Boolean);
    return bearers.at(-1)?.replace("Bearer ", "");
  }

  /** The section with this title. */
  section(title) {
    return this.page.getByRole("region", { name: title, exact: true });
  }

  /** Waits for what the page says it has done. */
  async hears(text) {
    await this.page.locator(".said").getByText(text, { exact: true }).waitFor();
  }
}
