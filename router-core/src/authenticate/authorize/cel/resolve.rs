//! From a tree as written to one that can be evaluated: names have a meaning, types fit, patterns are compiled.

use regex_lite::Regex;

use super::functions::{Function, SIGNATURES, Signature, Style};
use super::syntax::{Expr, Kind, Literal, Operator};
use super::types::Type;
use super::{Checked, InvalidCondition};
use crate::authenticate::authorize::variables::{Named, Scope, Variable};
use crate::config::nearest;
use crate::route::compile_regex;

/// A checked part of an expression.
#[derive(Debug)]
pub(super) enum Node {
    Literal(Literal),
    Variable(Variable),
    /// A name that a macro binds, by its depth.
    Local(usize),
    Field(Box<Node>, String),
    Has(Box<Node>, String),
    HasVariable(Variable),
    Index(Box<[Node; 2]>),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Every(Vec<Node>),
    Some(Vec<Node>),
    Choice(Box<[Node; 3]>),
    Binary(Operator, Box<[Node; 2]>),
    Matches(Box<Node>, Regex),
    Call(Function, Vec<Node>),
    Loop(Box<Each>),
}

/// A macro over a list or the keys of a map.
#[derive(Debug)]
pub(super) struct Each {
    pub(super) kind: Loop,
    pub(super) over: Node,
    pub(super) when: Option<Node>,
    pub(super) body: Node,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loop {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

const LOOPS: [(&str, Loop); 5] = [
    ("all", Loop::All),
    ("exists", Loop::Exists),
    ("exists_one", Loop::ExistsOne),
    ("filter", Loop::Filter),
    ("map", Loop::Map),
];

pub(super) struct Resolver<'s> {
    scope: &'s Scope<'s>,
    /// The names that macros bind where we are, the innermost last.
    bound: Vec<String>,
}

type Typed = Checked<(Node, Type)>;

impl<'s> Resolver<'s> {
    pub(super) fn new(scope: &'s Scope<'s>) -> Self {
        Self { scope, bound: Vec::new() }
    }

    pub(super) fn resolve(&mut self, expr: &Expr) -> Typed {
        if let Some((variable, kind)) = self.variable(expr)? {
            return Ok((Node::Variable(variable), kind));
        }
        match &expr.kind {
            Kind::Literal(literal) => Ok((Node::Literal(literal.clone()), literal_type(literal))),
            Kind::Name(name) => match self.bound.iter().rposition(|bound| bound == name) {
                Some(index) => Ok((Node::Local(index), Type::Dyn)),
                None => Err(self.unknown(name, expr)),
            },
            Kind::Field(of, name) => {
                let (of, kind) = self.resolve(of)?;
                wanted(kind.is_map(), expr, || format!("{} has no fields", kind.name()))?;
                Ok((Node::Field(Box::new(of), name.clone()), Type::Dyn))
            }
            Kind::Index(of, index) => self.index(of, index),
            Kind::Call { target, name, arguments } => self.call(target.as_deref(), name, arguments, expr),
            Kind::List(items) => {
                let items = items.iter().map(|item| self.resolve(item).map(|(node, _)| node));
                Ok((Node::List(items.collect::<Checked<_>>()?), Type::List))
            }
            Kind::Map(entries) => {
                let mut nodes = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let (node, kind) = self.resolve(key)?;
                    let fits = matches!(kind, Type::Dyn | Type::Text | Type::Int | Type::Bool);
                    wanted(fits, key, || {
                        format!("a key is a string, an int or a boolean, and this is {}", kind.name())
                    })?;
                    nodes.push((node, self.resolve(value)?.0));
                }
                Ok((Node::Map(nodes), Type::Map))
            }
            Kind::Not(of) => Ok((Node::Not(Box::new(self.boolean(of, "`!`")?)), Type::Bool)),
            Kind::Negate(of) => {
                let (node, kind) = self.resolve(of)?;
                let fits = matches!(kind, Type::Dyn | Type::Int | Type::Double | Type::Duration);
                wanted(fits, of, || format!("`-` wants a number, and this is {}", kind.name()))?;
                Ok((Node::Negate(Box::new(node)), kind))
            }
            Kind::Every(operands) => Ok((Node::Every(self.booleans(operands, "`&&`")?), Type::Bool)),
            Kind::Some(operands) => Ok((Node::Some(self.booleans(operands, "`||`")?), Type::Bool)),
            Kind::Choice(parts) => {
                let [condition, then, otherwise] = &**parts;
                let condition = self.boolean(condition, "`?`")?;
                let (then, one) = self.resolve(then)?;
                let (otherwise, other) = self.resolve(otherwise)?;
                let kind = if one == other { one } else { Type::Dyn };
                Ok((Node::Choice(Box::new([condition, then, otherwise])), kind))
            }
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, expr),
        }
    }

    fn boolean(&mut self, expr: &Expr, who: &str) -> Checked<Node> {
        let (node, kind) = self.resolve(expr)?;
        wanted(kind.may_be(Type::Bool), expr, || format!("{who} wants a boolean, and this is {}", kind.name()))?;
        Ok(node)
    }

    fn booleans(&mut self, exprs: &[Expr], who: &str) -> Checked<Vec<Node>> {
        exprs.iter().map(|expr| self.boolean(expr, who)).collect()
    }

    fn unknown(&self, name: &str, expr: &Expr) -> InvalidCondition {
        if let Some(fields) = self.scope.fields(name) {
            let message = format!("`{name}` is no value by itself");
            let list: Vec<_> = fields.iter().map(|field| format!("`{name}.{field}`")).collect();
            return InvalidCondition::new(expr.span.clone(), message).with_help(format!("write {}", list.join(", ")));
        }
        let message = format!("there is no variable named `{name}`");
        let unknown = InvalidCondition::new(expr.span.clone(), message);
        let bound = self.bound.iter().map(String::as_str);
        match nearest(name, bound.chain(Scope::ROOTS)) {
            Some(near) => unknown.with_help(format!("did you mean `{near}`?")),
            None => unknown.with_help(format!("there are `{}`", Scope::ROOTS.join("`, `"))),
        }
    }

    /// The variable that a name with fields stands for, if it stands for one.
    fn variable(&self, expr: &Expr) -> Checked<Option<(Variable, Type)>> {
        let mut steps: Vec<&str> = Vec::new();
        let mut at = expr;
        let root = loop {
            match &at.kind {
                Kind::Name(name) => break name.as_str(),
                Kind::Field(of, name) => (steps.push(name), at = of).1,
                Kind::Index(of, index) => match &index.kind {
                    // Names of authenticators may have dashes: `identities["my-jwt"].claims`.
                    Kind::Literal(Literal::Text(name)) => (steps.push(name), at = of).1,
                    _ => return Ok(None),
                },
                _ => return Ok(None),
            }
            if steps.len() > 2 {
                return Ok(None);
            }
        };
        if self.bound.iter().any(|bound| bound == root) {
            return Ok(None);
        }
        steps.reverse();
        match self.scope.variable(root, &steps) {
            Ok(None) => Ok(None),
            Ok(Some(Named { variable, kind })) => Ok(Some((variable, kind))),
            Err((message, help)) => {
                let invalid = InvalidCondition::new(expr.span.clone(), message);
                Err(match help {
                    Some(help) => invalid.with_help(help),
                    None => invalid,
                })
            }
        }
    }

    fn index(&mut self, of: &Expr, index: &Expr) -> Typed {
        let (of_node, of_kind) = self.resolve(of)?;
        let (index_node, index_kind) = self.resolve(index)?;
        match of_kind {
            Type::List => {
                let fits = index_kind.may_be(Type::Int);
                wanted(fits, index, || format!("an index of a list is an int, and this is {}", index_kind.name()))?;
            }
            Type::Headers => {
                let fits = index_kind.may_be(Type::Text);
                wanted(fits, index, || format!("the name of a field is a string, and this is {}", index_kind.name()))?;
                lower_case(index)?;
            }
            Type::Map | Type::Dyn => {
                let fits = matches!(index_kind, Type::Dyn | Type::Text | Type::Int | Type::Bool);
                wanted(fits, index, || {
                    format!("a key is a string, an int or a boolean, and this is {}", index_kind.name())
                })?;
            }
            _ => wanted(false, of, || format!("{} has no items", of_kind.name()))?,
        }
        Ok((Node::Index(Box::new([of_node, index_node])), Type::Dyn))
    }

    fn binary(&mut self, operator: Operator, left: &Expr, right: &Expr, whole: &Expr) -> Typed {
        let (left_node, one) = self.resolve(left)?;
        let (right_node, other) = self.resolve(right)?;
        if operator == Operator::In && other == Type::Headers {
            lower_case(left)?;
        }
        let Some(kind) = yields(operator, one, other) else {
            let sign = operator.sign();
            let message = format!("`{sign}` does not take {} and {}", one.name(), other.name());
            return Err(InvalidCondition::new(whole.span.clone(), message));
        };
        Ok((Node::Binary(operator, Box::new([left_node, right_node])), kind))
    }

    fn call(&mut self, target: Option<&Expr>, name: &str, arguments: &[Expr], whole: &Expr) -> Typed {
        if let (None, "has") = (target, name) {
            return self.has(arguments, whole);
        }
        if let (Some(target), Some((_, kind))) = (target, LOOPS.iter().find(|(known, _)| *known == name)) {
            return self.each(*kind, name, target, arguments, whole);
        }
        if name == "matches" {
            return self.matches(target, arguments, whole);
        }
        let signature = SIGNATURES.iter().find(|signature| signature.name == name);
        let style = if target.is_some() { Style::Method } else { Style::Global };
        let Some(signature) = signature.filter(|known| known.style == Style::Both || known.style == style) else {
            return Err(unknown_function(name, style, signature, whole));
        };
        let count = arguments.len() + usize::from(target.is_some());
        if count != signature.takes.len() {
            return Err(arity(name, signature.takes.len() - usize::from(target.is_some()), arguments.len(), whole));
        }
        let mut nodes = Vec::with_capacity(count);
        for (argument, takes) in target.into_iter().chain(arguments).zip(signature.takes) {
            let (node, kind) = self.resolve(argument)?;
            let fits = takes.iter().any(|taken| kind.may_be(*taken));
            wanted(fits, argument, || format!("`{name}` does not take {}", kind.name()))?;
            nodes.push(node);
        }
        Ok((Node::Call(signature.function, nodes), signature.yields))
    }

    fn has(&mut self, arguments: &[Expr], whole: &Expr) -> Typed {
        let [argument] = arguments else { return Err(arity("has", 1, arguments.len(), whole)) };
        let Kind::Field(of, name) = &argument.kind else {
            return Err(InvalidCondition::new(argument.span.clone(), "`has` wants a field, such as `has(claims.sub)`")
                .with_help("to ask for a key write `\"key\" in map`"));
        };
        if let Some((variable, _)) = self.variable(argument)? {
            return Ok((Node::HasVariable(variable), Type::Bool));
        }
        let (of, kind) = self.resolve(of)?;
        wanted(kind.is_map(), argument, || format!("{} has no fields", kind.name()))?;
        Ok((Node::Has(Box::new(of), name.clone()), Type::Bool))
    }

    fn each(&mut self, kind: Loop, name: &str, over: &Expr, arguments: &[Expr], whole: &Expr) -> Typed {
        let (bound, when, body) = match (kind, arguments) {
            (_, [bound, body]) => (bound, None, body),
            (Loop::Map, [bound, when, body]) => (bound, Some(when), body),
            _ => return Err(arity(name, 2, arguments.len(), whole)),
        };
        let Kind::Name(bound) = &bound.kind else {
            return Err(InvalidCondition::new(bound.span.clone(), format!("`{name}` wants a name for the items here")));
        };
        let (over_node, over_kind) = self.resolve(over)?;
        let fits = over_kind.is_map() || over_kind == Type::List;
        wanted(fits, over, || format!("`{name}` wants a list or a map, and this is {}", over_kind.name()))?;
        self.bound.push(bound.clone());
        let inner = when.map(|when| self.boolean(when, &format!("`{name}`"))).transpose().and_then(|when| {
            let body = match kind {
                Loop::Map => self.resolve(body)?.0,
                _ => self.boolean(body, &format!("`{name}`"))?,
            };
            Ok((when, body))
        });
        self.bound.pop();
        let (when, body) = inner?;
        let yields = if matches!(kind, Loop::Filter | Loop::Map) { Type::List } else { Type::Bool };
        Ok((Node::Loop(Box::new(Each { kind, over: over_node, when, body })), yields))
    }

    fn matches(&mut self, target: Option<&Expr>, arguments: &[Expr], whole: &Expr) -> Typed {
        let (text, pattern) = match (target, arguments) {
            (Some(text), [pattern]) | (None, [text, pattern]) => (text, pattern),
            _ => return Err(arity("matches", if target.is_some() { 1 } else { 2 }, arguments.len(), whole)),
        };
        let Kind::Literal(Literal::Text(written)) = &pattern.kind else {
            let message = "the pattern of `matches` stands in the expression as a text, so that its cost is known";
            return Err(InvalidCondition::new(pattern.span.clone(), message));
        };
        let (node, kind) = self.resolve(text)?;
        wanted(kind.may_be(Type::Text), text, || format!("`matches` does not take {}", kind.name()))?;
        match compile_regex(written) {
            Ok(compiled) => Ok((Node::Matches(Box::new(node), compiled), Type::Bool)),
            Err(why) => Err(InvalidCondition::new(pattern.span.clone(), why.to_string())),
        }
    }
}

/// What an operator yields; `None` where it does not take the types.
fn yields(operator: Operator, left: Type, right: Type) -> Option<Type> {
    use Type::{Bool, Double, Duration, Dyn, Headers, Int, List, Map, Null, Text, Timestamp};
    let numbers = |kind| matches!(kind, Int | Double);
    match operator {
        // A value may be null where it is missing, so that null can be compared with anything.
        Operator::Equal | Operator::NotEqual => {
            let fit = left.may_be(right) || left == Null || right == Null || (numbers(left) && numbers(right));
            fit.then_some(Bool)
        }
        Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual => {
            let ordered = |kind| matches!(kind, Dyn | Bool | Int | Double | Text | Timestamp | Duration);
            let fit = ordered(left) && ordered(right) && (left.may_be(right) || (numbers(left) && numbers(right)));
            fit.then_some(Bool)
        }
        Operator::In => match right {
            Dyn | List => Some(Bool),
            Map => matches!(left, Dyn | Text | Int | Bool).then_some(Bool),
            Headers => left.may_be(Text).then_some(Bool),
            _ => None,
        },
        Operator::Add => match (left, right) {
            (Dyn, Dyn | Int | Double | Text | List | Timestamp | Duration)
            | (Int | Double | Text | List | Timestamp | Duration, Dyn) => Some(Dyn),
            (Timestamp, Duration) | (Duration, Timestamp) => Some(Timestamp),
            (Int | Double | Text | List | Duration, _) if left == right => Some(left),
            _ => None,
        },
        Operator::Subtract => match (left, right) {
            (Dyn, Dyn | Int | Double | Timestamp | Duration) | (Int | Double | Timestamp | Duration, Dyn) => Some(Dyn),
            (Timestamp, Timestamp) => Some(Duration),
            (Timestamp, Duration) => Some(Timestamp),
            (Int | Double | Duration, _) if left == right => Some(left),
            _ => None,
        },
        Operator::Multiply | Operator::Divide => match (left, right) {
            (Dyn, Dyn | Int | Double) | (Int | Double, Dyn) => Some(Dyn),
            (Int | Double, _) if left == right => Some(left),
            _ => None,
        },
        Operator::Remainder => (left.may_be(Int) && right.may_be(Int)).then_some(Int),
    }
}

/// A name of a header field that has upper-case letters would never be found.
fn lower_case(name: &Expr) -> Checked<()> {
    match &name.kind {
        Kind::Literal(Literal::Text(text)) if text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Err(InvalidCondition::new(name.span.clone(), "the names of header fields are lower case here")
                .with_help(format!("write `\"{}\"`", text.to_ascii_lowercase())))
        }
        _ => Ok(()),
    }
}

fn wanted(fits: bool, at: &Expr, message: impl FnOnce() -> String) -> Checked<()> {
    if fits { Ok(()) } else { Err(InvalidCondition::new(at.span.clone(), message())) }
}

fn arity(name: &str, wanted: usize, found: usize, whole: &Expr) -> InvalidCondition {
    let s = if wanted == 1 { "" } else { "s" };
    InvalidCondition::new(whole.span.clone(), format!("`{name}` wants {wanted} argument{s}, found {found}"))
}

fn unknown_function(name: &str, style: Style, known: Option<&Signature>, whole: &Expr) -> InvalidCondition {
    if let Some(known) = known {
        let (is, form) = match style {
            Style::Method => ("no method", format!("{}(…)", known.name)),
            _ => ("a method", format!("x.{}(…)", known.name)),
        };
        return InvalidCondition::new(whole.span.clone(), format!("`{name}` is {is}"))
            .with_help(format!("write `{form}`"));
    }
    let unknown = InvalidCondition::new(whole.span.clone(), format!("there is no function named `{name}`"));
    let names = SIGNATURES.iter().map(|signature| signature.name).chain(LOOPS.iter().map(|(name, _)| *name));
    match nearest(name, names.chain(["has", "matches"])) {
        Some(near) => unknown.with_help(format!("did you mean `{near}`?")),
        None => unknown,
    }
}

fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Null => Type::Null,
        Literal::Bool(_) => Type::Bool,
        Literal::Int(_) => Type::Int,
        Literal::Double(_) => Type::Double,
        Literal::Text(_) => Type::Text,
    }
}
