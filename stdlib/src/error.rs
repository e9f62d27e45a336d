//! Why a native function fails: a kind to branch on, a sentence to read.
use std::fmt;

/// Why a native function fails.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NativeError {
    /// The values do not allow it: overflow, an empty list, text that is no UTF-8. The sentence says which.
    Value(String),
    /// The content of a file is not to be had.
    File(String),
    /// A call that the compiler should have refused: no such function, or arguments of other types. A bug of ours.
    Call(String),
}

impl NativeError {
    pub(crate) fn value(message: impl Into<String>) -> Self {
        Self::Value(message.into())
    }
}

impl fmt::Display for NativeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(message) | Self::File(message) | Self::Call(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for NativeError {}
