#!/usr/bin/env python3
"""flowc check on a program of 100,000 lines, beside miniwdl and sprocket on WDL of the same shape, in one run.

usage: python3 benches/check.py [--rounds N] [--edits N] [--seed N] [--no-peers] [--json FILE]

Writes the program (benches/program.py) to a temporary directory, builds flowc (release) and measures
  cold     `flowc check` of all files: CPU (user and system time of the process) and memory at its peak, on one thread and on all
  edit     in one process, as an editor's server: one body gets another text, and the diagnostics of that file are asked for
  server   `flowc lsp` over its standard streams: from the edit of one body on its way to the server to its diagnostics on their way
           back, both read and written by this program
  grow     resident memory after 1,000 edits and after all (default 10,000); the same with as many names given to one task
  peers    `miniwdl check` (pip install miniwdl) and `sprocket check` (cargo install sprocket) of the WDL, once each, those that are
           on the PATH; the others are named as missing
and says of each goal whether it is met. Exits with 1 when one is not. Times of a machine that does other things are CPU times, which
such company makes larger, too.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # this folder holds sources alone
import program  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
MB = 1e6
SERVED = 1000


def run(command, cwd, threads=None):
    """Seconds of CPU and of wall time, bytes of memory at the peak; a failure ends the benchmark."""
    env = dict(os.environ)
    if threads:
        env["RAYON_NUM_THREADS"] = str(threads)
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            said.seek(max(0, said.tell() - 2000))
            sys.exit(f"{command[0]} failed with {child.returncode}:\n{said.read().decode(errors='replace')}")
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "peak": usage.ru_maxrss * 1024}


def median(runs):
    return {key: statistics.median(one[key] for one in runs) for key in runs[0]}


def edits(driver, folder, count, *more):
    middle = sorted(folder.glob("m*.flow"))[len(list(folder.glob("m*.flow"))) // 2]
    command = [driver, str(folder / "main.flow"), str(middle), str(count), *more]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"edits failed:\n{done.stderr}")
    return json.loads(done.stdout)


class Server:
    """`flowc lsp`, spoken to as an editor does."""

    def __init__(self, flowc, folder):
        self.child = subprocess.Popen([flowc, "lsp"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.folder, self.version = folder, 0
        folders = [{"uri": folder.as_uri(), "name": "bench"}]
        self.send("initialize", {"processId": None, "rootUri": None, "workspaceFolders": folders, "capabilities": {}}, id=1)
        while self.read().get("id") != 1:
            pass
        self.send("initialized", {})

    def send(self, method, params, **more):
        text = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self.child.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(text), text))
        self.child.stdin.flush()

    def read(self):
        length = 0
        while (line := self.child.stdout.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return json.loads(self.child.stdout.read(length)) if length else sys.exit("flowc lsp ended")

    def diagnostics(self, uri):
        """Of the version that was sent last, as soon as they come."""
        while True:
            message = self.read()
            params = message.get("params", {})
            told = message.get("method") == "textDocument/publishDiagnostics" and params["uri"] == uri
            if told and params.get("version") == self.version:
                return params["diagnostics"]

    def open(self, path):
        uri, text = path.as_uri(), path.read_text()
        self.version += 1
        document = {"uri": uri, "languageId": "flow", "version": self.version, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})
        return self.diagnostics(uri)

    def edit(self, path, line, column, old, new):
        """Puts `new` where `old` stands; what is wrong then."""
        self.version += 1
        at = {"line": line, "character": column}
        change = {"range": {"start": at, "end": {"line": line, "character": column + len(old)}}, "text": new}
        document = {"uri": path.as_uri(), "version": self.version}
        self.send("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        return self.diagnostics(path.as_uri())

    def end(self):
        self.send("shutdown", None, id=2)
        self.send("exit", None)
        self.child.stdin.close()
        self.child.stdout.read()
        return self.child.wait()


def served(flowc, folder, count):
    """Milliseconds from an edit to its diagnostics, of each of `count` edits: one body becomes wrong, and right again."""
    path = sorted(folder.glob("m*.flow"))[0]
    lines = path.read_text().splitlines()
    line = next(number for number, text in enumerate(lines) if "wc -l <" in text or "wc -w <" in text)
    column = lines[line].index("wc -")
    server = Server(flowc, folder)
    server.open(path)
    times, wrong = [], "{{nobody}} "
    for number in range(count):
        old, new = ("", wrong) if number % 2 == 0 else (wrong, "")
        start = time.perf_counter()
        found = server.edit(path, line, column, old, new)
        times.append((time.perf_counter() - start) * 1000)
        if (new == wrong) != any(one["code"] == "unknown-name" for one in found):
            sys.exit(f"edit {number}: flowc lsp says {found}")
        time.sleep(0.001)
    if server.end() != 0:
        sys.exit("flowc lsp did not end in order")
    return sorted(times)


def peers(folder):
    """{name: (version, numbers)}; None for one that is not installed."""
    documents = sorted(path.name for path in folder.glob("*.wdl"))
    commands = {
        "miniwdl": ["miniwdl", "check", "--suppress", "CommandShellCheck", *documents],
        "sprocket": ["sprocket", "check", "--hide-notes", "."],
    }
    found = {}
    for name, command in commands.items():
        if shutil.which(name) is None:
            found[name] = None
            continue
        version = subprocess.run([name, "--version"], capture_output=True, text=True).stdout.split("\n")[0]
        found[name] = (version, run(command, folder))
    return found


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--rounds", type=int, default=5, help="cold checks of each kind (default 5)")
    args.add_argument("--edits", type=int, default=10_000, help="edits in a row (default 10000)")
    args.add_argument("--seed", type=int, default=1, help="which program (default 1)")
    args.add_argument("--no-peers", action="store_true", help="only flowc")
    args.add_argument("--json", help="also write all numbers to this file")
    given = args.parse_args()
    build = ["cargo", "build", "--release", "-q", "--locked"]
    subprocess.run([*build, "-p", "flowc"], cwd=ROOT, check=True)
    subprocess.run([*build, "-p", "flowc_compiler", "--example", "edits"], cwd=ROOT, check=True)
    release = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    numbers, goals = {}, []

    with tempfile.TemporaryDirectory(prefix="flowc-check-") as temp:
        temp = pathlib.Path(temp)
        made = program.make(50, 40, given.seed)
        program.write_flow(temp / "flow", made)
        program.write_wdl(temp / "wdl", made)
        files = sorted(path.name for path in (temp / "flow").glob("*.flow"))
        lines = {kind: sum(path.read_text().count("\n") for path in (temp / kind).iterdir()) for kind in ("flow", "wdl")}
        print(f"{lines['flow']:,} lines of flow in {len(files)} files, {lines['wdl']:,} of WDL in 2,000; {os.cpu_count()} cores\n")

        command = [str(release / "flowc"), "check", *files]
        one, every = [], []
        for _ in range(given.rounds):
            one.append(run(command, temp / "flow", threads=1))
            every.append(run(command, temp / "flow"))
        print(f"{'':<34}{'CPU':>10}{'wall':>10}{'peak':>10}")

        def row(name, found):
            print(f"{name:<34}{found['cpu']:>8.2f} s{found['wall']:>8.2f} s{found['peak'] / MB:>7.0f} MB")

        numbers["one thread"], numbers["all threads"] = median(one), median(every)
        row("flowc check, one thread", numbers["one thread"])
        row("flowc check, all threads", numbers["all threads"])
        goals.append(("cold check, one thread: under 1.5 s of CPU", numbers["one thread"]["cpu"] < 1.5))
        goals.append(("cold check, all threads: under 1.5 s of CPU", numbers["all threads"]["cpu"] < 1.5))
        goals.append(("memory at the peak: under 400 MB", max(one + every, key=lambda r: r["peak"])["peak"] < 400 * MB))
        if not given.no_peers:
            for name, found in peers(temp / "wdl").items():
                numbers[name] = found
                if found is None:
                    print(f"{name + ' check':<34}{'not on the PATH':>30}")
                else:
                    row(f"{name} check ({found[0].split()[-1]})", found[1])

        for name, more in (("a body", ()), ("a name", ("--rename",))):
            found = edits(str(release / "examples/edits"), temp / "flow", given.edits, *more)
            numbers[name] = found
            grown = (found["resident_end"] - found["resident_early"]) / MB
            print(f"\n{given.edits:,} edits of {name}, each with the diagnostics of its file")
            print(f"  the file is opened {found['open_us'] / 1000:.2f} ms, an edit {found['edit_us'] / 1000:.2f} ms (99 of 100: {found['edit_p99_us'] / 1000:.2f}, longest {found['edit_max_us'] / 1000:.2f}); CPU {found['edit_cpu_us'] / 1000:.2f} ms")
            print(f"  memory {found['resident_early'] / MB:.1f} MB after the first 1,000, {found['resident_end'] / MB:.1f} MB at the end: {grown:+.2f} MB")
            goals.append((f"an edit of {name}: under 5 ms", found["edit_us"] < 5000))
            goals.append((f"edits of {name}: memory does not grow (under 1 MB)", grown < 1))

        times = served(str(release / "flowc"), temp / "flow", SERVED)
        numbers["server_ms"] = {"median": statistics.median(times), "p99": times[len(times) * 99 // 100], "max": times[-1]}
        print(f"\n{SERVED:,} edits of a body in `flowc lsp`, each until its diagnostics have come")
        print(f"  {numbers['server_ms']['median']:.2f} ms (99 of 100: {numbers['server_ms']['p99']:.2f}, longest {times[-1]:.2f})")
        goals.append(("from an edit of a body to its diagnostics, through the server: under 5 ms", statistics.median(times) < 5))

    print()
    for goal, met in goals:
        print(f"{'met' if met else 'NOT MET':<8} {goal}")
    if given.json:
        pathlib.Path(given.json).write_text(json.dumps(numbers, indent=1))
    sys.exit(0 if all(met for _, met in goals) else 1)


if __name__ == "__main__":
    main()
