import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { ask } from "./support/ask.mjs";
import { Booth } from "./support/booth.mjs";
import { closing } from "./support/closing.mjs";
import { Ears } from "./support/ears.mjs";
import { until } from "./support/until.mjs";
import { Visit } from "./support/visit.mjs";

const oneToN = (n) => Array.from({ length: n }, (_, i) => i + 1);

describe("a room over Socket.IO", () => {
  let booth;
  const keep = closing();
  const listen = (base, how) => keep(new Ears(base, how));
  before(async () => (booth = keep(await Booth.open())));

  it("forgets phones that go, however they go", async () => {
    const visit = await Visit.open(booth);
    const phone = await visit.joinByPhone();
    const listeners = async () => {
      const metrics = await (await fetch(`${booth.kiosk}/metrics`)).text();
      return Number(/^easel_listeners (\d+)/m.exec(metrics)[1]);
    };
    const before = await listeners();
    for (let round = 0; round < 3; round++) {
      const all = oneToN(20).map((n) =>
        listen(booth.public, { token: phone, transports: [n % 2 ? "websocket" : "polling"] }),
      );
      for (const ears of all) await ears.until((e) => e.snapshots[0], "the snapshot is heard");
      assert.equal(await listeners(), before + 20);
      for (const ears of all) ears.close();
      await until(async () => (await listeners()) === before, "all are gone");
    }
  });

  it("tells each room its own story, at both doors and over both transports", async () => {
    const ours = await Visit.open(booth);
    const theirs = await Visit.open(booth);
    const phone = await ours.joinByPhone();
    const doors = [
      [booth.kiosk, ours.token],
      [booth.public, phone],
    ];
    const all = doors.flatMap(([base, token]) =>
      [["websocket"], ["polling"], ["polling", "websocket"]].map((transports) =>
        listen(base, { token, after: 0, transports }),
      ),
    );
    const foreign = listen(booth.public, { token: await theirs.joinByPhone(), after: 0 });
    for (const ears of [...all, foreign]) await ears.until((e) => e.snapshots[0], "the snapshot is heard");

    const [wall] = await Promise.all([ours.upToTheWall("epps"), theirs.upToTheWall("ride", ["renoir"])]);
    const ticket = await ours.makeTicket(wall.paintings[0], "Ada");
    const order = await ours.print(ticket, 2);
    for (const ears of all) {
      assert.deepEqual((await ears.event("ticket.ready")).data.ticket, ticket);
      assert.deepEqual((await ears.event("print.queued")).data.print.id, order.id);
      assert.equal((await ears.event("print.done")).data.print, order.id);
    }
    await foreign.event("painting.done");

    const { seq } = await ours.snapshot();
    for (const ears of all) {
      assert.equal(ears.snapshots.length, 1, "one snapshot for one connection");
      assert.equal(ears.snapshots[0].id, ours.id);
      assert.deepEqual(ears.numbers, oneToN(seq), "every event, in order, none twice");
      assert.deepEqual(ears.events, all[0].events, "the same at every door");
      assert.deepEqual(ears.refusals, []);
    }
    // The second visit took over the screen.
    const story = "session.opened session.handed_over phone.joined consent.given capture.taken paintings.asked";
    assert.equal(all[0].types.slice(0, 6).join(" "), story);
    assert.equal(all[0].types.filter((type) => type === "painting.done").length, 4);

    const mine = new Set(wall.paintings.map(({ id }) => id));
    const told = foreign.live.concat(foreign.events).map(({ data }) => data.painting?.id ?? data.painting);
    assert.deepEqual(told.filter((id) => mine.has(id)), [], "nothing of another room");
    assert.ok(!JSON.stringify([foreign.events, foreign.live, foreign.snapshots]).includes(ours.id));
    const { seq: theirSeq } = await theirs.snapshot();
    assert.deepEqual(foreign.numbers, oneToN(theirSeq));
  });

  it("tells only what comes after the snapshot when no number is given", async () => {
    const visit = await Visit.open(booth);
    await visit.consent();
    const ears = listen(booth.public, { token: await visit.joinByPhone() });
    const { seq, state } = await ears.until((e) => e.snapshots[0], "the snapshot is heard");
    assert.equal(state, "capture");
    await visit.sendPhoto();
    await ears.event("capture.taken");
    assert.deepEqual(ears.numbers, [seq + 1]);
  });

  it("shows paintings growing, which is never replayed", async () => {
    const visit = await Visit.open(booth);
    const ears = listen(booth.kiosk, { token: visit.token });
    await ears.until((e) => e.snapshots[0], "the snapshot is heard");
    const wall = await visit.upToTheWall("jemison");
    await ears.event("painting.done", 4);
    const progress = ears.live.filter(({ type }) => type === "painting.progress");
    assert.ok(progress.length > 0, "some progress is heard");
    for (const { data } of progress) {
      assert.ok(data.share >= 0 && data.share <= 1, `a share of ${data.share}`);
      assert.ok(wall.paintings.some(({ id, style }) => id === data.painting && style === data.style));
    }
    const late = listen(booth.kiosk, { token: visit.token, after: 0 });
    await late.event("painting.done", 4);
    assert.deepEqual(late.live, []);
  });

  it("replays what was missed, in order, none twice", async () => {
    const visit = await Visit.open(booth);
    const ears = listen(booth.public, { token: await visit.joinByPhone(), after: 0 });
    await ears.event("phone.joined");
    // While the line is down the visit goes on.
    ears.socket.io.reconnection(false);
    ears.drop();
    await ears.until((e) => e.drops.length === 1, "the line is down");
    await visit.upToTheWall("ride", ["picasso", "van-gogh"]);
    assert.deepEqual(ears.types, ["session.opened", "phone.joined"]);
    ears.socket.io.reconnection(true);
    ears.socket.connect();
    await ears.event("painting.done", 2);
    assert.deepEqual(ears.numbers, oneToN((await visit.snapshot()).seq));
    assert.equal(ears.snapshots.length, 2, "one snapshot for each connection");
  });

  it("loses and doubles nothing when the line drops again and again while things happen", async () => {
    const visit = await Visit.open(booth);
    const ears = listen(booth.public, { token: await visit.joinByPhone(), after: 0 });
    const steady = listen(booth.kiosk, { token: visit.token, after: 0 });
    let cuts = 0;
    ears.socket.on("event", ({ seq }) => {
      if (seq !== undefined && seq % 3 === 0) {
        cuts += 1;
        ears.drop();
      }
    });
    await ears.event("session.opened");
    await visit.upToTheWall("collins");
    const { seq } = await visit.snapshot();
    await ears.until((e) => e.numbers.at(-1) === seq, "the last event is heard");
    await steady.until((e) => e.numbers.at(-1) === seq, "the last event is heard");
    assert.deepEqual(ears.numbers, oneToN(seq));
    assert.deepEqual(ears.events.map(({ seq, type }) => [seq, type]), steady.events.map(({ seq, type }) => [seq, type]));
    assert.ok(cuts >= 4, `the line dropped ${cuts} times`);
  });

  it("lets nobody speak into a room", async () => {
    const visit = await Visit.open(booth);
    const loud = listen(booth.public, { token: await visit.joinByPhone(), after: 0 });
    const quiet = listen(booth.kiosk, { token: visit.token, after: 0 });
    await loud.event("phone.joined");
    await quiet.event("phone.joined");
    loud.socket.emit("event", { seq: 99, type: "session.erased", data: {} });
    loud.socket.emit("snapshot", { id: visit.id });
    loud.socket.emit("join", visit.id);
    await visit.consent();
    await quiet.event("consent.given");
    await loud.event("consent.given");
    assert.deepEqual(quiet.types, ["session.opened", "phone.joined", "consent.given"]);
    assert.equal(quiet.snapshots.length, 1);
  });

  it("shuts the door to all who bring no good token, and says why by code", async () => {
    const visit = await Visit.open(booth);
    const [head, claims, signature] = visit.token.split(".");
    const raised = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(claims, "base64url")), role: "staff" }),
    ).toString("base64url");
    const bad = {
      "no token": {},
      "no object": "token",
      "not a text": { token: 7 },
      "an empty one": { token: "" },
      "none of ours": { token: "a.b.c" },
      "a changed role": { token: [head, raised, signature].join(".") },
      "a signature cut off": { token: `${head}.${claims}.` },
      "no algorithm": {
        token: `${Buffer.from(JSON.stringify({ alg: "none", typ: "JWT" })).toString("base64url")}.${claims}.`,
      },
      "a number that is none": { token: visit.token, after: "three" },
    };
    for (const base of [booth.kiosk, booth.public]) {
      for (const [what, auth] of Object.entries(bad)) {
        const ears = listen(base, { auth });
        const refusal = await ears.until((e) => e.refusals[0], `${what} is refused`);
        assert.equal(refusal.code, "token_invalid", what);
        assert.deepEqual([ears.snapshots, ears.events], [[], []], what);
        ears.close();
      }
    }
  });

  it("knows no token of another booth, and no namespace but its own", async () => {
    const other = await Booth.open();
    try {
      const foreign = await Visit.open(other);
      const ears = listen(booth.public, { token: foreign.token });
      assert.equal((await ears.until((e) => e.refusals[0], "it is refused")).code, "token_invalid");
    } finally {
      await other.close();
    }
    const visit = await Visit.open(booth);
    for (const namespace of ["/", "/staff"]) {
      const ears = listen(booth.public, { token: visit.token, namespace });
      await ears.until((e) => e.refusals[0], `${namespace} is refused`);
    }
  });

  it("empties the room when the visit is erased, and that room alone", async () => {
    const visit = await Visit.open(booth);
    const stays = listen(booth.public, { token: await (await Visit.open(booth)).joinByPhone(), after: 0 });
    const phone = await visit.joinByPhone();
    const second = await visit.joinByPhone(visit.join.claim);
    const all = [
      listen(booth.kiosk, { token: visit.token }),
      listen(booth.public, { token: phone, transports: ["polling"] }),
      listen(booth.public, { token: second }),
    ];
    for (const ears of [stays, ...all]) await ears.until((e) => e.snapshots[0], "the snapshot is heard");
    await visit.erase();
    for (const ears of all) {
      const { data } = await ears.event("session.erased");
      assert.ok(Date.parse(data.erased_at) <= Date.now());
      await ears.until((e) => e.drops.length, "the line is closed");
      assert.deepEqual(ears.drops, ["io server disconnect"]);
    }
    for (const token of [visit.token, phone, second]) {
      const late = listen(booth.public, { token, after: 0 });
      const refusal = await late.until((e) => e.refusals[0], "it is refused");
      assert.equal(refusal.code, "erased");
      assert.deepEqual(late.events, []);
    }
    assert.deepEqual(stays.drops, []);
    assert.ok(stays.socket.connected);
  });
});

describe("a booth that stops", () => {
  it("hangs up on everyone at once, exits with 0, and goes on where it was", async () => {
    const booth = await Booth.open();
    const open = [];
    try {
      const visit = await Visit.open(booth);
      const phone = await visit.joinByPhone();
      open.push(new Ears(booth.kiosk, { token: visit.token, after: 0 }));
      open.push(new Ears(booth.public, { token: phone, after: 0 }));
      open.push(new Ears(booth.public, { token: phone, after: 0, transports: ["polling"] }));
      for (const ears of open) await ears.event("phone.joined");
      // Had it waited for them, the end of its grace would have cut it off, and told by the code.
      assert.equal(await booth.stop(), 0, booth.log);
      for (const ears of open) await ears.until((e) => e.drops.length, "the line is down");

      await booth.start();
      for (const ears of open) {
        // What the server closes the stock client does not open again by itself.
        ears.socket.connect();
        await ears.until((e) => e.snapshots.length >= 2, "it is back");
      }
      await visit.consent();
      for (const ears of open) {
        await ears.event("consent.given");
        assert.deepEqual(ears.numbers, [1, 2, 3]);
      }
    } finally {
      for (const ears of open) ears.close();
      await booth?.close();
    }
  });

  it("comes back by itself to those who were cut off by a power cut", async () => {
    const booth = await Booth.open();
    let ears;
    try {
      const visit = await Visit.open(booth);
      ears = new Ears(booth.public, { token: await visit.joinByPhone(), after: 0 });
      await ears.event("phone.joined");
      await visit.consent();
      await booth.kill();
      await ears.until((e) => e.drops.length, "the line is down");
      await booth.start();
      await ears.until((e) => e.snapshots.length === 2, "it is back");
      await ears.event("consent.given");
      await until(async () => (await ask(booth.kiosk, "GET", "/kiosk")).json.session?.id === visit.id, "the screen shows the visit");
      assert.deepEqual(ears.numbers, [1, 2, 3]);
    } finally {
      ears?.close();
      await booth?.close();
    }
  });
});
