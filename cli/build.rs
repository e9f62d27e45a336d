//! Embeds the book's pages about errors, `book/src/errors/CODE.md`, for `flowc explain`. Without the folder there are none.
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let folder = root.join("../book/src/errors");
    println!("cargo::rerun-if-changed=build.rs");
    let mut pages: Vec<(String, PathBuf)> = Vec::new();
    if let Ok(folder) = folder.canonicalize() {
        println!("cargo::rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let code = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            // Other pages of the folder (its index) have names that no code has.
            if path.extension().is_some_and(|ext| ext == "md") && is_code(&code) {
                pages.push((code, path));
            }
        }
    } else if let Ok(book) = root.join("../book/src").canonicalize() {
        println!("cargo::rerun-if-changed={}", book.display());
    }
    pages.sort();
    let mut text = String::from("&[\n");
    for (code, path) in pages {
        writeln!(text, "    ({code:?}, include_str!({:?})),", path.display().to_string())
            .map_err(io::Error::other)?;
    }
    text.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("pages.rs"), text)
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text != "index"
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
