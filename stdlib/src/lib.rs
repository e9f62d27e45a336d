//! The library that comes with flowc: signatures in .flow, bodies in Rust.
