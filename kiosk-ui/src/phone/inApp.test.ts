import { describe, expect, it } from "vitest";
import { inAppOf } from "./inApp";

const iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const android = "Mozilla/5.0 (Linux; Android 15; SM-S921N Build/AP3A.240905.015; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.58 Mobile Safari/537.36";
const page = "http://192.168.0.7:8081/#AbCd-_0123456789";

describe("an app's own browser", () => {
  it.each([
    [`${iphone} Mobile/15E148 KAKAOTALK 10.9.5`, "kakaotalk"],
    [`${android};KAKAOTALK 2410950`, "kakaotalk"],
    [`${iphone} Mobile/22B83 Instagram 354.0.4.26.87 (iPhone15,4; iOS 18_1; ko_KR; ko; scale=3.00; 1179x2556)`, "instagram"],
    [`${android} Instagram 354.0.0.43.109 Android (35/15; 480dpi; 1080x2340)`, "instagram"],
    [`${iphone} Mobile/22B83 [FBAN/FBIOS;FBAV/488.0.0.58.92;FBDV/iPhone15,4]`, "facebook"],
    [`${android} [FB_IAB/FB4A;FBAV/488.0.0.68.80;]`, "facebook"],
    [`${iphone} Mobile/15E148 Safari Line/14.17.0`, "line"],
    [`${android} Line/14.17.1/IAB`, "line"],
    [`${iphone} Version/18.1 Mobile/15E148 Safari/604.1 NAVER(inapp; search; 2000; 12.9.3; 15PRO)`, "naver"],
    [`${android} NAVER(inapp; search; 2000; 12.9.4)`, "naver"],
    [`${android} MicroMessenger/8.0.50`, "other"],
    [android, "other"],
    [`${iphone} Mobile/15E148`, "other"],
  ])("is known: %s", (userAgent, app) => {
    expect(inAppOf(userAgent)?.app).toBe(app);
  });

  it.each([
    `${iphone} Version/18.1 Mobile/15E148 Safari/604.1`,
    `${iphone} CriOS/130.0.6723.90 Mobile/15E148 Safari/604.1`,
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Android 15; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
  ])("is not every browser: %s", (userAgent) => {
    expect(inAppOf(userAgent)).toBeUndefined();
  });

  it("is left by the way it knows, with the whole address", () => {
    const link = (userAgent: string) => inAppOf(userAgent)?.link?.(page);
    const kakao = `kakaotalk://web/openExternal?url=${encodeURIComponent(page)}`;
    expect(link(`${iphone} KAKAOTALK 10.9.5`)).toBe(kakao);
    expect(link(`${android};KAKAOTALK 2410950`)).toBe(kakao);
    expect(link(`${android} Line/14.17.1/IAB`)).toBe("http://192.168.0.7:8081/?openExternalBrowser=1#AbCd-_0123456789");
    expect(link(`${android} Instagram 354.0.0.43.109 Android`)).toBe(
      "intent://192.168.0.7:8081/#AbCd-_0123456789#Intent;scheme=http;package=com.android.chrome;end",
    );
    expect(inAppOf(android)?.link?.("https://booth.example/#c")).toContain(";scheme=https;");
    expect(link(`${iphone} Instagram 354.0.4.26.87`)).toBeUndefined();
  });
});
