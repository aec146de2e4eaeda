import { seedOf } from "../store/seed";
import { keyOf, settle } from "./intents";
import { isJson, Problem } from "./problem";
import type {
  CameraSeen,
  CameraState,
  Capture,
  ConsentChoice,
  Joined,
  KioskView,
  Locale,
  Opened,
  Painting,
  Print,
  Snapshot,
  Style,
  TakenAlong,
  Ticket,
} from "./types";

const base = "/api/v1";
const answerWithinMs = 15_000;
/** A full-size photo over a weak Wi-Fi takes its time. */
const uploadWithinMs = 60_000;
/** A camera may focus, charge its flash and write its card first; the daemon ends that wait itself. */
const shutterWithinMs = 40_000;

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  token?: string;
  json?: unknown;
  picture?: Blob;
  /**
   * What is wanted, in a POST: the same text until there is an answer is one command. If it is left out, the
   * path and the body say it.
   */
  intent?: string;
  /** How long an answer may take; some things are slow by nature. */
  withinMs?: number;
  /** It is sent even if the page is left meanwhile. */
  keepalive?: boolean;
}

/** Asks the daemon; every failure is a {@link Problem}. */
export async function ask<T>(path: string, how: Ask = {}): Promise<T> {
  const response = await answer(path, how);
  if (response.status === 204) return undefined as T;
  if (!isJson(response)) throw Problem.portal(response.status);
  return (await response.json().catch(() => {
    throw Problem.unreachable();
  })) as T;
}

/** Asks the daemon for a file; every failure is a {@link Problem}. */
export async function askFile(path: string, how: Ask): Promise<Blob> {
  const response = await answer(path, how);
  return response.blob().catch(() => {
    throw Problem.unreachable();
  });
}

/** Asks; a POST under the key of its intent, which an answer of the daemon's settles. */
async function answer(path: string, how: Ask): Promise<Response> {
  if ((how.method ?? "POST") !== "POST") return send(path, how);
  const intent = intentOf(path, how);
  try {
    const response = await send(path, how, keyOf(intent));
    // A page that somebody between has put in the place of the answer says nothing of what was done.
    if (response.status === 204 || isJson(response)) settle(intent);
    return response;
  } catch (error) {
    if (error instanceof Problem && error.answered) settle(intent);
    throw error;
  }
}

function intentOf(path: string, { json, intent }: Ask): string {
  return intent === undefined ? `${path} ${json === undefined ? "" : JSON.stringify(json)}` : `${path} ${intent}`;
}

async function send(
  path: string,
  { method = "POST", token, json, picture, withinMs, keepalive }: Ask,
  key?: string,
): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (key) headers["idempotency-key"] = key;
  if (token) headers.authorization = `Bearer ${token}`;
  if (json !== undefined) headers["content-type"] = "application/json";
  if (picture) headers["content-type"] = picture.type || "application/octet-stream";
  const init: RequestInit = {
    method,
    headers,
    cache: "no-store",
    credentials: "omit",
    // The daemon sends nobody elsewhere; a Wi-Fi that wants people to sign in does.
    redirect: "manual",
    signal: endsAfter(withinMs ?? (picture ? uploadWithinMs : answerWithinMs)),
  };
  if (keepalive) init.keepalive = true;
  if (json !== undefined) init.body = JSON.stringify(json);
  if (picture) init.body = picture;
  let response: Response;
  try {
    response = await fetch(base + path, init);
  } catch {
    throw Problem.unreachable();
  }
  if (!response.ok) throw await Problem.fromResponse(response);
  return response;
}

/** `AbortSignal.timeout`, which phones that end at iOS 15 do not have. */
function endsAfter(ms: number): AbortSignal {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), ms);
  return stop.signal;
}

/** What only the kiosk's listener answers; no token. */
export const kioskApi = {
  view: () => ask<KioskView>("/kiosk", { method: "GET" }),
  open: (locale: Locale) => ask<Opened>("/sessions", { json: { locale }, intent: "" }),
  /** The screen has a visit: the next touch opens another one, whatever became of the last. */
  opened: () => settle("/sessions "),
  handOver: (id: string) => ask<void>(`/sessions/${id}/handover`),
  camera: () => ask<CameraState>("/camera", { method: "GET" }),
  /** The count begins: a shutter that is pressed by hand takes the photo from now on. */
  countDown: (session: string) => ask<void>("/camera/countdown", { method: "PUT", json: { session } }),
  breakOff: () => ask<void>("/camera/countdown", { method: "DELETE" }),
  /** How the page's own camera is. */
  tellOfCamera: (seen: CameraSeen) => ask<void>("/camera/seen", { method: "PUT", json: seen }),
  liveView: `${base}/camera/live`,
};

/** Exchanges the code of a QR, and the four digits where they are needed, for a room token. */
export function join(code: string, claim?: string): Promise<Joined> {
  return ask<Joined>("/join", { json: claim ? { code, claim } : { code } });
}

/** What the booth paints, in its order; on both listeners, no token. */
export const styles = () => ask<Style[]>("/styles", { method: "GET" });

/** The calls of one room, with its token. */
export class RoomApi {
  /** So many photos the page knows of: the shutter pressed again before there is another one is the same press. */
  photos = 0;

  constructor(
    readonly id: string,
    readonly token: string,
  ) {}

  snapshot = (withinMs?: number) => this.#ask<Snapshot>("", { method: "GET", ...(withinMs ? { withinMs } : {}) });
  erase = () => this.#ask<void>("", { method: "DELETE" });
  /** A code that opens the room to another browser, once and soon. */
  takeAlong = () => this.#ask<TakenAlong>("/code");
  end = () => this.#ask<void>("/end");
  setLocale = (locale: Locale) => this.#ask<void>("/locale", { json: { locale } });
  consent = (choice: ConsentChoice) => this.#ask<unknown>("/consent", { json: choice });

  /** `file`: which one of the visitor's it is, where it is one. */
  async sendPhoto(picture: Blob, file?: string): Promise<Capture> {
    const how = { picture, intent: file ? `file ${file}` : this.#press };
    return (await this.#ask<{ capture: Capture }>("/captures", how)).capture;
  }

  async takePhoto(source: "camera" | "sample"): Promise<Capture> {
    const how = { json: { source }, withinMs: shutterWithinMs, intent: `${source} ${this.#press}` };
    return (await this.#ask<{ capture: Capture }>("/captures", how)).capture;
  }

  get #press(): string {
    return `photo ${this.photos + 1}`;
  }

  /** Asks for a photo's paintings, all styles. */
  async paint(capture: string): Promise<Painting[]> {
    return (await this.#ask<{ paintings: Painting[] }>("/paintings", { json: { capture } })).paintings;
  }

  /** Asks for one style anew, from another seed. */
  async paintAgain(capture: string, style: string): Promise<Painting[]> {
    const intent = `again ${capture} ${style}`;
    const path = "/paintings";
    const seed = seedOf(keyOf(intentOf(this.#path(path), { intent })));
    const how = { json: { capture, styles: [style], seed }, intent };
    return (await this.#ask<{ paintings: Painting[] }>(path, how)).paintings;
  }

  async retry(painting: string): Promise<void> {
    await this.#ask<unknown>(`/paintings/${painting}/retry`);
  }

  async makeTicket(painting: string, name?: string): Promise<Ticket> {
    return (await this.#ask<{ ticket: Ticket }>("/tickets", { json: { painting, name } })).ticket;
  }

  /** However often it is repeated before there is an answer, it prints once. */
  async print(ticket: string, copies: number): Promise<Print> {
    const how = { json: { ticket, copies }, intent: ticket };
    return (await this.#ask<{ print: Print }>("/prints", how)).print;
  }

  #ask<T>(path: string, how: Ask = {}): Promise<T> {
    return ask<T>(this.#path(path), { ...how, token: this.token });
  }

  #path(path: string): string {
    return `/sessions/${this.id}${path}`;
  }
}
