import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Booth } from "./support/booth.mjs";
import { launch } from "./support/chromium.mjs";
import { Kiosk } from "./support/kiosk.mjs";
import { Phone } from "./support/phone.mjs";
import { until } from "./support/until.mjs";
import { Visit } from "./support/visit.mjs";

/** Says to this file that it is run in a network of its own. */
const inside = "EASEL_TEST_NETWORK";

if (process.env[inside]) {
  describe("the code on the screen, in a network of its own", () => it("follows the booth's address", follows));
} else {
  it("the code on the screen follows the booth's address, in a network of its own", async () => {
    // What the runner says to its own children would have the inner run keep silent.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const run = ["--user", "--map-root-user", "--net", process.execPath, "--import", "tsx", fileURLToPath(import.meta.url)];
    const child = spawn("unshare", run, { env: { ...env, [inside]: "yes" }, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
    const [code] = await once(child, "exit");
    assert.equal(code, 0, `in a network of its own, which needs user namespaces:\n${said}`);
    assert.match(said, /follows the booth's address/, "it was run");
  });
}

const ip = (words) => execFileSync("ip", words.split(" "));

async function follows(t) {
  ip("link set lo up");
  const booth = await Booth.open({ listen: { kiosk: "127.0.0.1:0", public: "0.0.0.0:0" } });
  const browser = await launch();
  try {
    const visit = await Visit.open(booth, "en");
    const { paintings } = await visit.upToTheWall("jemison", ["picasso"]);
    await visit.makeTicket(paintings[0], "Mae");
    const kiosk = await Kiosk.open(browser, booth, { locale: "en" });
    const { say } = kiosk;
    await kiosk.sees(say.ticket.title);
    await kiosk.reads(say.ticket.noPhones);
    await kiosk.reads(say.ticket.noPhonesNote);
    await kiosk.codesAreLarge(0);
    await kiosk.shoot("en-portrait-no-phones");

    // An access point comes up; no route leads anywhere.
    const changed = (words) => (words.split("; ").forEach(ip), performance.now());
    const shows = async (host, since) => {
      const { port } = new URL(booth.public);
      const url = `http://${host}:${port}/#${visit.join.code}`;
      await until(async () => (await kiosk.scan().catch(() => "")) === url, `the screen shows ${url}`);
      t.diagnostic(`the screen showed ${host} after ${Math.round(performance.now() - since)} ms`);
      return url;
    };
    const up = "link add wlan0 type veth peer name phone0; link set wlan0 up; link set phone0 up";
    const first = await shows("10.42.0.1", changed(`${up}; addr add 10.42.0.1/24 dev wlan0`));
    const phone = await Phone.open(browser, first, { locale: "en" });
    await phone.page.getByRole("img", { name: phone.say.ticket.title }).waitFor();
    await phone.hasItsPictures();
    await phone.close();

    // It is given another address; that goes; it comes back.
    await shows("192.168.77.1", changed("addr del 10.42.0.1/24 dev wlan0; addr add 192.168.77.1/24 dev wlan0"));
    ip("addr del 192.168.77.1/24 dev wlan0");
    await kiosk.reads(say.ticket.noPhones);
    await kiosk.codesAreLarge(0);
    await shows("192.168.77.1", changed("addr add 192.168.77.1/24 dev wlan0"));
    assert.deepEqual([kiosk.complaints, kiosk.refusals], [[], []]);
  } finally {
    await browser.close();
    await booth.close();
  }
}
