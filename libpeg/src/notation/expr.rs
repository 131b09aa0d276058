//! Expressions, and what they come to.
//!
//! Numbers are `i128`, so that a value that is too wide for its field can be written, computed with
//! and reported as too wide. Nothing wraps: what does not fit 128 bits is an error with its place.

use std::borrow::Cow;

use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// An expression with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr<'s> {
    /// What it is.
    pub kind: ExprKind<'s>,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExprKind<'s> {
    /// A number.
    Int(i128),
    /// A text: an argument of a function, or compared by `==` and `!=`.
    Str(Cow<'s, [u8]>),
    /// A name that only the vocabulary knows.
    Name(&'s str),
    /// `f(x, y)`
    Call(&'s str, Vec<Expr<'s>>),
    /// `-x`
    Unary(UnaryOp, Box<Expr<'s>>),
    /// `x + y`
    Binary(BinaryOp, Box<Expr<'s>>, Box<Expr<'s>>),
    /// `condition ? then : otherwise`
    Conditional(Box<[Expr<'s>; 3]>),
}

/// An operator before its operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `~`: all 128 bits turned.
    Not,
    /// `!`: 1 for 0, else 0.
    LogicalNot,
}

/// An operator between its operands; C's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the operator of C that its name says")]
pub enum BinaryOp {
    LogicalOr,
    LogicalAnd,
    Or,
    Xor,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Shl,
    Shr,
    Add,
    Sub,
    Mul,
    Div,
    Rem,
}

/// What a vocabulary knows: its names and functions.
pub trait Names {
    /// The value of a name.
    ///
    /// # Errors
    /// The name is not known, or has no value here.
    fn name(&mut self, name: &str, span: Span) -> Result<i128, Diagnostic> {
        Err(Diagnostic::error(span, format!("`{name}` is not defined")))
    }

    /// The value of a function of arguments, which are not evaluated: `size(.text)` is about the
    /// name. [`eval`] evaluates those that are numbers.
    ///
    /// # Errors
    /// The function is not known, or not for these arguments.
    fn call(&mut self, name: &str, args: &[Expr<'_>], span: Span) -> Result<i128, Diagnostic> {
        let _ = args;
        Err(Diagnostic::error(span, format!("there is no function `{name}` here")))
    }
}

/// No names and no functions: constants only.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoNames;

impl Names for NoNames {}

/// The value of an expression.
///
/// # Errors
/// A name or a function is not known, a division by zero, a shift by less than 0 or more than 127,
/// a value that does not fit 128 bits, a string where a number is needed.
pub fn eval(expr: &Expr<'_>, names: &mut dyn Names) -> Result<i128, Diagnostic> {
    match &expr.kind {
        ExprKind::Int(value) => Ok(*value),
        ExprKind::Str(_) => {
            Err(Diagnostic::error(expr.span, "a string stands where a number is needed"))
        }
        ExprKind::Name(name) => names.name(name, expr.span),
        ExprKind::Call(name, args) => names.call(name, args, expr.span),
        ExprKind::Unary(op, operand) => {
            let value = eval(operand, names)?;
            let result = match op {
                UnaryOp::Neg => value.checked_neg(),
                UnaryOp::Not => Some(!value),
                UnaryOp::LogicalNot => Some(i128::from(value == 0)),
            };
            result.ok_or_else(|| overflow(expr))
        }
        ExprKind::Binary(op, left, right) => binary(expr, *op, left, right, names),
        ExprKind::Conditional(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            let chosen = if eval(condition, names)? != 0 { then } else { otherwise };
            eval(chosen, names)
        }
    }
}

fn binary(
    expr: &Expr<'_>,
    op: BinaryOp,
    left: &Expr<'_>,
    right: &Expr<'_>,
    names: &mut dyn Names,
) -> Result<i128, Diagnostic> {
    if let (BinaryOp::Eq | BinaryOp::Ne, Some(same)) = (op, same_text(left, right)) {
        return Ok(i128::from(same == (op == BinaryOp::Eq)));
    }
    let a = eval(left, names)?;
    // These do not look at the right side if the left decides.
    match (op, a != 0) {
        (BinaryOp::LogicalOr, true) => return Ok(1),
        (BinaryOp::LogicalAnd, false) => return Ok(0),
        _ => {}
    }
    let b = eval(right, names)?;
    let result = match op {
        BinaryOp::LogicalOr | BinaryOp::LogicalAnd => Some(i128::from(b != 0)),
        BinaryOp::Or => Some(a | b),
        BinaryOp::Xor => Some(a ^ b),
        BinaryOp::And => Some(a & b),
        BinaryOp::Eq => Some(i128::from(a == b)),
        BinaryOp::Ne => Some(i128::from(a != b)),
        BinaryOp::Lt => Some(i128::from(a < b)),
        BinaryOp::Le => Some(i128::from(a <= b)),
        BinaryOp::Gt => Some(i128::from(a > b)),
        BinaryOp::Ge => Some(i128::from(a >= b)),
        BinaryOp::Shl => shift_left(a, shift_count(right, b)?),
        BinaryOp::Shr => a.checked_shr(shift_count(right, b)?),
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        BinaryOp::Div | BinaryOp::Rem if b == 0 => {
            return Err(Diagnostic::error(right.span, "division by zero"));
        }
        BinaryOp::Div => a.checked_div(b),
        BinaryOp::Rem => a.checked_rem(b),
    };
    result.ok_or_else(|| overflow(expr))
}

/// Whether both are the same text, if one is a string and the other one a string or a word.
fn same_text(left: &Expr<'_>, right: &Expr<'_>) -> Option<bool> {
    match (&left.kind, &right.kind) {
        (ExprKind::Str(a), ExprKind::Str(b)) => Some(a == b),
        (ExprKind::Str(a), ExprKind::Name(b)) | (ExprKind::Name(b), ExprKind::Str(a)) => {
            Some(a.as_ref() == b.as_bytes())
        }
        _ => None,
    }
}

fn shift_count(right: &Expr<'_>, count: i128) -> Result<u32, Diagnostic> {
    u32::try_from(count).ok().filter(|count| *count < i128::BITS).ok_or_else(|| {
        Diagnostic::error(right.span, format!("a shift by {count} bits is not from 0 to 127"))
    })
}

/// `None` if bits would be lost.
fn shift_left(value: i128, count: u32) -> Option<i128> {
    let shifted = value.checked_shl(count)?;
    (shifted.checked_shr(count)? == value).then_some(shifted)
}

fn overflow(expr: &Expr<'_>) -> Diagnostic {
    Diagnostic::error(expr.span, "the value does not fit 128 bits")
}
