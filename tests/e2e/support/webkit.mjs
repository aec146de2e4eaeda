import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile, mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sizes } from "./chromium.mjs";
import { patience, until, within } from "./until.mjs";
import { words } from "./words.mjs";

/** The key under which WebDriver tells of an element (W3C WebDriver §12.1). */
const elementKey = "element-6066-11e4-a52e-4f735466cecf";
const shots = process.env.EASEL_SHOTS ?? fileURLToPath(new URL("../shots", import.meta.url));

/** Programs that run; none outlives the tests, however these end. */
const running = new Set();
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** Runs in the page before a test goes on: keeps what its scripts complain of. */
const listen = () => {
  globalThis.complaints ??= [];
  addEventListener("error", ({ message }) => globalThis.complaints.push(message));
  addEventListener("unhandledrejection", ({ reason }) => globalThis.complaints.push(String(reason)));
};

/** Safari's engine on a screen of its own, with a visitor's phone page in it; spoken to by WebDriver. */
export class WebKitPhone {
  #programs = [];
  #dir;
  #session;
  locale;

  /** Opens `url` as a phone's camera does with a QR code. */
  static async open(url, { locale = "ko" } = {}) {
    const phone = new WebKitPhone();
    phone.locale = locale;
    try {
      await phone.#start();
      await phone.goTo(url);
    } catch (error) {
      await phone.close();
      throw error;
    }
    return phone;
  }

  async #start() {
    this.#dir = await mkdtemp(join(tmpdir(), "easel-webkit-"));
    const display = await this.#screen();
    const port = await freePort();
    const driver = this.#run("WebKitWebDriver", [`--port=${port}`], {
      env: {
        ...process.env,
        DISPLAY: display,
        GDK_BACKEND: "x11",
        LANG: this.locale === "ko" ? "ko_KR.UTF-8" : "en_US.UTF-8",
        // Nothing is kept of an earlier run, and nothing of whoever runs the tests is read.
        HOME: this.#dir,
        XDG_RUNTIME_DIR: this.#dir,
        ...(process.getuid?.() === 0 ? { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" } : {}),
      },
    });
    const gone = once(driver, "exit").then(([code]) => Promise.reject(new Error(`WebKitWebDriver ended with ${code}`)));
    gone.catch(() => {});
    const base = `http://127.0.0.1:${port}`;
    const listens = () => fetch(`${base}/status`).then((answer) => answer.ok, () => false);
    await Promise.race([until(listens, "WebKitWebDriver listens"), gone]);
    const options = { binary: await miniBrowser(), args: ["--automation"] };
    const { sessionId } = await ask("POST", `${base}/session`, {
      capabilities: { alwaysMatch: { "webkitgtk:browserOptions": options } },
    });
    this.#session = `${base}/session/${sessionId}`;
    await this.#ask("POST", "/timeouts", { script: patience, pageLoad: patience, implicit: 0 });
    await this.#ask("POST", "/window/rect", sizes.phone);
  }

  /** A screen in memory; answers its name. */
  async #screen() {
    const { width, height } = sizes.portrait;
    const args = ["-displayfd", "3", "-screen", "0", `${width}x${height}x24`, "-nolisten", "tcp"];
    const screen = this.#run("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
    const [number] = await within(patience, once(screen.stdio[3], "data"), "Xvfb has a screen");
    return `:${String(number).trim()}`;
  }

  #run(program, args, options) {
    const child = spawn(program, args, { stdio: "ignore", ...options });
    child.on("error", () => {}); // told by what waits for it
    running.add(child);
    child.once("exit", () => running.delete(child));
    this.#programs.unshift(child);
    return child;
  }

  get say() {
    return words[this.locale].phone;
  }

  async goTo(url) {
    await this.#ask("POST", "/url", { url });
    await this.run(listen);
  }

  async reload() {
    await this.#ask("POST", "/refresh", {});
    await this.run(listen);
  }

  /** Calls `script` in the page with `args`; answers what it answers. */
  run(script, ...args) {
    return this.#ask("POST", "/execute/sync", { script: `return (${script})(...arguments)`, args });
  }

  /** What the page's scripts complained of since it was loaded. */
  complaints() {
    return this.run(() => globalThis.complaints);
  }

  /** Waits for an element that can be seen. */
  async #find(selector) {
    const seen = (css) => {
      const found = [...document.querySelectorAll(css)].find((e) => e.type === "file" || (e.checkVisibility?.() ?? true));
      if (found && !found.disabled && !found.closest("[inert]")) found.scrollIntoView({ block: "center" });
      return found && !found.disabled && !found.closest("[inert]") ? found : null;
    };
    const found = await until(() => this.run(seen, selector), `${selector} is there`);
    return `/element/${found[elementKey]}`;
  }

  /** Waits for the screen of this step. */
  async at(step) {
    await this.#find(`[data-step=${step}]`);
  }

  /** Waits for an element with exactly this text. */
  async reads(text) {
    const there = (wanted) => [...document.querySelectorAll("body *")].some((e) => e.innerText?.trim() === wanted);
    await until(() => this.run(there, text), `"${text}" is there`);
  }

  /** Touches the first control that does `action`. */
  async does(action) {
    await this.touch(`[data-action=${action}]`);
  }

  /** Touches; again if what was to be touched has been drawn anew in that moment. */
  async touch(selector) {
    await until(async () => {
      const element = await this.#find(selector);
      return this.#ask("POST", `${element}/click`, {}).then(
        () => true,
        (error) => (isStale(error) ? false : Promise.reject(error)),
      );
    }, `${selector} is touched`);
  }

  /** Types into a field, or gives a file to one for files. */
  async type(selector, text) {
    const element = await this.#find(selector);
    await this.#ask("POST", `${element}/value`, { text });
  }

  /** Waits until all pictures on the page have arrived and can be seen. */
  async hasItsPictures() {
    const come = () => {
      const all = [...document.images];
      return all.length > 0 && all.every((image) => image.complete && image.naturalWidth > 0);
    };
    await until(() => this.run(come), "all pictures have come");
  }

  /** Takes a picture of the page as `name`. */
  async shoot(name) {
    await mkdir(shots, { recursive: true });
    await writeFile(join(shots, `${name}.png`), Buffer.from(await this.#ask("GET", "/screenshot"), "base64"));
  }

  #ask(method, path, body) {
    return ask(method, this.#session + path, body);
  }

  async close() {
    if (this.#session) await this.#ask("DELETE", "").catch(() => {});
    for (const child of this.#programs) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) continue;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await within(patience, gone, "it ends").catch(() => child.kill("SIGKILL"));
    }
    await rm(this.#dir, { recursive: true, force: true });
  }
}

class Refused extends Error {
  constructor({ error, message }) {
    super(`${error}: ${message}`);
    this.error = error;
  }
}

const isStale = ({ error }) => ["stale element reference", "element click intercepted", "element not interactable"].includes(error);

/** One WebDriver command. */
async function ask(method, url, body) {
  const answer = await fetch(url, {
    method,
    headers: { "content-type": "application/json" },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(2 * patience),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Refused(value);
  return value;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** WebKit's own small browser lies where no path leads. */
async function miniBrowser() {
  for (const machine of await readdir("/usr/lib")) {
    const path = join("/usr/lib", machine, "webkit2gtk-4.1", "MiniBrowser");
    if (existsSync(path)) return path;
  }
  throw new Error("there is no MiniBrowser of webkit2gtk-4.1: install webkit2gtk-driver");
}
