import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { Booth } from "./support/booth.mjs";
import { launch } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Phone } from "./support/phone.mjs";
import { Proxy, proxyPage } from "./support/proxy.mjs";
import { until } from "./support/until.mjs";
import { portrait, Visit } from "./support/visit.mjs";

const portal = { status: 200, headers: { "content-type": "text/html" }, body: "<html><form>Welcome to our Wi-Fi</form></html>" };
const elsewhere = { status: 302, headers: { location: "http://127.0.0.1:9/login" }, body: "" };

describe("what somebody between phone and booth answers", () => {
  let proxy, booth, browser;
  const keep = closing();
  before(async () => {
    proxy = keep(await Proxy.open());
    booth = keep(await Booth.open({ listen: { public_url: proxy.url } }));
    proxy.target = booth.public;
    browser = keep(await launch());
  });
  beforeEach(async () => {
    proxy.answer = () => undefined;
    proxy.asked = [];
    await booth.clear();
  });

  const notice = (phone) => phone.page.locator(".notice");

  for (const locale of ["ko", "en"]) {
    it(`is told in words for a photo that is too large for it, and another one passes (${locale})`, async () => {
      const visit = await Visit.open(booth, locale);
      await visit.consent();
      const phone = await Phone.open(browser, visit.join.url, { locale });
      await phone.at("capture");
      proxy.answer = ({ path }) => (path.endsWith("/captures") ? proxyPage(413) : undefined);
      await phone.control("shoot").setInputFiles(portrait("ride"));
      await notice(phone).getByText(phone.words.common.problems.too_large).waitFor();
      await phone.shoot(`${locale}-phone-too-large`);
      proxy.answer = () => undefined;
      await phone.control("shoot").setInputFiles(portrait("jemison"));
      await phone.at("choose");
      assert.equal((await visit.snapshot()).captures.length, 1);
      assert.deepEqual(phone.complaints, []);
      await phone.close();
    });
  }

  it("is never an unknown error, whatever it is", async () => {
    const visit = await Visit.open(booth, "en");
    await visit.upToTheWall("epps", ["renoir"]);
    const phone = await Phone.open(browser, visit.join.url, { locale: "en" });
    await phone.at("choose");
    const { problems } = phone.words.common;
    const tries = () => proxy.asked.filter(({ path }) => path.endsWith("/tickets"));
    for (const [own, words] of [
      [proxyPage(502), problems.unreachable],
      [proxyPage(504), problems.unreachable],
      [proxyPage(403), problems.unreachable],
      [proxyPage(404), problems.unreachable],
      [proxyPage(429), problems.busy],
      [proxyPage(511), problems.portal],
      [portal, problems.portal],
      [elsewhere, problems.portal],
    ]) {
      proxy.answer = ({ path }) => (path.endsWith("/tickets") ? own : undefined);
      const tried = tries().length;
      await phone.does("take");
      await until(() => tries().length > tried, "it is asked for");
      await notice(phone).getByText(words).waitFor();
      await phone.at("choose");
      await phone.control("take").and(phone.page.locator(":enabled")).waitFor();
    }
    assert.equal((await visit.snapshot()).tickets.length, 0);
    const keys = tries().map(({ key }) => key);
    assert.equal(new Set(keys).size, 1, "one wish, one key, until the booth itself has answered");
    proxy.answer = () => undefined;
    await phone.does("take");
    await phone.at("ticket");
    assert.equal(tries().at(-1).key, keys[0]);
    assert.deepEqual(phone.complaints, []);
    await phone.close();
  });

  for (const [name, own] of [["a page to sign in to", portal], ["a way to another page", elsewhere]]) {
    it(`is ${name}: the phone says so, at the door and inside, and goes on by itself`, async () => {
      const visit = await Visit.open(booth, "en");
      await visit.consent();
      const phone = await Phone.open(browser, proxy.url, { locale: "en" });
      // The page itself has come from the browser's cache; all else has to pass.
      proxy.answer = ({ path }) => (/^\/(?:api|socket.io)\//.test(path) ? own : undefined);
      await phone.page.goto(visit.join.url.replace("/#", "/?again#"));
      await phone.at("joining");
      await phone.reads(phone.say.joiningSlow.portal);
      proxy.answer = () => undefined;
      await phone.at("capture");
      proxy.answer = ({ path }) => (/^\/(?:api|socket.io)\//.test(path) ? own : undefined);
      await phone.page.evaluate(() => dispatchEvent(new Event("online"))); // it is in another network
      await notice(phone).getByText(phone.words.common.problems.portal).waitFor();
      await phone.shoot("en-phone-portal");
      proxy.answer = () => undefined;
      await notice(phone).getByText(phone.words.common.problems.portal).waitFor({ state: "detached" });
      await phone.control("shoot").setInputFiles(portrait("jemison"));
      await phone.at("choose");
      // Socket.IO's polling follows a redirect, which the page's own policy forbids.
      assert.deepEqual(phone.complaints.filter((said) => !said.includes("/login")), []);
      await phone.close();
    });
  }

  it("comes instead of the answer to a command that was carried out: asked again, also after a reload, it is the same one", async () => {
    const visit = await Visit.open(booth, "en");
    await visit.consent();
    const noSocket = ({ path }) => (path.startsWith("/socket.io") ? proxyPage(502) : undefined);
    proxy.answer = noSocket;
    const phone = await Phone.open(browser, visit.join.url, { locale: "en" });
    await phone.at("capture");
    const posts = (path) => proxy.asked.filter((asked) => asked.method === "POST" && asked.path.endsWith(path));
    // The photo arrives, and nobody says so: neither the answer nor the room.
    proxy.answer = (asked) => (asked.path.endsWith("/captures") ? { ...proxyPage(502), late: true } : noSocket(asked));
    await phone.page.route("**/api/v1/sessions/*", (route) => route.abort());
    await phone.control("shoot").setInputFiles(portrait("jemison"));
    await until(() => posts("/captures").length === 1, "the photo is sent");
    await notice(phone).getByText(phone.words.common.problems.unreachable).waitFor();
    await phone.control("shoot").setInputFiles(portrait("jemison"));
    await until(() => posts("/captures").length === 2, "the photo is sent again");
    await phone.page.reload();
    assert.equal(new Set(posts("/captures").map(({ key }) => key)).size, 1);
    await phone.page.unroute("**/api/v1/sessions/*");
    proxy.answer = () => undefined;
    await phone.at("choose");

    const { paintings } = await visit.snapshot();
    proxy.answer = ({ path }) => (/\/(?:tickets|paintings)$/.test(path) ? proxyPage(504) : undefined);
    await phone.does("again");
    await notice(phone).getByText(phone.words.common.problems.unreachable).waitFor();
    await phone.page.reload();
    await phone.at("choose");
    proxy.answer = () => undefined;
    await phone.does("again");
    await until(async () => (await visit.snapshot()).paintings.length === paintings.length + 1, "it is painted again");
    assert.equal(new Set(posts("/paintings").slice(-2).map(({ key }) => key)).size, 1);
    for (const { key, path } of proxy.asked.filter(({ method, path }) => method === "POST" && path.startsWith("/api/"))) {
      assert.match(key ?? "", /^[0-9a-f]{32}$/, `no key with ${path}`);
    }
    await phone.close();
  });
});
