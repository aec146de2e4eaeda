/**
 * The words the daemon speaks, written by hand after the contract until they are generated from its
 * OpenAPI document. Everything else imports wire types from here only, so that the swap is one file.
 */

export type Locale = "ko" | "en";
export type SessionState = "consent" | "capture" | "painting" | "choose" | "ticket" | "ended";
export type PaintingState = "queued" | "painting" | "done" | "failed" | "cancelled";
export type PrintState = "queued" | "printing" | "done" | "failed";

/** A text in every locale of the booth. */
export type Localized = Partial<Record<Locale, string>>;

/** A picture by signed, expiring address, relative to the origin of the page. */
export interface Picture {
  id: string;
  url: string;
  width: number;
  height: number;
  bytes: number;
  content_type: string;
}

export interface Failure {
  code: string;
  message: string;
}

export interface Consent {
  painting: boolean;
  wall: boolean;
  offsite: boolean;
  at: string;
}

export interface Capture extends Picture {
  taken_at: string;
  source: "upload" | "camera" | "sample";
  current: boolean;
  thumb: Picture;
  screen: Picture;
}

/** The picture's own fields are there once `state` is `done`. */
export interface Painting extends Partial<Omit<Picture, "id">> {
  id: string;
  capture: string;
  style: string;
  seed: number;
  state: PaintingState;
  attempts: number;
  /** 0 to 1. */
  share: number;
  by?: string;
  asked_at: string;
  settled_at?: string;
  error?: Failure;
  thumb?: Picture;
}

export interface Ticket {
  id: string;
  painting: string;
  number: number;
  claim: string;
  name?: string;
  message?: string;
  made_at: string;
  formats: { phone: Picture; print: Picture; pdf: Picture };
}

export interface Print {
  id: string;
  ticket: string;
  copies: number;
  state: PrintState;
  sheets_done: number;
  error?: Failure;
}

export interface Line {
  /** Other visitors' paintings before this session's first waiting one. */
  ahead: number;
  /** Shortest and longest wait, in seconds, from measured times. */
  eta_s: [number, number];
}

export interface Snapshot {
  id: string;
  activity: string;
  state: SessionState;
  on_screen: boolean;
  seq: number;
  now: string;
  locale: Locale;
  opened_at: string;
  expires_at: string;
  consent?: Consent;
  phones: number;
  captures: Capture[];
  /** All ever asked, oldest first. */
  paintings: Painting[];
  tickets: Ticket[];
  prints: Print[];
  line: Line;
}

interface EventData {
  "session.opened": { activity: string; locale: Locale; expires_at: string };
  "consent.given": { painting: boolean; wall: boolean; offsite: boolean };
  "locale.chosen": { locale: Locale };
  "capture.taken": { capture: Capture };
  "paintings.asked": { paintings: Painting[] };
  "painting.started": { painting: string; style: string; attempt: number; by: string };
  "painting.progress": { painting: string; style: string; share: number; preview?: string };
  "painting.done": { painting: Painting };
  "painting.failed": { painting: string; style: string; attempts: number; error: Failure };
  "painting.cancelled": { painting: string; style: string };
  "painting.retried": { painting: string; style: string };
  "ticket.ready": { ticket: Ticket };
  "print.queued": { print: Print };
  "print.done": { print: string; copies: number };
  "print.failed": { print: string; error: Failure };
  "phone.joined": { phones: number };
  "session.handed_over": Record<string, never>;
  "session.ended": Record<string, never>;
  "session.erased": { erased_at: string };
}

export type EventType = keyof EventData;

/** One thing that happened; `painting.progress` alone has no `seq` and is never replayed. */
export type RoomEvent = {
  [T in EventType]: { seq?: number; at: string; type: T; data: EventData[T] };
}[EventType];

export interface Style {
  id: string;
  name: Localized;
  manner?: Localized;
}

export interface Booth {
  name: string;
  event: string;
  locales: Locale[];
  activity: string;
  idle_warn_ms: number;
  idle_reset_ms: number;
  styles: Style[];
  camera: { driver: string; in_browser: boolean; live: boolean; sample_fallback: boolean };
  printer: { driver: string; prints: boolean; max_copies: number };
  offsite: boolean;
  public_url: string;
}

/** How a phone comes into the room: shown as a QR, and as four digits for the second phone. */
export interface JoinCode {
  code: string;
  url: string;
  qr_svg: string;
  claim: string;
}

export interface KioskView {
  booth: Booth;
  session?: Snapshot;
  token?: string;
  join?: JoinCode;
}

export interface Opened {
  session: Snapshot;
  token: string;
  join: JoinCode;
}

export interface Joined {
  room: string;
  token: string;
  expires_at: string;
  role: string;
}

export interface ConsentChoice {
  painting: boolean;
  wall?: boolean;
  offsite?: boolean;
}

/** RFC 9457 problem details. `code` is stable; `detail` is English and not shown to visitors. */
export interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  erased_at?: string;
}
