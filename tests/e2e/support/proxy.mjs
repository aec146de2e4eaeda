import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";

/** A page as proxies make them for themselves. */
export const proxyPage = (status) => ({
  status,
  headers: { "content-type": "text/html" },
  body: `<html><head><title>${status}</title></head><body><center><h1>${status}</h1></center><hr>nginx</body></html>`,
});

/** Somebody in the middle: passes everything on to the booth, except what `answer` answers in its place. */
export class Proxy {
  /** The origin phones use. */
  url;
  /** The origin it leads to. */
  target;
  /** Given a request, what the proxy says of its own: `{status, headers, body, late}`, or nothing; `late`: the booth is asked all the same. */
  answer = () => undefined;
  /** What was asked for: `{method, path, key}`. */
  asked = [];
  #server;

  static async open() {
    const proxy = new Proxy();
    proxy.#server = createServer((near, reply) => void proxy.#pass(near, reply));
    proxy.#server.on("upgrade", (near, socket, head) => proxy.#upgrade(near, socket, head));
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    proxy.url = `http://127.0.0.1:${proxy.#server.address().port}`;
    return proxy;
  }

  #pass(near, reply) {
    const { method, url, headers } = near;
    this.asked.push({ method, path: url, key: headers["idempotency-key"] });
    const own = this.answer({ method, path: url });
    const say = () => reply.writeHead(own.status, own.headers).end(own.body);
    if (own && !own.late) {
      near.resume();
      return near.once("end", say);
    }
    const far = request(this.target + url, { method, headers }, (answer) => {
      if (own) return void answer.resume().once("end", say);
      reply.writeHead(answer.statusCode, answer.headers);
      answer.pipe(reply);
    });
    far.on("error", () => (reply.headersSent ? reply.destroy() : reply.writeHead(502).end()));
    near.pipe(far);
  }

  #upgrade({ method, url, rawHeaders, ...near }, socket, head) {
    if (this.answer({ method, path: url, upgrade: true })) return socket.destroy();
    const { hostname, port } = new URL(this.target);
    const far = connect(Number(port), hostname, () => {
      const lines = [`${method} ${url} HTTP/1.1`];
      for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
      far.write(`${lines.join("\r\n")}\r\n\r\n`);
      far.write(head);
      far.pipe(socket).pipe(far);
    });
    far.on("error", () => socket.destroy());
    socket.on("error", () => far.destroy());
    socket.on("close", () => far.destroy());
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
