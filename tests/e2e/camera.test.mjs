import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { Desk } from "./support/desk.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";

describe("a camera of the daemon's", () => {
  let browser;
  const open = [];
  /** What a test opens is closed after them all, the last first. */
  const keep = (thing) => {
    open.unshift(thing);
    return thing;
  };
  before(async () => (browser = keep(await launch())));
  after(async () => {
    for (const thing of open) await thing.close();
  });

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
});
