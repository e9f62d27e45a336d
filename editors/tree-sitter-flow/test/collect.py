#!/usr/bin/env python3
"""Everything in flow that the repository holds, as files: `collect.py ROOT OUT` copies each `.flow` file and each block
marked `flow` in a Markdown page into OUT, under a name that says where it stands, and prints their paths."""

import pathlib
import re
import subprocess
import sys

FENCE = re.compile(r"^(`{3,})flow\b[^\n]*\n(.*?)^\1`*[ \t]*$", re.M | re.S)


def main() -> None:
    root, out = (pathlib.Path(arg) for arg in sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    listing = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run([*listing, "*.flow", "*.md"], check=True, capture_output=True, text=True).stdout
    for name in sorted(filter(None, names.split("\0"))):
        text = (root / name).read_text(encoding="utf-8")
        flat = name.replace("/", "__")
        if name.endswith(".flow"):
            found = {flat: text}
        else:
            blocks = FENCE.finditer(text)
            found = {f"{flat}_{text.count(chr(10), 0, b.start()) + 2}.flow": b[2] for b in blocks}
        for file, content in found.items():
            (out / file).write_text(content, encoding="utf-8")
            print(out / file)


if __name__ == "__main__":
    main()
