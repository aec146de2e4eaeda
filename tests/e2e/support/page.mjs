import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { flaws } from "./flaws.mjs";
import { patience } from "./until.mjs";
import { words } from "./words.mjs";

const shots = process.env.EASEL_SHOTS ?? fileURLToPath(new URL("../shots", import.meta.url));

/** A page that somebody looks at: found by what it says, as they find it. */
export class Watched {
  /** What the page's own scripts complained of. */
  complaints = [];
  /** Answers of the daemon that refused something: "403 POST /api/v1/join". */
  refusals = [];
  /** Every address asked for, and the headers sent. */
  requests = [];

  constructor(page, locale) {
    this.page = page;
    this.locale = locale;
    page.setDefaultTimeout(patience);
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      const network = message.text().startsWith("Failed to load resource") || message.text().startsWith("WebSocket");
      if (message.type() === "error" && !network) this.complaints.push(message.text());
    });
    page.on("request", (request) => this.requests.push({ url: request.url(), headers: request.headers() }));
    page.on("response", (response) => {
      if (response.status() < 400) return;
      const { pathname } = new URL(response.url());
      this.refusals.push(`${response.status()} ${response.request().method()} ${pathname}`);
    });
  }

  get words() {
    return words[this.locale];
  }

  /** Waits for the screen with this headline. */
  async sees(headline) {
    await this.page.getByRole("heading", { name: headline, exact: true, level: 1 }).waitFor();
  }

  /** Waits for a piece of text. */
  async reads(text) {
    await this.page.getByText(text, { exact: true }).first().waitFor();
  }

  /** Waits for the screen of this step: `data-step`, as pages have it for programs. */
  async at(step) {
    await this.page.locator(`[data-step=${step}]`).waitFor();
  }

  /** What does `action` on the screen, by its `data-action`: some things can be done in several places. */
  control(action) {
    return this.page.locator(`[data-action=${action}]`);
  }

  /** Touches the first control that does `action`. */
  async does(action) {
    await this.control(action).first().tap();
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }

  async press(name) {
    await this.button(name).tap();
  }

  /** All pictures on the page have arrived and can be seen. */
  async hasItsPictures() {
    await this.page.waitForFunction(() => {
      const all = [...document.images];
      return all.length > 0 && all.every((image) => image.complete && image.naturalWidth > 0);
    });
  }

  /** A mark that a reload would lose. */
  async mark() {
    await this.page.evaluate(() => (globalThis.marked = true));
  }

  async assertNeverReloaded() {
    assert.equal(await this.page.evaluate(() => globalThis.marked), true, "the page was reloaded");
  }

  /** Takes a picture of the screen as `name`, once everything on it has come to rest; finds its flaws. */
  async shoot(name) {
    await this.page.evaluate(() => document.fonts.ready);
    await mkdir(shots, { recursive: true });
    await this.page.screenshot({ path: join(shots, `${name}.png`), animations: "disabled" });
    assert.deepEqual(await this.page.evaluate(flaws, this.manners), [], `flaws of ${name}`);
  }

  close() {
    return this.page.context().close();
  }
}
