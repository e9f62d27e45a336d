//! Which files the parser takes without an error: paths on standard input, one a line, and those that it takes on
//! standard output. The tests of the editors' grammar ask it: `cargo run -p flowc_grammar --example accepts`.
#![expect(clippy::print_stdout, reason = "it prints what it found")]
use std::io::BufRead as _;

use flowc_grammar::{parse_item, split};

fn main() -> std::io::Result<()> {
    for path in std::io::stdin().lock().lines() {
        let path = path?;
        let text = std::fs::read_to_string(&path)?;
        let file = split(&text);
        if file.errors.is_empty() && file.items.iter().all(|item| parse_item(&item.text).errors.is_empty()) {
            println!("{path}");
        }
    }
    Ok(())
}
