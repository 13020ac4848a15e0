//! Reads `/users/{id}/files/{*path}`.
//!
//! `{name}` takes one segment or a part of one, `{*name}` the rest of the path, one segment or more; `{{` and `}}` are the characters
//! themselves. Everything else is literal and is brought into normal form.

use super::braces;
use super::{
    params::MAX_PARAMETERS,
    pattern::{InvalidPattern, PatternFault},
    segment::{Affixed, Segment},
};
use crate::filter::path::{InvalidPath, NotNormal, literal};

/// A template taken apart.
pub(super) struct Template {
    pub(super) segments: Vec<Segment>,
    /// The names in the order of the path; that of `{*rest}` is the last.
    pub(super) names: Vec<Box<str>>,
    pub(super) has_rest: bool,
}

/// A piece of a segment, with the byte at which it starts.
enum Piece {
    Text(String),
    Parameter(usize),
    Rest(usize),
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidPattern> {
        if !text.starts_with('/') {
            return Err(PatternFault::Path(NotNormal::Invalid(InvalidPath::NotAbsolute)).at(0));
        }
        let mut template = Self { segments: Vec::new(), names: Vec::new(), has_rest: false };
        let mut at = 1;
        let mut segments = text.split('/').skip(1).peekable();
        while let Some(segment) = segments.next() {
            if template.has_rest {
                return Err(PatternFault::RestNotLast.at(at));
            }
            if segment.is_empty() && segments.peek().is_some() {
                return Err(PatternFault::EmptySegment.at(at));
            }
            let pieces = template.pieces(segment, at)?;
            template.push(pieces, at)?;
            at += segment.len() + 1;
        }
        Ok(template)
    }

    fn pieces(&mut self, segment: &str, offset: usize) -> Result<Vec<Piece>, InvalidPattern> {
        let (mut pieces, mut literal) = (Vec::new(), String::new());
        for piece in braces::pieces(segment) {
            let (name, at) = match piece.map_err(|at| PatternFault::LoneBrace.at(offset + at))? {
                braces::Piece::Text(text) => {
                    literal.push_str(text);
                    continue;
                }
                braces::Piece::Brace(brace) => {
                    literal.push(brace);
                    continue;
                }
                braces::Piece::Parameter { name, at } => (name, offset + at),
            };
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            match name.strip_prefix('*') {
                Some(name) => {
                    self.name(name, at)?;
                    pieces.push(Piece::Rest(at));
                }
                None => {
                    self.name(name, at)?;
                    pieces.push(Piece::Parameter(at));
                }
            }
        }
        if !literal.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(literal));
        }
        Ok(pieces)
    }

    fn name(&mut self, name: &str, at: usize) -> Result<(), InvalidPattern> {
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !starts_well || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(PatternFault::BadName(name.to_owned()).at(at));
        }
        if self.names.iter().any(|known| &**known == name) {
            return Err(PatternFault::DuplicateName(name.to_owned()).at(at));
        }
        if self.names.len() == MAX_PARAMETERS {
            return Err(PatternFault::TooManyParameters.at(at));
        }
        self.names.push(name.into());
        Ok(())
    }

    fn push(&mut self, pieces: Vec<Piece>, offset: usize) -> Result<(), InvalidPattern> {
        let normal = |text: &str| {
            if text.contains('\\') {
                return Err(PatternFault::Path(NotNormal::WouldBe(text.replace('\\', "/"))).at(offset));
            }
            if let Some(at) = text.find(['?', '#']) {
                return Err(PatternFault::Path(NotNormal::NotOnlyAPath(at)).at(offset + at));
            }
            literal(text).map_err(|invalid| PatternFault::Path(NotNormal::Invalid(invalid)).at(offset))
        };
        let (mut first, mut between, mut last) = (String::new(), Vec::new(), String::new());
        let (mut parameters, mut ends_in_parameter) = (0_usize, false);
        match pieces.as_slice() {
            [Piece::Text(text)] => {
                let text = normal(text)?;
                if matches!(text.as_str(), "." | "..") {
                    return Err(PatternFault::DotSegment.at(offset));
                }
                self.segments.push(Segment::Literal(text.into()));
                return Ok(());
            }
            [Piece::Parameter(_)] => {
                self.segments.push(Segment::Parameter);
                return Ok(());
            }
            [Piece::Rest(_)] => {
                self.has_rest = true;
                return Ok(());
            }
            _ => {}
        }
        for piece in pieces {
            match piece {
                Piece::Text(text) if parameters == 0 => first = normal(&text)?,
                Piece::Text(text) => {
                    last = normal(&text)?;
                    ends_in_parameter = false;
                }
                Piece::Parameter(at) => {
                    if ends_in_parameter {
                        return Err(PatternFault::Adjacent.at(at));
                    }
                    if parameters > 0 {
                        between.push(std::mem::take(&mut last));
                    }
                    parameters += 1;
                    ends_in_parameter = true;
                }
                Piece::Rest(at) => return Err(PatternFault::RestNotAlone.at(at)),
            }
        }
        self.segments.push(Segment::Affixed(Affixed::new(first, between, last)));
        Ok(())
    }
}
