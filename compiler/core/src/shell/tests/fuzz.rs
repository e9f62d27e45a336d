//! Random shell texts with a splice, run by real shells: what the analysis lets through is never code, and arrives as it is.
//! `FLOWC_SHELLS` says how many texts, `FLOWC_SEED` which.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flowc_plan::{Quoting, quote};

use super::super::{Dash, Place};
use super::look;
use crate::tests::seeded::Seeded;

/// What a text is made of, one in another.
struct Maker {
    random: Seeded,
    depth: usize,
}

impl Maker {
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.random.below(from.len())]
    }

    /// Fills a pattern: `C` is commands, `W` a word, `D` what stands between double quotes, `S` between single ones, `H` the
    /// text of a here-document.
    fn fill(&mut self, pattern: &str) -> String {
        let mut text = String::new();
        for c in pattern.chars() {
            match c {
                'C' => text.push_str(&self.commands()),
                'W' => text.push_str(&self.word()),
                'D' | 'H' => {
                    for _ in 0..self.random.below(4) {
                        let part = self.pick(&DOUBLE);
                        let part = self.inner(part, "d");
                        text.push_str(&part);
                    }
                }
                'S' => {
                    for _ in 0..self.random.below(4) {
                        text.push_str(self.pick(&SINGLE));
                    }
                }
                c => text.push(c),
            }
        }
        text
    }

    fn inner(&mut self, pattern: &str, otherwise: &str) -> String {
        if self.depth > 4 {
            return otherwise.to_owned();
        }
        self.depth += 1;
        let text = self.fill(pattern);
        self.depth -= 1;
        text
    }

    fn commands(&mut self) -> String {
        let mut text = String::new();
        for at in 0..=self.random.below(2) {
            if at > 0 {
                text.push_str(self.pick(&["; ", "\n", " && ", " | ", " || ", " ;\n"]));
            }
            let command = self.pick(&COMMANDS);
            text.push_str(&self.inner(command, "p {}"));
        }
        text
    }

    fn word(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..=self.random.below(2) {
            let part = self.pick(&WORDS);
            text.push_str(&self.inner(part, "{}"));
        }
        text
    }

    /// A text with one splice; some are broken on purpose.
    fn text(&mut self) -> String {
        let mut text = self.commands();
        for _ in 0..self.random.below(3) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let at = if places.is_empty() { 0 } else { places[self.random.below(places.len())] };
            match self.random.below(3) {
                0 if !text.is_empty() && !"{}".contains(&text[at..=at]) => drop(text.remove(at)),
                1 => text.insert_str(at, self.pick(&SINGLE)),
                _ => text.insert_str(at, self.pick(&BITS)),
            }
        }
        let splices = text.matches("{}").count();
        let kept = if splices == 0 { 0 } else { self.random.below(splices) };
        let mut parts = text.split("{}");
        let mut one = parts.next().unwrap_or("").to_owned();
        for (at, part) in parts.enumerate() {
            one.push_str(if at == kept { "{}" } else { "v" });
            one.push_str(part);
        }
        one
    }
}

const COMMANDS: [&str; 45] = [
    "p W W",
    "p W W",
    "p {} W",
    "p W {}",
    "x=W; p \"$x\"",
    "if p W; then C; fi",
    "case W in W) C;; *) C;; esac",
    "case W in (x|W) C;; esac",
    "{ C; }",
    "( C )",
    "! C",
    "!( C )",
    "for i in W W; do p \"$i\"; done",
    "cat <<E\nH\nE\n",
    "cat <<'E'\nH\nE\n",
    "cat <<-E | p W\n\tH\n\tE\n",
    "cat <<\"E\"; C\nH\nE\n",
    "cat <<E W\nH\\\nE\nC\nE\n",
    "[[ W = W ]] && C",
    "[[ W -eq W || W =~ W ]]",
    "[ W = W ] || C",
    "[ W W ]",
    "test -v W",
    "declare -i n=W; n=W",
    "declare W=W",
    "export x=W; p \"$x\"",
    "a[W]=W; C",
    "a=(W [W]=W); p \"${a[@]}\"",
    "((n = W)); C",
    "((C) ; C)",
    "for ((n=W;n<1;n++)); do C; done",
    "printf -v W W",
    "printf %s W",
    "printf ''W x",
    "read W <<< W",
    "p W > /dev/null; C",
    "f() { p \"$1\"; C; }; f W",
    "eval W",
    "sh -c W sh W",
    "trap W EXIT",
    "p W # it's S W\nC",
    "p W #W\nC",
    "p \\\n W; C",
    "unset W; unset a",
    "set -- W; p \"$1{}\" \"$@\"",
];

const WORDS: [&str; 40] = [
    "{}",
    "{}",
    "{}",
    "lit",
    "'S'",
    "'S{}S'",
    "\"D\"",
    "\"D{}D\"",
    "\"D\"",
    "$x",
    "${x}",
    "${x:-W}",
    "\"${x:-W}\"",
    "\"${x:-D}\"",
    "\"${x%W}\"",
    "${x#S}",
    "$(C)",
    "\"$(C)\"",
    "\"$( C )\"",
    "`C`",
    "\"`C`\"",
    "$'S'",
    "$'\\''",
    "$'a\\'b'",
    "$\"D\"",
    "$((1+W))",
    "$((W))",
    "$[1]",
    "<(C)",
    "@(a|W)",
    "!(W)",
    "?(a)",
    "{a,W}",
    "\\\n",
    "#",
    "\\'",
    "\\\"",
    "\\\\",
    "a=W",
    "~",
];

const DOUBLE: [&str; 26] = [
    "{}",
    "{}",
    "d",
    "'",
    "'{}'",
    "\\\"",
    "\\\\",
    "\\$",
    "$x",
    "${x:-W}",
    "${x:-'}'}",
    "${x:-\"W\"}",
    "${x%'}'}",
    "$(C)",
    "`C`",
    "$((1+1))",
    "#",
    ")",
    "}",
    "$'",
    "$",
    " ",
    "\\`",
    "\\\n",
    "\n",
    "(",
];

const SINGLE: [&str; 20] = [
    "\"", "$", "\\", "#", ")", "}", "(", "`", "s", " ", "{}", "\n", "E", "\nE\n", "<<E", ";", "&&", "esac",
    "[", "]",
];

const BITS: [&str; 24] = [
    "'",
    "\"",
    "\\",
    "`",
    "$(",
    ")",
    "${",
    "}",
    "#",
    "\n",
    "<<E ",
    "$'",
    "$\"",
    "((",
    "))",
    "[[ ",
    " ]]",
    "\\\n",
    " ",
    "case x in x) ",
    " esac",
    "|",
    "<<<",
    "!",
];

/// Each would leave a file behind where it is read as code.
const VALUES: [&str; 8] = [
    "$(touch CANARY)`touch CANARY` * \\ ! ~",
    "';touch CANARY;'\";touch CANARY;\"",
    "a[$(touch CANARY)]",
    ";touch CANARY\ntouch CANARY\n#",
    "E\ntouch CANARY\n`touch CANARY`'\n\"",
    ")};touch CANARY;{(",
    "-v\\'$(touch CANARY)\\\"$(touch CANARY)",
    "touch CANARY",
];

struct Runner {
    dir: PathBuf,
}

impl Runner {
    /// What the text prints, and whether a value ran.
    fn run(&self, shell: &str, text: &str) -> Option<(String, bool)> {
        let script = format!("ulimit -t 2; p() {{ printf '<%s>' \"$@\"; }}\n{text}");
        let output = Command::new(shell)
            .args(["-c", &script])
            .current_dir(&self.dir)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .ok()?;
        let mut ran = false;
        for entry in fs::read_dir(&self.dir).unwrap().flatten() {
            ran |= entry.file_name() == "CANARY";
            drop(fs::remove_file(entry.path()));
        }
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        Some((printed.chars().filter(|&c| !(c.is_whitespace() || "<>".contains(c))).collect(), ran))
    }
}

/// Whether a text gives variables what it is given, and evaluates variables: what it evaluates is its own doing.
fn evaluates_variables(text: &str) -> bool {
    let gives = ["x=", "printf -v", "read", "set --", "for i", "declare", "a="];
    let evaluates = ["((", "-eq", "sh -c", "eval", "trap", "a[", "declare", "test -v", "[v", "[$", "$["];
    gives.iter().any(|part| text.contains(part)) && evaluates.iter().any(|part| text.contains(part))
}

/// What is wrong with a text, if something is.
fn trouble(runner: &Runner, shell: &str, text: &str) -> Option<String> {
    let analysis = look(shell, text);
    let place = analysis.splices.first()?;
    let Place::Quoted { quoting, dash: Dash::Plain | Dash::Option, .. } = *place else { return None };
    if !analysis.errors.is_empty() {
        return None;
    }
    let readers: &[&str] = if shell == "sh" { &["dash", "bash"] } else { &["bash"] };
    for reader in readers {
        let plain = runner.run(reader, &text.replace("{}", &quote("QZQ", quoting)))?;
        // A format is read, `$$` is never twice the same, and `declare` alone prints the shell's own variables.
        let differs = text.contains("printf") || text.contains("$$") || plain.0.contains("BASHOPTS");
        for value in VALUES {
            let (printed, ran) = runner.run(reader, &text.replace("{}", &quote(value, quoting)))?;
            let bare: String = value.chars().filter(|c| !c.is_whitespace()).collect();
            // What prints the value through `$( )` without quotes has it in several words: blanks do not count.
            if (ran && !evaluates_variables(text)) || (!differs && printed != plain.0.replace("QZQ", &bare)) {
                let how = if ran { "RAN" } else { "differs" };
                return Some(format!(
                    "{how} in {reader}: {text:?}\n  {quoting:?} {value:?}\n  {printed:?}\n  {:?}",
                    plain.0.replace("QZQ", &bare)
                ));
            }
        }
    }
    None
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn what_is_let_through_arrives() {
    let dir = std::env::temp_dir().join(format!("flowc-shells-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let runner = Runner { dir };
    let (texts, seed) = (number("FLOWC_SHELLS", 150), number("FLOWC_SEED", 1));
    let mut maker = Maker { random: Seeded(seed), depth: 0 };
    let mut troubles = Vec::new();
    for at in 0..texts {
        let text = maker.text();
        // A function in itself would call itself for ever.
        if text.contains("{}") && text.matches("f()").count() < 2 {
            troubles.extend(trouble(&runner, if at % 3 == 0 { "bash" } else { "sh" }, &text));
        }
    }
    drop(fs::remove_dir_all(Path::new(&runner.dir)));
    assert!(troubles.is_empty(), "{} texts:\n{}", troubles.len(), troubles.join("\n"));
    assert!(matches!(look("sh", "p {}").splices[0], Place::Quoted { quoting: Quoting::Bare, .. }));
}
