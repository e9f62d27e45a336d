#!/usr/bin/env python3
"""Writes a large program, the same for the same seed, as .flow files and as WDL of the same shape.

usage: python3 benches/program.py FOLDER [--modules 50] [--groups 40] [--seed 1]

A module is a .flow file with record types and groups of five tasks and one flow that calls them: 50 modules of 40 groups are
10,000 tasks, 2,000 flows and about 100,000 lines. Three groups of four call a task of another module, one of four a flow of its
own. The tasks have what tasks have: documentation, needs, shell texts of one and of several lines with splices, records, lists.
WDL allows one workflow a document: there a group is a document, and what a flow takes from elsewhere is imported.

FOLDER/flow/main.flow uses all modules; FOLDER/wdl/*.wdl are all documents.
"""
import argparse
import pathlib
import random

VERBS = "align call clean filter index merge pick rank scale sort stage trim".split()
NOUNS = "batch book cohort frame genome image ledger panel reads sample table trace".split()
ADJECTIVES = "small sorted plain fresh large early final rough clear steady".split()


class Group:
    """Five tasks and a flow. `lends` names the group whose task is called, `calls` the one whose flow is."""

    def __init__(self, module, number, rng):
        self.module, self.number = module, number
        self.noun, self.verb, self.adjective = rng.choice(NOUNS), rng.choice(VERBS), rng.choice(ADJECTIVES)
        tag = f"{self.noun}_{module:02}_{number:02}"
        self.ready, self.split, self.count = f"{self.verb}_{tag}", f"split_{tag}", f"count_{tag}"
        self.report, self.judge, self.flow = f"report_{tag}", f"judge_{tag}", f"study_{tag}"
        self.lines, self.limit, self.cpu = rng.randrange(100, 2000), rng.randrange(3, 90), rng.randrange(1, 9)
        self.extra = rng.randrange(3)
        self.lends = self.calls = None

    @property
    def record(self):
        return f"Spec{self.module:02}x{self.number // 4}"


def make(modules, groups, seed):
    """The modules: lists of groups."""
    rng = random.Random(seed)
    program = [[Group(m, g, rng) for g in range(groups)] for m in range(modules)]
    for m, module in enumerate(program):
        for g, group in enumerate(module):
            # Every fourth group stands alone, and only these are called from elsewhere.
            if g % 4 == 0:
                continue
            other = program[max(0, m - rng.randrange(1, 4))]
            group.lends = other[rng.randrange(0, (groups + 3) // 4) * 4]
            if g % 4 == 3:
                group.calls = module[g - 3]
    return program


def shell(group, splice):
    """The lines of the long shell texts; both languages read them alike."""
    s = splice
    ready = [
        f"set -- {s('spec.name')} {s('spec.depth')}",
        f"tr -s ' ' '\\n' < {s('source')} | grep -v '^#' > rest.txt || true",
        f"if [ \"$2\" -gt {group.limit} ]; then head -n {group.lines} rest.txt; else cat rest.txt; fi |",
        "  awk -v name=\"$1\" '{ print name \"\\t\" NR \"\\t\" $0 }' | sort -k3,3 > ready.txt",
    ]
    more = [
        f"mkdir -p kept && for part in {s('parts')}; do cp \"$part\" kept/; done",
        f"echo \"# {group.adjective} {group.noun}\" {s('title')} > page.md",
        "for part in kept/*; do wc -w < \"$part\"; done | paste -s -d+ - | sed 's/^$/0/' | bc > total",
        "cat total >> page.md",
        "cat total",
    ]
    return ready, more


def flow_group(group):
    s = lambda name: "{{" + name + "}}"  # noqa: E731
    ready, more = shell(group, s)
    pad = lambda lines: "\n".join("    " + line for line in lines)  # noqa: E731
    out = f"""
/// Make a {group.adjective} {group.noun} ready: one word a line, named and numbered.
task {group.ready}(spec: {group.record}, source: File) -> File from "ready.txt" {{
  needs {{ cpu: {group.cpu}, memory: {group.cpu}GB }}
  timeout {group.limit}m
  sh \"\"\"
{pad(ready)}
    \"\"\"
}}

task {group.split}(text: File, lines: Int = {group.lines}) -> List<File> from "part-*" {{
  sh "split -l {{{{lines}}}} {{{{text}}}} part-"
}}

/// How many words a part has.
task {group.count}(part: File) -> Int {{
  sh "wc -w < {{{{part}}}}"
}}

/// One page about all parts, and how many words there are.
task {group.report}(parts: List<File>, title: Text = "{group.noun}") -> {{ page: File from "page.md", words: Int from stdout }} {{
  env {{ STYLE: "{group.adjective}" }}
  sh \"\"\"
{pad(more)}
    \"\"\"
}}

task {group.judge}(words: Int, limit: Int(0..1000) = {group.limit}) -> Text {{
  sh "if [ {{{{words}}}} -gt {{{{limit}}}} ]; then echo large; else echo small; fi"
}}

/// Study a {group.noun}: its words, part by part.
flow {group.flow}(spec: {group.record}, source: File, limit: Int(0..1000) = {group.limit}) -> {{ page: File, words: Int, verdict: Text }} {{
  let ready  = {group.ready}(spec, source)
  let parts  = {group.split}(ready, {"limit * 10 + 1" if group.extra else "lines: 500"})
  let counts = for part in parts {{ {group.count}(part) }}
"""
    terms = ["sum(counts)"]
    if group.lends:
        out += f"  let others = for part in parts if spec.depth > {group.extra} {{ {group.lends.count}(part) }}\n"
        terms.append("sum(others)")
    if group.calls:
        out += f"  let inner  = {group.calls.flow}(spec, ready)\n"
        terms.append("inner.words")
    out += f"""  let report = {group.report}(parts, "{group.adjective} {{{{spec.name}}}}")
  let words  = {" + ".join(terms)} + report.words
  // The limit is a person's choice; the verdict only says on which side of it we are.
  let verdict = if words > limit {{ {group.judge}(words, limit) }} else {{ "empty" }}
  {{ page: report.page, words: words, verdict: verdict }}
}}
"""
    return out


def flow_module(number, module):
    out = [f"//! Module {number}: {', '.join(sorted({group.noun for group in module}))}.\n"]
    lent = {}
    for group in module:
        if group.lends and group.lends.module != number:
            lent.setdefault(group.lends.module, set()).add(group.lends.count)
    for other in sorted(lent):
        out.append(f"use \"m{other:02}.flow\".{{{', '.join(sorted(lent[other]))}}}\n")
    for record in sorted({group.record for group in module}):
        out.append(f"""
/// What is to be studied.
type {record} = {{
  /// What people call it.
  name: Text,
  /// How closely to look: 0 is a glance.
  depth: Int(0..100),
  tags: List<Text>,
}}
""")
    return "".join(out) + "".join(flow_group(group) for group in module)


def write_flow(folder, program):
    folder.mkdir(parents=True)
    for number, module in enumerate(program):
        (folder / f"m{number:02}.flow").write_text(flow_module(number, module))
    uses = "".join(f"use \"m{m:02}.flow\" as m{m:02}\n" for m in range(len(program)))
    totals = "".join(
        f"  let a{m:02} = m{m:02}.{module[0].flow}({{ name: \"{m}\", depth: {m % 100}, tags: [] }}, source)\n"
        for m, module in enumerate(program)
    )
    words = ", ".join(f"a{m:02}.words" for m in range(len(program)))
    (folder / "main.flow").write_text(
        f"//! All modules.\n{uses}\n/// The first study of each module.\nflow main(source: File) -> Int {{\n{totals}  sum([{words}])\n}}\n"
    )


def wdl_document(group):
    s = lambda name: "~{sep(' ', quote(parts))}" if name == "parts" else "~{" + name + "}"  # noqa: E731
    ready, more = shell(group, s)
    pad = lambda lines: "\n".join("    " + line for line in lines)  # noqa: E731
    imports = ""
    for number, other in enumerate((group.lends, group.calls)):
        if other:
            alias = f" alias {other.record} as Unused" if number == 0 and other.record != group.record else ""
            imports += f"import \"{other.flow}.wdl\" as {'lent' if number == 0 else 'inner'}{alias}\n"
    record = group.record
    terms = [f"total_{group.count}.total"]
    calls = ""
    if group.lends:
        calls += f"""  scatter (part in split_parts.parts) {{
    if (spec.depth > {group.extra}) {{
      call lent.{group.lends.count} as others {{ input: part = part }}
    }}
  }}
"""
        terms.append("length(select_all(others.words))")
    if group.calls:
        calls += f"  call inner.{group.calls.flow} as deeper {{ input: spec = spec, source = ready.ready }}\n"
        terms.append("deeper.words")
    terms[0] = "length(counts.words)"
    return f"""version 1.1

{imports}
# What is to be studied.
struct {record} {{
  String name
  Int depth
  Array[String] tags
}}

# Make a {group.adjective} {group.noun} ready: one word a line, named and numbered.
task {group.ready} {{
  input {{
    {record} spec
    File source
  }}
  command <<<
{pad(ready)}
  >>>
  output {{
    File ready = "ready.txt"
  }}
  runtime {{
    cpu: {group.cpu}
    memory: "{group.cpu} GB"
  }}
}}

task {group.split} {{
  input {{
    File text
    Int lines = {group.lines}
  }}
  command <<< split -l ~{{lines}} ~{{text}} part- >>>
  output {{
    Array[File] parts = glob("part-*")
  }}
}}

# How many words a part has.
task {group.count} {{
  input {{
    File part
  }}
  command <<< wc -w < ~{{part}} >>>
  output {{
    Int words = read_int(stdout())
  }}
}}

# One page about all parts, and how many words there are.
task {group.report} {{
  input {{
    Array[File] parts
    String title = "{group.noun}"
  }}
  command <<<
{pad(more)}
  >>>
  output {{
    File page = "page.md"
    Int words = read_int(stdout())
  }}
  runtime {{
    maxRetries: 2
  }}
}}

task {group.judge} {{
  input {{
    Int words
    Int limit = {group.limit}
  }}
  command <<< if [ ~{{words}} -gt ~{{limit}} ]; then echo large; else echo small; fi >>>
  output {{
    String verdict = read_string(stdout())
  }}
}}

# Study a {group.noun}: its words, part by part.
workflow {group.flow} {{
  input {{
    {record} spec
    File source
    Int limit = {group.limit}
  }}
  call {group.ready} as ready {{ input: spec = spec, source = source }}
  call {group.split} as split_parts {{ input: text = ready.ready, lines = {"limit * 10 + 1" if group.extra else "500"} }}
  scatter (part in split_parts.parts) {{
    call {group.count} as counts {{ input: part = part }}
  }}
{calls}  call {group.report} as report {{ input: parts = split_parts.parts, title = "{group.adjective} ~{{spec.name}}" }}
  Int total = {" + ".join(terms)} + report.words
  if (total > limit) {{
    call {group.judge} as judge {{ input: words = total, limit = limit }}
  }}
  output {{
    File page = report.page
    Int words = total
    String verdict = select_first([judge.verdict, "empty"])
  }}
}}
"""


def write_wdl(folder, program):
    folder.mkdir(parents=True)
    for module in program:
        for group in module:
            (folder / f"{group.flow}.wdl").write_text(wdl_document(group))


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("folder", type=pathlib.Path)
    args.add_argument("--modules", type=int, default=50)
    args.add_argument("--groups", type=int, default=40)
    args.add_argument("--seed", type=int, default=1)
    given = args.parse_args()
    program = make(given.modules, given.groups, given.seed)
    write_flow(given.folder / "flow", program)
    write_wdl(given.folder / "wdl", program)


if __name__ == "__main__":
    main()
