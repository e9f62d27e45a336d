//! What every room of flowc shares: places in text, names, diagnostics, units. It knows nothing of the language.
mod diagnostic;
mod name;
mod nearest;
mod span;
mod units;

pub use diagnostic::{Applicability, Code, Diagnostic, Edit, Fix, Label, Severity};
pub use name::Name;
pub use nearest::{nearest, wrong_letters};
pub use span::{FileId, LineCol, LineIndex, Location, Span};
pub use units::{Bytes, Micros, Millis, UnitError, parse_duration, parse_money, parse_size};
