import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ask } from "./ask.mjs";
import { until } from "./until.mjs";

/** Where a portrait lies, by its sitter's name. */
export function portrait(name) {
  return fileURLToPath(new URL(`../../../assets/portraits/${name}.jpg`, import.meta.url));
}

/** A visit made through the API alone, as the kiosk's page would make it. */
export class Visit {
  /** Opens a session on the screen of `booth`. */
  static async open(booth, locale = "en") {
    const { session, token, join } = await must(ask(booth.kiosk, "POST", "/sessions", { json: { locale } }), 201);
    const visit = new Visit();
    return Object.assign(visit, { booth, id: session.id, token, join, opened: session });
  }

  /** A call in this room with the kiosk's token; fails unless it is answered with `status`. */
  call(status, method, path = "", how = {}) {
    return must(ask(this.booth.kiosk, method, `/sessions/${this.id}${path}`, { token: this.token, ...how }), status);
  }

  snapshot() {
    return this.call(200, "GET");
  }

  async consent() {
    await this.call(204, "POST", "/consent", { json: { painting: true, wall: false, offsite: false } });
  }

  async sendPhoto(name = "epps") {
    const how = { body: await readFile(portrait(name)), headers: { "content-type": "image/jpeg" } };
    return (await this.call(201, "POST", "/captures", how)).capture;
  }

  async paint(capture, styles, seed) {
    return (await this.call(202, "POST", "/paintings", { json: { capture: capture.id, styles, seed } })).paintings;
  }

  async makeTicket(painting, name) {
    return (await this.call(201, "POST", "/tickets", { json: { painting: painting.id, name } })).ticket;
  }

  async print(ticket, copies = 1) {
    const how = { json: { ticket: ticket.id, copies }, headers: { "idempotency-key": randomUUID() } };
    return (await this.call(202, "POST", "/prints", how)).print;
  }

  async erase() {
    await this.call(204, "DELETE");
  }

  /** Consent, photo, paintings; answers the snapshot in which they have all settled. */
  async upToTheWall(name, styles) {
    await this.consent();
    await this.paint(await this.sendPhoto(name), styles);
    return until(async () => {
      const now = await this.snapshot();
      return now.state === "choose" && now;
    }, "all is painted");
  }

  /** A phone's token for this room; later phones bring the claim code. */
  async joinByPhone(claim) {
    const { token, room } = await must(
      ask(this.booth.public, "POST", "/join", { json: { code: this.join.code, claim } }),
      200,
    );
    if (room !== this.id) throw new Error("the code opened another room");
    return token;
  }
}

async function must(asked, status) {
  const answer = await asked;
  if (answer.status !== status) {
    throw new Error(`answered ${answer.status} instead of ${status}: ${JSON.stringify(answer.json)}`);
  }
  return answer.json;
}
