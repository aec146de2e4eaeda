import { Problem } from "./problem";
import type {
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
  headers?: Record<string, string>;
  /** How long an answer may take; some things are slow by nature. */
  withinMs?: number;
}

/** Asks the daemon; every failure is a {@link Problem}. */
export async function ask<T>(path: string, how: Ask = {}): Promise<T> {
  const response = await answer(path, how);
  if (response.status === 204) return undefined as T;
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

async function answer(
  path: string,
  { method = "POST", token, json, picture, headers, withinMs }: Ask,
): Promise<Response> {
  const all: Record<string, string> = { accept: "application/json", ...headers };
  if (token) all.authorization = `Bearer ${token}`;
  if (json !== undefined) all["content-type"] = "application/json";
  if (picture) all["content-type"] = picture.type || "application/octet-stream";
  const init: RequestInit = {
    method,
    headers: all,
    cache: "no-store",
    credentials: "omit",
    signal: endsAfter(withinMs ?? (picture ? uploadWithinMs : answerWithinMs)),
  };
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
  open: (locale: Locale) => ask<Opened>("/sessions", { json: { locale } }),
  handOver: (id: string) => ask<void>(`/sessions/${id}/handover`),
  camera: () => ask<CameraState>("/camera", { method: "GET" }),
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
  constructor(
    readonly id: string,
    readonly token: string,
  ) {}

  snapshot = () => this.#ask<Snapshot>("", { method: "GET" });
  erase = () => this.#ask<void>("", { method: "DELETE" });
  end = () => this.#ask<void>("/end");
  setLocale = (locale: Locale) => this.#ask<void>("/locale", { json: { locale } });
  consent = (choice: ConsentChoice) => this.#ask<unknown>("/consent", { json: choice });

  async sendPhoto(picture: Blob): Promise<Capture> {
    return (await this.#ask<{ capture: Capture }>("/captures", { picture })).capture;
  }

  async takePhoto(source: "camera" | "sample"): Promise<Capture> {
    const how = { json: { source }, withinMs: shutterWithinMs };
    return (await this.#ask<{ capture: Capture }>("/captures", how)).capture;
  }

  async paint(capture: string, styles?: string[], seed?: number): Promise<Painting[]> {
    return (await this.#ask<{ paintings: Painting[] }>("/paintings", { json: { capture, styles, seed } })).paintings;
  }

  async retry(painting: string): Promise<void> {
    await this.#ask<unknown>(`/paintings/${painting}/retry`);
  }

  async makeTicket(painting: string, name?: string): Promise<Ticket> {
    return (await this.#ask<{ ticket: Ticket }>("/tickets", { json: { painting, name } })).ticket;
  }

  /** The same `key` never prints twice, however often the call is repeated. */
  async print(ticket: string, copies: number, key: string): Promise<Print> {
    const headers = { "idempotency-key": key };
    return (await this.#ask<{ print: Print }>("/prints", { json: { ticket, copies }, headers })).print;
  }

  #ask<T>(path: string, how: Ask = {}): Promise<T> {
    return ask<T>(`/sessions/${this.id}${path}`, { ...how, token: this.token });
  }
}
