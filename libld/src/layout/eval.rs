//! Expressions of scripts, evaluated.
//!
//! A value is a number, or an address: an offset in an output section, or an absolute one. The
//! manual's chapter "The Section of an Expression" says what an operation makes of them:
//!
//! ```text
//! .data : { a = . + 4; b = 0x10; }     a, b: offsets in .data
//! c = ADDR(.data) + 4;                  an offset in .data
//! d = c - b;                            two in one section: a number inside of a section, else
//!                                       an absolute address
//! e = 0x1000;                           an absolute address
//! ```

use crate::script::ast::{BinaryOp, Constant, Expr, ExprKind, Name, UnaryOp};
use crate::script::source::Span;

/// What an expression comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number: belongs to no section.
    Number(u64),
    /// An absolute address.
    Absolute(u64),
    /// An offset in an output section.
    Relative {
        /// Which output section, by the plan's number.
        section: u32,
        /// Bytes from its start.
        offset: u64,
    },
}

/// Why there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault<'s> {
    /// It depends on something that later statements settle; the next round may know.
    NotYet,
    /// Nothing defines the symbol.
    Undefined(Name<'s>, Span),
    /// No statement makes the output section.
    NoSection(Name<'s>, Span),
    /// There is no such memory region.
    NoRegion(Name<'s>, Span),
    /// The right side of `/` is zero.
    DivisionByZero(Span),
    /// The right side of `%` is zero.
    RemainderByZero(Span),
}

/// What an expression asks the link for.
pub trait World<'s> {
    /// `.`: the location counter.
    fn dot(&self) -> Result<Value, Fault<'s>>;
    /// The value of a symbol.
    fn symbol(&mut self, name: Name<'s>, span: Span) -> Result<Value, Fault<'s>>;
    /// Whether a symbol is defined here.
    fn is_defined(&mut self, name: Name<'s>) -> bool;
    /// The number of an output section.
    fn section(&self, name: Name<'s>, span: Span) -> Result<Option<u32>, Fault<'s>>;
    /// The address of an output section.
    fn section_address(&self, section: u32) -> Result<u64, Fault<'s>>;
    /// Its load address.
    fn section_load_address(&self, section: u32) -> Result<u64, Fault<'s>>;
    /// Its size in bytes.
    fn section_size(&self, section: u32) -> Result<u64, Fault<'s>>;
    /// Its alignment in bytes.
    fn section_align(&self, section: u32) -> Result<u64, Fault<'s>>;
    /// Bytes of the ELF header and the program headers.
    fn size_of_headers(&self) -> u64;
    /// First address and size of a memory region.
    fn region(&mut self, name: Name<'s>, span: Span) -> Result<(u64, u64), Fault<'s>>;
    /// A constant of the machine.
    fn constant(&self, constant: Constant) -> u64;
    /// What the command line says of a segment.
    fn segment_start(&self, name: Name<'s>) -> Option<u64>;
    /// `DATA_SEGMENT_ALIGN(max_page, common_page)` at this address.
    fn data_segment_align(&mut self, dot: u64, max_page: u64, common_page: u64) -> u64;
    /// `DATA_SEGMENT_RELRO_END(offset, address)`
    fn data_segment_relro_end(&mut self, offset: u64, address: u64) -> u64;
    /// `DATA_SEGMENT_END(address)`
    fn data_segment_end(&mut self, address: u64) -> u64;
    /// An ASSERT failed.
    fn assertion_failed(&mut self, message: Name<'s>);
    /// Whether the expression stands in an output section, which then is that of plain numbers.
    fn is_in_section(&self) -> bool;
}

/// The section of an address.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base {
    Number,
    Absolute,
    Section(u32),
}

impl Value {
    fn base(self) -> Base {
        match self {
            Self::Number(_) => Base::Number,
            Self::Absolute(_) => Base::Absolute,
            Self::Relative { section, .. } => Base::Section(section),
        }
    }

    /// The number, or the offset in its section.
    fn plain(self) -> u64 {
        match self {
            Self::Number(value) | Self::Absolute(value) => value,
            Self::Relative { offset, .. } => offset,
        }
    }

    fn of(base: Base, value: u64) -> Self {
        match base {
            Base::Number => Self::Number(value),
            Base::Absolute => Self::Absolute(value),
            Base::Section(section) => Self::Relative { section, offset: value },
        }
    }
}

/// The address that a value is, or the number.
pub fn address<'s>(value: Value, world: &dyn World<'s>) -> Result<u64, Fault<'s>> {
    match value {
        Value::Number(value) | Value::Absolute(value) => Ok(value),
        Value::Relative { section, offset } => {
            Ok(world.section_address(section)?.wrapping_add(offset))
        }
    }
}

/// Up to the next multiple of `align`; 0 is as 1.
pub fn align_up(value: u64, align: u64) -> u64 {
    if align <= 1 {
        return value;
    }
    if align.is_power_of_two() {
        return value.wrapping_add(align - 1) & !(align - 1);
    }
    value.div_ceil(align).wrapping_mul(align)
}

/// Evaluates an expression to an address.
pub fn to_address<'s>(expr: &Expr<'s>, world: &mut dyn World<'s>) -> Result<u64, Fault<'s>> {
    let value = evaluate(expr, world)?;
    address(value, world)
}

/// Evaluates an expression.
pub fn evaluate<'s>(expr: &Expr<'s>, world: &mut dyn World<'s>) -> Result<Value, Fault<'s>> {
    let span = expr.span;
    Ok(match &expr.kind {
        ExprKind::Number(number) => Value::Number(*number),
        ExprKind::Dot => world.dot()?,
        ExprKind::Symbol(name) => world.symbol(name, span)?,
        ExprKind::Unary(operator, operand) => {
            let operand = evaluate(operand, world)?;
            Value::of(operand.base(), unary(*operator, operand.plain()))
        }
        ExprKind::Binary(operator, operands) => {
            let [left, right] = &**operands;
            return binary(*operator, left, right, span, world);
        }
        ExprKind::Conditional(parts) => {
            let [condition, then, otherwise] = &**parts;
            let holds = to_address(condition, world)? != 0;
            return evaluate(if holds { then } else { otherwise }, world);
        }
        ExprKind::Absolute(inner) => Value::Absolute(to_address(inner, world)?),
        ExprKind::Align(align) | ExprKind::Next(align) => {
            let align = to_address(align, world)?;
            let dot = world.dot()?;
            return aligned(dot, align, world);
        }
        ExprKind::AlignTo(parts) => {
            let [value, align] = &**parts;
            let value = evaluate(value, world)?;
            let align = to_address(align, world)?;
            return aligned(value, align, world);
        }
        ExprKind::Log2Ceil(inner) => Value::Number(log2_ceil(to_address(inner, world)?)),
        ExprKind::Max(parts) | ExprKind::Min(parts) => {
            let [left, right] = &**parts;
            let (left, right) = (evaluate(left, world)?, evaluate(right, world)?);
            let (base, a, b) = common_base(left, right, world)?;
            let is_max = matches!(expr.kind, ExprKind::Max(_));
            Value::of(base, if is_max { a.max(b) } else { a.min(b) })
        }
        ExprKind::DataSegmentAlign(parts) => {
            let [max, common] = &**parts;
            let (max, common) = (to_address(max, world)?, to_address(common, world)?);
            let dot = world.dot()?;
            let dot = address(dot, world)?;
            Value::Absolute(world.data_segment_align(dot, max, common))
        }
        ExprKind::DataSegmentEnd(inner) => {
            let at = to_address(inner, world)?;
            Value::Absolute(world.data_segment_end(at))
        }
        ExprKind::DataSegmentRelroEnd(parts) => {
            let [offset, at] = &**parts;
            let (offset, at) = (to_address(offset, world)?, to_address(at, world)?);
            Value::Absolute(world.data_segment_relro_end(offset, at))
        }
        ExprKind::SegmentStart(name, default) => match world.segment_start(name) {
            Some(start) => Value::Absolute(start),
            None => return evaluate(default, world),
        },
        ExprKind::Assert(assertion) => {
            let value = evaluate(&assertion.condition, world)?;
            if address(value, world)? == 0 {
                world.assertion_failed(assertion.message.name);
            }
            value
        }
        ExprKind::Addr(name) => match world.section(name, span)? {
            Some(section) => Value::Relative { section, offset: 0 },
            None => return Err(Fault::NoSection(name, span)),
        },
        ExprKind::LoadAddr(name) => match world.section(name, span)? {
            Some(section) => Value::Absolute(world.section_load_address(section)?),
            None => return Err(Fault::NoSection(name, span)),
        },
        // An output section that no statement makes has no size.
        ExprKind::SizeOf(name) => match world.section(name, span)? {
            Some(section) => Value::Number(world.section_size(section)?),
            None => Value::Number(0),
        },
        ExprKind::AlignOf(name) => match world.section(name, span)? {
            Some(section) => Value::Number(world.section_align(section)?),
            None => Value::Number(0),
        },
        ExprKind::SizeOfHeaders => Value::Number(world.size_of_headers()),
        ExprKind::Origin(name) => Value::Number(world.region(name, span)?.0),
        ExprKind::Length(name) => Value::Number(world.region(name, span)?.1),
        ExprKind::Defined(name) => Value::Number(world.is_defined(name).into()),
        ExprKind::Constant(constant) => Value::Number(world.constant(*constant)),
    })
}

fn aligned<'s>(value: Value, align: u64, world: &dyn World<'s>) -> Result<Value, Fault<'s>> {
    let at = address(value, world)?;
    let moved = align_up(at, align).wrapping_sub(at);
    Ok(Value::of(value.base(), value.plain().wrapping_add(moved)))
}

fn unary(operator: UnaryOp, operand: u64) -> u64 {
    match operator {
        UnaryOp::Negate => operand.wrapping_neg(),
        UnaryOp::Plus => operand,
        UnaryOp::Complement => !operand,
        UnaryOp::Not => u64::from(operand == 0),
    }
}

/// The smallest power of two that is not less than `value`, as an exponent.
fn log2_ceil(value: u64) -> u64 {
    if value <= 1 { 0 } else { u64::from(u64::BITS - (value - 1).leading_zeros()) }
}

/// Two operands in terms of one section, and that section.
fn common_base<'s>(
    left: Value,
    right: Value,
    world: &dyn World<'s>,
) -> Result<(Base, u64, u64), Fault<'s>> {
    let base = match (left.base(), right.base()) {
        (a, b) if a == b => a,
        (Base::Number, other) | (other, Base::Number) => other,
        _ => return Ok((Base::Absolute, address(left, world)?, address(right, world)?)),
    };
    Ok((base, left.plain(), right.plain()))
}

fn binary<'s>(
    operator: BinaryOp,
    left: &Expr<'s>,
    right: &Expr<'s>,
    span: Span,
    world: &mut dyn World<'s>,
) -> Result<Value, Fault<'s>> {
    match operator {
        BinaryOp::LogicalAnd | BinaryOp::LogicalOr => {
            let first = to_address(left, world)? != 0;
            let is_or = operator == BinaryOp::LogicalOr;
            let result = if first == is_or { first } else { to_address(right, world)? != 0 };
            return Ok(Value::Number(result.into()));
        }
        _ => {}
    }
    let (left, right) = (evaluate(left, world)?, evaluate(right, world)?);
    operate(operator, left, right, span, world)
}

/// Applies an operator to two values; not `&&` and `||`, which may do with one.
pub fn operate<'s>(
    operator: BinaryOp,
    left: Value,
    right: Value,
    span: Span,
    world: &dyn World<'s>,
) -> Result<Value, Fault<'s>> {
    let two_addresses = left.base() != Base::Number && right.base() != Base::Number;
    let (base, a, b) = common_base(left, right, world)?;
    let (signed_a, signed_b) = (a as i64, b as i64);
    let result = match operator {
        BinaryOp::Multiply => a.wrapping_mul(b),
        BinaryOp::Divide if b == 0 => return Err(Fault::DivisionByZero(span)),
        BinaryOp::Divide => signed_a.wrapping_div(signed_b) as u64,
        BinaryOp::Remainder if b == 0 => return Err(Fault::RemainderByZero(span)),
        BinaryOp::Remainder => signed_a.wrapping_rem(signed_b) as u64,
        BinaryOp::Add => a.wrapping_add(b),
        BinaryOp::Subtract => a.wrapping_sub(b),
        BinaryOp::ShiftLeft => u32::try_from(b).ok().and_then(|b| a.checked_shl(b)).unwrap_or(0),
        BinaryOp::ShiftRight => u32::try_from(b).ok().and_then(|b| a.checked_shr(b)).unwrap_or(0),
        BinaryOp::And => a & b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::Or => a | b,
        comparison => return Ok(Value::Number(compare(comparison, a, b).into())),
    };
    let is_number = two_addresses && world.is_in_section();
    let base = match base {
        Base::Number => Base::Number,
        _ if is_number => Base::Number,
        Base::Section(_) if two_addresses => Base::Absolute,
        other => other,
    };
    Ok(Value::of(base, result))
}

fn compare(operator: BinaryOp, a: u64, b: u64) -> bool {
    match operator {
        BinaryOp::Less => a < b,
        BinaryOp::LessEqual => a <= b,
        BinaryOp::Greater => a > b,
        BinaryOp::GreaterEqual => a >= b,
        BinaryOp::Equal => a == b,
        _ => a != b,
    }
}
