import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { portrait } from "./visit.mjs";

/** The screens a kiosk may have, a phone's, and a laptop's. */
export const sizes = {
  portrait: { width: 1080, height: 1920 },
  landscape: { width: 1920, height: 1080 },
  phone: { width: 390, height: 844 },
  laptop: { width: 1280, height: 800 },
  desk: { width: 1366, height: 768 },
};

/**
 * A browser whose camera sees the portrait of `sitter`, or which has no camera if there is none.
 * Its camera repeats one still: a baseline 4:2:0 JPEG of even size is a video of one frame. `film` is the file
 * itself: what is in it when the camera is opened. With `cachesPages` a page that is left and come back to is the
 * same, as on phones.
 */
export async function launch({ sitter, film, cachesPages = false } = {}) {
  const dir = await mkdtemp(join(tmpdir(), "easel-camera-"));
  const args = ["--use-fake-ui-for-media-stream", "--force-color-profile=srgb"];
  if (sitter) {
    film = join(dir, "camera.mjpeg");
    await copyFile(portrait(sitter), film);
  }
  if (film) {
    args.push("--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${film}`);
  } else {
    args.push("--use-fake-device-for-media-stream=device-count=0");
  }
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Chromium's sandbox refuses root, whom build machines like.
    chromiumSandbox: process.getuid?.() !== 0,
    args,
    ignoreDefaultArgs: cachesPages ? ["--disable-back-forward-cache"] : [],
  });
  browser.on("disconnected", () => void rm(dir, { recursive: true, force: true }));
  return browser;
}
