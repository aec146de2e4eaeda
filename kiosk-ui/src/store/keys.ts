/** The keys of the rooms this phone has entered; no cookie, and nothing is sent by itself. */

export interface Key {
  room: string;
  token: string;
  expires_at: string;
}

interface Kept extends Key {
  code: string;
}

const shelf = "easel.rooms";
/** In private windows without storage the keys last as long as the page. */
let memory: Kept[] = [];

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

/** The code at whose room this page still knocks: kept while the tab is open, so that a reload goes on. */
const knockKey = "easel.knock";

export function keepKnock(code: string | undefined): void {
  try {
    if (code) sessionStorage.setItem(knockKey, code);
    else sessionStorage.removeItem(knockKey);
  } catch {
    // then a reload asks for the code again
  }
}

export function keptKnock(): string | undefined {
  try {
    return sessionStorage.getItem(knockKey) ?? undefined;
  } catch {
    return undefined;
  }
}

/** How the last room ended: kept while the tab is open, so that a reload shows the receipt again. */
export interface Receipt {
  code: string;
  erased_at?: string;
}

const receiptKey = "easel.receipt";

export function keepReceipt(receipt: Receipt): void {
  try {
    sessionStorage.setItem(receiptKey, JSON.stringify(receipt));
  } catch {
    // then a reload shows the page without a room
  }
}

export function keptReceipt(): Receipt | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(receiptKey) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

function load(): Kept[] {
  try {
    const kept = JSON.parse(localStorage.getItem(shelf) ?? "[]") as Kept[];
    memory = kept.filter(({ expires_at }) => !(Date.parse(expires_at) < Date.now()));
  } catch {
    // keep what memory has
  }
  return memory;
}

function save(keys: Kept[]): void {
  memory = keys;
  try {
    localStorage.setItem(shelf, JSON.stringify(keys));
  } catch {
    // a full or forbidden storage costs only the reload
  }
}
