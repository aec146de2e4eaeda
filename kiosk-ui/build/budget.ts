import { brotliCompressSync } from "node:zlib";
import type { Plugin, Rollup } from "vite";

/**
 * Fails the build when `page` and all scripts and styles it loads exceed `bytes`, compressed:
 * a phone in a crowded hall shares its Wi-Fi with two hundred others.
 */
export function budget(page: string, bytes: number): Plugin {
  return {
    name: "easel-budget",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const names = new Set([page, ...loadedBy(bundle, page)]);
        const sum = [...names].map((name) => compressed(bundle[name])).reduce((a, b) => a + b, 0);
        this.info(`${page}: ${sum} of ${bytes} bytes, compressed`);
        if (sum > bytes) this.error(`${page} weighs ${sum} bytes compressed; its budget is ${bytes}`);
      },
    },
  };
}

/** Scripts and styles by name in the page's own text, and what those import. */
function loadedBy(bundle: Rollup.OutputBundle, page: string): string[] {
  const html = text(bundle[page]);
  const direct = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name) && html.includes(name));
  const imported = direct.flatMap((name) => {
    const file = bundle[name];
    return file?.type === "chunk" ? [...file.imports, ...file.dynamicImports] : [];
  });
  return [...direct, ...imported];
}

function text(file: Rollup.OutputBundle[string] | undefined): string {
  if (!file) return "";
  return file.type === "chunk" ? file.code : Buffer.from(file.source).toString();
}

function compressed(file: Rollup.OutputBundle[string] | undefined): number {
  return brotliCompressSync(text(file)).length;
}
