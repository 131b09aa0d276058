//! Constants are added up while a script is parsed, as GNU ld does: its map shows the sums.

use super::super::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use super::super::source::Span;
use super::operate;

/// An operator with one operand.
pub fn unary(operator: UnaryOp, value: Expr<'_>, span: Span) -> Expr<'_> {
    let kind = match value.kind {
        ExprKind::Number(number) => ExprKind::Number(operate::unary(operator, number)),
        _ => ExprKind::Unary(operator, Box::new(value)),
    };
    Expr { kind, span }
}

/// An operator with two operands. A division by zero stays as it is.
pub fn binary<'s>(operator: BinaryOp, left: Expr<'s>, right: Expr<'s>, span: Span) -> Expr<'s> {
    if let (ExprKind::Number(left), ExprKind::Number(right)) = (&left.kind, &right.kind)
        && let Some(value) = operate::binary(operator, *left, *right)
    {
        return Expr { kind: ExprKind::Number(value), span };
    }
    Expr { kind: ExprKind::Binary(operator, Box::new([left, right])), span }
}

/// `condition ? then : otherwise`
pub fn conditional(parts: [Expr<'_>; 3], span: Span) -> Expr<'_> {
    let [condition, then, otherwise] = &parts;
    if let (ExprKind::Number(condition), ExprKind::Number(then), ExprKind::Number(otherwise)) =
        (&condition.kind, &then.kind, &otherwise.kind)
    {
        let value = if *condition == 0 { *otherwise } else { *then };
        return Expr { kind: ExprKind::Number(value), span };
    }
    Expr { kind: ExprKind::Conditional(Box::new(parts)), span }
}

/// `LOG2CEIL(value)`
pub fn log2_ceil(value: Expr<'_>, span: Span) -> Expr<'_> {
    let kind = match value.kind {
        ExprKind::Number(number) => ExprKind::Number(operate::log2_ceil(number)),
        _ => ExprKind::Log2Ceil(Box::new(value)),
    };
    Expr { kind, span }
}

/// `MAX(left, right)`
pub fn max<'s>(left: Expr<'s>, right: Expr<'s>, span: Span) -> Expr<'s> {
    let kind = match (&left.kind, &right.kind) {
        (ExprKind::Number(left), ExprKind::Number(right)) => ExprKind::Number(*left.max(right)),
        _ => ExprKind::Max(Box::new([left, right])),
    };
    Expr { kind, span }
}

/// `MIN(left, right)`
pub fn min<'s>(left: Expr<'s>, right: Expr<'s>, span: Span) -> Expr<'s> {
    let kind = match (&left.kind, &right.kind) {
        (ExprKind::Number(left), ExprKind::Number(right)) => ExprKind::Number(*left.min(right)),
        _ => ExprKind::Min(Box::new([left, right])),
    };
    Expr { kind, span }
}
