import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { ask } from "./support/ask.mjs";
import { Booth } from "./support/booth.mjs";
import { launch } from "./support/chromium.mjs";
import { closing } from "./support/closing.mjs";
import { Desk } from "./support/desk.mjs";
import { Ears } from "./support/ears.mjs";
import { Nginx } from "./support/nginx.mjs";
import { Phone } from "./support/phone.mjs";
import { patience, until, within } from "./support/until.mjs";
import { portrait, Visit } from "./support/visit.mjs";

/** What stands before a booth, from the plainest on. */
const proxies = {
  // HTTP/1.0, Host rewritten, Upgrade dropped, answers gathered up, bodies of 1 MB at most.
  "a bare proxy_pass": {},
  "one that gathers answers up and packs them": {
    server: "gzip on; gzip_proxied any; gzip_min_length 1; gzip_types text/event-stream text/plain application/json;",
    location: "proxy_buffering on; proxy_buffers 16 64k; proxy_busy_buffers_size 128k; proxy_http_version 1.1;",
  },
  "one with a body limit": { server: "client_max_body_size 512k;" },
  // Upgrade alone, without Connection: half a handshake.
  "one that drops half of an upgrade": {
    location: "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Host $http_host;",
  },
  "one that knows WebSockets": {
    location: `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade"; proxy_set_header Host $http_host;`,
    webSockets: true,
  },
};

describe("behind nginx", () => {
  let booth, browser;
  const keep = closing();
  before(async () => {
    booth = keep(await Booth.open());
    browser = keep(await launch());
  });
  beforeEach(() => booth.clear());

  for (const [what, { webSockets = false, ...lines }] of Object.entries(proxies)) {
    it(`a phone makes the whole visit: ${what}`, async () => {
      const nginx = await Nginx.before(booth.public, lines);
      try {
        const visit = await Visit.open(booth, "en");
        const phone = await Phone.open(browser, nginx.behind(visit.join.url), { locale: "en" });
        await wholeVisit(phone, visit);
        const polled = phone.requests.some(({ url }) => /\/socket\.io\/.*transport=polling/.test(url));
        assert.equal(polled, !webSockets, "it went on by polling where it had to");
        assert.ok(phone.requests.every(({ url }) => !url.startsWith(booth.public)), "nothing went past the proxy");
        await phone.close();
      } finally {
        await nginx.close();
      }
    });
  }

  it("a large photo is made small enough for nginx's own limit", async () => {
    const nginx = await Nginx.before(booth.public);
    try {
      const visit = await Visit.open(booth, "en");
      const phone = await Phone.open(browser, nginx.behind(visit.join.url), { locale: "en" });
      const { say } = phone;
      await phone.page.getByText(say.consent.painting, { exact: true }).tap();
      await phone.press(say.consent.next);
      await phone.sees(say.capture.title);
      const buffer = await aLargePhoto(phone.page);
      assert.ok(buffer.length > 3_000_000, `a photo of ${buffer.length} bytes is a large one`);
      await phone.page.locator("input[type=file]").setInputFiles({ name: "me.jpg", mimeType: "image/jpeg", buffer });
      await until(async () => (await visit.snapshot()).captures.length === 1, "the photo has arrived");
      assert.deepEqual(phone.refusals, []);
      await phone.close();
    } finally {
      await nginx.close();
    }
  });

  it("a photo that is too large for the proxy all the same is called that", async () => {
    const nginx = await Nginx.before(booth.public, { server: "client_max_body_size 16k;" });
    try {
      const visit = await Visit.open(booth, "en");
      const phone = await Phone.open(browser, nginx.behind(visit.join.url), { locale: "en" });
      const { say } = phone;
      await phone.page.getByText(say.consent.painting, { exact: true }).tap();
      await phone.press(say.consent.next);
      await phone.sees(say.capture.title);
      await phone.page.locator("input[type=file]").setInputFiles(portrait("ride"));
      await phone.reads(phone.words.common.problems.too_large);
      assert.deepEqual(phone.refusals, [`413 POST /api/v1/sessions/${visit.id}/captures`]);
      await phone.close();
    } finally {
      await nginx.close();
    }
  });

  it("streams come as they are told, and a WebSocket is refused where it cannot be", async () => {
    const lines = proxies["one that gathers answers up and packs them"];
    for (const how of [{}, lines]) {
      const nginx = await Nginx.before(booth.public, how);
      const heard = new AbortController();
      const ears = [];
      try {
        const visit = await Visit.open(booth, "en");
        const token = await visit.joinByPhone();
        const answer = await fetch(`${nginx.url}/api/v1/sessions/${visit.id}/events`, {
          headers: { authorization: `Bearer ${token}`, "accept-encoding": "gzip" },
          signal: heard.signal,
        });
        const lines = answer.body.pipeThrough(new TextDecoderStream());
        await hears(lines, "phone.joined");

        const handshake = await fetch(`${nginx.url}/socket.io/?EIO=4&transport=websocket`);
        assert.deepEqual([handshake.status, await handshake.json()], [400, { code: 3, message: "Bad request" }]);
        for (const transports of [["polling"], ["websocket", "polling"]]) {
          const listener = new Ears(nginx.url, { token, transports, tryAllTransports: true });
          ears.push(listener);
          await listener.until((e) => e.snapshots[0], "the snapshot is heard");
        }
        await visit.consent();
        await hears(lines, "consent.given");
        for (const listener of ears) await listener.event("consent.given");
      } finally {
        for (const listener of ears) listener.close();
        heard.abort();
        await nginx.close();
      }
    }
  });

  it("a live view shows frame after frame", async () => {
    const desk = await Desk.withADslr("ride");
    const filming = await Booth.open({ camera: desk.camera });
    const nginx = await Nginx.before(filming.kiosk);
    const seen = new AbortController();
    try {
      const answer = await fetch(`${nginx.url}/api/v1/camera/live`, { signal: seen.signal });
      assert.equal(answer.status, 200);
      let frames = 0;
      const counted = (async () => {
        for await (const piece of answer.body) {
          frames += Buffer.from(piece).toString("latin1").split("--easel-frame").length - 1;
          if (frames >= 3) return;
        }
      })();
      await within(patience, counted, "three frames are seen");
    } finally {
      seen.abort();
      await nginx.close();
      await filming.close();
      await desk.close();
    }
  });

  it("a foreign page is kept out as ever", async () => {
    const nginx = await Nginx.before(booth.public);
    try {
      const visit = await Visit.open(booth, "en");
      const knock = (headers) => ask(nginx.url, "POST", "/join", { json: { code: visit.join.code }, headers });
      assert.equal((await knock({ origin: "https://evil.example" })).json.code, "bad_origin");
      assert.equal((await knock({ origin: nginx.url })).status, 200);
    } finally {
      await nginx.close();
    }
  });
});

describe("a guesser of the PIN behind nginx", () => {
  const keep = closing();
  /** How long the next guess must wait, in seconds. */
  const guess = async (url, n) => {
    const answer = await fetch(`${url}/api/v1/staff/enter`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": `127.0.0.${n}` },
      body: JSON.stringify({ pin: `90000${n}` }),
    });
    assert.ok([403, 429].includes(answer.status), `${answer.status}`);
    return Number(answer.headers.get("retry-after") ?? 0);
  };

  for (const [what, front_door, location] of [
    ["a bare proxy_pass", [], ""],
    ["one that appends the address, and is named", ["127.0.0.1"], "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"],
    ["one that appends the address, and is not named", [], "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"],
  ]) {
    it(`has no more tries than without it: ${what}`, async () => {
      const booth = keep(await Booth.open({ staff: { public: true, pin: "271828" }, listen: { front_door } }));
      const nginx = keep(await Nginx.before(booth.public, { location }));
      const waits = [];
      for (let n = 0; n < 6; n += 1) waits.push(await guess(nginx.url, n));
      assert.deepEqual(waits.map((wait) => wait > 0), [false, false, true, true, true, true]);
      // Nobody at the booth shares them.
      assert.equal((await ask(booth.kiosk, "POST", "/staff/enter", { json: { pin: "271828" } })).status, 200);
    });
  }
});

/** From the consent to the ticket in the hand, all of it on the phone's page. */
async function wholeVisit(phone, visit) {
  const { say } = phone;
  await phone.sees(say.consent.title);
  await phone.page.getByText(say.consent.painting, { exact: true }).tap();
  await phone.press(say.consent.next);
  await phone.sees(say.capture.title);
  await phone.page.locator("input[type=file]").setInputFiles(portrait("jemison"));
  await phone.sees(say.choose.title);
  await phone.hasItsPictures();
  await phone.page.getByLabel(say.choose.name).fill("Mae");
  await phone.press(say.choose.make);
  await phone.page.getByRole("img", { name: say.ticket.title }).waitFor();
  await phone.hasItsPictures();
  assert.equal((await visit.snapshot()).tickets[0].name, "Mae");
  assert.deepEqual([phone.complaints, phone.refusals], [[], []]);
}

/** Reads on until an event of that type has come. */
async function hears(lines, type) {
  const reader = lines.getReader();
  let told = "";
  const found = (async () => {
    while (!told.includes(`"type":"${type}"`)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the stream ended before ${type}:\n${told}`);
      told += value;
    }
  })();
  await within(patience, found, `${type} is heard`);
  reader.releaseLock();
}

/** A portrait under so much grain that a JPEG of it is large, as of a phone's camera in a dark hall. */
async function aLargePhoto(page) {
  const base64 = await page.evaluate(async () => {
    const [width, height] = [3024, 4032];
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    const grain = context.createImageData(width, height);
    let seed = 1;
    for (let i = 0; i < grain.data.length; i += 4) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const value = 96 + (seed >>> 26);
      grain.data.set([value, value, value, 255], i);
    }
    context.putImageData(grain, 0, 0);
    const jpeg = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
    const bytes = new Uint8Array(await jpeg.arrayBuffer());
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  });
  return Buffer.from(base64, "base64");
}
