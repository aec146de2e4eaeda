import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { toml } from "./toml.mjs";
import { ask } from "./ask.mjs";
import { patience, within } from "./until.mjs";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? join(repository, "target");
const binary = process.env.EASEL_BIN ?? join(target, "debug", "easel");

/** What is small and quick enough for a test; a test's own settings go over it, table by table. */
const defaults = {
  booth: { name: "Easel", event: "Open Studio" },
  listen: { kiosk: "127.0.0.1:0", public: "127.0.0.1:0" },
  generator: [{ id: "embedded", kind: "embedded", slots: 2, size_px: 256 }],
  log: { level: "info" },
};

/** Daemons that run; none outlives the tests, however these end. */
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit(1));

/** A running daemon with a data directory of its own. */
export class Booth {
  /** The origin of the kiosk's listener. */
  kiosk;
  /** The origin of the phones' listener. */
  public;
  #dir;
  #settings;
  #process;
  #said = [];

  /** Starts a daemon with `settings`, an object of TOML tables, on free ports. */
  static async open(settings = {}) {
    if (!existsSync(binary)) throw new Error(`there is no ${binary}: build it, or set EASEL_BIN`);
    const booth = new Booth();
    booth.#dir = await mkdtemp(join(tmpdir(), "easel-e2e-"));
    booth.#settings = defaults;
    booth.change(settings);
    await booth.start();
    return booth;
  }

  /** Other settings from the next start on; the given tables go over those there are. */
  change(settings) {
    this.#settings = { ...this.#settings };
    for (const [table, given] of Object.entries(settings)) {
      this.#settings[table] = Array.isArray(given) ? given : { ...this.#settings[table], ...given };
    }
  }

  /** The process's id. */
  get pid() {
    return this.#process.pid;
  }

  /** What it has written to standard error. */
  get log() {
    return this.#said.join("\n");
  }

  /** Starts it; after a stop or a kill on the same ports, over the same data. */
  async start() {
    const { booth, ...rest } = this.#settings;
    const file = join(this.#dir, "easel.toml");
    await writeFile(file, toml({ booth: { ...booth, data_dir: join(this.#dir, "data") }, ...rest }));
    this.#process = spawn(binary, ["run", "--config", file], {
      cwd: this.#dir,
      stdio: ["ignore", "pipe", "pipe"],
      env: ownEnvironment(),
    });
    const child = this.#process;
    running.add(child);
    child.once("exit", () => running.delete(child));
    createInterface({ input: child.stderr }).on("line", (line) => this.#said.push(line));
    await within(patience, this.#listens(child), "the daemon listens");
    this.change({ listen: { kiosk: hostOf(this.kiosk), public: hostOf(this.public) } });
  }

  async #listens(child) {
    const lines = createInterface({ input: child.stdout });
    const places = {};
    const gone = once(child, "exit").then(([code]) => {
      throw new Error(`the daemon ended with ${code} before it listened:\n${this.log}`);
    });
    gone.catch(() => {}); // a later end is no failure of the start
    const both = new Promise((done) => {
      lines.on("line", (line) => {
        const [, name, url] = /^listening (kiosk|public) (http:\S+)$/.exec(line) ?? [];
        if (name) places[name] = url;
        if (places.kiosk && places.public) done();
      });
    });
    await Promise.race([both, gone]);
    Object.assign(this, places);
  }

  /** Frees the screen of whatever an earlier test left on it. */
  async clear() {
    const { session } = (await ask(this.kiosk, "GET", "/kiosk")).json;
    if (session) await ask(this.kiosk, "POST", `/sessions/${session.id}/handover`);
  }

  /** Asks it to stop; answers its exit code. */
  async stop() {
    return this.#end("SIGTERM");
  }

  /** Takes its power away. */
  async kill() {
    return this.#end("SIGKILL");
  }

  async #end(signal) {
    const child = this.#process;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const gone = once(child, "exit");
    child.kill(signal);
    const [code] = await within(patience, gone, `the daemon ends after ${signal}`);
    return code;
  }

  /** The sheets in the tray of the folder that stands for a printer, of one visit. */
  async sheets(session) {
    const tray = join(this.#dir, "data", "prints", session);
    const names = (await readdir(tray)).filter((name) => name.endsWith(".pdf"));
    return Promise.all(names.sort().map((name) => readFile(join(tray, name))));
  }

  /** Stops it and removes what it kept. */
  async close() {
    await this.#end("SIGTERM").catch(() => this.#end("SIGKILL"));
    await rm(this.#dir, { recursive: true, force: true });
  }
}

function hostOf(url) {
  return new URL(url).host;
}

/** Settings of whoever runs the tests must not reach the booth. */
function ownEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("EASEL_")));
}
