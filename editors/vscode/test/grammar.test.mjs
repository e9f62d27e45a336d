// Colours: `samples/*.scopes` are flow files with notes. A line that begins with `~` is about the line above it (notes
// stand one below the other) and not part of the file: under its carets stand tokens with each of the scopes, and without
// those behind `-`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");
const oniguruma = require("vscode-oniguruma");

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, "..");
const { contributes } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const own = new Map(contributes.grammars.map(grammar => [grammar.scopeName, path.join(root, grammar.path)]));
const others = new Map(
  Object.entries({ "source.shell": "shellscript", "source.python": "python", "source.js": "javascript" })
    .map(([scope, name]) => [scope, require.resolve(`tm-grammars/grammars/${name}.json`)]),
);

await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")).buffer);
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: patterns => new oniguruma.OnigScanner(patterns),
    createOnigString: text => new oniguruma.OnigString(text),
  }),
  loadGrammar: async scope => {
    const file = own.get(scope) ?? others.get(scope);
    return file === undefined ? null : parseRawGrammar(readFileSync(file, "utf8"), file);
  },
});
const flow = await registry.loadGrammar("source.flow");

/** The scopes of each line: one list for each of its characters. */
function tokenize(lines) {
  let state = INITIAL;
  return lines.map(line => {
    const { tokens, ruleStack } = flow.tokenizeLine(line, state);
    state = ruleStack;
    return tokens.flatMap(({ startIndex, endIndex, scopes }) => Array(endIndex - startIndex).fill(scopes));
  });
}

/** A sample taken apart into its lines and its notes. */
function readSample(text) {
  const lines = [];
  const notes = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (!line.startsWith("~")) {
      lines.push(line);
      continue;
    }
    const [, blanks, carets, scopes] = /^(~\s*)(\^+)\s+(\S.*)$/.exec(line) ?? assert.fail(`bad note: ${line}`);
    notes.push({ at: index + 1, line: lines.length - 1, from: blanks.length, width: carets.length, scopes });
  }
  return { lines, notes };
}

const samples = readdirSync(path.join(here, "samples")).filter(name => name.endsWith(".scopes"));
assert.ok(samples.length > 0);
for (const name of samples) {
  const { lines, notes } = readSample(readFileSync(path.join(here, "samples", name), "utf8"));
  const found = tokenize(lines);
  test(`${name} is coloured as it says`, () => {
    assert.ok(notes.length > 0);
    const wrong = [];
    for (const { at, line, from, width, scopes } of notes) {
      for (let column = from; column < from + width; column++) {
        const here = found[line][column] ?? [];
        const has = wanted => here.some(scope => scope === wanted || scope.startsWith(`${wanted}.`));
        for (const scope of scopes.split(/\s+/)) {
          const fits = scope.startsWith("-") ? !has(scope.slice(1)) : has(scope);
          if (!fits) {
            const place = `${JSON.stringify(lines[line][column])}, column ${column + 1} of ${JSON.stringify(lines[line])}`;
            wrong.push(`${name}:${at}: expected ${scope} at ${place}; found ${here.join(" ")}`);
          }
        }
      }
    }
    assert.equal(wrong.join("\n"), "");
  });
}

test("no file of the repository leaks: a closed item ends what it opened", () => {
  const top = path.join(root, "../..");
  const listed = execFileSync("git", ["-C", top, "ls-files", "-z", "*.flow"], { encoding: "utf8" });
  const files = listed.split("\0").filter(Boolean);
  assert.ok(files.length > 10);
  for (const file of files) {
    const lines = [...readFileSync(path.join(top, file), "utf8").split("\n"), "flow end_of_file() -> Int { 1 }"];
    const last = tokenize(lines).at(-1);
    assert.deepEqual(last[5], ["source.flow", "entity.name.function.flow"], file);
    assert.ok(!last.flat().some(scope => scope.startsWith("invalid.")), file);
  }
});
