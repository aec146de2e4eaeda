import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";

/** The packages whose files travel in the build. */
const carried = [
  "@fontsource-variable/cormorant/LICENSE",
  "@fontsource/gowun-batang/LICENSE",
  "pretendard/dist/LICENSE.txt",
  "socket.io-client/LICENSE",
  "svelte/LICENSE.md",
];

/** Puts the licences of what the pages carry beside them, as `assets/licences.txt`. */
export function licences(): Plugin {
  return {
    name: "easel-licences",
    apply: "build",
    async generateBundle() {
      const texts = await Promise.all(
        carried.map(async (path) => {
          const text = await readFile(new URL(`../node_modules/${path}`, import.meta.url), "utf8");
          return `${path.replace(/(\/dist)?\/LICENSE.*$/, "")}\n\n${text.trim()}\n`;
        }),
      );
      this.emitFile({ type: "asset", fileName: "assets/licences.txt", source: texts.join("\n\n") });
    },
  };
}
