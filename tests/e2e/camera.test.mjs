import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { promisify } from "node:util";
import { ask } from "./support/ask.mjs";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Desk } from "./support/desk.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";
import { until } from "./support/until.mjs";
import { portrait } from "./support/visit.mjs";

describe("a camera of the daemon's", () => {
  let browser;
  const keep = closing();
  before(async () => (browser = keep(await launch())));

  /** Up to the live view, with a frame in it. */
  async function stands(kiosk) {
    await kiosk.begin();
    await kiosk.agree();
    await kiosk.hasItsPictures();
    await kiosk.page.getByRole("button", { name: kiosk.say.capture.ready, exact: true, disabled: false }).waitFor();
  }

  it("is seen live in the frame, and takes the photo", async () => {
    const desk = keep(await Desk.withADslr("ride"));
    const booth = keep(await Booth.open({ camera: desk.camera }));
    for (const screen of ["portrait", "landscape"]) {
      await booth.clear();
      const kiosk = await Kiosk.open(browser, booth, { size: sizes[screen] });
      await stands(kiosk);
      await kiosk.shoot(`ko-${screen}-live-view`);
      await kiosk.sit();
      await kiosk.hasItsPictures();
      await kiosk.shoot(`ko-${screen}-live-review`);
      const { session } = await kiosk.view();
      assert.deepEqual(session.captures.map(({ source }) => source), ["camera"]);
      assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
      await kiosk.close();
    }
  });

  it("that is gone is told in plain words, and the screen goes on when it is back", async () => {
    const desk = keep(await Desk.withADslr("ride"));
    const booth = keep(await Booth.open({ camera: desk.camera }));
    for (const screen of ["portrait", "landscape"]) {
      await booth.clear();
      const kiosk = await Kiosk.open(browser, booth, { size: sizes[screen] });
      const { capture } = kiosk.say;
      await stands(kiosk);
      await kiosk.mark();
      await desk.is("unplugged");
      await kiosk.sees(capture.away);
      await kiosk.reads(capture.awayNote);
      await kiosk.shoot(`ko-${screen}-camera-gone`);
      await desk.isNot("unplugged");
      await kiosk.sees(capture.title);
      await kiosk.hasItsPictures();
      await kiosk.sit();
      await kiosk.assertNeverReloaded();
      assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
      await kiosk.close();
    }
  });

  it("that finds no focus takes no photo, and the next one", async () => {
    const desk = keep(await Desk.withADslr("ride"));
    const booth = keep(await Booth.open({ camera: desk.camera }));
    const kiosk = await Kiosk.open(browser, booth);
    await stands(kiosk);
    await desk.is("no-focus");
    await kiosk.press(kiosk.say.capture.ready);
    await kiosk.reads(kiosk.words.common.problems.no_picture);
    await kiosk.shoot("ko-portrait-no-picture");
    await desk.isNot("no-focus");
    await kiosk.sees(kiosk.say.capture.title);
    await kiosk.sit();
    assert.deepEqual(kiosk.complaints, []);
    await kiosk.close();
  });

  it("that is gone is no reason to go: the phone sends a photo", async () => {
    const desk = keep(await Desk.withADslr("ride"));
    await desk.is("unplugged");
    const booth = keep(await Booth.open({ camera: desk.camera }));
    const kiosk = await Kiosk.open(browser, booth, { locale: "ko" });
    await kiosk.begin();
    await kiosk.page.getByText(kiosk.say.consent.painting, { exact: true }).tap();
    await kiosk.press(kiosk.say.consent.next);
    await kiosk.sees(kiosk.say.capture.away);
    await kiosk.page.getByRole("img", { name: kiosk.say.capture.byPhone }).waitFor();
    const { join } = await kiosk.view();
    const phone = await Phone.open(browser, join.url);
    await phone.sees(phone.say.capture.title);
    await phone.page.locator("input[type=file]").setInputFiles(desk.photo);
    await kiosk.sees(kiosk.say.review.title);
    assert.deepEqual([kiosk.complaints, phone.complaints], [[], []]);
    await Promise.all([kiosk.close(), phone.close()]);
  });

  for (const [locale, screen] of [["ko", "portrait"], ["en", "landscape"]]) {
    it(`that is gone: a phone is first led to the booth's network (${locale}, ${screen})`, async () => {
      const desk = keep(await Desk.withADslr("ride"));
      await desk.is("unplugged");
      const wifi = { ssid: "Easel visitors of the museum 4", password: "paint me like one" };
      const booth = keep(await Booth.open({ camera: desk.camera, wifi }));
      const kiosk = await Kiosk.open(browser, booth, { size: sizes[screen] });
      kiosk.locale = locale;
      if (locale === "en") await kiosk.press(kiosk.words.common.language);
      const { capture, consent, ticket } = kiosk.say;
      await kiosk.begin();
      await kiosk.page.getByText(consent.painting, { exact: true }).tap();
      await kiosk.press(consent.next);
      await kiosk.page.getByRole("img", { name: ticket.wifi }).waitFor();
      await kiosk.page.getByRole("img", { name: capture.byPhone }).waitFor();
      await kiosk.shoot(`${locale}-${screen}-away-wifi`);
      const { join } = await kiosk.view();
      const phone = await Phone.open(browser, join.url, { locale });
      await kiosk.reads(capture.phoneIsIn);
      await kiosk.reads(ticket.claim(join.claim));
      await kiosk.page.getByRole("img", { name: ticket.wifi }).waitFor({ state: "hidden" });
      await kiosk.shoot(`${locale}-${screen}-away-phone`);
      assert.deepEqual([kiosk.complaints, phone.complaints], [[], []]);
      await Promise.all([kiosk.close(), phone.close()]);
    });
  }

  it("that is gone lets the screen go to the next visitor, and the phone that came in stays", async () => {
    const desk = keep(await Desk.withADslr("ride"));
    await desk.is("unplugged");
    const booth = keep(await Booth.open({ camera: desk.camera }));
    const kiosk = await Kiosk.open(browser, booth, { clock: true });
    const { idle_warn_ms: warn, idle_reset_ms: reset } = (await kiosk.view()).booth;
    await kiosk.begin();
    await kiosk.page.getByText(kiosk.say.consent.painting, { exact: true }).tap();
    await kiosk.press(kiosk.say.consent.next);
    await kiosk.sees(kiosk.say.capture.away);
    const asks = kiosk.page.getByRole("alert").filter({ hasText: kiosk.say.idle.title });
    await kiosk.passes(warn + 1000);
    await asks.waitFor();
    // Whoever scans the code is there, though nobody touches the screen.
    const { join, session } = await kiosk.view();
    const phone = await Phone.open(browser, join.url);
    await asks.waitFor({ state: "hidden" });
    await phone.reads(phone.say.capture.note);
    await kiosk.passes(warn + 1000);
    await asks.waitFor();
    await kiosk.passes(reset - warn);
    await kiosk.sees(kiosk.say.attract.headline(4));

    await phone.reads(phone.say.capture.moved);
    await phone.shoot("ko-phone-capture-moved");
    await kiosk.begin();
    assert.notEqual((await kiosk.view()).session.id, session.id);
    await phone.page.locator("input[type=file]").setInputFiles(desk.photo);
    await phone.sees(phone.say.choose.title);
    await phone.hasItsPictures();
    assert.deepEqual([kiosk.complaints, kiosk.refusals, phone.complaints, phone.refusals], [[], [], [], []]);
    await Promise.all([kiosk.close(), phone.close()]);
  });

  it("that takes long is waited for, and nobody is asked whether they are there", async () => {
    const desk = keep(await Desk.withADslr("ride"));
    const booth = keep(await Booth.open({ camera: desk.camera }));
    const kiosk = await Kiosk.open(browser, booth, { clock: true });
    const { idle_reset_ms: reset } = (await kiosk.view()).booth;
    const { capture, idle, review } = kiosk.say;
    await stands(kiosk);
    let shoot;
    const slow = new Promise((done) => (shoot = done));
    await kiosk.page.route("**/captures", async (route) => {
      await slow;
      await route.continue();
    });
    await kiosk.press(capture.ready);
    await kiosk.reads(capture.sending);
    let asked = 0;
    // The page itself gives a shutter 40 s.
    for (let passed = 0; passed < reset - 5000; passed += 1000) {
      await kiosk.page.clock.runFor(1000);
      asked += await kiosk.page.getByRole("alertdialog", { name: idle.title }).count();
    }
    assert.equal(asked, 0);
    shoot();
    await kiosk.sees(review.title);
    assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
    await kiosk.close();
  });
});

describe("a webcam of the page's that hangs on its side", () => {
  it("is shown upright, and takes an upright photo", async () => {
    const browser = await launch({ sitter: "ride" });
    const booth = await Booth.open({ camera: { turn: 90 } });
    try {
      const kiosk = await Kiosk.open(browser, booth);
      await kiosk.begin();
      await kiosk.agree();
      await kiosk.page.getByRole("button", { name: kiosk.say.capture.ready, exact: true, disabled: false }).waitFor();
      await kiosk.shoot("ko-portrait-turned-view");
      await kiosk.sit();
      const { session } = await kiosk.view();
      const before = `data:image/jpeg;base64,${await readFile(portrait("ride"), "base64")}`;
      const [turned, asItWas] = await kiosk.page.evaluate(differences, [before, session.captures[0].screen.url]);
      assert.ok(turned < 8 && asItWas > 16, `${turned} from what it should be, ${asItWas} from what it was`);
      assert.deepEqual(kiosk.complaints, []);
      await kiosk.close();
    } finally {
      await booth.close();
      await browser.close();
    }
  });
});

describe("a webcam of the page's", () => {
  it("shows each visitor their own face, and says when its lens is covered", async () => {
    const dir = await mkdtemp(join(tmpdir(), "easel-film-"));
    const film = join(dir, "camera.mjpeg");
    await copyFile(portrait("ride"), film);
    const browser = await launch({ film });
    const booth = await Booth.open();
    try {
      const kiosk = await Kiosk.open(browser, booth);
      for (const sitter of ["ride", "epps"]) {
        await booth.clear();
        await copyFile(portrait(sitter), film);
        await kiosk.begin();
        await kiosk.agree();
        await kiosk.page.locator("[data-action=shoot]:enabled").waitFor();
        await kiosk.sit();
        const { session } = await kiosk.view();
        const face = `data:image/jpeg;base64,${await readFile(portrait(sitter), "base64")}`;
        const [, differs] = await kiosk.page.evaluate(differences, [face, session.captures[0].screen.url]);
        assert.ok(differs < 8, `${differs} from ${sitter}`);
      }
      await booth.clear();
      const black = ["-f", "lavfi", "-i", "color=black:size=640x480", "-frames:v", "1", "-pix_fmt", "yuvj420p"];
      await promisify(execFile)("ffmpeg", ["-loglevel", "error", "-y", ...black, "-c:v", "mjpeg", "-f", "mjpeg", film]);
      await kiosk.begin();
      await kiosk.agree();
      await kiosk.reads(kiosk.say.capture.troubles.dark);
      await until(async () => {
        const { json: camera } = await ask(booth.kiosk, "GET", "/camera");
        return camera.condition === "gone" && camera.trouble === "dark";
      }, "staff hear of it");
      assert.deepEqual(kiosk.complaints, []);
      await kiosk.close();
    } finally {
      await booth.close();
      await browser.close();
      await rm(dir, { recursive: true });
    }
  });
});

/** By how much the second picture differs from the first turned a quarter to the right, and from the first. */
async function differences([before, after]) {
  const samples = async (url, turn) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: 32, height: 32 });
    const context = canvas.getContext("2d");
    context.translate(16, 16);
    context.rotate(turn);
    context.drawImage(image, -16, -16, 32, 32);
    return context.getImageData(0, 0, 32, 32).data;
  };
  const taken = await samples(after, 0);
  const from = (other) => other.reduce((sum, sample, i) => sum + Math.abs(sample - taken[i]), 0) / other.length;
  return [from(await samples(before, Math.PI / 2)), from(await samples(before, 0))];
}
