import jsQR from "jsqr";
import { PNG } from "pngjs";

/** The text of the QR code in a PNG, or a failure if no phone could read it. */
export function readQr(png) {
  const { data, width, height } = PNG.sync.read(png);
  const code = jsQR(new Uint8ClampedArray(data), width, height, { inversionAttempts: "dontInvert" });
  if (!code) throw new Error(`there is no QR code in these ${width} × ${height} pixels`);
  return code.data;
}
