//! From words to a tree, by the precedences of CEL.

use super::syntax::{Expr, Kind, Literal, Operator, too_deep};
use super::token::{Placed, Token, tokens};
use super::{Checked, InvalidCondition, MAX_HEIGHT, MAX_LENGTH};

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Checked<Expr> {
    if text.len() > MAX_LENGTH {
        let message = format!("this is longer than the {MAX_LENGTH} bytes that are possible");
        return Err(InvalidCondition::new(0..0, message));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expr = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(expr),
        other => Err(parser.unexpected(&format!("expected an operator or the end, found {}", shown(other)))),
    }
}

struct Parser {
    tokens: Vec<Placed>,
    at: usize,
    depth: u16,
}

/// Words that CEL keeps for itself.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "namespace",
    "package",
    "return",
    "var",
    "void",
    "while",
];

const END: Token = Token::End;

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&END, |placed| &placed.token)
    }

    fn start(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |placed| placed.start)
    }

    /// Where the last taken word ended.
    fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(0, |placed| placed.end)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(found) if *found == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Checked<()> {
        if self.take(sign) {
            return Ok(());
        }
        Err(self.unexpected(&format!("expected `{sign}`, found {}", shown(self.peek()))))
    }

    fn unexpected(&self, message: &str) -> InvalidCondition {
        let (start, end) = self.tokens.get(self.at).map_or((0, 0), |placed| (placed.start, placed.end));
        InvalidCondition::new(start..end, message)
    }

    fn expression(&mut self) -> Checked<Expr> {
        self.depth += 1;
        if self.depth > MAX_HEIGHT {
            return Err(too_deep(self.start()..self.start()));
        }
        let start = self.start();
        let condition = self.row("||")?;
        let expr = if self.take("?") {
            let then = self.row("||")?;
            self.expect(":")?;
            let otherwise = self.expression()?;
            Expr::new(Kind::Choice(Box::new([condition, then, otherwise])), start..self.end())?
        } else {
            condition
        };
        self.depth -= 1;
        Ok(expr)
    }

    /// Operands of `||`, each of which is a row of `&&`.
    fn row(&mut self, sign: &str) -> Checked<Expr> {
        let start = self.start();
        let mut operands = vec![self.operand(sign)?];
        while self.take(sign) {
            operands.push(self.operand(sign)?);
        }
        match (operands.len(), operands.pop()) {
            (1, Some(only)) => Ok(only),
            (_, last) => {
                operands.extend(last);
                let kind = if sign == "||" { Kind::Some(operands) } else { Kind::Every(operands) };
                Expr::new(kind, start..self.end())
            }
        }
    }

    fn operand(&mut self, sign: &str) -> Checked<Expr> {
        if sign == "||" { self.row("&&") } else { self.binary(0) }
    }

    /// Comparisons, then sums, then products: each binds tighter and groups to the left.
    fn binary(&mut self, tightness: u8) -> Checked<Expr> {
        if tightness == 3 {
            return self.unary();
        }
        let start = self.start();
        let mut left = self.binary(tightness + 1)?;
        while let Some(operator) = self.operator(tightness) {
            self.at += 1;
            let right = self.binary(tightness + 1)?;
            left = Expr::new(Kind::Binary(operator, Box::new(left), Box::new(right)), start..self.end())?;
        }
        Ok(left)
    }

    fn operator(&self, tightness: u8) -> Option<Operator> {
        let sign = match self.peek() {
            Token::Sign(sign) => sign,
            Token::Name(name) if name == "in" => "in",
            _ => return None,
        };
        Some(match (tightness, sign) {
            (0, "==") => Operator::Equal,
            (0, "!=") => Operator::NotEqual,
            (0, "<") => Operator::Less,
            (0, "<=") => Operator::LessEqual,
            (0, ">") => Operator::Greater,
            (0, ">=") => Operator::GreaterEqual,
            (0, "in") => Operator::In,
            (1, "+") => Operator::Add,
            (1, "-") => Operator::Subtract,
            (2, "*") => Operator::Multiply,
            (2, "/") => Operator::Divide,
            (2, "%") => Operator::Remainder,
            _ => return None,
        })
    }

    /// A row of one of `!` and `-`: CEL does not mix them.
    fn unary(&mut self) -> Checked<Expr> {
        let start = self.start();
        for sign in ["!", "-"] {
            let mut count: u16 = 0;
            while self.take(sign) {
                count += 1;
                // The sign belongs to the number, or the least one could not be written.
                if let ("-", &Token::Int(magnitude)) = (sign, self.peek()) {
                    self.at += 1;
                    let least = magnitude.checked_neg_i64();
                    let literal = Expr::new(Kind::Literal(Literal::Int(least)), start..self.end())?;
                    let member = self.members(literal, start)?;
                    return Self::applied(member, sign, count - 1, start, self.end());
                }
            }
            if count > 0 {
                let member = self.member()?;
                return Self::applied(member, sign, count, start, self.end());
            }
        }
        self.member()
    }

    fn applied(mut expr: Expr, sign: &str, count: u16, start: usize, end: usize) -> Checked<Expr> {
        for _ in 0..count {
            let part = Box::new(expr);
            expr = Expr::new(if sign == "!" { Kind::Not(part) } else { Kind::Negate(part) }, start..end)?;
        }
        Ok(expr)
    }

    fn member(&mut self) -> Checked<Expr> {
        let start = self.start();
        let first = self.primary()?;
        self.members(first, start)
    }

    fn members(&mut self, mut expr: Expr, start: usize) -> Checked<Expr> {
        loop {
            let kind = if self.take(".") {
                let name = self.name("expected a field's name")?;
                if self.take("(") {
                    let arguments = self.list(")")?;
                    Kind::Call { target: Some(Box::new(expr)), name, arguments }
                } else {
                    Kind::Field(Box::new(expr), name)
                }
            } else if self.take("[") {
                let index = self.expression()?;
                self.expect("]")?;
                Kind::Index(Box::new(expr), Box::new(index))
            } else {
                return Ok(expr);
            };
            expr = Expr::new(kind, start..self.end())?;
        }
    }

    fn name(&mut self, expected: &str) -> Checked<String> {
        match self.peek() {
            Token::Name(name) if !matches!(name.as_str(), "in" | "true" | "false" | "null") => {
                let name = name.clone();
                self.at += 1;
                Ok(name)
            }
            Token::Sign("?") => Err(self.unexpected("optional fields are not known here: write `has(…)`")),
            other => Err(self.unexpected(&format!("{expected}, found {}", shown(other)))),
        }
    }

    fn list(&mut self, end: &str) -> Checked<Vec<Expr>> {
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(self.expression()?);
            if !self.take(",") {
                self.expect(end)?;
                break;
            }
            if end == ")" && matches!(self.peek(), Token::Sign(")")) {
                return Err(self.unexpected("expected an argument, found `)`"));
            }
        }
        Ok(items)
    }

    fn entries(&mut self) -> Checked<Vec<(Expr, Expr)>> {
        let mut entries = Vec::new();
        while !self.take("}") {
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
            if !self.take(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(entries)
    }

    fn primary(&mut self) -> Checked<Expr> {
        let start = self.start();
        let token = self.peek().clone();
        let literal = |literal| Ok(Kind::Literal(literal));
        if !matches!(token, Token::End | Token::Sign(_)) {
            self.at += 1;
        }
        let kind = match token {
            Token::Int(magnitude) => match i64::try_from(magnitude) {
                Ok(number) => literal(Literal::Int(number)),
                Err(_) => Err(InvalidCondition::new(start..self.end(), "this is no number of 64 bits with sign")),
            },
            Token::Double(number) => literal(Literal::Double(number)),
            Token::Text(text) => literal(Literal::Text(text)),
            Token::Name(name) => self.named(name, start),
            Token::Sign("(") => {
                self.at += 1;
                let inner = self.expression()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Sign("[") => {
                self.at += 1;
                Ok(Kind::List(self.list("]")?))
            }
            Token::Sign("{") => {
                self.at += 1;
                Ok(Kind::Map(self.entries()?))
            }
            Token::Sign(".") => Err(self.unexpected("a name does not start with a dot here")),
            ref other => Err(self.unexpected(&format!("expected a value, found {}", shown(other)))),
        }?;
        Expr::new(kind, start..self.end())
    }

    fn named(&mut self, name: String, start: usize) -> Checked<Kind> {
        match name.as_str() {
            "true" => return Ok(Kind::Literal(Literal::Bool(true))),
            "false" => return Ok(Kind::Literal(Literal::Bool(false))),
            "null" => return Ok(Kind::Literal(Literal::Null)),
            "in" => {
                return Err(InvalidCondition::new(start..self.end(), "expected a value, found `in`"));
            }
            reserved if RESERVED.contains(&reserved) => {
                let message = format!("`{reserved}` is a word that CEL keeps for itself");
                return Err(InvalidCondition::new(start..self.end(), message));
            }
            _ => {}
        }
        if self.take("(") {
            return Ok(Kind::Call { target: None, name, arguments: self.list(")")? });
        }
        if matches!(self.peek(), Token::Sign("{")) {
            return Err(self.unexpected("messages are not known here"));
        }
        Ok(Kind::Name(name))
    }
}

/// The negative of a magnitude of at most 2^63.
trait Magnitude {
    fn checked_neg_i64(self) -> i64;
}

impl Magnitude for u64 {
    fn checked_neg_i64(self) -> i64 {
        0i64.checked_sub_unsigned(self).unwrap_or(i64::MIN)
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Name(name) => format!("`{name}`"),
        Token::Int(number) => format!("`{number}`"),
        Token::Double(number) => format!("`{number}`"),
        Token::Text(_) => "a text".to_owned(),
        Token::Sign(sign) => format!("`{sign}`"),
        Token::End => "the end".to_owned(),
    }
}
