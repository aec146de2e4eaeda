/** Storage as a browser's, for tests. */
export function emptyStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
    key: (index) => [...kept.keys()][index] ?? null,
    get length() {
      return kept.size;
    },
  };
}

/** Storage that takes nothing, as in some private windows. */
export function fullStorage(): Storage {
  return {
    ...emptyStorage(),
    setItem: () => {
      throw new DOMException("", "QuotaExceededError");
    },
  };
}
