//! Units as types: a duration is never a number, a size is never a duration. Parsing and printing of each stand together.
use std::fmt;

use serde::{Deserialize, Serialize};

/// A duration in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug, Serialize, Deserialize)]
pub struct Millis(pub u64);

/// A size in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug, Serialize, Deserialize)]
pub struct Bytes(pub u64);

/// Money in millionths of a dollar.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug, Serialize, Deserialize)]
pub struct Micros(pub u64);

/// Why a text is not a quantity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnitError {
    /// Not a number followed by a unit of this kind.
    Malformed,
    /// More than the type can hold.
    TooLarge,
}

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not a number with a unit",
            Self::TooLarge => "too large",
        })
    }
}

const DURATIONS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
const SIZES: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

/// Reads `300ms 5s 2m 1h 7d`, with an optional fraction (`1.5s`) and `_` between digits.
///
/// # Errors
/// [`UnitError`] when the text is no duration, or longer than `u64` milliseconds.
pub fn parse_duration(text: &str) -> Result<Millis, UnitError> {
    scaled(text, &DURATIONS).map(Millis)
}

/// Reads `5KB 5MB 5GB 5TB` (powers of 1000), `KiB MiB GiB TiB` (of 1024) and `12B`.
///
/// # Errors
/// [`UnitError`] when the text is no size, or larger than `u64` bytes.
pub fn parse_size(text: &str) -> Result<Bytes, UnitError> {
    scaled(text, &SIZES).map(Bytes)
}

/// Reads `$0.50`; up to six decimals.
///
/// # Errors
/// [`UnitError`] when the text is no amount, or too large.
pub fn parse_money(text: &str) -> Result<Micros, UnitError> {
    decimal(text.strip_prefix('$').ok_or(UnitError::Malformed)?, 1_000_000).map(Micros)
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Result<u64, UnitError> {
    let split = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(UnitError::Malformed)?;
    let (number, unit) = text.split_at(split);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit).ok_or(UnitError::Malformed)?;
    decimal(number, *factor)
}

/// `number * factor`, exactly; digits that fall below one part are refused.
fn decimal(number: &str, factor: u64) -> Result<u64, UnitError> {
    let number = number.replace('_', "");
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || number.ends_with('.') || fraction.len() > 9
    {
        return Err(UnitError::Malformed);
    }
    let whole: u64 = whole.parse().map_err(|_| UnitError::TooLarge)?;
    let mut parts = u128::from(whole) * u128::from(factor);
    if !fraction.is_empty() {
        let scale = 10u128.pow(u32::try_from(fraction.len()).map_err(|_| UnitError::Malformed)?);
        let value = fraction.parse::<u128>().map_err(|_| UnitError::Malformed)? * u128::from(factor);
        if value % scale != 0 {
            return Err(UnitError::Malformed);
        }
        parts += value / scale;
    }
    u64::try_from(parts).map_err(|_| UnitError::TooLarge)
}

/// The largest unit that divides the value without a rest.
fn exact(value: u64, units: &[(&str, u64)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let best =
        units.iter().filter(|(_, factor)| value.is_multiple_of(*factor)).max_by_key(|(_, factor)| *factor);
    match best {
        Some((unit, factor)) if value > 0 => write!(f, "{}{unit}", value / factor),
        _ => write!(
            f,
            "{value}{}",
            units.iter().min_by_key(|(_, factor)| *factor).map_or("", |(unit, _)| unit)
        ),
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        exact(self.0, &DURATIONS, f)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        exact(self.0, &SIZES, f)
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dollars, rest) = (self.0 / 1_000_000, self.0 % 1_000_000);
        if rest % 10_000 == 0 {
            write!(f, "${dollars}.{:02}", rest / 10_000)
        } else {
            write!(f, "${dollars}.{rest:06}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_and_print_the_same() {
        for text in ["300ms", "5s", "2m", "1h", "7d"] {
            assert_eq!(parse_duration(text).map(|d| d.to_string()), Ok(text.to_owned()));
        }
        for text in ["5KB", "5MB", "1GiB", "12B"] {
            assert_eq!(parse_size(text).map(|s| s.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(parse_duration("1.5s"), Ok(Millis(1500)));
        assert_eq!(parse_money("$0.50"), Ok(Micros(500_000)));
        assert_eq!(Micros(500_000).to_string(), "$0.50");
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in ["", "5", "s", "5 s", "5x", "1.s", "0.0001ms", "-1s"] {
            assert_eq!(parse_duration(text), Err(UnitError::Malformed), "{text}");
        }
        assert_eq!(parse_size("99999999999999999999GB"), Err(UnitError::TooLarge));
    }
}
