import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { before, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Desk } from "./support/desk.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Office, pin } from "./support/office.mjs";
import { Printer } from "./support/printer.mjs";
import { until } from "./support/until.mjs";
import { Visit } from "./support/visit.mjs";

describe("the staff's page", () => {
  let browser;
  const keep = closing();
  const aBooth = async (settings = {}) => keep(await Booth.open({ staff: { pin }, ...settings }));
  before(async () => (browser = keep(await launch({ sitter: "ride" }))));

  it("is found by the hidden gesture, opens by PIN, and gives the screen back", async () => {
    const booth = await aBooth();
    const kiosk = await Kiosk.open(browser, booth, { locale: "ko" });
    await kiosk.sees(kiosk.say.attract.headline(4));
    for (let i = 0; i < 5; i += 1) await kiosk.page.touchscreen.tap(20, 20);
    await kiosk.page.waitForURL("**/staff?kiosk");
    const office = Object.assign(new Office(kiosk.page, "en"), { manners: { text: 16, target: 50, fixed: false } });
    await kiosk.page.locator("html:lang(en)").waitFor();
    await office.enter();
    // That screen could not keep a file: it says where to take it.
    await office.page.getByText(office.say.figures.exportElsewhere).waitFor();
    assert.equal(await office.page.getByRole("button", { name: office.say.figures.export }).count(), 0);
    await office.shoot("en-staff-on-kiosk");
    // The camera is this screen's own.
    await office.section(office.say.parts.title).getByRole("button", { name: office.say.parts.testShot }).tap();
    await office.hasItsPictures();
    await office.page.getByRole("dialog").getByRole("button", { name: office.say.ask.close }).tap();
    await office.press(office.say.head.leave);
    await kiosk.sees(kiosk.say.attract.headline(4));
    assert.equal((await kiosk.view()).session, undefined, "no visit was begun on the way");
    // Whoever comes next finds the door shut.
    await kiosk.page.keyboard.press("Control+Alt+KeyS");
    await office.page.getByLabel(office.say.gate.pin).waitFor();
    await kiosk.close();
  });

  it("slows down who guesses, and says how long", async () => {
    const booth = await aBooth();
    const office = await Office.open(browser, booth.kiosk);
    const { gate } = office.say;
    for (let i = 0; i < 2; i += 1) {
      await office.type("000000");
      await office.reads(gate.wrong);
    }
    await office.type("111111");
    await office.page.getByText(/Try again in \d+ seconds?\./).waitFor();
    assert.ok(await office.button(gate.enter).isDisabled());
    await office.shoot("en-staff-gate");
    await office.reads(gate.wrong);
    await office.enter();
    assert.deepEqual(office.refusals.filter((refusal) => refusal.startsWith("429")), []);
    assert.deepEqual(office.complaints, []);
    await office.close();
  });

  it("tries every part, prints again, erases, and takes the day away as a table", async () => {
    const booth = await aBooth({ camera: { driver: "sample" } });
    const visit = await Visit.open(booth, "ko");
    const { paintings } = await visit.upToTheWall("epps");
    const ticket = await visit.makeTicket(paintings[0], "지우");
    const office = await Office.open(browser, booth.kiosk);
    const { ask, figures, parts, said, visits } = office.say;
    await office.enter();

    const close = () => office.page.getByRole("dialog").getByRole("button", { name: ask.close }).tap();
    await office.press(parts.testShot);
    await office.page.getByRole("dialog", { name: parts.testShot }).waitFor();
    await close();
    await office.press(parts.testPaint);
    await office.page.getByRole("dialog", { name: /embedded/ }).waitFor();
    await office.hasItsPictures();
    await close();
    await office.press(parts.testPrint);
    await office.hears(said.testPage);

    const title = `${visits.ticket(ticket.number)} · 지우`;
    await office.press(`${visits.reprint}, ${title}`);
    await office.hears(said.reprinted(ticket.number));
    await office.page.getByText(visits.printed(1)).waitFor();
    const { prints } = await visit.snapshot();
    assert.equal(prints.length, 1);
    await office.shoot("en-staff-laptop");

    await office.press(`${visits.erase}, ${title}`);
    await office.press(ask.no);
    assert.equal((await visit.snapshot()).tickets.length, 1);
    await office.press(`${visits.erase}, ${title}`);
    await office.press(ask.yes);
    await office.hears(said.erased(title));
    await office.reads(visits.none);
    await visit.call(410, "GET");

    const [download] = await Promise.all([office.page.waitForEvent("download"), office.press(figures.export)]);
    const table = (await readFile(await download.path(), "utf8")).split("\r\n").map((line) => line.split(","));
    const cell = (head) => table[1][table[0].indexOf(head)];
    assert.deepEqual([cell("visits"), cell("tickets"), cell("sheets"), cell("erased")], ["1", "1", "1", "1"]);
    assert.match(download.suggestedFilename(), /^easel-figures-\d{4}-\d\d-\d\d\.csv$/);
    assert.deepEqual([office.complaints, office.refusals], [[], []]);
    await office.close();
  });

  it("finds every visit that is kept, by number or time, and does for it what it does for the last ones", async () => {
    const booth = await aBooth();
    const visits = [];
    for (let n = 1; n <= 14; n += 1) {
      const visit = await Visit.open(booth, "ko");
      const { paintings } = await visit.upToTheWall("epps", ["lichtenstein"]);
      visits.push({ visit, ticket: await visit.makeTicket(paintings[0], n === 1 ? "지우" : undefined) });
    }
    const [first] = visits;
    for (const locale of ["en", "ko"]) {
      const office = await Office.open(browser, booth.kiosk, { locale });
      const { said, visits: words } = office.say;
      await office.enter();
      const list = office.section(words.title);
      const rows = list.getByRole("listitem");
      const reprint = office.button(`${words.reprint}, ${words.ticket(first.ticket.number)} · 지우`);
      await until(async () => (await rows.count()) === 12, "the newest are there");
      await office.shoot(`${locale}-staff-visits`);
      await office.press(words.older);
      await reprint.waitFor();
      assert.equal(await rows.count(), 14);
      assert.equal(await office.button(words.older).count(), 0, "there are no more");

      const number = office.page.getByLabel(words.number);
      await number.fill("No. 1");
      await number.press("Enter");
      await until(async () => (await rows.count()) === 1, "it is found alone");
      await reprint.tap();
      await office.hears(said.reprinted(first.ticket.number));
      await list.getByText(words.printed(locale === "en" ? 1 : 2)).waitFor();
      await office.shoot(`${locale}-staff-found`);
      await number.fill("99");
      await number.press("Enter");
      await list.getByText(words.noNumber(99)).waitFor();
      await office.shoot(`${locale}-staff-not-found`);

      // By the clock on the wall: all of them were begun by now, and none by yesterday.
      const at = office.page.getByLabel(words.until, { exact: true }).first();
      const minutes = (ms) => new Date(ms - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
      const find = office.button(`${words.find}, ${words.until}`);
      await at.fill(minutes(Date.now()));
      await find.tap();
      await until(async () => (await rows.count()) === 12, "they are found by time");
      await office.press(words.older);
      await until(async () => (await rows.count()) === 14, "and they go on");
      await at.fill(minutes(Date.now() - 86_400_000));
      await find.tap();
      await until(async () => (await rows.count()) === 1, "nothing is found");
      await office.press(words.newest);
      await until(async () => (await rows.count()) === 12, "the newest are there again");
      assert.deepEqual([office.complaints, office.refusals], [[], []]);
      await office.close();
    }

    for (const [locale, gone] of [["ko", visits[0]], ["en", visits[1]]]) {
      const kiosk = await Office.open(browser, booth.kiosk, { locale, size: sizes.portrait, onKiosk: true });
      const { ask, gate, said, visits: words } = kiosk.say;
      await kiosk.enter();
      await kiosk.shoot(`${locale}-staff-kiosk-visits`);
      // Without a keyboard the field brings its own keys.
      await kiosk.page.getByLabel(words.number).tap();
      await kiosk.press("7");
      await kiosk.press(gate.erase);
      for (const digit of String(gone.ticket.number)) await kiosk.press(digit);
      await kiosk.shoot(`${locale}-staff-kiosk-keys`);
      await kiosk.button(words.find).last().tap();
      const title = [words.ticket(gone.ticket.number), gone.ticket.name].filter(Boolean).join(" · ");
      await kiosk.press(`${words.erase}, ${title}`);
      await kiosk.press(ask.yes);
      await kiosk.hears(said.erased(title));
      await kiosk.page.getByText(words.noNumber(gone.ticket.number)).waitFor();
      await gone.visit.call(410, "GET");
      assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
      await kiosk.close();
    }
  });

  it("ends its token when it is locked, at once or as soon as the network is back", async () => {
    const booth = await aBooth();
    const looks = async (token) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${booth.kiosk}/api/v1/staff/overview`, { headers })).status;
    };
    const kept = (page) => page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }, history.state]));
    const colleague = await Office.open(browser, booth.kiosk);
    await colleague.enter();
    for (const away of [false, true]) {
      const office = await Office.open(browser, booth.kiosk);
      await office.enter();
      const { token } = office;
      assert.equal(await looks(token), 200);
      assert.ok((await kept(office.page)).includes(token), "a reload needs no PIN");
      if (away) await office.page.context().setOffline(true);
      await office.press(office.say.head.leave);
      await office.page.getByLabel(office.say.gate.pin).waitFor();
      assert.ok(!(await kept(office.page)).includes(token), "nothing of it is kept");
      if (away) {
        assert.equal(await looks(token), 200, "the booth has not heard of it yet");
        await office.page.context().setOffline(false);
      }
      await until(async () => (await looks(token)) === 401, "the token is worth nothing");
      // And the page opens again by PIN, and by nothing else.
      await office.page.reload();
      await office.enter();
      await office.close();
    }
    assert.equal(await looks(colleague.token), 200, "others go on");
    await colleague.close();

    // The booth's own screen is left by an address that is typed, too.
    const kiosk = await Office.open(browser, booth.kiosk, { onKiosk: true, size: sizes.portrait });
    await kiosk.enter();
    const { token } = kiosk;
    assert.ok(!(await kept(kiosk.page)).includes(token));
    await kiosk.page.goto(booth.kiosk);
    await until(async () => (await looks(token)) === 401, "the token went with the page");
    await kiosk.close();
  });

  it("pauses the booth calmly, over a restart, and takes visitors again", async () => {
    const booth = await aBooth();
    const kiosk = await Kiosk.open(browser, booth, { locale: "ko" });
    const office = await Office.open(browser, booth.kiosk, { locale: "ko" });
    const { pause, said } = office.say;
    await kiosk.sees(kiosk.say.attract.headline(4));
    await office.enter();
    await office.press(pause.ask);
    await office.page.getByLabel(pause.reason).selectOption("supplies");
    await office.page.getByLabel(pause.minutes(30)).tap();
    await office.page.getByLabel(pause.line).fill("3층에서도 만나요");
    await office.press(pause.begin);
    await office.hears(said.paused);
    await kiosk.sees(kiosk.say.paused.title);
    await kiosk.reads(kiosk.say.paused.reasons.supplies);
    await kiosk.reads("3층에서도 만나요");
    await kiosk.shoot("ko-portrait-paused");
    await booth.kill();
    await booth.start();
    await kiosk.sees(kiosk.say.paused.title);
    await office.page.getByRole("button", { name: pause.end, exact: true }).tap();
    await office.hears(said.resumedBooth);
    await kiosk.sees(kiosk.say.attract.headline(4));
    await kiosk.begin();
    assert.deepEqual([kiosk.complaints, office.complaints], [[], []]);
    await Promise.all([kiosk.close(), office.close()]);
  });

  it("rehearses a whole visit and says what came of it", async () => {
    const booth = await aBooth({ camera: { driver: "sample" } });
    const office = await Office.open(browser, booth.kiosk, { locale: "ko", size: sizes.phone });
    office.manners = { text: 11, target: 34, fixed: false };
    const { rehearsal, said } = office.say;
    await office.enter();
    await office.press(rehearsal.begin);
    await office.hears(said.rehearsing);
    await office.page.getByText(/모든 장치가 제 일을 했어요/).waitFor();
    await office.shoot("ko-staff-phone");
    assert.deepEqual([office.complaints, office.refusals], [[], []]);
    await office.close();
  });

  it("counts a new roll, takes a painter out and back, and paints again what failed", async () => {
    const generator = [{ id: "gpu-1", kind: "faulty", fault: "fail", faults: 2, slots: 2, size_px: 256 }];
    const style = ["picasso", "renoir"].map((id) => ({ id, attempts: 1 }));
    const settings = { generator, style, pool: { stand_in: false }, printer: { roll_sheets: 60 } };
    const booth = await aBooth(settings);
    const visit = await Visit.open(booth, "ko");
    await visit.upToTheWall("epps");
    const office = await Office.open(browser, booth.kiosk, { locale: "ko", size: sizes.desk });
    const { ask, parts, said, visits } = office.say;
    await office.enter();

    await office.page.getByText(`${parts.sheets(60)}`).first().waitFor();
    await office.press(parts.roll);
    await office.page.getByLabel(ask.rollSheets).fill("45");
    await office.shoot("ko-staff-new-roll");
    await office.press(ask.rollYes);
    await office.hears(said.roll(45));
    // So few are worth a word.
    await office.page.getByText(`${parts.sheets(45)}. ${parts.low}`).waitFor();
    // The painter that has failed twice is not trusted yet, and is told beside it.
    await office.reads(office.say.head.watch(`gpu-1, ${parts.printer}`));

    await office.press(parts.drain);
    await office.hears(said.drained("gpu-1"));
    await office.page.getByText(parts.draining).waitFor();
    await office.press(parts.resume);
    await office.hears(said.resumed("gpu-1"));
    await office.page.getByText(parts.draining).waitFor({ state: "detached" });

    const visitsSeen = office.section(visits.title);
    await visitsSeen.getByText(new RegExp(visits.failed)).waitFor();
    await office.shoot("ko-staff-failed");
    await office.press(`${visits.retry}, ${visits.noTicket}`);
    await office.hears(said.retried);
    await until(async () => (await visit.snapshot()).paintings.every(({ state }) => state === "done"), "all is painted");
    await visitsSeen.getByText(new RegExp(visits.failed)).waitFor({ state: "detached" });
    assert.deepEqual([office.complaints, office.refusals], [[], []]);
    await office.close();
  });

  it("prints a ticket of a visit that has ended, and none of one that is erased", async () => {
    const booth = await aBooth();
    const visit = await Visit.open(booth, "en");
    const { paintings } = await visit.upToTheWall("epps", ["renoir"]);
    const ticket = await visit.makeTicket(paintings[0], "Mina");
    await visit.call(204, "POST", "/end");
    const office = await Office.open(browser, booth.kiosk);
    await office.enter();
    const { said, visits } = office.say;
    await office.press(`${visits.reprint}, ${visits.ticket(ticket.number)} · Mina`);
    await office.hears(said.reprinted(ticket.number));
    await office.page.getByText(visits.printed(1)).waitFor();
    assert.equal((await booth.sheets(visit.id)).length, 1);
    assert.deepEqual([office.complaints, office.refusals], [[], []]);
    await office.close();
  });

  it("pauses for ten minutes more, with a time of staff's own", async () => {
    const booth = await aBooth();
    const office = await Office.open(browser, booth.kiosk, { size: sizes.phone });
    const { pause, said } = office.say;
    await office.enter();
    await office.press(pause.ask);
    await office.page.getByLabel(pause.reason).selectOption("repair");
    await office.page.getByLabel(pause.minutes(10)).tap();
    await office.press(pause.begin);
    await office.hears(said.paused);
    const end = async () => Date.parse((await (await fetch(`${booth.kiosk}/api/v1/kiosk`)).json()).pause.until);
    const before = await end();
    await office.press(pause.more);
    // The clock on the wall may be set by a hair meanwhile.
    await until(async () => Math.abs((await end()) - before - 10 * 60_000) < 1000, "the pause is longer");
    await office.shoot("en-phone-staff-paused");
    await office.press(pause.end);
    await office.hears(said.resumedBooth);
    await office.close();
  });

  it("says what is wrong with every part in staff's own language", async () => {
    const desk = keep(await Desk.withADslr("ride"));
    const printer = keep(await Printer.withPaper(9));
    await Promise.all([desk.is("unplugged"), printer.breaks("media-jam-error")]);
    const away = { id: "gpu-1", kind: "comfyui", url: "http://127.0.0.1:9" };
    const generator = [{ id: "embedded", kind: "embedded", slots: 2, size_px: 256 }, away];
    const booth = await aBooth({ camera: desk.camera, printer: printer.settings, generator });
    const office = await Office.open(browser, booth.kiosk, { locale: "ko", size: sizes.desk });
    const { parts, rehearsal } = office.say;
    await office.enter();
    const all = office.section(parts.title);
    await all.getByText(parts.camera_trouble.not_found).waitFor();
    await all.getByText(new RegExp(parts.generator_cause.unreachable)).waitFor();
    await office.press(parts.testPrint);
    await all.getByText(/종이가 걸렸어요/).waitFor();
    await office.press(rehearsal.begin);
    const played = office.section(rehearsal.title);
    await played.getByText(/문제 \d+건/).waitFor();
    await played.getByText(rehearsal.codes.camera_failed).waitFor();
    await office.shoot("ko-staff-troubles");
    for (const section of [all, played]) {
      const text = await section.innerText();
      // Names of things may be in any letters; a sentence is in the reader's.
      assert.doesNotMatch(text, /[a-z]+( [a-z]+){2,}/i);
    }
    assert.deepEqual(office.complaints, []);
    await office.close();
  });

  it("can be worked with keys alone", async () => {
    const booth = await aBooth();
    const office = await Office.open(browser, booth.kiosk);
    const { keyboard } = office.page;
    await keyboard.type(pin);
    await keyboard.press("Enter");
    await office.page.getByRole("heading", { name: office.say.parts.title, exact: true }).waitFor();
    const walked = await until(async () => {
      await keyboard.press("Tab");
      return office.page.evaluate(() => document.activeElement.innerText === "Pause…");
    }, "the focus comes to the pause");
    assert.ok(walked);
    await keyboard.press("Enter");
    await office.page.getByRole("dialog", { name: office.say.pause.title }).waitFor();
    // Down to the time at the end, and not into it by mistake: Enter means what is chosen.
    await office.page.getByLabel(office.say.pause.line).focus();
    await keyboard.press("Enter");
    await office.hears(office.say.said.paused);
    await office.close();
  });

  it("is nowhere on the phones' address, unless settings allow it", async () => {
    const booth = await aBooth();
    for (const path of ["/staff", "/api/v1/staff/overview"]) {
      assert.equal((await fetch(booth.public + path)).status, 404);
    }
    const far = await aBooth({ staff: { pin, public: true } });
    const office = await Office.open(browser, far.public, { size: sizes.phone });
    await office.enter();
    await office.shoot("en-staff-phone");
    await office.close();
  });
});
