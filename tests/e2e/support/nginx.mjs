import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./until.mjs";

const binary = process.env.NGINX ?? "/usr/sbin/nginx";
/** Where it says who it is. */
const here = "/which-nginx-is-this";
/** Another program may take a port between its being found free and its being bound. */
const tries = 5;

const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A real nginx before a booth, as it comes but for what a test says. */
export class Nginx {
  /** The origin phones use. */
  url;
  #dir;
  #child;
  #said = "";

  /**
   * Starts one that passes everything on to `target`. `server` and `location` are more lines for
   * these blocks of its configuration; without any it is a bare `proxy_pass`.
   */
  static async before(target, { server = "", location = "" } = {}) {
    const nginx = new Nginx();
    nginx.#dir = await mkdtemp(join(tmpdir(), "easel-nginx-"));
    for (let tried = 1; ; tried += 1) {
      const port = await freePort();
      nginx.url = `http://127.0.0.1:${port}`;
      await nginx.#start(configuration(nginx.#dir, port, target, server, location));
      await until(async () => nginx.#gone() || (await nginx.#answers()), "nginx answers");
      if (!nginx.#gone()) return nginx;
      if (tried === tries) throw new Error(`nginx does not start:\n${nginx.#said}`);
    }
  }

  async #start(text) {
    const file = join(this.#dir, "nginx.conf");
    await writeFile(file, text);
    this.#child = spawn(binary, ["-p", this.#dir, "-c", file, "-e", "stderr"], { stdio: ["ignore", "ignore", "pipe"] });
    const child = this.#child;
    running.add(child);
    child.once("error", (error) => (this.#said += error));
    child.once("exit", () => running.delete(child));
    child.stderr.on("data", (data) => (this.#said += data));
    await Promise.race([once(child, "spawn"), once(child, "error")]);
  }

  /** Whether it is this one that has the port. */
  async #answers() {
    const answer = await fetch(this.url + here).catch(() => undefined);
    return answer?.ok && (await answer.text()) === this.#dir;
  }

  #gone() {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Where something at `url` of the booth is found behind this nginx. */
  behind(url) {
    const { pathname, search, hash } = new URL(url);
    return this.url + pathname + search + hash;
  }

  async close() {
    if (!this.#gone()) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      await ended;
    }
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** Nothing is set but what keeps it in its own folder and in the foreground. */
function configuration(dir, port, target, server, location) {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
    daemon off;
    master_process off;
    pid ${dir}/nginx.pid;
    events {}
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${dir}/${name};`).join("\n      ")}
      server {
        listen 127.0.0.1:${port};
        ${server}
        location = ${here} { return 200 "${dir}"; }
        location / {
          proxy_pass ${target};
          ${location}
        }
      }
    }
  `;
}

async function freePort() {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address();
  holder.close();
  await once(holder, "close");
  return port;
}
