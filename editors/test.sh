#!/usr/bin/env bash
# Tests of the files for editors: `editors/test.sh`. What they need comes from the registries into target/tools and
# editors/vscode/node_modules, and is kept. With `--quick`, as .ci/run calls it, fewer files are spoilt at random;
# FLOWC_SEED says which.
set -euo pipefail
cd "$(dirname "$0")/.."

spoilt=20000
if [ "${1:-}" = --quick ]; then
  spoilt=3000
fi
seed=${FLOWC_SEED:-1}
tree_sitter_version=0.25.10
abi=14 # What every editor of these years loads.

root=$PWD
tools=$root/target/tools
out=$root/target/editors
export TREE_SITTER_LIBDIR=$tools/tree-sitter
rm -rf "$out"
mkdir -p "$out" "$TREE_SITTER_LIBDIR"

say() { printf '%s\n' "editors: $*"; }
fail() {
  say "FAILED: $*" >&2
  exit 1
}

ts() { "$tools/bin/tree-sitter" "$@" 2> >(grep -v -e 'parser directories' -e 'init-config' -e 'configuration file' -e 'language grammars' -e '^$' >&2); }

if ! "$tools/bin/tree-sitter" --version 2>/dev/null | grep -qF "$tree_sitter_version"; then
  say "install tree-sitter $tree_sitter_version"
  cargo install --quiet --locked --root "$tools" --target-dir "$tools/build" --version "$tree_sitter_version" tree-sitter-cli
fi

cd editors/tree-sitter-flow
say "the generated parser is that of the grammar"
ts generate --abi "$abi" --output "$out/generated" grammar.js
for file in parser.c grammar.json node-types.json; do
  cmp "$out/generated/$file" "src/$file" ||
    fail "src/$file is stale: cd editors/tree-sitter-flow && tree-sitter generate --abi $abi"
done

say "trees and colours"
ts test >"$out/test.log" || { cat "$out/test.log"; fail "tree-sitter test"; }
tail -n 400 "$out/test.log" | grep -E 'Total parses' || fail "no tree was compared"
for query in queries/*.scm ../helix/*.scm ../zed/languages/flow/*.scm; do
  ts query --quiet "$query" test/highlight/words.flow >/dev/null || fail "$query"
done

# parses LIST WHAT LEAST: each file of the list is parsed without an error; the list is not shorter than LEAST.
parses() {
  local count
  count=$(wc -l <"$1")
  [ "$count" -ge "$3" ] || fail "only $count $2"
  ts parse --quiet --stat --paths "$1" >"$out/parse.log" || {
    grep -E 'ERROR|MISSING' "$out/parse.log" | head -20
    fail "$2: the compiler takes these, the editors' grammar does not"
  }
  ts query --paths "$1" test/unclosed.scm >"$out/unclosed.log"
  ! grep -B1 -m 1 'capture' "$out/unclosed.log" || fail "$2: the compiler sees the end of this text, the editors' grammar does not"
  say "$count $2: no error"
}
accepts() { (cd "$root" && cargo run --quiet --locked -p flowc_grammar --example accepts); }

python3 test/collect.py "$root" "$out/all" >"$out/all.txt"
accepts <"$out/all.txt" >"$out/accepted.txt"
parses "$out/accepted.txt" "files and blocks of the repository" 250

python3 test/mutate.py "$out/spoilt" "$spoilt" "$seed" <"$out/accepted.txt" >"$out/spoilt.txt"
accepts <"$out/spoilt.txt" >"$out/spoilt-accepted.txt"
parses "$out/spoilt-accepted.txt" "spoilt files (seed $seed)" $((spoilt / 10))
rm -rf "$out"

cd "$root/editors/vscode"
say "the extension"
npm ci --no-progress --silent --ignore-scripts
npm run --silent check
npm test --silent
