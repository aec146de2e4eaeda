import { EventEmitter } from "node:events";
import { io } from "socket.io-client";
import { patience, within } from "./until.mjs";

/** The stock client in a phone's place: hears a room and keeps all it was told, in order. */
export class Ears {
  /** Every event that has a number. */
  events = [];
  /** Every event that has none: what happens just now. */
  live = [];
  snapshots = [];
  /** Why the line went down, each time. */
  drops = [];
  /** Codes with which the door was shut, each time. */
  refusals = [];
  #heard = new EventEmitter();

  /** @param {{token?: unknown, after?: number, transports?: string[], tryAllTransports?: boolean, auth?: unknown, namespace?: string}} how */
  constructor(base, { token, after, transports = ["websocket"], tryAllTransports = false, auth, namespace = "/room" }) {
    this.after = after;
    this.socket = io(base + namespace, {
      path: "/socket.io",
      transports,
      tryAllTransports,
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
      auth: auth === undefined ? (give) => give({ token, after: this.after }) : (give) => give(auth),
    });
    this.socket.on("snapshot", (snapshot) => this.#keep(this.snapshots, snapshot));
    this.socket.on("event", (event) => {
      if (event.seq === undefined) return this.#keep(this.live, event);
      this.after = event.seq;
      this.#keep(this.events, event);
    });
    this.socket.on("disconnect", (reason) => this.#keep(this.drops, reason));
    this.socket.on("connect_error", (error) => {
      if (!this.socket.active) this.#keep(this.refusals, { code: error.message, data: error.data });
    });
  }

  #keep(where, what) {
    where.push(what);
    this.#heard.emit("more");
  }

  get types() {
    return this.events.map(({ type }) => type);
  }

  get numbers() {
    return this.events.map(({ seq }) => seq);
  }

  /** Waits until `look`, given these ears, answers something truthy, and answers that. */
  async until(look, what) {
    let more;
    const heard = new Promise((done) => {
      more = () => {
        const seen = look(this);
        if (seen) done(seen);
      };
      this.#heard.on("more", more);
      more();
    });
    try {
      return await within(patience, heard, `${what} (heard: ${this.types.join(" ") || "nothing"})`);
    } finally {
      this.#heard.off("more", more);
    }
  }

  /** Waits for the `n`th event of that type. */
  event(type, n = 1) {
    return this.until((ears) => ears.events.filter((event) => event.type === type)[n - 1], `${type} is heard`);
  }

  /**
   * Cuts the line as a lift or a tunnel does; the client comes back by itself. Not at once: what has arrived is
   * delivered first, for the client would keep it, ask anew from before it, and so hear it twice.
   */
  drop() {
    const { engine } = this.socket.io;
    setImmediate(() => engine.close());
  }

  close() {
    this.socket.disconnect();
  }
}
