/** A seed nobody had before: other stars, other facets. Fits a JSON number exactly. */
export function newSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

/** A key that lets a repeated order count once. Works without HTTPS, where `randomUUID` does not. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
