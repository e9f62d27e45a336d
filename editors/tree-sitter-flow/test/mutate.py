#!/usr/bin/env python3
"""Files spoilt at random: `mutate.py OUT COUNT SEED` reads paths on standard input, writes COUNT files made of theirs, by
taking away, doubling, swapping or moving in one to three tokens, and prints their paths. What the parser still takes of
them, the editors' grammar must take too."""

import pathlib
import random
import re
import sys

TOKEN = re.compile(r"\"\"\"|\{\{|\}\}|->|=>|\.\.|\?\?|&&|\|\||[=!<>]=|\w+|\s+|[^\w\s]")


def main() -> None:
    out, count, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    texts = [pathlib.Path(line.strip()).read_text(encoding="utf-8") for line in sys.stdin]
    texts = [TOKEN.findall(text) for text in texts if len(text) < 4000]
    pool = [token for text in texts for token in text]
    out.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        tokens = list(chance.choice(texts))
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(tokens)) if tokens else 0
            match chance.randrange(4):
                case 0:
                    tokens[at : at + 1] = []
                case 1:
                    tokens[at:at] = tokens[at : at + chance.randint(1, 6)]
                case 2:
                    tokens[at:at] = [chance.choice(pool)]
                case 3:
                    other = chance.randrange(len(tokens) or 1)
                    tokens[at : at + 1], tokens[other : other + 1] = tokens[other : other + 1], tokens[at : at + 1]
        file = out / f"{number}.flow"
        file.write_text("".join(tokens), encoding="utf-8")
        print(file)


if __name__ == "__main__":
    main()
