#!/usr/bin/env python3
"""flowc beside GNU make and ninja, in turn, in one run: cold, unchanged, and after a change of one source.

usage: python3 benches/peers.py [--rounds N] [--jobs 2,8] [--only NAME,...] [--json FILE]

Installs make and ninja with apt-get where they are missing, builds flowc (release), makes the workloads in a temporary
directory, and runs every tool on each of them, one after the other, round after round. Printed are medians of wall time and,
for each peer, the median of the ratios flowc/peer taken round by round. The floor is a C program that only spawns the same
lines and waits.

workloads: wide-N     N independent steps, `echo i > out`; the first one reads a source
           out-N      the same, and flowc puts all N files into its out/ directory as well
           chain-N    each step adds one to the number that the step before wrote
           layers-N   10 layers, every step adds three results of the layer before it
changes:   source     one source gets another value: what depends on it changes
           same       one source gets a comment: the first step's output stays as it was, and nothing after it needs to run
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Workload:
    """Steps: (output name, the names of its inputs, shell line for make and ninja). A name that is no step's is a source."""

    def __init__(self, name, steps, sources, flow):
        self.name, self.steps, self.sources, self.flow = name, steps, sources, flow

    def write(self, folder):
        folder.mkdir(parents=True)
        (folder / "src").mkdir()
        (folder / "o").mkdir()
        for name, text in self.sources.items():
            (folder / name).write_text(text)

    def ninja(self):
        lines = ["rule sh", "  command = $line"]
        for out, inputs, line in self.steps:
            lines += [f"build {out}: sh {' '.join(inputs)}", f"  line = {line.replace('$', '$$')}"]
        return "\n".join(lines) + "\n"

    def make(self):
        lines = ["all: " + " ".join(out for out, _, _ in self.steps)]
        for out, inputs, line in self.steps:
            lines += [f"{out}: {' '.join(inputs)}", f"\t@{line.replace('$', '$$')}"]
        return "\n".join(lines) + "\n"


ADD = "read a < {0} && read b < {1} && read c < {2} && echo $(( (a + b + c) % 1000003 ))"
FLOW_TASKS = """
task begin(source: File) -> File from "n" { sh "read a rest < {{source}} && echo $a > n" }
task next(prev: File) -> File from "n" { sh "read a < {{prev}} && echo $(( a + 1 )) > n" }
task add(a: File, b: File, c: File) -> File from "n" {
  sh "read a < {{a}} && read b < {{b}} && read c < {{c}} && echo $(( (a + b + c) % 1000003 )) > n"
}
"""


def wide(n, put_out):
    steps = [("o/0", ["src/0"], "read a rest < src/0 && echo $a > o/0")]
    steps += [(f"o/{i}", [], f"echo {i} > o/{i}") for i in range(1, n)]
    result = ("List<File>", "flatten([[one], rest])") if put_out else ("Int", "len(rest) + len([one])")
    flow = FLOW_TASKS + f"""
task write(i: Int) -> File from "n" {{ sh "echo {{{{i}}}} > n" }}
flow main() -> {result[0]} {{
  let one = begin(file("src/0"))
  let rest = for i in range(1, {n}) {{ write(i) }}
  {result[1]}
}}
"""
    return Workload(f"{'out' if put_out else 'wide'}-{n}", steps, {"src/0": "7\n"}, flow)


def chain(n):
    steps = [("o/0", ["src/0"], "read a rest < src/0 && echo $a > o/0")]
    steps += [(f"o/{i}", [f"o/{i-1}"], f"read a < o/{i-1} && echo $(( a + 1 )) > o/{i}") for i in range(1, n)]
    lets = ["  let s0 = begin(file(\"src/0\"))"] + [f"  let s{i} = next(s{i-1})" for i in range(1, n)]
    flow = FLOW_TASKS + "flow main() -> File {\n" + "\n".join(lets) + f"\n  s{n-1}\n}}\n"
    return Workload(f"chain-{n}", steps, {"src/0": "7\n"}, flow)


def layers(n, layer_count=10):
    width, rng = n // layer_count, random.Random(1)
    steps, lets = [], []
    for i in range(width):
        steps.append((f"o/0_{i}", [f"src/{i}"], f"read a rest < src/{i} && echo $a > o/0_{i}"))
        lets.append(f"  let s0_{i} = begin(file(\"src/{i}\"))")
    for layer in range(1, layer_count):
        for i in range(width):
            picked = [rng.randrange(width) for _ in range(3)]
            names = [f"o/{layer-1}_{p}" for p in picked]
            steps.append((f"o/{layer}_{i}", sorted(set(names)), ADD.format(*names) + f" > o/{layer}_{i}"))
            args = ", ".join(f"s{layer-1}_{p}" for p in picked)
            lets.append(f"  let s{layer}_{i} = add({args})")
    last = ", ".join(f"s{layer_count-1}_{i}" for i in range(width))
    flow = FLOW_TASKS + "flow main() -> Int {\n" + "\n".join(lets) + f"\n  len([{last}])\n}}\n"
    return Workload(f"layers-{n}", steps, {f"src/{i}": f"{i}\n" for i in range(width)}, flow)


class Tool:
    """A command in a folder of its own, so that no tool sees another's state."""

    def __init__(self, name, folder, command, stdin=None):
        self.name, self.folder, self.command, self.stdin = name, folder, command, stdin

    def run(self):
        """Seconds of wall time; any failure ends the benchmark."""
        stdin = open(self.stdin) if self.stdin else subprocess.DEVNULL
        start = time.perf_counter()
        done = subprocess.run(self.command, cwd=self.folder, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        took = time.perf_counter() - start
        if done.returncode != 0:
            sys.exit(f"{self.name} failed in {self.folder}:\n{done.stderr.decode(errors='replace')[-2000:]}")
        return took


def need(program, package):
    if shutil.which(program) is None:
        subprocess.run(["apt-get", "install", "-y", "-q", package], check=True, stdout=subprocess.DEVNULL)


def measure(work, temp, flowc, floor, jobs, rounds):
    """{phase: {tool: [seconds]}}"""
    times = {}
    for round_no in range(rounds):
        base = temp / f"{work.name}-j{jobs}-{round_no}"
        tools = []
        for name in ("flowc", "ninja", "make", "floor"):
            folder = base / name
            work.write(folder)
            if name == "flowc":
                (folder / "w.flow").write_text(work.flow)
                tools.append(Tool(name, folder, [flowc, "run", f"-j{jobs}", "--quiet", "--store", ".flow", "w.flow"]))
            elif name == "ninja":
                (folder / "build.ninja").write_text(work.ninja())
                tools.append(Tool(name, folder, ["ninja", f"-j{jobs}", "--quiet"]))
            elif name == "make":
                (folder / "Makefile").write_text(work.make())
                tools.append(Tool(name, folder, ["make", f"-j{jobs}", "-s"]))
            else:
                (folder / "lines").write_text("".join(line + "\n" for _, _, line in work.steps))
                tools.append(Tool(name, folder, [floor, str(jobs)], folder / "lines"))
        # Every round begins with another tool, so that none always finds the disk as another left it.
        order = tools[round_no % 4:] + tools[:round_no % 4]
        phases = [("cold", None), ("unchanged", None), ("source", "500009\n"), ("same", "500009 # the same\n")]
        for phase, text in phases:
            if phase == "same" and work.name.startswith(("wide", "out")):
                continue
            for tool in order:
                # The floor knows neither results nor order: it has a cold time only, and none where order matters and -j > 1.
                if tool.name == "floor" and (phase != "cold" or (jobs > 1 and not work.name.startswith("wide"))):
                    continue
                if text is not None:
                    time.sleep(0.02)  # a later mtime
                    (tool.folder / "src/0").write_text(text)
                times.setdefault(phase, {}).setdefault(tool.name, []).append(tool.run())
        shutil.rmtree(base, ignore_errors=True)
    return times


def show(rows):
    print(f"\n{'workload':<14}{'jobs':>5}  {'phase':<10}{'flowc':>9}{'ninja':>9}{'make':>9}{'floor':>9}   flowc/ninja  flowc/make  flowc/floor")
    for row in rows:
        cells = "".join(f"{row['median'][t]*1000:>7.1f}ms" if t in row["median"] else f"{'':>9}" for t in ("flowc", "ninja", "make", "floor"))
        ratios = "".join(f"{row['ratio'][t]:>11.2f}x" if t in row["ratio"] else f"{'':>12}" for t in ("ninja", "make", "floor"))
        print(f"{row['workload']:<14}{row['jobs']:>5}  {row['phase']:<10}{cells}{ratios}")


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--rounds", type=int, default=5, help="counted rounds of each (default 5)")
    args.add_argument("--jobs", default="2,8", help="values of -j, with commas (default 2,8)")
    args.add_argument("--only", default="", help="workloads, with commas (default all)")
    args.add_argument("--json", help="also write all times to this file")
    args.add_argument("--flowc", help="a flowc to measure instead of building one")
    given = args.parse_args()
    need("make", "make")
    need("ninja", "ninja-build")
    if given.flowc is None:
        subprocess.run(["cargo", "build", "--release", "-q", "-p", "flowc"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    flowc = given.flowc or str(target / "release/flowc")
    works = [wide(1000, False), wide(10000, False), wide(1000, True), chain(1000), layers(2000)]
    wanted = [w for w in given.only.split(",") if w]
    rows, raw = [], []
    with tempfile.TemporaryDirectory(prefix="flowc-bench-") as temp:
        temp = pathlib.Path(temp)
        floor = str(temp / "floor")
        subprocess.run(["cc", "-O2", "-o", floor, str(ROOT / "benches/floor.c")], check=True)
        for work in works:
            if wanted and work.name not in wanted:
                continue
            for jobs in (int(j) for j in given.jobs.split(",")):
                times = measure(work, temp, flowc, floor, jobs, given.rounds)
                raw.append({"workload": work.name, "jobs": jobs, "seconds": times})
                for phase, tools in times.items():
                    rows.append({
                        "workload": work.name, "jobs": jobs, "phase": phase,
                        "median": {t: statistics.median(s) for t, s in tools.items()},
                        "ratio": {t: statistics.median(a / b for a, b in zip(tools["flowc"], s)) for t, s in tools.items() if t != "flowc"},
                    })
                print(f"{work.name} -j{jobs} done", file=sys.stderr)
    versions = {t: subprocess.run([t, "--version"], capture_output=True, text=True).stdout.splitlines()[0] for t in ("ninja", "make")}
    print(f"{os.cpu_count()} cores, ninja {versions['ninja']}, {versions['make']}, {given.rounds} rounds")
    show(rows)
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps({"versions": versions, "runs": raw}, indent=1))


if __name__ == "__main__":
    main()
