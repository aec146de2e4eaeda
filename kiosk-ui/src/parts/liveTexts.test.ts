import { readFileSync } from "node:fs";
import { parse, type AST } from "svelte/compiler";
import { describe, expect, it } from "vitest";

const sources = import.meta.glob<string>("../**/*.svelte", { query: "?raw", import: "default", eager: true });

type Node = AST.Fragment["nodes"][number];

/** Fragments that come and go by themselves: Svelte removes everything from their first node to their last. */
function blocks(node: unknown): AST.Fragment[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(blocks);
  const inner = Object.entries(node).flatMap(([key, value]) => (key === "metadata" ? [] : blocks(value)));
  const { type } = node as { type?: string };
  const of = (...keys: string[]) => keys.map((key) => (node as Record<string, AST.Fragment | null>)[key]);
  const own =
    type === "IfBlock"
      ? of("consequent", "alternate")
      : type === "EachBlock"
        ? of("body", "fallback")
        : type === "KeyBlock"
          ? of("fragment")
          : [];
  return [...own.filter((fragment): fragment is AST.Fragment => Boolean(fragment)), ...inner];
}

const isBlank = (node: Node) => node.type === "Comment" || (node.type === "Text" && node.data.trim() === "");
const isText = (node: Node | undefined) => node?.type === "Text" || node?.type === "ExpressionTag";

describe("a text that a translator may take out of the page", () => {
  it("is at no edge of a block: without it Svelte would remove nothing, or all that follows", () => {
    const bare = Object.entries(sources).flatMap(([file, source]) => {
      const { fragment } = parse(source, { modern: true });
      return [fragment, ...blocks(fragment)].flatMap(({ nodes }) => {
        const seen = nodes.filter((node) => !isBlank(node));
        return [seen[0], seen.at(-1)]
          .filter((node) => isText(node))
          .map((node) => `${file}: ${source.slice(node?.start, node?.end).trim()}`);
      });
    });
    expect(bare).toEqual([]);
  });

  it.each(["kiosk", "phone", "staff"])("is asked for by no browser that heeds the page: %s", (page) => {
    const html = readFileSync(new URL(`../../${page}.html`, import.meta.url), "utf8");
    expect(html).toMatch(/<html lang="ko" translate="no">/);
    expect(html).toContain('<meta name="google" content="notranslate" />');
  });
});
