import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { closing } from "./support/closing.mjs";
import { until } from "./support/until.mjs";
import { portrait, Visit } from "./support/visit.mjs";
import { WebKitPhone } from "./support/webkit.mjs";

// Half of all visitors hold an iPhone.
describe("a phone with Safari's engine", () => {
  let booth;
  const keep = closing();
  before(async () => (booth = keep(await Booth.open())));
  beforeEach(() => booth.clear());

  for (const locale of ["ko", "en"]) {
    it(`makes the whole visit (${locale})`, async () => {
      const visit = await Visit.open(booth, locale);
      const phone = await WebKitPhone.open(visit.join.url, { locale });
      try {
        const { say } = phone;
        await phone.at("consent");
        // The browser's own language depends on what the machine has.
        const spoken = await phone.run(() => document.documentElement.lang);
        if (spoken !== locale) await phone.does("language");
        await phone.reads(say.consent.title);
        assert.equal(await phone.run(() => location.href), `${booth.public}/`);
        await phone.does("agree");
        await phone.reads(say.consent.missing);
        await phone.touch("[data-step=consent] .tick");
        await phone.does("agree");
        await phone.at("capture");
        await phone.shoot(`${locale}-webkit-capture`);
        await phone.type("[data-action=shoot]", portrait("jemison"));
        await phone.at("choose");
        await phone.hasItsPictures();
        await phone.shoot(`${locale}-webkit-choose`);
        await phone.does("pick");
        await phone.type("[data-action=name]", "Mae 서연");
        await phone.does("take");
        await phone.at("ticket");
        await phone.hasItsPictures();
        await phone.shoot(`${locale}-webkit-ticket`);
        const { captures, paintings, tickets } = await visit.snapshot();
        assert.deepEqual([captures.length, paintings.length, tickets.length], [1, 4, 1]);
        assert.equal(tickets[0].name, "Mae 서연");
        assert.deepEqual(await phone.complaints(), []);

        await phone.reload();
        await phone.at("ticket");
        await phone.hasItsPictures();
        await booth.kill();
        await phone.reads(say.offline);
        await booth.start();
        await until(() => phone.run((offline) => !document.body.innerText.includes(offline), say.offline), "it is back");
        await phone.at("ticket");
        await phone.does("erase");
        await phone.does("erase");
        await phone.at("erased");
        await phone.reads(say.erased.note);
        assert.equal(await phone.run(() => JSON.stringify(localStorage).includes("token")), false);
        assert.deepEqual(await phone.complaints(), []);
      } finally {
        await phone.close();
      }
    });
  }
});
