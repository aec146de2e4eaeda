import { copyFile, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { portrait } from "./visit.mjs";

/** A DSLR on a desk, as our own stand-in for the gphoto2 program has it: see tests/stand-ins/gphoto2. */
export class Desk {
  #dir;

  static async withADslr(sitter) {
    const desk = new Desk();
    desk.#dir = await mkdtemp(join(tmpdir(), "easel-desk-"));
    const program = fileURLToPath(new URL("../../stand-ins/gphoto2", import.meta.url));
    await symlink(program, desk.#at("gphoto2"));
    await copyFile(portrait(sitter), desk.#at("photo.jpg"));
    return desk;
  }

  /** Settings for a booth that has it. */
  get camera() {
    return { driver: "gphoto2", gphoto2: { program: this.#at("gphoto2") } };
  }

  /** From now on it is so: `unplugged`, `no-focus`, ... */
  is(how, what = "") {
    return writeFile(this.#at(how), what);
  }

  /** From now on it is not. */
  isNot(how) {
    return rm(this.#at(how));
  }

  /** What it sees. */
  get photo() {
    return this.#at("photo.jpg");
  }

  #at(name) {
    return join(this.#dir, name);
  }

  close() {
    return rm(this.#dir, { recursive: true, force: true });
  }
}
