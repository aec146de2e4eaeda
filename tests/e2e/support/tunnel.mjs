import { once } from "node:events";
import { connect, createServer } from "node:net";

/** A way from phones to the booth that can be cut and mended, as mobile networks are. */
export class Tunnel {
  /** The origin phones use. */
  url;
  /** The origin it leads to. */
  target;
  #server;
  #pairs = new Set();
  #open = true;
  #frozen = false;

  static async open() {
    const tunnel = new Tunnel();
    tunnel.#server = createServer((near) => tunnel.#pass(near));
    tunnel.#server.listen(0, "127.0.0.1");
    await once(tunnel.#server, "listening");
    tunnel.url = `http://127.0.0.1:${tunnel.#server.address().port}`;
    return tunnel;
  }

  #pass(near) {
    near.on("error", () => {});
    if (!this.#open) return near.resetAndDestroy();
    if (this.#frozen) return void this.#swallow(near);
    const { hostname, port } = new URL(this.target);
    const far = connect(Number(port), hostname);
    const pair = [near, far];
    this.#pairs.add(pair);
    far.on("error", () => near.destroy());
    near.on("close", () => {
      far.destroy();
      this.#pairs.delete(pair);
    });
    far.on("close", () => near.destroy());
    near.pipe(far).pipe(near);
  }

  /** Breaks every connection; none gets through until it is mended. */
  cut() {
    this.#open = false;
    for (const [near] of this.#pairs) near.resetAndDestroy();
  }

  /**
   * Swallows what is sent and answers nothing, as a network does that a sleeping phone has left; whoever was
   * connected, or connects meanwhile, is never heard of again.
   */
  freeze() {
    this.#frozen = true;
    for (const [near, far] of [...this.#pairs]) {
      near.unpipe();
      far.unpipe();
      far.removeAllListeners("close");
      far.destroy();
      this.#swallow(near);
    }
  }

  #swallow(near) {
    this.#pairs.add([near, near]);
    near.resume();
  }

  /** Whoever connects from now on gets through. */
  thaw() {
    this.#frozen = false;
  }

  mend() {
    this.#open = true;
  }

  close() {
    this.cut();
    this.#server.close();
  }
}
