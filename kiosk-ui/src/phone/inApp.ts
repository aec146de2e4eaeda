/**
 * Browsers inside apps: most of them save no picture, and what they keep the phone's own browser does not know.
 * They are known by what they call themselves.
 */
export type App = "kakaotalk" | "instagram" | "facebook" | "line" | "naver" | "other";

/** How people come out of an app: `link` opens the phone's browser, `menu` is in words only. */
export interface InApp {
  app: App;
  /** The address that opens `page` in the phone's own browser, where the app or the phone knows one. */
  link?: (page: string) => string;
}

const names: [RegExp, App][] = [
  [/KAKAOTALK/i, "kakaotalk"],
  [/Instagram/, "instagram"],
  [/FBAN|FBAV|FB_IAB/, "facebook"],
  [/\bLine\//, "line"],
  [/NAVER\(inapp|NaverSearchApp/i, "naver"],
  [/DaumApps|BAND\/|MicroMessenger|Snapchat|musical_ly|BytedanceWebview|trill_|Twitter|everytimeApp|Telegram/i, "other"],
  // What Android calls every web view, and what every browser on an iPhone has and a web view has not.
  [/; wv\)/, "other"],
  [/\((?:iPhone|iPad|iPod)(?!.*\bSafari\/).*AppleWebKit/, "other"],
];

/** The app whose browser this is, if it is one. */
export function inAppOf(userAgent: string): InApp | undefined {
  const app = names.find(([name]) => name.test(userAgent))?.[1];
  if (!app) return undefined;
  const link = linkOf(app, /Android/.test(userAgent));
  return link ? { app, link } : { app };
}

function linkOf(app: App, android: boolean): InApp["link"] {
  if (app === "kakaotalk") return (page) => `kakaotalk://web/openExternal?url=${encodeURIComponent(page)}`;
  if (app === "line") {
    return (page) => {
      const url = new URL(page);
      url.searchParams.set("openExternalBrowser", "1");
      return url.href;
    };
  }
  return android ? intent : undefined;
}

/** Android's way to an address in another program. */
function intent(page: string): string {
  const { protocol, host, pathname, search, hash } = new URL(page);
  const scheme = protocol.slice(0, -1);
  return `intent://${host}${pathname}${search}${hash}#Intent;scheme=${scheme};package=com.android.chrome;end`;
}
