//! Which assignments to the location counter make an output section that has no inputs.
//!
//! All do but those of the manual's chapter "Output Section Discarding", where `size` is a symbol
//! that is known to be 0:
//!
//! ```text
//! . = 0   . = . + 0   . = size   . = . + size   . = ALIGN(. != 0, boundary, 1)
//! ```

use crate::script::ast::{Assignment, BinaryOp, Expr, ExprKind};

/// Whether an assignment makes room. `is_zero` tells whether a symbol is known to be 0.
pub fn is_made_by(assignment: &Assignment, is_zero: &dyn Fn(&[u8]) -> bool) -> bool {
    if assignment.target.name != b"." {
        return false;
    }
    let is_zero = |expr: &Expr| match &expr.kind {
        ExprKind::Number(number) => *number == 0,
        ExprKind::Symbol(name) => is_zero(name),
        _ => false,
    };
    let value = &assignment.value;
    if assignment.operator == Some(BinaryOp::Add) {
        return !is_zero(value);
    }
    match &value.kind {
        ExprKind::Binary(BinaryOp::Add, operands) => {
            let [left, right] = &**operands;
            !(left.kind == ExprKind::Dot && is_zero(right))
        }
        ExprKind::Align(inner) => {
            let ExprKind::Conditional(parts) = &inner.kind else { return true };
            let [condition, ..] = &**parts;
            !is_dot_not_zero(condition)
        }
        _ => !is_zero(value),
    }
}

/// `. != 0`
fn is_dot_not_zero(expr: &Expr) -> bool {
    let ExprKind::Binary(BinaryOp::NotEqual, operands) = &expr.kind else { return false };
    let [left, right] = &**operands;
    left.kind == ExprKind::Dot && right.kind == ExprKind::Number(0)
}

/// Whether a value can be known before anything has an address.
pub fn is_number(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Number(_) | ExprKind::Symbol(_) | ExprKind::Defined(_) => true,
        ExprKind::Origin(_) | ExprKind::Length(_) | ExprKind::Constant(_) => true,
        ExprKind::Unary(_, inner) | ExprKind::Absolute(inner) | ExprKind::Log2Ceil(inner) => {
            is_number(inner)
        }
        ExprKind::Binary(_, parts)
        | ExprKind::AlignTo(parts)
        | ExprKind::Max(parts)
        | ExprKind::Min(parts) => parts.iter().all(is_number),
        ExprKind::Conditional(parts) => parts.iter().all(is_number),
        _ => false,
    }
}
