import { device, isRecord, isText, tab } from "./shelf";

/**
 * The keys of the rooms this phone has entered; no cookie, and nothing is sent by itself. Whether a key
 * still opens its room is the daemon's to say: a phone's clock may be years away.
 */

export interface Key {
  room: string;
  token: string;
  expires_at: string;
}

interface Kept extends Key {
  code: string;
}

const rooms = "easel.rooms";
/** The room this tab is in: other tabs may be in others. */
const here = "easel.room";
/** As many rooms as anybody visits in a few days. */
const mostRooms = 12;
/** Where storage is full or forbidden the keys last as long as the page. */
let memory: Kept[] | undefined;

/** The code in the address, taken out of it at once. */
export function takeCode(): string | undefined {
  const code = location.hash.slice(1);
  if (!code) return undefined;
  bareAddress();
  // What this page has lent to another browser is not its own to use, after a reload either.
  if (code === tab.get(lent, isText)) return undefined;
  return /^[A-Za-z0-9_-]{8,64}$/.test(code) ? code : undefined;
}

/** The code that this page has put into its address for another browser. */
const lent = "easel.lent";

/**
 * Puts a one-time code into the address, where "open in another browser" of an app's menu takes it along;
 * answers the address. In the fragment nobody is sent it.
 */
export function lend(code: string): string {
  tab.put(lent, code);
  history.replaceState(history.state, "", `#${code}`);
  return location.href;
}

/** Takes a lent code out of the address. */
export function unlend(): void {
  bareAddress();
}

function bareAddress(): void {
  history.replaceState(history.state, "", location.pathname + location.search);
}

export function keepRoom(code: string, key: Key): Key {
  const kept = { ...key, code };
  save([kept, ...load().filter(({ room }) => room !== key.room)]);
  tab.put(here, kept);
  return key;
}

export function keptRoom(code: string): Key | undefined {
  return known().find((kept) => kept.code === code);
}

export function lastRoom(): Key | undefined {
  return known()[0];
}

export function dropRoom(room: string): void {
  save(load().filter((kept) => kept.room !== room));
  if (tab.get(here, isKept)?.room === room) tab.put(here, undefined);
}

/** The room at which this page still knocks: kept while the tab is open, so that a reload goes on. */
export interface Knock {
  code: string;
  /** A knock went out of which no answer came: it may have opened the room all the same. */
  lost: boolean;
}

const knocking = "easel.knock";

export function keepKnock(knock: Knock | undefined): void {
  tab.put(knocking, knock);
}

export function keptKnock(): Knock | undefined {
  return tab.get(knocking, (kept): kept is Knock & Record<string, unknown> => isRecord(kept) && isText(kept.code) && typeof kept.lost === "boolean");
}

/** How the last room ended: kept while the tab is open, so that a reload shows the receipt again. */
export interface Receipt {
  code: string;
  erased_at?: string;
}

const receipt = "easel.receipt";

export function keepReceipt(kept: Receipt): void {
  tab.put(receipt, kept);
}

export function keptReceipt(): Receipt | undefined {
  return tab.get(
    receipt,
    (kept): kept is Receipt & Record<string, unknown> =>
      isRecord(kept) && isText(kept.code) && (kept.erased_at === undefined || isTime(kept.erased_at)),
  );
}

/** This tab's room, then the others, the latest first. */
function known(): Kept[] {
  const mine = tab.get(here, isKept);
  return mine ? [mine, ...load().filter(({ room }) => room !== mine.room)] : load();
}

function load(): Kept[] {
  return memory ?? (device.get(rooms, Array.isArray) ?? []).filter(isKept);
}

function save(keys: Kept[]): void {
  const latest = keys.slice(0, mostRooms);
  memory = device.put(rooms, latest) ? undefined : latest;
}

function isKept(kept: unknown): kept is Kept {
  return isRecord(kept) && [kept.room, kept.token, kept.expires_at, kept.code].every(isText);
}

const isTime = (kept: unknown) => isText(kept) && !Number.isNaN(Date.parse(kept));
