//! Numbers and quantities: what stands in the text, exactly, or an error that says what is wrong with it.
use flowc_base::{Span, UnitError, parse_duration, parse_money, parse_size};

use super::Builder;
use crate::ast::{ExprKind, FloatBits};
use crate::errors;

impl Builder<'_> {
    pub(super) fn number(&mut self, text: &str, span: Span) -> ExprKind {
        match read(text) {
            // One more than the largest: only a minus before it makes it a number.
            Ok(ExprKind::Int(i64::MIN)) if !self.negated(span) => {
                self.errors.push(errors::number(span, text, UnitError::TooLarge, None));
                ExprKind::Missing
            }
            Ok(kind) => kind,
            Err(error) => {
                let meant = if error == UnitError::Malformed { meant(text) } else { None };
                self.errors.push(errors::number(span, text, error, meant));
                ExprKind::Missing
            }
        }
    }

    fn negated(&self, span: Span) -> bool {
        Span::new(0, span.start).slice(self.text).trim_end().ends_with('-')
    }
}

fn read(text: &str) -> Result<ExprKind, UnitError> {
    if text.starts_with('$') {
        return parse_money(text).map(ExprKind::Money);
    }
    if text.bytes().any(|b| b.is_ascii_alphabetic()) {
        return match (parse_duration(text), parse_size(text)) {
            (Ok(duration), _) => Ok(ExprKind::Duration(duration)),
            (_, Ok(size)) => Ok(ExprKind::Size(size)),
            (Err(UnitError::TooLarge), _) | (_, Err(UnitError::TooLarge)) => Err(UnitError::TooLarge),
            (Err(UnitError::Malformed), Err(UnitError::Malformed)) => Err(UnitError::Malformed),
        };
    }
    let separated = text.split('.').all(|part| {
        !part.starts_with('_')
            && !part.ends_with('_')
            && part.bytes().all(|b| b.is_ascii_digit() || b == b'_')
    });
    if !separated {
        return Err(UnitError::Malformed);
    }
    let digits = text.replace('_', "");
    if digits.contains('.') {
        let value: f64 = digits.parse().map_err(|_| UnitError::Malformed)?;
        return if value.is_finite() {
            Ok(ExprKind::Float(FloatBits(value.to_bits())))
        } else {
            Err(UnitError::TooLarge)
        };
    }
    match digits.parse::<u64>() {
        Ok(value) if value == i64::MIN.unsigned_abs() => Ok(ExprKind::Int(i64::MIN)),
        Ok(value) => i64::try_from(value).map(ExprKind::Int).map_err(|_| UnitError::TooLarge),
        Err(_) => Err(UnitError::TooLarge),
    }
}

/// Units as others write them.
const UNITS: [(&[&str], &str); 13] = [
    (&["msec", "msecs", "millis", "millisecond", "milliseconds"], "ms"),
    (&["sec", "secs", "second", "seconds"], "s"),
    (&["min", "mins", "minute", "minutes"], "m"),
    (&["hr", "hrs", "hour", "hours"], "h"),
    (&["day", "days"], "d"),
    (&["k", "kb"], "KB"),
    (&["mb"], "MB"),
    (&["g", "gb"], "GB"),
    (&["t", "tb"], "TB"),
    (&["ki", "kib"], "KiB"),
    (&["mi", "mib"], "MiB"),
    (&["gi", "gib"], "GiB"),
    (&["ti", "tib"], "TiB"),
];

/// What a number that is none means elsewhere, as it is written here.
fn meant(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = lower.strip_prefix(prefix) {
            return i64::from_str_radix(&digits.replace('_', ""), radix).ok().map(|value| value.to_string());
        }
    }
    let split = lower.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(lower.len());
    let (number, unit) = lower.split_at(split);
    let number = number.split('.').map(|part| part.trim_matches('_')).collect::<Vec<_>>().join(".");
    let found = match UNITS.iter().find(|(words, _)| words.contains(&unit)) {
        Some((_, unit)) => format!("{number}{unit}"),
        None if unit.starts_with('e') => {
            format!("{:?}", lower.parse::<f64>().ok().filter(|it| it.is_finite())?)
        }
        None => format!("{number}{unit}"),
    };
    // Large numbers would be shown with an exponent.
    (found != text && read(&found).is_ok()).then_some(found)
}
