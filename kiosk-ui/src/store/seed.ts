/** The seed that belongs to a key: another one paints other stars, other facets. Fits a JSON number exactly. */
export function seedOf(key: string): number {
  return Number.parseInt(key.slice(0, 8), 16) || 0;
}

/** A key that lets a repeated command count once. Works without HTTPS, where `randomUUID` does not. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
