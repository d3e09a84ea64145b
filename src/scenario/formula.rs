//! The grammar of formulas: text to a tree of names, numbers and operations.
//!
//! ```text
//! sum     = product { ("+" | "-") product }
//! product = factor { ("*" | "/") factor }
//! factor  = "-" factor | number | name | function "(" sum { "," sum } ")" | "(" sum ")"
//! ```

use std::ops::Range;

use super::{Binary, Unary};
use crate::diagnostic::{Place, nearest};

/// Names that a parameter may not have.
pub(crate) const FUNCTIONS: [&str; 5] = ["exp", "ln", "sqrt", "min", "max"];

/// How deep brackets, functions and signs may nest.
const MAX_DEPTH: usize = 64;

/// How many numbers, names and operations a formula may have. A chain such as `a + b + c` is as deep a tree as it
/// is long, and whoever walks the tree should not run out of stack.
const MAX_PARTS: usize = 1000;

/// A formula and where in its text it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ast {
    pub(crate) kind: AstKind,
    /// Bytes of the formula's text.
    pub(crate) span: Range<usize>,
}

/// What a part of a formula is. `min` and `max` of more than two are nested from the left.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum AstKind {
    Number(f64),
    /// A parameter, not looked up yet.
    Name(String),
    Unary(Unary, Box<Ast>),
    Binary(Binary, Box<Ast>, Box<Ast>),
}

/// Why a text is no formula.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FormulaError {
    /// Bytes of the formula's text, possibly none.
    pub(crate) span: Range<usize>,
    /// As in a diagnostic.
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// Parses a whole formula.
///
/// # Errors
/// The first place where the text leaves the grammar.
pub(crate) fn parse_formula(text: &str) -> Result<Ast, FormulaError> {
    let mut parser = Parser { text, at: 0, depth: 0, parts: 0 };
    let ast = parser.sum()?;
    match parser.peek() {
        None => Ok(ast),
        Some(')') => Err(parser.unexpected("`)` without an opening bracket")),
        Some(_) => Err(parser.unexpected(&format!("expected an operator, found {}", parser.found()))),
    }
}

/// The place of some bytes of a text inside the TOML string that holds it: exact if the string has no escapes and
/// is not of several lines, else the whole string.
pub(crate) fn place_in_text(string: &Place, text: &str, span: Range<usize>) -> Place {
    // An escape or a multi-line string's quotes always take more bytes than what they stand for.
    let is_plain = string.span.len() == text.len() + 2;
    if !is_plain {
        return string.clone();
    }
    let start = string.span.start + 1;
    Place { file: string.file, span: start + span.start..start + span.end }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    parts: usize,
}

impl Parser<'_> {
    fn sum(&mut self) -> Result<Ast, FormulaError> {
        let mut left = self.product()?;
        while let Some(sign @ ('+' | '-')) = self.peek() {
            self.at += 1;
            let operation = if sign == '+' { Binary::Add } else { Binary::Subtract };
            let right = self.product()?;
            left = self.binary(operation, left, right)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Ast, FormulaError> {
        let mut left = self.factor()?;
        while let Some(sign @ ('*' | '/')) = self.peek() {
            self.at += 1;
            let operation = if sign == '*' { Binary::Multiply } else { Binary::Divide };
            let right = self.factor()?;
            left = self.binary(operation, left, right)?;
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Ast, FormulaError> {
        let next = self.peek();
        let start = self.at;
        match next {
            Some('-') => {
                self.at += 1;
                let inner = self.nested(Self::factor)?;
                let span = start..inner.span.end;
                self.part(AstKind::Unary(Unary::Negate, Box::new(inner)), span)
            }
            Some('(') => {
                self.at += 1;
                let inner = self.nested(Self::sum)?;
                self.close(start)?;
                Ok(Ast { span: start..self.at, ..inner })
            }
            Some(c) if c.is_ascii_digit() => self.number(),
            Some(c) if is_name_start(c) => self.name(),
            Some('.') => Err(self.unexpected("expected a number, found `.`")),
            _ if self.text.trim().is_empty() => Err(self.unexpected("empty formula")),
            _ => Err(self.unexpected(&format!("expected a number, a parameter or `(`, found {}", self.found()))),
        }
    }

    fn number(&mut self) -> Result<Ast, FormulaError> {
        let start = self.at;
        self.skip(|c| c.is_ascii_digit());
        if self.rest().starts_with('.') {
            self.at += 1;
            self.skip(|c| c.is_ascii_digit());
        }
        if let Some(length) = exponent_length(self.rest()) {
            self.at += length;
        }
        let span = start..self.at;
        let value: f64 = self.text[span.clone()].parse().expect("digits, a point and an exponent make a number");
        if value.is_infinite() {
            return Err(error(span, "this number is too large"));
        }
        self.part(AstKind::Number(value), span)
    }

    fn name(&mut self) -> Result<Ast, FormulaError> {
        let start = self.at;
        self.skip(|c| is_name_start(c) || c.is_ascii_digit());
        let span = start..self.at;
        let name = &self.text[span.clone()];
        if self.peek() == Some('(') {
            return self.call(name.to_string(), span);
        }
        if FUNCTIONS.contains(&name) {
            return Err(error(span, &format!("`{name}` is a function: `(` must follow")));
        }
        self.part(AstKind::Name(name.to_string()), span)
    }

    fn call(&mut self, function: String, name_span: Range<usize>) -> Result<Ast, FormulaError> {
        if !FUNCTIONS.contains(&function.as_str()) {
            return Err(unknown_function(&function, name_span));
        }
        let open = self.at;
        self.at += 1;
        let mut arguments = vec![self.nested(Self::sum)?];
        while self.peek() == Some(',') {
            self.at += 1;
            arguments.push(self.nested(Self::sum)?);
        }
        self.close(open)?;
        let span = name_span.start..self.at;
        match function.as_str() {
            "min" => self.fold(Binary::Min, arguments, span),
            "max" => self.fold(Binary::Max, arguments, span),
            _ if arguments.len() > 1 => Err(error(span, &format!("`{function}` takes one value"))),
            _ => self.part(AstKind::Unary(unary(&function), Box::new(arguments.remove(0))), span),
        }
    }

    fn fold(&mut self, operation: Binary, arguments: Vec<Ast>, span: Range<usize>) -> Result<Ast, FormulaError> {
        if arguments.len() < 2 {
            return Err(error(span, "`min` and `max` take two or more values"));
        }
        let mut arguments = arguments.into_iter();
        let mut folded = arguments.next().expect("two or more");
        for argument in arguments {
            folded = self.part(AstKind::Binary(operation, Box::new(folded), Box::new(argument)), span.clone())?;
        }
        Ok(folded)
    }

    fn close(&mut self, open: usize) -> Result<(), FormulaError> {
        match self.peek() {
            Some(')') => {
                self.at += 1;
                Ok(())
            }
            None => Err(error(open..open + 1, "this `(` is not closed")),
            Some(_) => Err(self.unexpected(&format!("expected an operator or `)`, found {}", self.found()))),
        }
    }

    fn nested(&mut self, parse: fn(&mut Self) -> Result<Ast, FormulaError>) -> Result<Ast, FormulaError> {
        if self.depth == MAX_DEPTH {
            return Err(error(self.at..self.at, &format!("this formula nests more than {MAX_DEPTH} deep"))
                .with_hint("name a part of it in `[parameters]`"));
        }
        self.depth += 1;
        let ast = parse(self)?;
        self.depth -= 1;
        Ok(ast)
    }

    fn binary(&mut self, operation: Binary, left: Ast, right: Ast) -> Result<Ast, FormulaError> {
        let span = left.span.start..right.span.end;
        self.part(AstKind::Binary(operation, Box::new(left), Box::new(right)), span)
    }

    fn part(&mut self, kind: AstKind, span: Range<usize>) -> Result<Ast, FormulaError> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(error(span, &format!("this formula has more than {MAX_PARTS} parts"))
                .with_hint("name a part of it in `[parameters]`"));
        }
        Ok(Ast { kind, span })
    }

    /// Skips white space; the next character is not taken.
    fn peek(&mut self) -> Option<char> {
        self.skip(|c| c.is_ascii_whitespace());
        self.rest().chars().next()
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// The next word or sign, for messages.
    fn found(&self) -> String {
        let word = &self.text[self.found_span()];
        if word.is_empty() { "the end of the formula".to_string() } else { format!("`{word}`") }
    }

    fn found_span(&self) -> Range<usize> {
        let rest = self.rest();
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let length = if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) };
        self.at..self.at + length
    }

    fn unexpected(&self, message: &str) -> FormulaError {
        error(self.found_span(), message)
    }
}

impl FormulaError {
    fn with_hint(mut self, hint: &str) -> FormulaError {
        self.hint = Some(hint.to_string());
        self
    }
}

fn error(span: Range<usize>, message: &str) -> FormulaError {
    FormulaError { span, message: message.to_string(), hint: None }
}

fn unknown_function(name: &str, span: Range<usize>) -> FormulaError {
    let error = error(span, &format!("unknown function `{name}`"));
    match nearest(name, FUNCTIONS) {
        Some(near) => error.with_hint(&format!("did you mean `{near}`?")),
        None => error.with_hint("there are `exp`, `ln`, `sqrt`, `min` and `max`"),
    }
}

fn unary(function: &str) -> Unary {
    match function {
        "exp" => Unary::Exp,
        "ln" => Unary::Ln,
        _ => Unary::Sqrt,
    }
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

/// The length of `e`, a sign and digits, if the text starts so.
fn exponent_length(text: &str) -> Option<usize> {
    let after_e = text.strip_prefix(['e', 'E'])?;
    let digits = after_e.strip_prefix(['+', '-']).unwrap_or(after_e);
    let length = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    (length > 0).then_some(text.len() - digits.len() + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formula with every operation in brackets.
    fn shown(ast: &Ast) -> String {
        match &ast.kind {
            AstKind::Number(x) => x.to_string(),
            AstKind::Name(name) => name.clone(),
            AstKind::Unary(op, inner) => format!("{op:?}({})", shown(inner)),
            AstKind::Binary(op, left, right) => format!("{op:?}({}, {})", shown(left), shown(right)),
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(shown(&parse_formula(text).unwrap()), expected, "{text}");
    }

    fn check_error(text: &str, message: &str, place: &str) {
        let error = parse_formula(text).unwrap_err();
        assert_eq!(error.message, message, "{text}");
        assert_eq!(&text[error.span], place, "{text}");
    }

    #[test]
    fn operators_bind_as_usual() {
        check("drift + 0.5 * upside", "Add(drift, Multiply(0.5, upside))");
        check("a - b - c", "Subtract(Subtract(a, b), c)");
        check("a / b * c", "Multiply(Divide(a, b), c)");
        check("(a + b) * -c", "Multiply(Add(a, b), Negate(c))");
        check("-a * b", "Multiply(Negate(a), b)");
        check("--1", "Negate(Negate(1))");
    }

    #[test]
    fn numbers_stand_alone_and_have_exponents() {
        check("60", "60");
        check(" 1.5e-2\n", "0.015");
        check("2E3", "2000");
        check("5.", "5");
    }

    #[test]
    fn functions_take_one_or_two_and_more() {
        check("exp(ln(sqrt(x_1)))", "Exp(Ln(Sqrt(x_1)))");
        check("min(a, b, 3)", "Min(Min(a, b), 3)");
        check("max (a, -b)", "Max(a, Negate(b))");
    }

    #[test]
    fn errors_name_what_was_found_and_where() {
        check_error("", "empty formula", "");
        check_error("a + ", "expected a number, a parameter or `(`, found the end of the formula", "");
        check_error("a b", "expected an operator, found `b`", "b");
        check_error("2 % 3", "expected an operator, found `%`", "%");
        check_error("(a + b", "this `(` is not closed", "(");
        check_error("a)", "`)` without an opening bracket", ")");
        check_error("log(a)", "unknown function `log`", "log");
        check_error("exp", "`exp` is a function: `(` must follow", "exp");
        check_error("exp(a, b)", "`exp` takes one value", "exp(a, b)");
        check_error("1 + min(a)", "`min` and `max` take two or more values", "min(a)");
        check_error("1e999", "this number is too large", "1e999");
        check_error(".5", "expected a number, found `.`", ".5");
        check_error("1_000", "expected an operator, found `_000`", "_000");
        check_error("exports.pharma", "expected an operator, found `.pharma`", ".pharma");
        check_error("é", "expected a number, a parameter or `(`, found `é`", "é");
    }

    #[test]
    fn an_unknown_function_has_a_hint() {
        assert_eq!(parse_formula("sqr(a)").unwrap_err().hint.unwrap(), "did you mean `sqrt`?");
    }

    #[test]
    fn nesting_is_limited_to_64() {
        let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
        check(&nested(64), "1");
        check_error(&nested(65), "this formula nests more than 64 deep", "");
        assert!(parse_formula(&"-".repeat(100_000)).is_err());
        assert!(parse_formula(&"exp(".repeat(100_000)).is_err());
    }

    #[test]
    fn a_long_chain_is_not_nested_but_has_its_end() {
        assert!(parse_formula(&format!("1{}", " + 1".repeat(400))).is_ok());
        let error = parse_formula(&format!("1{}", " + 1".repeat(100_000))).unwrap_err();
        assert_eq!(error.message, "this formula has more than 1000 parts");
    }

    #[test]
    fn a_place_inside_a_plain_string_is_exact() {
        // x = "a + b", the value from byte 4.
        let string = Place { file: 0, span: 4..11 };
        assert_eq!(place_in_text(&string, "a + b", 4..5), Place { file: 0, span: 9..10 });
        let escaped = Place { file: 0, span: 4..16 };
        assert_eq!(place_in_text(&escaped, "a + b", 4..5), escaped);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "[-+*/(). a-e0-9,é_]{0,80}|\\PC{0,40}") {
            if let Err(error) = parse_formula(&text) {
                proptest::prop_assert!(text.get(error.span).is_some());
            }
        }
    }
}
