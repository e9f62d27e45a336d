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
                self.errors.push(errors::number(span, text, UnitError::TooLarge));
                ExprKind::Missing
            }
            Ok(kind) => kind,
            Err(error) => {
                self.errors.push(errors::number(span, text, error));
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
