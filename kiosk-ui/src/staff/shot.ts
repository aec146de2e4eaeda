import { kioskApi } from "../api/client";
import { Problem } from "../api/problem";
import type { Tested } from "../api/types";
import { grabStill, openCamera, turnOf } from "../screens/capture/camera";

/** Takes a photo with the camera of this very screen, as the kiosk's page does. Nothing is kept. */
export async function shootHere(): Promise<Tested> {
  const began = performance.now();
  const stream = await openCamera().catch(() => {
    throw new Problem(0, "camera_failed");
  });
  try {
    const video = document.createElement("video");
    video.srcObject = stream;
    video.muted = true;
    await video.play();
    const { camera } = (await kioskApi.view()).booth;
    const picture = await dataUrl(await grabStill(video, turnOf(camera.turn)));
    const { videoWidth: width, videoHeight: height } = video;
    return { picture, width, height, took_ms: Math.round(performance.now() - began) };
  } catch {
    throw new Problem(0, "camera_failed");
  } finally {
    stream.getTracks().forEach((track) => track.stop());
  }
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((done, refuse) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => refuse(new Error("the photo could not be read"));
    reader.readAsDataURL(blob);
  });
}
