//! Programs from a row of bytes: each byte decides one thing, and where there are none left everything is as small as it
//! can be, so that a test which fails shrinks to a small program. It knows what parses, and no layout.

/// Decisions.
pub(super) struct Choices<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Choices<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// One of so many, 0 when all bytes are used.
    pub(super) fn pick(&mut self, count: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % count
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.pick(all.len())]
    }

    pub(super) fn are_left(&self) -> bool {
        self.at < self.bytes.len()
    }
}

/// A program with white space and comments wherever they may stand.
pub(super) fn program(bytes: &[u8]) -> String {
    let mut made =
        Maker { choices: Choices::new(bytes), out: String::new(), comments: 0, depth: 0, noise: 0 };
    made.noise = made.choices.pick(4);
    if made.choices.pick(3) == 1 {
        made.out.push_str("//! About\n//!\n//!  all of it.\n");
    }
    loop {
        made.item();
        made.between_items();
        if !made.choices.are_left() {
            return made.out;
        }
    }
}

struct Maker<'b> {
    choices: Choices<'b>,
    out: String,
    comments: usize,
    depth: usize,
    /// How much is to be seen of odd white space: 0 for none.
    noise: usize,
}

const NAMES: [&str; 8] =
    ["a", "value", "from", "list", "sh", "a_rather_long_name_that_takes_its_room", "x9", "max"];
const TYPES: [&str; 6] =
    ["Int", "Text?", "List<File>", "Int(0..10)", "Map< List<Text?> >", "schema(\"x.json\")"];
const TEXTS: [&str; 9] = [
    "\"\"",
    "\"text with {{ name }} in it\"",
    "r\"\\d+\"",
    "\"\"\"one line\"\"\"",
    "\"\"\"\n  first\n\n    second {{ f(x,  [1 ,2]) }}\n  \"\"\"",
    "\"\"\"\n\tby tab\n \t\n\t\"\"\"",
    "\"\"\"kept\n  as it {{ {a : 1}\n   }} is\"\"\"",
    "r\"\"\"\"\n         \"\"\" {{\n      \n         \"\"\"\"",
    "\"\"\"  \n left  \n\"\"\"",
];
const OPERATORS: [&str; 12] = ["+", "*", "&&", "||", "??", "-", "/", "%", "+", "&&", "*", "||"];

impl Maker<'_> {
    fn pick(&mut self, count: usize) -> usize {
        self.choices.pick(count)
    }

    fn rarely(&mut self) -> bool {
        self.pick(4) == 1
    }

    // --- White space -------------------------------------------------------------------------------------------

    /// White space between two tokens that must not touch.
    fn gap(&mut self) {
        if !self.noise() {
            self.out.push(' ');
        }
    }

    /// White space between two tokens that may touch.
    fn slack(&mut self) {
        let _ = self.noise();
    }

    fn noise(&mut self) -> bool {
        if self.noise == 0 || self.pick(6 - self.noise) != 1 {
            return false;
        }
        self.comments += 1;
        let n = self.comments;
        let made = match self.pick(9) {
            0 => "  ".to_owned(),
            1 => "\n ".to_owned(),
            2 => "\n\n\n    ".to_owned(),
            3 => format!(" // c{n}\n "),
            4 => format!("\n  // c{n}  \n\n   "),
            5 => format!("// c{n}\n// and{n}\n\n\n // more{n}\n "),
            6 => "\r\n\t".to_owned(),
            7 => format!(" // c{n}\n\n // d{n}\n "),
            _ => format!(" /// doc{n}\n "),
        };
        if self.out.ends_with('/') {
            self.out.push(' ');
        }
        self.out.push_str(&made);
        true
    }

    fn between_items(&mut self) {
        self.comments += 1;
        let n = self.comments;
        let made = match self.pick(6) {
            0 => "\n".to_owned(),
            1 => "\n\n\n".to_owned(),
            2 => format!(" // c{n}\n"),
            3 => format!("\n// c{n}\n\n// d{n}\n"),
            4 => format!(" // c{n}\n// d{n}\n"),
            _ => "\n\t\n  ".to_owned(),
        };
        self.out.push_str(&made);
    }

    // --- Pieces ------------------------------------------------------------------------------------------------

    fn word(&mut self, word: &str) {
        self.out.push_str(word);
    }

    /// A sign with room on both sides.
    fn sign(&mut self, sign: &str) {
        self.slack();
        self.out.push_str(sign);
        self.slack();
    }

    fn name(&mut self) {
        let name = self.choices.one_of(&NAMES);
        self.word(name);
    }

    fn text(&mut self) {
        let text = self.choices.one_of(&TEXTS);
        self.word(text);
    }

    /// Parts in brackets with commas between them.
    fn listed(&mut self, brackets: [&str; 2], least: usize, mut part: impl FnMut(&mut Self)) {
        self.word(brackets[0]);
        self.slack();
        let most = if self.rarely() { 9 } else { 4 };
        let count = least.max(self.pick(most));
        for at in 0..count {
            if at > 0 {
                self.sign(",");
            }
            part(self);
        }
        if count > 0 && self.rarely() {
            self.sign(",");
        }
        self.slack();
        self.word(brackets[1]);
    }

    fn ty(&mut self) {
        self.depth += 1;
        match self.pick(if self.depth > 3 { 1 } else { 5 }) {
            1 => self.listed(["{", "}"], 1, |this| {
                this.name();
                this.sign(":");
                this.ty();
            }),
            2 => {
                self.word("\"low\"");
                for _ in 0..=self.pick(9) {
                    self.sign("|");
                    self.word("\"higher than that\"");
                }
            }
            3 => {
                self.word("List<");
                self.ty();
                self.word(">");
            }
            _ => {
                let ty = self.choices.one_of(&TYPES);
                self.word(ty);
            }
        }
        self.depth -= 1;
    }

    // --- Items -------------------------------------------------------------------------------------------------

    fn item(&mut self) {
        if self.rarely() {
            self.word("/// What it is.\n/// \n///   More.\n");
        }
        match self.pick(7) {
            0 => {
                self.word("use std.text.");
                self.listed(["{", "}"], 1, Self::name);
            }
            1 => {
                self.word("type Thing = ");
                self.ty();
            }
            2 => {
                self.word("agent someone");
                self.gap();
                self.clauses();
            }
            3 => {
                self.word("settings ");
                self.clauses();
            }
            4 => {
                self.word("task make");
                self.params();
                if self.rarely() {
                    self.sign("->");
                    self.ty();
                    self.gap();
                    self.word("from \"part-{{n}}\"");
                }
                self.gap();
                self.clauses();
            }
            5 => {
                self.word("test \"it does\" ");
                self.block(true);
            }
            _ => {
                self.word("flow main");
                self.params();
                self.sign("->");
                self.ty();
                self.gap();
                self.block(false);
            }
        }
    }

    fn params(&mut self) {
        self.listed(["(", ")"], 0, |this| {
            this.name();
            this.sign(":");
            this.ty();
            if this.rarely() {
                this.sign("=");
                this.expr();
            }
        });
    }

    fn clauses(&mut self) {
        self.word("{");
        for _ in 0..self.pick(4) {
            self.gap();
            match self.pick(5) {
                0 => {
                    self.word("needs ");
                    self.record();
                }
                1 => {
                    self.word("timeout");
                    self.gap();
                    self.word("2m");
                }
                2 => {
                    self.word("sh");
                    self.gap();
                    self.text();
                }
                3 => {
                    self.word("retry 2 ");
                    self.record();
                }
                _ => {
                    self.word("script \"python3\"");
                    self.gap();
                    self.word("\"\"\"\n      print(\"{{\")\n\n        x\n      \"\"\"");
                }
            }
        }
        self.gap();
        self.word("}");
    }

    // --- Statements and expressions ----------------------------------------------------------------------------

    fn block(&mut self, in_test: bool) {
        self.depth += 1;
        self.word("{");
        for _ in 0..self.pick(if self.depth > 4 { 1 } else { 4 }) {
            self.gap();
            match self.pick(7) {
                0 | 1 => {
                    self.word("let it");
                    if self.rarely() {
                        self.sign(":");
                        self.ty();
                    }
                    self.sign("=");
                    self.expr();
                }
                2 => {
                    self.word("gate \"ok\"");
                    self.gap();
                    self.head();
                    if self.rarely() {
                        self.gap();
                        self.word("else fail \"no\"");
                    }
                }
                3 => {
                    self.word("assert independent");
                    self.word(" ");
                    self.listed(["[", "]"], 1, Self::name);
                }
                4 if in_test => {
                    self.word("mock task make(_, b) ->");
                    self.gap();
                    self.record();
                }
                5 => {
                    self.word("continue");
                    self.gap();
                    self.expr();
                }
                _ => {
                    self.word("call");
                    self.arguments();
                }
            }
        }
        self.gap();
        self.word("last(1)");
        self.gap();
        self.word("}");
        self.depth -= 1;
    }

    fn record(&mut self) {
        self.listed(["{", "}"], 1, |this| {
            this.name();
            this.slack();
            this.word(":");
            this.slack();
            this.expr();
        });
    }

    fn arguments(&mut self) {
        self.listed(["(", ")"], 0, |this| {
            if this.rarely() {
                this.word("name");
                this.slack();
                this.word(":");
                this.slack();
            }
            this.expr();
        });
    }

    /// An expression in the head of something.
    fn head(&mut self) {
        self.operand();
        for _ in 0..self.pick(3) {
            let operator = self.choices.one_of(&OPERATORS);
            self.sign(operator);
            self.operand();
        }
    }

    fn expr(&mut self) {
        self.depth += 1;
        if self.depth > 5 {
            self.word("1_000");
        } else {
            match self.pick(14) {
                1 => self.listed(["[", "]"], 0, Self::expr),
                2 => self.record(),
                3 => {
                    self.word("for x in");
                    self.gap();
                    self.head();
                    if self.rarely() {
                        self.gap();
                        self.word("if");
                        self.gap();
                        self.head();
                        self.gap();
                        self.word("max 40");
                    }
                    self.gap();
                    self.block(false);
                }
                4 => {
                    self.word("if");
                    self.gap();
                    self.head();
                    self.gap();
                    self.block(false);
                    for _ in 0..self.pick(3) {
                        self.gap();
                        self.word("else if");
                        self.gap();
                        self.head();
                        self.gap();
                        self.block(false);
                    }
                    self.gap();
                    self.word("else");
                    self.gap();
                    self.block(false);
                }
                5 => self.matched(),
                6 => {
                    self.word("ask someone");
                    self.gap();
                    self.text();
                    self.gap();
                    self.word("as");
                    self.gap();
                    self.ty();
                    if self.rarely() {
                        self.gap();
                        self.word("with ");
                        self.record();
                    }
                }
                7 => {
                    self.word("step");
                    self.arguments();
                    for _ in 0..=self.pick(2) {
                        self.gap();
                        self.word("else");
                        self.gap();
                        self.word("other");
                        self.arguments();
                    }
                }
                8 => {
                    self.word("(");
                    self.slack();
                    self.expr();
                    self.slack();
                    self.word(")");
                }
                9 => {
                    self.word("loop x =");
                    self.gap();
                    self.head();
                    self.gap();
                    self.word("max 3");
                    self.gap();
                    self.block(false);
                    self.gap();
                    self.word("else escalate \"no\"");
                }
                10 => self.listed(["[", "]"], 3, |this| this.word("12_345")),
                _ => self.head(),
            }
        }
        self.depth -= 1;
    }

    fn matched(&mut self) {
        self.word("match value");
        self.gap();
        self.word("{");
        self.slack();
        for at in 0..self.pick(4) {
            self.word(["\"low\" | \"high\"", "ok { value }", "-1"][at % 3]);
            self.sign("=>");
            self.expr();
            self.sign(",");
        }
        self.word("_");
        self.sign("=>");
        self.expr();
        self.slack();
        self.word("}");
    }

    fn operand(&mut self) {
        match self.pick(8) {
            0 | 1 => self.name(),
            2 => self.text(),
            3 => self.word("!ready"),
            4 => {
                self.name();
                if self.depth < 5 {
                    self.depth += 1;
                    self.arguments();
                    self.depth -= 1;
                }
            }
            5 => {
                self.name();
                self.slack();
                self.word(".");
                self.slack();
                self.word("field[0]");
            }
            6 => self.word("60 per 1m"),
            _ => self.word("-2.5"),
        }
    }
}
