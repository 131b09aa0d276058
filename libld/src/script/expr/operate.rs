//! Arithmetic of expressions: 64 bits that wrap around.

use super::super::ast::{BinaryOp, UnaryOp};

/// An operator with one operand.
pub fn unary(operator: UnaryOp, value: u64) -> u64 {
    match operator {
        UnaryOp::Negate => value.wrapping_neg(),
        UnaryOp::Plus => value,
        UnaryOp::Complement => !value,
        UnaryOp::Not => u64::from(value == 0),
    }
}

/// An operator with two operands; `None` for a division by zero.
///
/// Divisions are of signed numbers, comparisons of unsigned ones; shifts are by the count modulo
/// 64, and fill with zeros.
pub fn binary(operator: BinaryOp, left: u64, right: u64) -> Option<u64> {
    let signed = |value: u64| value as i64;
    Some(match operator {
        BinaryOp::Multiply => left.wrapping_mul(right),
        BinaryOp::Divide if right == 0 => return None,
        BinaryOp::Divide => signed(left).wrapping_div(signed(right)) as u64,
        BinaryOp::Remainder if right == 0 => return None,
        BinaryOp::Remainder => signed(left).wrapping_rem(signed(right)) as u64,
        BinaryOp::Add => left.wrapping_add(right),
        BinaryOp::Subtract => left.wrapping_sub(right),
        BinaryOp::ShiftLeft => left.wrapping_shl(right as u32),
        BinaryOp::ShiftRight => left.wrapping_shr(right as u32),
        BinaryOp::Less => u64::from(left < right),
        BinaryOp::LessEqual => u64::from(left <= right),
        BinaryOp::Greater => u64::from(left > right),
        BinaryOp::GreaterEqual => u64::from(left >= right),
        BinaryOp::Equal => u64::from(left == right),
        BinaryOp::NotEqual => u64::from(left != right),
        BinaryOp::And => left & right,
        BinaryOp::Xor => left ^ right,
        BinaryOp::Or => left | right,
        BinaryOp::LogicalAnd => u64::from(left != 0 && right != 0),
        BinaryOp::LogicalOr => u64::from(left != 0 || right != 0),
    })
}

/// Up to the next multiple of `alignment`, which need not be a power of two; 0 and 1 change
/// nothing.
pub fn align(value: u64, alignment: u64) -> u64 {
    if alignment <= 1 {
        return value;
    }
    let multiples = value.wrapping_add(alignment.wrapping_sub(1)).checked_div(alignment);
    multiples.unwrap_or(0).wrapping_mul(alignment)
}

/// The logarithm to base 2, rounded up; 0 of 0.
pub fn log2_ceil(value: u64) -> u64 {
    match value {
        0 | 1 => 0,
        _ => u64::from(64u32.saturating_sub(value.wrapping_sub(1).leading_zeros())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_wraps_and_divides_with_signs() {
        let minus = |value: u64| value.wrapping_neg();
        let cases = [
            (BinaryOp::Divide, minus(1), 2, Some(0)),
            (BinaryOp::Divide, 5, 0, None),
            (BinaryOp::Remainder, 5, 0, None),
            (BinaryOp::Remainder, minus(5), 3, Some(minus(2))),
            (BinaryOp::Divide, 1 << 63, minus(1), Some(1 << 63)),
            (BinaryOp::Remainder, 1 << 63, minus(1), Some(0)),
            (BinaryOp::ShiftLeft, 1, 65, Some(2)),
            (BinaryOp::ShiftLeft, 1, minus(1), Some(1 << 63)),
            (BinaryOp::ShiftRight, minus(1), 1, Some(u64::MAX >> 1)),
            (BinaryOp::Less, minus(1), 1, Some(0)),
        ];
        for (operator, left, right, value) in cases {
            assert_eq!(binary(operator, left, right), value, "{operator:?} {left} {right}");
        }
    }

    #[test]
    fn alignments_need_not_be_powers_of_two() {
        assert_eq!(align(9, 6), 12);
        assert_eq!(align(5, 0), 5);
        assert_eq!(align(7, 8), 8);
        assert_eq!(align(u64::MAX, 8), 0);
    }

    #[test]
    fn logarithms_are_rounded_up() {
        let values = [(0, 0), (1, 0), (2, 1), (5, 3), (8, 3), (u64::MAX, 64)];
        assert!(values.iter().all(|&(value, log)| log2_ceil(value) == log));
    }
}
