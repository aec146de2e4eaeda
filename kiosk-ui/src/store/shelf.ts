/** What a page keeps where its browser lets it; where it does not, it is as if nothing had been kept. */
export interface Shelf {
  /** What lies under `key` if it is what it should be: others write there too, and what is kept may be spoilt. */
  get<T>(key: string, is: (kept: unknown) => kept is T): T | undefined;
  /** Answers whether it is kept now; `undefined` takes away what was. */
  put(key: string, value: unknown): boolean;
}

/**
 * Until the tab is closed, reloads included. A browser that keeps nothing for a page still keeps the state of
 * its history entry, so what is kept lies there as well.
 */
export const tab: Shelf = both(shelf(() => sessionStorage), shelf(() => historyState));

/** Longer than the tab. */
export const device = shelf(() => localStorage);

export const isText = (kept: unknown): kept is string => typeof kept === "string";

export function isRecord(kept: unknown): kept is Record<string, unknown> {
  return typeof kept === "object" && kept !== null && !Array.isArray(kept);
}

type Place = Pick<Storage, "getItem" | "setItem" | "removeItem">;

function shelf(place: () => Place): Shelf {
  return {
    get<T>(key: string, is: (kept: unknown) => kept is T) {
      try {
        const kept: unknown = JSON.parse(place().getItem(key) ?? "null");
        return is(kept) ? kept : undefined;
      } catch {
        return undefined;
      }
    },
    put(key, value) {
      try {
        // First of all what was there goes: it must not come back for what cannot be kept.
        place().removeItem(key);
        if (value !== undefined) place().setItem(key, JSON.stringify(value));
        return true;
      } catch {
        return false; // full, or forbidden as in some private windows
      }
    },
  };
}

function both(first: Shelf, second: Shelf): Shelf {
  return {
    get: (key, is) => first.get(key, is) ?? second.get(key, is),
    put(key, value) {
      const [here, there] = [first.put(key, value), second.put(key, value)];
      return here || there;
    },
  };
}

/** The state of the history entry, as a place for texts; the address stays as it is. */
const historyState: Place = {
  getItem: (key) => texts()[key] ?? null,
  setItem: (key, text) => history.replaceState({ ...texts(), [key]: text }, ""),
  removeItem: (key) => {
    const { [key]: gone, ...rest } = texts();
    if (gone !== undefined) history.replaceState(rest, "");
  },
};

function texts(): Record<string, string> {
  const state: unknown = history.state;
  return isRecord(state) ? Object.fromEntries(Object.entries(state).filter((entry): entry is [string, string] => isText(entry[1]))) : {};
}
