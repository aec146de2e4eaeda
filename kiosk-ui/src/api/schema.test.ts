import { readFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import { expect, it } from "vitest";

it("schema.ts is what `npm run types` makes of openapi.json", async () => {
  const document = new URL("../../openapi.json", import.meta.url);
  const generated = astToString(await openapiTS(document));
  const kept = await readFile(new URL("./schema.ts", import.meta.url), "utf8");
  // The command line puts a comment before it.
  expect(kept.endsWith(generated)).toBe(true);
});
