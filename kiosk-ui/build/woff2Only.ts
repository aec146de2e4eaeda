import type { Plugin } from "vite";

/** Drops the old `.woff` twins from font packages' style sheets: the kiosk's browser reads woff2. */
export function woff2Only(): Plugin {
  return {
    name: "easel-woff2-only",
    enforce: "pre",
    transform(code, id) {
      if (!/node_modules\/@fontsource.*\.css/.test(id)) return null;
      return { code: code.replace(/,\s*url\([^)]*\.woff\)\s*format\((['"])woff\1\)/g, ""), map: null };
    },
  };
}
