/** What a page keeps where its browser lets it; where it does not, it is as if nothing had been kept. */
export interface Shelf {
  get<T>(key: string): T | undefined;
  /** Answers whether it is kept now; `undefined` takes away what was. */
  put(key: string, value: unknown): boolean;
}

/** Until the tab is closed, reloads included. */
export const tab = shelf(() => sessionStorage);

/** Longer than the tab. */
export const device = shelf(() => localStorage);

function shelf(storage: () => Storage): Shelf {
  return {
    get<T>(key: string) {
      try {
        return (JSON.parse(storage().getItem(key) ?? "null") as T | null) ?? undefined;
      } catch {
        return undefined;
      }
    },
    put(key, value) {
      try {
        if (value === undefined) storage().removeItem(key);
        else storage().setItem(key, JSON.stringify(value));
        return true;
      } catch {
        return false; // full, or forbidden as in some private windows
      }
    },
  };
}
