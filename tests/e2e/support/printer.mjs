import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.mjs";

/** Programs that run; none outlives the tests, however these end. */
const running = new Set();
process.on("exit", () => running.forEach((child) => end(child)));

/**
 * `ippeveprinter`, an IPP Everywhere printer with a counted stack of paper and faults to order: see
 * `tests/stand-ins/engine`. It wants a D-Bus to announce itself on; it gets one of its own, and announces nothing.
 */
export class Printer {
  #dir;
  #port;
  #bus;
  #printer;

  static async withPaper(sheets) {
    const printer = new Printer();
    printer.#dir = await mkdtemp(join(tmpdir(), "easel-printer-"));
    await mkdir(printer.#at("spool"));
    await copyFile(fileURLToPath(new URL("../../stand-ins/engine", import.meta.url)), printer.#at("engine"));
    for (const file of ["fault", "tray", "wishes"]) await writeFile(printer.#at(file), "");
    const address = `unix:path=${printer.#at("bus")}`;
    printer.#bus = start("dbus-daemon", ["--session", "--nofork", "--print-address", `--address=${address}`]);
    await once(printer.#bus.stdout, "data");
    printer.#port = await freePort();
    await printer.layIn(sheets);
    await printer.switchOn();
    return printer;
  }

  /** Settings for a booth that has it. */
  get settings() {
    return { driver: "ipp", ipp: { uri: `ipp://127.0.0.1:${this.#port}/ipp/print` } };
  }

  async switchOn() {
    const place = ["-p", String(this.#port), "-n", "localhost", "-r", "off"];
    const kind = ["-s", "4,4", "-f", "application/pdf,image/jpeg,image/pwg-raster"];
    const work = ["-d", this.#at("spool"), "-c", this.#at("engine"), "Desk"];
    const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${this.#at("bus")}` };
    this.#printer = start("/usr/sbin/ippeveprinter", [...place, ...kind, ...work], env);
    await until(() => answers(this.#port), "the printer answers");
  }

  /** Pulls its plug, in the middle of whatever it does. It forgets its jobs. */
  async switchOff() {
    const gone = once(this.#printer, "exit");
    end(this.#printer);
    await gone;
  }

  layIn(sheets) {
    return this.#write("paper", `${sheets}\n`);
  }

  /** From now on something is wrong: `media-jam-error`, `marker-supply-empty-error`, `cover-open-error`. */
  breaks(how) {
    return this.#write("fault", how);
  }

  isMended() {
    return this.#write("fault", "");
  }

  /** The sheets that came out, first to last, by the names of their jobs. */
  async tray() {
    return (await readFile(this.#at("tray"), "utf8")).split("\n").filter(Boolean);
  }

  #at(name) {
    return join(this.#dir, name);
  }

  /** At once, so that the engine never reads half of it. */
  async #write(file, text) {
    await writeFile(this.#at("beside"), text);
    await rename(this.#at("beside"), this.#at(file));
  }

  async close() {
    end(this.#printer);
    end(this.#bus);
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** With all that it starts in a group of its own, to end with it. */
function start(program, parameters, env = process.env) {
  const child = spawn(program, parameters, { env, detached: true, stdio: ["ignore", "pipe", "ignore"] });
  child.stdout.resume();
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

function end(child) {
  if (!child || !running.delete(child)) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function answers(port) {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => done(true)).once("error", () => done(false)).once("connect", () => socket.destroy());
  });
}
