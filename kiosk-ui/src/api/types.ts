/**
 * The words the daemon speaks. Their shapes are generated from its OpenAPI document (`schema.ts`, by
 * `npm run types`); what a JSON schema leaves open, such as the names of states, is said here.
 * Everything else imports wire types from here only.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];
/** `T` with some of its fields said more exactly. */
type Exactly<T, F> = Omit<T, keyof F> & F;

export type Locale = "ko" | "en";
export type SessionState = "consent" | "capture" | "painting" | "choose" | "ticket" | "ended";
export type PaintingState = "queued" | "painting" | "done" | "failed" | "cancelled";

/** A text of the settings, in the languages they have. */
export type Localized = Partial<Schemas["LocalWord"]>;

/** A picture by signed, expiring address, relative to the origin of the page. */
export type Picture = Schemas["Picture"];
export type Failure = Schemas["Failure"];
export type Capture = Schemas["Capture"];
export type Ticket = Schemas["Ticket"];
export type Print = Exactly<Schemas["Print"], { state: "queued" | "done" | "failed" }>;
/** The picture's own fields are there once `state` is `done`. */
export type Painting = Exactly<Omit<Schemas["Painting"], keyof Schemas["Painted"]>, { state: PaintingState }> &
  Partial<Schemas["Painted"]>;

export type Snapshot = Exactly<
  Schemas["Snapshot"],
  {
    state: SessionState;
    locale: Locale;
    paintings: Painting[];
    prints: Print[];
    /** `eta_s`: the shortest and the longest wait, from measured times. */
    line: { ahead: number; eta_s: readonly [number, number] };
  }
>;

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
  "print.progress": { print: string; sheets_done: number; copies: number };
  "print.waiting": { print: string; waits: Schemas["Says"] };
  "printer.state": Schemas["PrinterHint"];
  "phone.joined": { phones: number };
  "session.handed_over": Record<string, never>;
  "session.ended": Record<string, never>;
  "session.erased": { erased_at: string };
}

export type EventType = keyof EventData;

/**
 * One thing that happened. `painting.progress`, `print.progress`, `print.waiting` and `printer.state` have no `seq` and
 * are never replayed: snapshots say what they said.
 */
export type RoomEvent = {
  [T in EventType]: { seq?: number; at: string; type: T; data: EventData[T] };
}[EventType];

export type Style = Exactly<Schemas["StyleView"], { name: Localized }> & { manner?: Localized };
export type Booth = Exactly<Schemas["BoothView"], { locales: Locale[]; styles: Style[] }>;

export type Camera = Schemas["CameraView"];
export type CameraState = Schemas["CameraState"];
export type CameraSeen = Schemas["CameraSeen"];
export type CameraTrouble = Schemas["CameraTrouble"];

/** How a phone comes into the room: shown as a QR, and as four digits for the second phone. */
export type JoinCode = Schemas["JoinView"];
export type KioskView = Exactly<Schemas["Screen"], { booth: Booth; session?: Snapshot | null }>;
export type Opened = Exactly<Schemas["Opened"], { session: Snapshot }>;
/** A one-time code for another browser of the same phone. */
export type TakenAlong = Schemas["TakenAlong"];
export type Joined = Schemas["Joined"];
export type ConsentChoice = Schemas["Consent"];

/** RFC 9457 problem details. `code` is stable; `detail` is English and not shown to visitors. */
export type ProblemBody = Partial<Schemas["Problem"]>;

/** What the staff page is told; its states are words that pages translate. */
export type AddressPart = Schemas["AddressPart"];
export type AddressChoice = Schemas["AddressChoice"];
export type Overview = Exactly<Schemas["Overview"], { locales: Locale[]; styles: Style[] }>;
export type Mood = Schemas["Mood"];
export type GeneratorPart = Schemas["GeneratorPart"];
export type Doubt = Schemas["Doubt"];
export type Stray = Schemas["Stray"];
export type StaffVisit = Schemas["StaffVisit"];
export type StaffVisits = Schemas["StaffVisits"];
export type StaffTicket = Schemas["StaffTicket"];
export type Pause = Schemas["Pause"];
export type PauseReason = Schemas["Reason"];
export type PauseWish = Schemas["PauseWish"];
export type Rehearsal = Schemas["Rehearsal"];
export type RehearsalStep = Schemas["RehearsalStep"];
export type Figures = Schemas["Figures"];
export type FigureOf = Schemas["FigureOf"];
export type Shift = Schemas["Shift"];
export type Tested = Schemas["Tested"];
export type Verdict = Schemas["Verdict"];
