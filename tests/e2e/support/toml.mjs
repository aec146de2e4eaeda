/** Writes settings as TOML: plain values, tables, and arrays of tables under one level of names. */
export function toml(settings) {
  const parts = [];
  for (const [name, value] of Object.entries(settings)) {
    for (const table of Array.isArray(value) ? value : [value]) {
      parts.push(Array.isArray(value) ? `[[${name}]]` : `[${name}]`);
      for (const [key, inner] of Object.entries(table)) parts.push(`${key} = ${plain(inner)}`);
      parts.push("");
    }
  }
  return parts.join("\n");
}

function plain(value) {
  if (Array.isArray(value)) return `[${value.map(plain).join(", ")}]`;
  if (typeof value === "object") {
    return `{ ${Object.entries(value).map(([key, inner]) => `${key} = ${plain(inner)}`).join(", ")} }`;
  }
  return JSON.stringify(value);
}
