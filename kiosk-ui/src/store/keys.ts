import { device, tab } from "./shelf";

/** The keys of the rooms this phone has entered; no cookie, and nothing is sent by itself. */

export interface Key {
  room: string;
  token: string;
  expires_at: string;
}

interface Kept extends Key {
  code: string;
}

const rooms = "easel.rooms";
/** Where storage is full or forbidden the keys last as long as the page. */
let memory: Kept[] | undefined;

/** The code in the address, taken out of it at once. */
export function takeCode(): string | undefined {
  const code = location.hash.slice(1);
  if (!code) return undefined;
  history.replaceState(null, "", location.pathname + location.search);
  return /^[A-Za-z0-9_-]{8,64}$/.test(code) ? code : undefined;
}

export function keepRoom(code: string, key: Key): Key {
  save([{ ...key, code }, ...load().filter(({ room }) => room !== key.room)]);
  return key;
}

export function keptRoom(code: string): Key | undefined {
  return load().find((kept) => kept.code === code);
}

export function lastRoom(): Key | undefined {
  return load()[0];
}

export function dropRoom(room: string): void {
  save(load().filter((kept) => kept.room !== room));
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
  return tab.get<Knock>(knocking);
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
  return tab.get<Receipt>(receipt);
}

function load(): Kept[] {
  const kept = memory ?? device.get<Kept[]>(rooms) ?? [];
  return kept.filter(({ expires_at }) => !(Date.parse(expires_at) < Date.now()));
}

function save(keys: Kept[]): void {
  memory = device.put(rooms, keys) ? undefined : keys;
}
