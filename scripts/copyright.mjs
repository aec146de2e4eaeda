// node scripts/copyright.mjs > copyright: whose work the package holds, and on which terms, in Debian's
// machine-readable form. Crates are those that cargo links into the program, with the texts that they
// bring; the pages' packages are in the list that their build makes.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const APACHE = "On Debian the full text of Apache-2.0 is in /usr/share/common-licenses/Apache-2.0.";
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO
EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
const BSD = `Redistribution and use in source and binary forms, with or without modification, are permitted provided
that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the
following disclaimer.

2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and
the following disclaimer in the documentation and/or other materials provided with the distribution.

3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or
promote products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED
WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A
PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR
ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED
TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION)
HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING
NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
POSSIBILITY OF SUCH DAMAGE.`;

const folded = (text) => text.trimEnd().split("\n").map((line) => (line.trim() ? ` ${line.trimEnd()}` : " .")).join("\n");
const read = (path) => readFileSync(path, "utf8").replace(/\r/g, "");
const isApache = (text) => /Apache License\s+Version 2\.0, January 2004/.test(text);

function paragraph(files, copyright, license, texts) {
  const list = (lines) => lines.join("\n ");
  console.log(`Files: ${list(files)}\nCopyright: ${list(copyright)}\nLicense: ${license}\n${folded(texts.join("\n\n"))}\n`);
}

/** Crates that are linked: not what only builds or tests. */
function crates() {
  const host = /host: (\S+)/.exec(execFileSync("rustc", ["-vV"], { encoding: "utf8" }))[1];
  const asked = ["metadata", "--format-version=1", "--offline", "--locked", `--filter-platform=${host}`];
  const { packages, resolve } = JSON.parse(execFileSync("cargo", asked, { encoding: "utf8", maxBuffer: 1 << 28 }));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const linked = new Set();
  for (const todo = [resolve.root]; todo.length > 0; ) {
    const id = todo.pop();
    if (linked.has(id)) continue;
    linked.add(id);
    todo.push(...nodes.get(id).deps.filter((dep) => dep.dep_kinds.some(({ kind }) => kind === null)).map((dep) => dep.pkg));
  }
  return packages.filter(({ id }) => linked.has(id) && id !== resolve.root);
}

/** The licence files of a crate, and of the C library that it may bring in a folder of its own. */
function licenceFiles(dir, depth = 2) {
  const found = [];
  for (const entry of readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    if (entry.isFile() && /^(licen[cs]e|copying|notice|unlicense|copyright|README\.ijg)/i.test(entry.name)) found.push(path);
    else if (entry.isDirectory() && depth > 0 && !/^(tests?|examples?|bench.*|fuzz.*|src|target)$/.test(entry.name)) {
      found.push(...licenceFiles(path, depth - 1));
    }
  }
  return found.filter((path) => !/\.(rs|py|sh|go|toml)$/.test(path));
}

function textsOf(crate) {
  const all = licenceFiles(dirname(crate.manifest_path)).map(read);
  const texts = all.map((text) => (isApache(text) ? APACHE : text.trim()));
  if (texts.length > 0) return [...new Set(texts)].sort();
  // Some crates leave the texts in their repository.
  const known = { "Apache-2.0": APACHE, MIT, "BSD-3-Clause": BSD };
  const named = Object.keys(known).find((name) => crate.license?.includes(name));
  if (named) return [known[named]];
  throw new Error(`${crate.name} ${crate.version}: no text of ${crate.license}`);
}

function holders(crate, texts) {
  const lines = texts.flatMap((text) => text.split("\n")).map((line) => line.trim().replace(/^[/*#\s]+/, ""));
  const said = lines.filter((line) => /^copyright (\(c\)|©|[0-9])/i.test(line) && line.length < 200);
  if (said.length > 0) return [...new Set(said)];
  return crate.authors.length > 0 ? crate.authors : [`the authors of ${crate.name}`];
}

console.log(`Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: easel
Comment:
 usr/bin/easel holds the pages, fonts, portraits and models of assets/ and kiosk-ui/, and the crates named
 below as crates/NAME-VERSION.
`);
const own = ["2026 The Easel founders"];
paragraph(["*"], own, "MIT or Apache-2.0", [MIT, APACHE]);
for (const [files, license, texts] of [
  ["assets/fonts", "OFL-1.1", readdirSync("assets/fonts").filter((name) => name.startsWith("LICENSE-"))],
  ["assets/models", "BSD-2-Clause", ["LICENSE-seetaface", "README.md"]],
  ["assets/portraits", "public-domain", ["SOURCES.md"]],
  ["kiosk-ui/public/samples", "public-domain", ["SOURCES.md"]],
  ["kiosk-ui/dist/assets", "OFL-1.1 and MIT", ["licences.txt"]],
]) {
  const all = [...new Set(texts.map((name) => read(join(files, name))))];
  paragraph([`${files}/*`], holders({ authors: [`see ${files}`] }, all), license, all);
}

const groups = new Map();
for (const crate of crates()) {
  const license = (crate.license ?? basename(crate.license_file ?? "")).replaceAll(/ ?\/ ?| OR /g, " or ").replaceAll(" AND ", " and ");
  const texts = textsOf(crate);
  const key = JSON.stringify([license, texts]);
  const group = groups.get(key) ?? { files: [], license, texts, copyright: new Set() };
  group.files.push(`crates/${crate.name}-${crate.version}/*`);
  for (const holder of holders(crate, texts)) group.copyright.add(holder);
  groups.set(key, group);
}
for (const { files, license, texts, copyright } of groups.values()) {
  paragraph(files.sort(), [...copyright], license, texts);
}
paragraph(["rust/library/*"], ["The Rust Project contributors"], "MIT or Apache-2.0", [MIT, APACHE]);
