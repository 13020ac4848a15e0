//! What is known of a value before there is one.

/// The type of a part of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Type {
    /// Only the request tells.
    Dyn,
    Null,
    Bool,
    Int,
    Double,
    Text,
    List,
    Map,
    /// The request's header fields: a map whose names are lower case.
    Headers,
    Timestamp,
    Duration,
}

impl Type {
    /// For messages, with its article.
    pub(in super::super) fn name(self) -> &'static str {
        match self {
            Self::Dyn => "anything",
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Int => "an int",
            Self::Double => "a double",
            Self::Text => "a string",
            Self::List => "a list",
            Self::Map | Self::Headers => "a map",
            Self::Timestamp => "a timestamp",
            Self::Duration => "a duration",
        }
    }

    /// Whether a value of this type may be one of `other`.
    pub(super) fn may_be(self, other: Self) -> bool {
        let plain = |kind| if kind == Self::Headers { Self::Map } else { kind };
        self == Self::Dyn || other == Self::Dyn || plain(self) == plain(other)
    }

    pub(super) fn is_map(self) -> bool {
        matches!(self, Self::Dyn | Self::Map | Self::Headers)
    }
}
