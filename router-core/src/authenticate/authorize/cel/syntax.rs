//! The tree of an expression as it was written.

use std::ops::Range;

use super::{Checked, InvalidCondition, MAX_HEIGHT};

/// A part of an expression.
#[derive(Clone, Debug)]
pub(super) struct Expr {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
    height: u16,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Literal(Literal),
    Name(String),
    Field(Box<Expr>, String),
    Index(Box<Expr>, Box<Expr>),
    Call {
        target: Option<Box<Expr>>,
        name: String,
        arguments: Vec<Expr>,
    },
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    /// `a && b && c`, in one, so that a long row is not a high tree.
    Every(Vec<Expr>),
    /// `a || b || c`.
    Some(Vec<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    Choice(Box<[Expr; 3]>),
}

/// A value in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(String),
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

impl Expr {
    /// A node over its parts, unless it gets too high.
    pub(super) fn new(kind: Kind, span: Range<usize>) -> Checked<Self> {
        let height = 1 + kind.parts().map(|part| part.height).max().unwrap_or(0);
        if height > MAX_HEIGHT {
            return Err(too_deep(span));
        }
        Ok(Self { kind, span, height })
    }
}

pub(super) fn too_deep(span: Range<usize>) -> InvalidCondition {
    InvalidCondition::new(span, format!("this nests deeper than the {MAX_HEIGHT} levels that are possible"))
}

impl Kind {
    fn parts(&self) -> impl Iterator<Item = &Expr> {
        let (some, pairs, fixed): (&[Expr], &[(Expr, Expr)], [Option<&Expr>; 3]) = match self {
            Self::Literal(_) | Self::Name(_) => (&[], &[], [None; 3]),
            Self::Field(of, _) | Self::Not(of) | Self::Negate(of) => (&[], &[], [Some(of), None, None]),
            Self::Index(left, right) | Self::Binary(_, left, right) => (&[], &[], [Some(left), Some(right), None]),
            Self::Call { target, arguments, .. } => (arguments, &[], [target.as_deref(), None, None]),
            Self::List(parts) | Self::Every(parts) | Self::Some(parts) => (parts, &[], [None; 3]),
            Self::Map(pairs) => (&[], pairs, [None; 3]),
            Self::Choice(parts) => (&**parts, &[], [None; 3]),
        };
        some.iter().chain(pairs.iter().flat_map(|(key, value)| [key, value])).chain(fixed.into_iter().flatten())
    }
}
