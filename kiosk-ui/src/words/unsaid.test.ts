import { describe, expect, it } from "vitest";
import * as en from "./en";
import { staff } from "./en/staff";

/** Who says them: the store of each page, and the words it has besides those all pages share. */
const speakers: Record<string, string> = { kiosk: "kiosk", phone: "phone", desk: "staff" };
/** What helpers here say for whoever hands them `common`. */
const saidByHelpers = ["common.problems", "common.seconds", "common.minutes", "common.manner", "common.ahead"];

const sources = import.meta.glob<string>(["../**/*.{svelte,ts}", "!../words/**", "!../**/*.test.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Every text by its path: "kiosk.attract.begin". */
function leaves(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

/** `kiosk.say.common.photo` names "common.photo"; `kiosk.say.review.keep` names "kiosk.review.keep". */
function pathOf(speaker: string, rest: string): string {
  return /^\.(common|facts)\b/.test(rest) ? rest.slice(1) : speaker + rest;
}

/** What `source` says, by paths; a path that stops early stands for all that is under it. */
function said(source: string, file: string): string[] {
  const own = Object.keys(speakers).find((name) => file.endsWith(`/${name}.svelte.ts`)) ?? "";
  const speaker = (name: string) => speakers[name === "this" ? own : name] ?? "";
  const paths: string[] = [];
  const aliases = new Map<string, [string, string]>();
  const code = source.replace(/<style>[^]*|<!--[^]*?-->|\/\*[^]*?\*\/|\/\/.*|class="[^"]*"/g, "");
  const rest = code.replace(
    /\bconst (\w+) = (?:\$derived\()?(kiosk|phone|desk)\.say((?:\.\w+)*)\)?;/g,
    (_, alias: string, name: string, under: string) => (aliases.set(alias, [speaker(name), under]), ""),
  );
  for (const [, name = "", under = ""] of rest.matchAll(/\b(kiosk|phone|desk|this)\.say\b((?:\.\w+)*)/g)) {
    paths.push(pathOf(speaker(name), under));
  }
  for (const [alias, [name, above]] of aliases) {
    for (const [, under = ""] of rest.matchAll(new RegExp(`(?<![.\\w"/])${alias}\\b(?!\\s*[=:"])((?:\\.\\w+)*)`, "g"))) {
      paths.push(pathOf(name, above + under));
    }
  }
  for (const [, under = ""] of rest.matchAll(/Words\[\w+\]((?:\.\w+)+)/g)) paths.push(pathOf("", under));
  return paths;
}

describe("words", () => {
  it("has none that nobody says", () => {
    const all = new Set(Object.entries(sources).flatMap(([file, source]) => said(source, file)));
    // Whoever hands all of `common` on says nothing of it: the helpers do.
    all.delete("common");
    const paths = [...all, ...saidByHelpers];
    const isSaid = (leaf: string) =>
      paths.some((path) => path === leaf || leaf.startsWith(`${path}.`) || path.startsWith(`${leaf}.`));
    const unsaid = leaves({ ...en, staff }, "").map((leaf) => leaf.slice(1)).filter((leaf) => !isSaid(leaf));
    expect(unsaid).toEqual([]);
  });
});
