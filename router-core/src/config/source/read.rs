//! From the parser's events to a value and its positions.
//!
//! What is wrong with a single entry (a key twice, a key that is not text, an unknown tag) is noted and reading goes on;
//! a syntax error ends it. Either way everything noted is reported at once.

mod entry;
mod frame;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span as ParserSpan, StrInput, Tag};
use serde_json::Value;

use super::lines::Lines;
use super::positions::{Bytes, Kind, NodeId, Positions};
use super::{MOST_BYTES, MOST_DEPTH, MOST_VALUES, scalar, trap};
use crate::config::diagnostic::{Diagnostic, Diagnostics, Path, Step};
use frame::{Frame, Weight};

/// Reads the text. The value is complete if `diagnostics` got no error.
pub(super) fn read(text: &str, lines: &Lines, diagnostics: &mut Diagnostics) -> (Value, Positions) {
    let mut reader = Reader {
        text,
        lines,
        diagnostics,
        positions: Positions::default(),
        open: Vec::new(),
        anchors: FxHashMap::default(),
        weight: Weight::default(),
        root: None,
    };
    reader.run();
    reader.close_all();
    (reader.root.unwrap_or_default(), reader.positions)
}

/// Reading cannot go on.
struct Stop;

/// A value that an alias can stand for.
struct Anchored {
    value: Value,
    node: NodeId,
    weight: Weight,
    depth: usize,
}

struct Reader<'t> {
    text: &'t str,
    lines: &'t Lines,
    diagnostics: &'t mut Diagnostics,
    positions: Positions,
    /// The lists and mappings around the current place.
    open: Vec<Frame>,
    anchors: FxHashMap<usize, Anchored>,
    /// All values so far, with aliases written out.
    weight: Weight,
    root: Option<Value>,
}

impl<'t> Reader<'t> {
    fn run(&mut self) {
        let mut parser: Parser<'t, StrInput<'t>> = Parser::new_from_str(self.text);
        let mut documents = 0_usize;
        while let Some(next) = parser.next_event() {
            let (event, span) = match next {
                Ok(found) => found,
                Err(error) => return self.syntax_error(&error),
            };
            let at = self.bytes(span);
            if matches!(event, Event::DocumentStart(_)) {
                documents += 1;
                if documents > 1 {
                    let message = "a second document begins here; a configuration is one document";
                    let help = "remove the `---`, or put the second document in a file of its own";
                    return self
                        .note(at, Diagnostic::error("several-documents", Path::root(), message).with_help(help));
                }
            }
            if self.event(event, at).is_err() {
                return;
            }
        }
        if matches!(self.root, None | Some(Value::Null)) && !self.diagnostics.has_errors() {
            let message = "the document is empty";
            let help = "write at least one section; `tidegate schema` lists them";
            self.note((0, 0), Diagnostic::error("empty-document", Path::root(), message).with_help(help));
        }
    }

    fn event(&mut self, event: Event<'t>, at: Bytes) -> Result<(), Stop> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let at = self.trimmed(at, style);
                let before = self.weight;
                self.weigh(at, Weight { values: 1, bytes: text.len() })?;
                let value = self.scalar(&text, style, tag.as_deref(), at);
                let node = self.positions.add(at, Kind::Scalar);
                self.complete(value, node, anchor, before, Some(style))
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "seq", at);
                self.descend(Frame::list(at, anchor, self.weight))
            }
            Event::MappingStart(anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "map", at);
                self.descend(Frame::mapping(at, anchor, self.weight))
            }
            Event::SequenceEnd | Event::MappingEnd => self.ascend(at),
            Event::Alias(anchor) => self.alias(anchor, at),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Bytes) -> Value {
        let named = match tag {
            None => None,
            Some(tag) if tag.is_yaml_core_schema() => Some(tag.suffix.as_str()),
            // The non-specific tag `!` makes a scalar text (YAML 1.2 §6.9.1).
            Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => Some("str"),
            Some(tag) => {
                self.unknown_tag(tag, at);
                None
            }
        };
        if named == Some("str") || (named.is_none() && style != ScalarStyle::Plain) {
            return text.into();
        }
        let value = match scalar::resolve(text) {
            Ok(value) => value,
            Err(unclear) => {
                let found = Diagnostic::error("unclear-number", self.here(), unclear.message(text));
                self.note(at, found.with_help(unclear.help(text)));
                return Value::Null;
            }
        };
        let fits = match named {
            None => true,
            Some("null") => value.is_null(),
            Some("bool") => value.is_boolean(),
            Some("int") => value.is_u64() || value.is_i64(),
            Some("float") => value.is_number(),
            Some(_) => false,
        };
        if !fits {
            let message = format!("the tag !!{} does not fit this value", named.unwrap_or_default());
            self.note(at, Diagnostic::error("unknown-tag", self.here(), message).with_help("leave the tag out"));
        }
        value
    }

    fn check_collection_tag(&mut self, tag: Option<&Tag>, expected: &str, at: Bytes) {
        if let Some(tag) = tag
            && !(tag.is_yaml_core_schema() && tag.suffix == expected)
        {
            self.unknown_tag(tag, at);
        }
    }

    fn unknown_tag(&mut self, tag: &Tag, at: Bytes) {
        let message = format!("the tag {tag} means nothing in a configuration");
        let help = "leave the tag out; a text that begins with ! is written in quotes";
        self.note(at, Diagnostic::error("unknown-tag", self.here(), message).with_help(help));
    }

    fn alias(&mut self, anchor: usize, at: Bytes) -> Result<(), Stop> {
        let before = self.weight;
        let Some(anchored) = self.anchors.get(&anchor) else {
            let message = "an alias inside the very value that it names";
            self.note(at, Diagnostic::error("endless-alias", self.here(), message).with_help("write the value out"));
            return Err(Stop);
        };
        let (weight, depth, target) = (anchored.weight, anchored.depth, anchored.node);
        self.weigh(at, weight)?;
        if self.open.len() + depth > MOST_DEPTH {
            return self.too_deep(at);
        }
        let value = self.anchors.get(&anchor).map(|anchored| anchored.value.clone()).unwrap_or_default();
        let node = self.positions.add(at, Kind::Alias(target));
        self.complete(value, node, 0, before, None)
    }

    fn descend(&mut self, frame: Frame) -> Result<(), Stop> {
        let at = frame.at;
        self.weigh(at, Weight { values: 1, bytes: 0 })?;
        if self.open.len() >= MOST_DEPTH {
            return self.too_deep(at);
        }
        self.open.push(frame);
        Ok(())
    }

    fn ascend(&mut self, at: Bytes) -> Result<(), Stop> {
        let Some(frame) = self.open.pop() else { return Ok(()) };
        let (anchor, before) = (frame.anchor, frame.before);
        let (value, node) = frame.close(at, &mut self.positions);
        self.complete(value, node, anchor, before, None)
    }

    /// A value is read: it goes into the list or mapping around it, as item, key or value.
    fn complete(
        &mut self,
        value: Value,
        node: NodeId,
        anchor: usize,
        before: Weight,
        style: Option<ScalarStyle>,
    ) -> Result<(), Stop> {
        if anchor > 0 {
            // The kept copy counts as well: anchors inside anchors are copies of copies.
            let weight = self.weight.since(before);
            self.weigh(self.positions.at(node), weight)?;
            let kept = Anchored { depth: frame::depth(&value), value: value.clone(), node, weight };
            self.anchors.insert(anchor, kept);
        }
        if self.open.last().is_some_and(Frame::expects_key) {
            let key = self.key(value, node, style);
            if let Some(frame) = self.open.last_mut() {
                frame.begin(key);
            }
        } else if let Some(frame) = self.open.last_mut() {
            frame.put(value, node);
        } else if self.root.is_none() {
            self.root = Some(value);
            self.positions.set_root(node);
        }
        Ok(())
    }

    fn weigh(&mut self, at: Bytes, more: Weight) -> Result<(), Stop> {
        self.weight = self.weight.plus(more);
        if self.weight.values <= MOST_VALUES && self.weight.bytes <= 2 * MOST_BYTES {
            return Ok(());
        }
        let message = format!("the document grows beyond {MOST_VALUES} values or {} bytes of text", 2 * MOST_BYTES);
        let help = "aliases multiply what they stand for; write out only what is needed";
        self.note(at, Diagnostic::error("too-large", self.here(), message).with_help(help));
        Err(Stop)
    }

    fn too_deep(&mut self, at: Bytes) -> Result<(), Stop> {
        let message = format!("lists and mappings nest deeper than {MOST_DEPTH} levels");
        self.note(at, Diagnostic::error("too-deep", self.here(), message));
        Err(Stop)
    }

    fn syntax_error(&mut self, error: &ScanError) {
        let at = self.lines.byte_of_character(self.text, error.marker().index());
        let trap = trap::explain(error.info(), self.text, self.lines, at);
        // The parser has a limit of its own, which it may reach before it hands over the first bracket.
        let code = if error.info().contains("recursion limit") { "too-deep" } else { "invalid-yaml" };
        let mut found = Diagnostic::error(code, self.here(), trap.message);
        found.help = trap.help;
        self.note(trap.at, found);
    }

    /// After a stop: what was read so far still says where related places are.
    fn close_all(&mut self) {
        while let Some(frame) = self.open.pop() {
            let (value, node) = frame.close((0, 0), &mut self.positions);
            match self.open.last_mut() {
                Some(around) => around.put(value, node),
                None => {
                    self.root = Some(value);
                    self.positions.set_root(node);
                }
            }
        }
    }

    fn note(&mut self, at: Bytes, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic.at_text(at.0, at.1));
    }

    /// The path of what is being read.
    fn here(&self) -> Path {
        self.open.iter().filter_map(Frame::step).collect()
    }

    fn bytes(&self, span: ParserSpan) -> Bytes {
        let start = self.lines.byte_of_character(self.text, span.start.index());
        let end = self.lines.byte_of_character(self.text, span.end.index());
        (start, end.max(start))
    }

    /// The parser ends a quoted scalar after the blanks and the comment behind it, and a block scalar after its line ends.
    fn trimmed(&self, (start, end): Bytes, style: ScalarStyle) -> Bytes {
        let inside = self.text.get(start..end).unwrap_or_default();
        let length = match style {
            ScalarStyle::SingleQuoted => quoted_length(inside, '\''),
            ScalarStyle::DoubleQuoted => quoted_length(inside, '"'),
            ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => None,
        };
        (start, start + length.unwrap_or_else(|| inside.trim_end().len()))
    }
}

/// How long a quoted scalar is, with an anchor or a tag before it.
fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let opening = if text.starts_with(quote) {
        0
    } else {
        text.find([' ', '\t', '\n']).and_then(|blank| text.get(blank..)?.find(quote).map(|at| blank + at))?
    };
    let mut characters = text.char_indices().skip_while(|(at, _)| *at <= opening).peekable();
    while let Some((at, character)) = characters.next() {
        let mut doubled = || character == '\'' && characters.peek().is_some_and(|(_, next)| *next == '\'');
        let escapes = if quote == '"' { character == '\\' } else { doubled() };
        if escapes {
            characters.next();
        } else if character == quote {
            return Some(at + 1);
        }
    }
    None
}
