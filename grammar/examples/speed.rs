//! How fast files are split and items parsed: `cargo run --release -p flowc_grammar --example speed`.
#![expect(clippy::print_stdout, reason = "it prints what it measured")]
use std::hint::black_box;
use std::time::Instant;

use flowc_grammar::{parse_item, split};

fn main() {
    let examples = include_str!("../tests/cases/examples.md");
    let blocks: String = examples
        .split("```flow\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .map(|b| format!("{b}\n\n"))
        .collect();
    let text = blocks.repeat(400);
    let megabytes = text.len() as f64 / 1e6;
    let start = Instant::now();
    let items = split(&text).items;
    println!("split {:.1} MB/s, {} items", megabytes / start.elapsed().as_secs_f64(), items.len());
    let start = Instant::now();
    for item in &items {
        black_box(parse_item(&item.text));
    }
    println!("parse {:.1} MB/s", megabytes / start.elapsed().as_secs_f64());
    let start = Instant::now();
    for _ in 0..100_000 {
        black_box(parse_item("type A = Int"));
    }
    println!("least parse {:.2} µs", start.elapsed().as_secs_f64() * 10.0);
}
