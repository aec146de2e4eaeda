import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { budget } from "./build/budget.ts";
import { compress } from "./build/compress.ts";
import { licences } from "./build/licences.ts";
import { woff2Only } from "./build/woff2Only.ts";

/** Where `npm run dev` finds a booth: the daemon's kiosk listener, or its public one for the phone. */
const booth = process.env.EASEL_DEV_BOOTH ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [woff2Only(), svelte(), licences(), budget("phone.html", 60_000), compress()],
  // The sample paintings are imported, so that they get hashed names like every other asset.
  publicDir: false,
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: ["kiosk.html", "phone.html", "staff.html"] },
  },
  server: {
    proxy: {
      "/api": booth,
      "/media": booth,
      "/socket.io": { target: booth, ws: true },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
