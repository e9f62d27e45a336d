// What the packaged extension holds, and what it says where flowc is not.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import yauzl from "yauzl";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

/** The files in an archive, as texts. */
async function unzip(file) {
  const zip = await new Promise((done, fail) => yauzl.open(file, { lazyEntries: true }, (e, z) => (e ? fail(e) : done(z))));
  const files = new Map();
  await new Promise((done, fail) => {
    zip.on("end", done).on("error", fail);
    zip.on("entry", entry => {
      zip.openReadStream(entry, (error, stream) => {
        if (error) return fail(error);
        const parts = [];
        stream.on("data", part => parts.push(part)).on("end", () => {
          files.set(entry.fileName, Buffer.concat(parts).toString("utf8"));
          zip.readEntry();
        });
      });
    });
    zip.readEntry();
  });
  return files;
}

test("one command makes a .vsix with all that it needs and nothing else", async () => {
  const vsix = path.join(root, "flow.vsix");
  rmSync(vsix, { force: true });
  execFileSync("npm", ["run", "package"], { cwd: root, stdio: "pipe" });
  const files = await unzip(vsix);
  assert.deepEqual([...files.keys()].filter(name => name.startsWith("extension/")).sort(), [
    "extension/LICENSE.md",
    "extension/dist/extension.js",
    "extension/language-configuration.json",
    "extension/package.json",
    "extension/readme.md",
    "extension/syntaxes/flow.markdown.tmLanguage.json",
    "extension/syntaxes/flow.tmLanguage.json",
  ]);
  const bundle = files.get("extension/dist/extension.js");
  const required = [...bundle.matchAll(/\brequire\("([^"]+)"\)/g)].map(match => match[1]);
  const builtin = /^(node:)?(child_process|crypto|fs|net|os|path|util|url|events|buffer|process|stream|assert)$/;
  const outside = [...new Set(required)].filter(name => name !== "vscode" && !builtin.test(name));
  assert.deepEqual(outside, [], "the bundle holds what it needs");
});

test("every file and command that the manifest names is there", () => {
  const { grammars, languages, commands } = manifest.contributes;
  for (const file of [...grammars.map(g => g.path), ...languages.map(l => l.configuration)]) {
    assert.ok(existsSync(path.join(root, file)), file);
    JSON.parse(readFileSync(path.join(root, file), "utf8"));
  }
  const source = readFileSync(path.join(root, "src/extension.ts"), "utf8");
  for (const { command } of commands) {
    assert.ok(source.includes(`registerCommand("${command}"`), command);
  }
  for (const setting of Object.keys(manifest.contributes.configuration.properties)) {
    // The trace is read by the client's library, by the name of the client.
    const name = setting.replace(/^flowc\./, "");
    assert.ok(name === "trace.server" || source.includes(`"${name}"`), setting);
  }
});

test("the lock file names no host", () => {
  const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8"));
  assert.ok(Object.keys(lock.packages).length > 20);
  for (const [name, entry] of Object.entries(lock.packages)) {
    assert.equal(entry.resolved, undefined, name);
  }
});

const bundled = path.join(mkdtempSync(path.join(tmpdir(), "flow-")), "program.mjs");
await build({ entryPoints: [path.join(root, "src/program.ts")], outfile: bundled, format: "esm", logLevel: "silent" });
const { expandPath, explainFailure } = await import(bundled);
rmSync(path.dirname(bundled), { recursive: true });

test("the path of flowc", () => {
  const places = { home: "/home/a", workspace: "/w$&" };
  assert.equal(expandPath("", places), "flowc");
  assert.equal(expandPath(" flowc ", places), "flowc");
  assert.equal(expandPath("~/bin/flowc", places), "/home/a/bin/flowc");
  assert.equal(expandPath("~other/flowc", places), "~other/flowc");
  assert.equal(expandPath("${workspaceFolder}/flowc", places), "/w$&/flowc");
  assert.equal(expandPath("${workspaceFolder}/flowc", { home: "/" }), "./flowc");
});

test("what is said when flowc is not there", () => {
  const failure = (program, args, options) => {
    try {
      execFileSync(program, args, { stdio: "pipe", ...options });
    } catch (error) {
      return explainFailure(program, error);
    }
    return assert.fail("it ran");
  };
  assert.match(failure("/no/such/flowc", []), /^flowc was not found: .*"\/no\/such\/flowc".*flowc\.path/);
  assert.match(failure(root, []), /^".*" may not be run\. Set "flowc\.path"/);
  assert.match(failure("false", ["--version"]), /^"false --version" failed: /);
});
