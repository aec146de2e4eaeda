import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch, sizes } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Office, pin } from "./support/office.mjs";
import { Phone } from "./support/phone.mjs";
import { Printer } from "./support/printer.mjs";
import { until } from "./support/until.mjs";
import { Visit } from "./support/visit.mjs";

/** From the refill to the sheet, at most: the house's promise. */
const resumesWithin = 10_000;

/** What can be wrong with a printer, what staff are told and what visitors are, in either language. */
const faults = [
  {
    name: "paper",
    staff: { en: /Out of paper: put in a new roll\./, ko: /종이가 없어요\. 새 롤이나 종이를 넣어 주세요\./ },
    visitors: { en: "The printer needs paper. Your ticket will come.", ko: "프린터에 종이가 필요해요. 티켓은 곧 나와요." },
  },
  {
    name: "jam",
    word: "media-jam-error",
    staff: { en: /A sheet is stuck: open the printer and take it out\./, ko: /종이가 걸렸어요\. 프린터를 열어 꺼내 주세요\./ },
    visitors: {
      en: "A sheet is stuck in the printer. Once it is out, your ticket will come.",
      ko: "종이가 걸렸어요. 꺼내고 나면 티켓이 나와요.",
    },
  },
  {
    name: "ribbon",
    word: "marker-supply-empty-error",
    staff: { en: /Out of ribbon or ink: change it\./, ko: /리본이나 잉크가 없어요\. 바꿔 주세요\./ },
    visitors: {
      en: "The printer needs a new ribbon. Your ticket will come.",
      ko: "프린터 리본을 바꿔야 해요. 티켓은 곧 나와요.",
    },
  },
  {
    name: "cover",
    word: "cover-open-error",
    staff: { en: /The cover is open: close it\./, ko: /덮개가 열려 있어요\. 닫아 주세요\./ },
    visitors: {
      en: "The printer is open. Once it is closed, your ticket will come.",
      ko: "프린터 덮개가 열려 있어요. 닫으면 티켓이 나와요.",
    },
  },
];

describe("a real printer", () => {
  let browser;
  const keep = closing();
  /** Printers and queues take their time, and nobody touches the screen meanwhile: it must not start over. */
  const patient = { idle_warn: "5m", idle_reset: "10m" };
  const aBooth = async (printer) => keep(await Booth.open({ booth: patient, staff: { pin }, printer: printer.settings }));
  /** A visit on the screen that has come as far as its ticket. */
  const aTicket = async (booth, locale) => {
    await booth.clear();
    const visit = await Visit.open(booth, locale);
    const { paintings } = await visit.upToTheWall("epps", ["lichtenstein"]);
    return { visit, ticket: await visit.makeTicket(paintings[0], locale === "ko" ? "지우" : "Mina") };
  };
  const sheetsOf = async (printer, print) => (await printer.tray()).filter((name) => name.includes(print.id)).length;
  const printed = (visit) => async () => (await visit.snapshot()).prints.every(({ state }) => state === "done");
  before(async () => (browser = keep(await launch())));

  for (const [index, fault] of faults.entries()) {
    // Every screen and either language, in turn.
    const locale = index % 2 === 0 ? "ko" : "en";
    const screen = index < 2 ? "portrait" : "landscape";
    it(`out of order for its ${fault.name} says so in plain words, and goes on by itself`, async () => {
      const printer = keep(await Printer.withPaper(1));
      const booth = await aBooth(printer);
      const { visit: first, ticket: early } = await aTicket(booth, locale);
      // In the middle of an order of two sheets, with another behind it.
      if (fault.word) await printer.breaks(fault.word);
      const two = await first.print(early, 2);
      const { visit, ticket } = await aTicket(booth, locale);
      const kiosk = await Kiosk.open(browser, booth, { locale, size: sizes[screen] });
      const phone = await Phone.open(browser, visit.join.url, { locale });
      const size = screen === "portrait" ? sizes.desk : sizes.phone;
      const office = await Office.open(browser, booth.kiosk, { locale, size });
      await office.enter();

      // Who might order is told before, who has ordered goes on being told.
      const told = fault.visitors[locale];
      await kiosk.sees(kiosk.say.ticket.title);
      await kiosk.reads(kiosk.say.ticket.later);
      await kiosk.press(kiosk.say.ticket.print(1));
      await kiosk.button(kiosk.say.ticket.print(1)).waitFor({ state: "detached" });
      await kiosk.reads(told);
      await kiosk.shoot(`${locale}-${screen}-printer-${fault.name}`);
      await phone.reads(told);
      await phone.shoot(`${locale}-phone-printer-${fault.name}`);
      const { line, parts } = office.say;
      const waiting = parts.waits(`${parts.order(early.number, 2)}, ${parts.order(ticket.number, 1)}`, 0);
      const part = office.section(parts.title);
      await part.getByText(fault.staff[locale]).waitFor();
      await part.getByText(waiting).waitFor();
      await office.reads(office.say.head.trouble(parts.printer));
      await office.shoot(`${locale}-staff-printer-${fault.name}`);

      await printer.layIn(9);
      await printer.isMended();
      await until(printed(visit), "the sheets are out", resumesWithin);
      await kiosk.reads(kiosk.say.ticket.printed(1));
      await phone.reads(phone.say.ticket.printed(1));
      await part.getByText(fault.staff[locale]).waitFor({ state: "detached" });
      await part.getByText(waiting).waitFor({ state: "detached" });
      await office.reads(office.say.head.well);
      await office.section(line.title).waitFor();
      const tray = await printer.tray();
      assert.equal(await sheetsOf(printer, two), 2);
      assert.equal(tray.length, 3, "as many sheets as were ordered");
      assert.ok(tray[0].includes(two.id) && tray[1].includes(two.id), "in the order of visitors");
      for (const page of [kiosk, phone, office]) assert.deepEqual([page.complaints, page.refusals], [[], []]);
      await Promise.all([kiosk.close(), phone.close(), office.close()]);
    });
  }

  it("that is away keeps nobody at the booth: the ticket is on the phone, and comes out once it is back", async () => {
    const printer = keep(await Printer.withPaper(9));
    const booth = await aBooth(printer);
    const { visit } = await aTicket(booth, "en");
    await printer.switchOff();
    const kiosk = await Kiosk.open(browser, booth, { locale: "en" });
    const office = await Office.open(browser, booth.kiosk);
    await office.enter();
    await kiosk.reads(kiosk.say.ticket.later);
    await kiosk.press(kiosk.say.ticket.print(1));
    await kiosk.reads("The printer is away. Your ticket is on your phone, and is printed once it is back.");
    await office.section(office.say.parts.title).getByText(/does not answer\. Check its power and its cable\./).waitFor();
    await kiosk.shoot("en-portrait-printer-away");
    await printer.switchOn();
    await until(printed(visit), "the sheet is out", resumesWithin);
    await kiosk.reads(kiosk.say.ticket.printed(1));
    assert.equal((await printer.tray()).length, 1);
    assert.deepEqual([kiosk.complaints, office.complaints], [[], []]);
    await Promise.all([kiosk.close(), office.close()]);
  });

  it("that lost an order in a power cut leaves the doubt to staff, who settle it with one touch", async () => {
    const printer = keep(await Printer.withPaper(0));
    const booth = await aBooth(printer);
    const office = await Office.open(browser, booth.kiosk, { locale: "ko", size: sizes.desk });
    await office.enter();
    const { doubt: words, parts, said } = office.say;
    const part = office.section(parts.title);
    const notice = part.getByRole("group", { name: words.title });
    for (const [verdict, button, answer] of [
      ["again", words.printAgain, said.settledAgain],
      ["out", words.cameOut, said.settledOut],
    ]) {
      const { visit, ticket } = await aTicket(booth, "ko");
      const print = await visit.print(ticket);
      await part.getByText(faults[0].staff.ko).waitFor();
      // Both die with the sheet half-way, and the printer remembers nothing of it.
      await booth.kill();
      await printer.switchOff();
      await printer.layIn(9);
      await printer.switchOn();
      await booth.start();
      await notice.getByText(`티켓 ${ticket.number}: 프린터가 이 작업을 기억하지 못해요. 나왔는지 확인해 주세요.`).waitFor();
      const kiosk = await Kiosk.open(browser, booth, { locale: "ko", size: sizes.landscape });
      await kiosk.reads("티켓이 나왔는지 확인하고 있어요. 직원에게 말씀해 주세요.");
      await kiosk.shoot(`ko-landscape-printer-doubt-${verdict}`);
      await office.shoot(`ko-staff-printer-doubt-${verdict}`);
      assert.equal(await sheetsOf(printer, print), 0, "nothing is printed for luck");
      await notice.getByRole("button", { name: button, exact: true }).tap();
      await office.hears(answer);
      await notice.waitFor({ state: "detached" });
      await until(printed(visit), "the order is done");
      await kiosk.reads(kiosk.say.ticket.printed(1));
      assert.equal(await sheetsOf(printer, print), verdict === "again" ? 1 : 0);
      await printer.layIn(0);
      assert.deepEqual(kiosk.complaints, []);
      await kiosk.close();
    }
    assert.deepEqual(office.complaints, []);
    await office.close();
  });

  it("that lost an order after one of three sheets says so, and prints what staff find missing", async () => {
    const printer = keep(await Printer.withPaper(1));
    const booth = await aBooth(printer);
    const { visit, ticket } = await aTicket(booth, "en");
    const print = await visit.print(ticket, 3);
    const kiosk = await Kiosk.open(browser, booth, { locale: "en" });
    const phone = await Phone.open(browser, visit.join.url, { locale: "ko" });
    const office = await Office.open(browser, booth.kiosk, { size: sizes.desk });
    await office.enter();
    await kiosk.reads(`${kiosk.say.ticket.partly(1, 3)} ${faults[0].visitors.en}`);
    await phone.reads(`${phone.say.ticket.partly(1, 3)} ${faults[0].visitors.ko}`);
    await phone.shoot("ko-phone-printer-partly");
    await printer.switchOff();
    await printer.layIn(9);
    await printer.switchOn();
    const { doubt: words, parts, said } = office.say;
    const notice = office.section(parts.title).getByRole("form", { name: words.title });
    await notice.getByText(/Of 3 sheets 1 certainly came out/).waitFor();
    await office.shoot("en-staff-printer-partly");
    await notice.getByRole("spinbutton", { name: words.count }).fill("1");
    await notice.getByRole("button", { name: words.counted, exact: true }).tap();
    await office.hears(said.settledCount(1));
    await until(printed(visit), "the order is done");
    await kiosk.reads(kiosk.say.ticket.printed(3));
    await phone.reads(phone.say.ticket.printed(3));
    assert.equal(await sheetsOf(printer, print), 3);
    for (const page of [kiosk, phone, office]) assert.deepEqual([page.complaints, page.refusals], [[], []]);
    await Promise.all([kiosk.close(), phone.close(), office.close()]);
  });

  it("that has begun the sheet of an erased visit prints it all the same, and staff are told to throw it away", async () => {
    const printer = keep(await Printer.withPaper(0));
    const booth = await aBooth(printer);
    const { visit, ticket } = await aTicket(booth, "en");
    await visit.print(ticket);
    const office = await Office.open(browser, booth.kiosk, { size: sizes.desk });
    await office.enter();
    const { parts, stray, said } = office.say;
    await office.section(parts.title).getByText(faults[0].staff.en).waitFor();
    await visit.erase();
    const notice = office.page.getByRole("group", { name: stray.title });
    await notice.getByText(/the printer has it and may print it when it goes on/).waitFor();
    assert.equal(await notice.getByRole("button").count(), 0, "there is nothing to say of it yet");
    await office.shoot("en-staff-printer-stray-inside");
    await printer.layIn(9);
    // This one says that it has cancelled what it then prints.
    await notice.getByText(/may have come out\. If it lies in the tray, throw it away\./).waitFor();
    await office.shoot("en-staff-printer-stray-out");
    await notice.getByRole("button", { name: stray.gone, exact: true }).tap();
    await office.hears(said.settledStray);
    await notice.waitFor({ state: "detached" });
    await visit.call(410, "GET");
    assert.deepEqual([office.complaints, office.refusals], [[], []]);
    await office.close();
  });
});
