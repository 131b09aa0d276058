//! Values of expressions.
//!
//! A value is a number, an absolute address, or an offset in an output section. Which of them, the
//! manual says in "The Section of an Expression":
//!
//! ```text
//! 4                    a number inside of an output section; elsewhere an absolute address
//! SIZEOF(.text)        a number
//! LOADADDR(.text)      an absolute address
//! ADDR(.text), start   an offset in .text
//! start + 4            the same, inside of an output section; elsewhere an absolute address
//! start - end          a number inside; elsewhere an absolute address
//! start < end          a number
//! ```
//!
//! `.`, outside of output sections, is an absolute address that remembers what it is: a symbol
//! that gets it, or what is computed of it alone, belongs to the section that stands before it.
//!
//! Expressions are asked for their values several times, while sections find their places. What is
//! not known yet is [`Unknown::NotYet`].

pub(super) mod fold;
pub mod operate;
#[cfg(test)]
mod tests;

use super::ast::{Assertion, BinaryOp, Constant, Expr, ExprKind, Name};
use super::source::Span;

/// What a value counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base<S> {
    /// Nothing: a number.
    Number,
    /// The address 0.
    Absolute,
    /// The address of an output section.
    Section(S),
}

/// A value of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<S> {
    /// The number, the address or the offset, in bytes.
    pub value: u64,
    /// What it counts from.
    pub base: Base<S>,
}

impl<S> Value<S> {
    /// A number.
    pub fn number(value: u64) -> Self {
        Self { value, base: Base::Number }
    }

    /// An absolute address.
    pub fn absolute(value: u64) -> Self {
        Self { value, base: Base::Absolute }
    }

    /// An offset in an output section.
    pub fn offset(section: S, value: u64) -> Self {
        Self { value, base: Base::Section(section) }
    }
}

/// The value of a whole expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evaluated<S> {
    /// The value.
    pub value: Value<S>,
    /// It was computed of `.` outside of output sections (or of the start of a segment or a
    /// region), and of nothing that has an address of its own.
    pub from_dot: bool,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// It depends on something that has no value yet.
    NotYet,
    /// There will never be one.
    Wrong(Box<Error>),
}

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where.
    pub span: Span,
    /// What follows `file:line` in the message.
    pub text: Vec<u8>,
}

impl Error {
    fn unknown(span: Span, text: impl Into<Vec<u8>>) -> Unknown {
        Unknown::Wrong(Box::new(Self { span, text: text.into() }))
    }

    /// ``undefined symbol `name' referenced in expression``, and so for sections.
    fn undefined(span: Span, what: &str, name: Name<'_>) -> Unknown {
        let mut text = format!(": undefined {what} `").into_bytes();
        text.extend_from_slice(name.escape_ascii().to_string().as_bytes());
        text.extend_from_slice(b"' referenced in expression");
        Self::unknown(span, text)
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup<T> {
    /// This.
    Known(T),
    /// Something that has no value yet.
    NotYet,
    /// Nothing: an error.
    Missing,
}

/// What expressions look things up in: a link in some state.
pub trait Environment {
    /// An output section.
    type Section: Copy + PartialEq;

    /// The output section in whose statement the expression stands.
    fn current(&self) -> Option<Self::Section>;

    /// Whether LD_FEATURE("SANE_EXPR") is given.
    fn is_sane(&self) -> bool {
        false
    }

    /// The location counter, as an address; none where it has none yet.
    fn dot(&self) -> Option<u64>;

    /// The address of an output section.
    fn address(&self, section: Self::Section) -> Option<u64>;

    /// A symbol: its value is an absolute address or an offset.
    fn symbol(&mut self, name: Name<'_>) -> Lookup<Value<Self::Section>>;

    /// Whether a symbol is defined before this expression.
    fn is_defined(&mut self, name: Name<'_>) -> bool;

    /// `ADDR(section)`: an output section that exists and has an address.
    fn section(&mut self, name: Name<'_>) -> Lookup<Self::Section>;

    /// `LOADADDR(section)`
    fn load_address(&mut self, name: Name<'_>) -> Lookup<u64>;

    /// `SIZEOF(section)`, in bytes.
    fn size(&mut self, name: Name<'_>) -> Lookup<u64>;

    /// `ALIGNOF(section)`, in bytes.
    fn alignment(&mut self, name: Name<'_>) -> Lookup<u64>;

    /// `SIZEOF_HEADERS`, in bytes.
    fn size_of_headers(&mut self) -> Option<u64>;

    /// `ORIGIN(region)`: the first address.
    fn origin(&mut self, region: Name<'_>) -> Lookup<u64>;

    /// `LENGTH(region)`, in bytes.
    fn length(&mut self, region: Name<'_>) -> Lookup<u64>;

    /// `CONSTANT(name)`
    fn constant(&self, constant: Constant) -> u64;

    /// `SEGMENT_START(segment, …)`: what `-Ttext-segment` and its like say.
    fn segment_start(&mut self, segment: Name<'_>) -> Option<u64>;

    /// `DATA_SEGMENT_ALIGN(max_page, common_page)`, in bytes, at `dot`.
    fn data_segment_align(&mut self, max_page: u64, common_page: u64, dot: u64) -> Option<u64>;

    /// `DATA_SEGMENT_RELRO_END(offset, value)`: the absolute address of the sum, or what padding
    /// makes of it.
    fn data_segment_relro_end(&mut self, offset: u64, value: u64) -> Option<u64>;

    /// `DATA_SEGMENT_END(value)`: the absolute address is the end of the data segment.
    fn data_segment_end(&mut self, value: u64);

    /// A message of `ASSERT(0, message)` inside of an expression.
    fn assertion_failed(&mut self, assertion: &Assertion<'_>);
}

/// The value of an expression.
///
/// # Errors
/// It has none yet, or never will.
pub fn evaluate<E: Environment>(
    expr: &Expr<'_>,
    environment: &mut E,
) -> Result<Evaluated<E::Section>, Unknown> {
    let sane = environment.is_sane() || environment.current().is_some();
    let mut evaluator = Evaluator { environment, numbers: sane, from_dot: false };
    let value = evaluator.value(expr)?;
    Ok(Evaluated { value, from_dot: evaluator.from_dot })
}

impl<S: Copy + PartialEq> Evaluated<S> {
    /// The value as an absolute address.
    pub fn address<E: Environment<Section = S>>(&self, environment: &E) -> Option<u64> {
        match self.value.base {
            Base::Number | Base::Absolute => Some(self.value.value),
            Base::Section(section) => {
                Some(environment.address(section)?.wrapping_add(self.value.value))
            }
        }
    }

    /// What a symbol gets that this is assigned to: an absolute address or an offset, never a
    /// number. `before` is the output section that stands before an assignment outside of output
    /// sections.
    pub fn assigned<E: Environment<Section = S>>(
        &self,
        environment: &E,
        before: Option<S>,
    ) -> Option<Value<S>> {
        let value = self.value.value;
        match (self.value.base, environment.current()) {
            (Base::Section(_), _) => Some(self.value),
            (Base::Number, Some(current)) => Some(Value::offset(current, value)),
            (Base::Absolute, Some(_)) => Some(Value::absolute(value)),
            (_, None) => match before.filter(|_| self.from_dot) {
                Some(section) => {
                    let address = environment.address(section)?;
                    Some(Value::offset(section, value.wrapping_sub(address)))
                }
                None => Some(Value::absolute(value)),
            },
        }
    }
}

struct Evaluator<'e, E> {
    environment: &'e mut E,
    /// Numbers are numbers, and not absolute addresses.
    numbers: bool,
    /// See [`Evaluated::from_dot`].
    from_dot: bool,
}

type Result_<E> = Result<Value<<E as Environment>::Section>, Unknown>;

impl<E: Environment> Evaluator<'_, E> {
    fn value(&mut self, expr: &Expr<'_>) -> Result_<E> {
        let span = expr.span;
        Ok(match &expr.kind {
            ExprKind::Number(number) if self.numbers => Value::number(*number),
            ExprKind::Number(number) => Value::absolute(*number),
            ExprKind::Dot => {
                let dot = self.dot()?;
                self.relative(dot)?
            }
            ExprKind::Symbol(name) => self.symbol(name, span)?,
            ExprKind::Unary(operator, value) => {
                let value = self.value(value)?;
                Value { value: operate::unary(*operator, value.value), ..value }
            }
            ExprKind::Binary(operator, values) => self.binary(*operator, values, span)?,
            ExprKind::Conditional(parts) => {
                let [condition, then, otherwise] = parts.as_ref();
                let chosen = if self.value(condition)?.value == 0 { otherwise } else { then };
                self.value(chosen)?
            }
            ExprKind::Absolute(value) => {
                let value = self.value(value)?;
                Value::absolute(self.address_of(value)?)
            }
            ExprKind::Align(alignment) => {
                let alignment = self.value(alignment)?.value;
                let dot = self.dot()?;
                self.relative(operate::align(dot, alignment))?
            }
            ExprKind::AlignTo(values) => self.same_base(values, operate::align)?,
            ExprKind::Max(values) => self.same_base(values, u64::max)?,
            ExprKind::Min(values) => self.same_base(values, u64::min)?,
            ExprKind::Next(alignment) => {
                let alignment = self.value(alignment)?.value;
                Value::absolute(operate::align(self.dot()?, alignment))
            }
            ExprKind::Log2Ceil(value) => {
                Value::number(operate::log2_ceil(self.value(value)?.value))
            }
            ExprKind::Assert(assertion) => {
                let value = self.value(&assertion.condition)?;
                if value.value == 0 {
                    self.environment.assertion_failed(assertion);
                }
                value
            }
            ExprKind::SegmentStart(segment, default) => {
                let default = self.value(default)?.value;
                let start = self.environment.segment_start(segment).unwrap_or(default);
                self.relative(start)?
            }
            ExprKind::DataSegmentAlign(_)
            | ExprKind::DataSegmentEnd(_)
            | ExprKind::DataSegmentRelroEnd(_) => self.data_segment(expr)?,
            _ => self.named(expr)?,
        })
    }

    fn dot(&self) -> Result<u64, Unknown> {
        self.environment.dot().ok_or(Unknown::NotYet)
    }

    /// An address that belongs to where the expression stands.
    fn relative(&mut self, address: u64) -> Result_<E> {
        if let Some(section) = self.environment.current() {
            let start = self.environment.address(section).ok_or(Unknown::NotYet)?;
            return Ok(Value::offset(section, address.wrapping_sub(start)));
        }
        self.from_dot = true;
        Ok(Value::absolute(address))
    }

    fn symbol(&mut self, name: Name<'_>, span: Span) -> Result_<E> {
        match self.environment.symbol(name) {
            Lookup::Known(value) => match value.base {
                Base::Absolute if self.numbers => Ok(Value::number(value.value)),
                _ => Ok(value),
            },
            Lookup::NotYet => Err(Unknown::NotYet),
            Lookup::Missing => Err(Error::undefined(span, "symbol", name)),
        }
    }

    /// The address that a value stands for. What has been computed of `.` is no more than that.
    fn address_of(&mut self, value: Value<E::Section>) -> Result<u64, Unknown> {
        self.from_dot = false;
        match value.base {
            Base::Number | Base::Absolute => Ok(value.value),
            Base::Section(section) => {
                let address = self.environment.address(section).ok_or(Unknown::NotYet)?;
                Ok(address.wrapping_add(value.value))
            }
        }
    }

    /// Two values, brought to one base if neither is a number.
    fn pair(&mut self, values: &[Expr<'_>; 2]) -> Result<Pair<E::Section>, Unknown> {
        let [left, right] = values;
        let (left, right) = (self.value(left)?, self.value(right)?);
        Ok(match (left.base, right.base) {
            (Base::Number, base) | (base, Base::Number) => {
                Pair { left: left.value, right: right.value, base, has_number: true }
            }
            (base, other) if base == other => {
                Pair { left: left.value, right: right.value, base, has_number: false }
            }
            _ => Pair {
                left: self.address_of(left)?,
                right: self.address_of(right)?,
                base: Base::Absolute,
                has_number: false,
            },
        })
    }

    fn binary(&mut self, operator: BinaryOp, values: &[Expr<'_>; 2], span: Span) -> Result_<E> {
        let pair = self.pair(values)?;
        let Some(value) = operate::binary(operator, pair.left, pair.right) else {
            let sign = if operator == BinaryOp::Divide { '/' } else { '%' };
            return Err(Error::unknown(span, format!(" {sign} by zero")));
        };
        let base = match operator {
            BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual
            | BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::LogicalAnd
            | BinaryOp::LogicalOr => Base::Number,
            _ if pair.has_number => pair.base,
            _ if self.numbers => Base::Number,
            _ => Base::Absolute,
        };
        Ok(Value { value, base })
    }

    /// A function that stays in the section of its operands.
    fn same_base(&mut self, values: &[Expr<'_>; 2], function: fn(u64, u64) -> u64) -> Result_<E> {
        let pair = self.pair(values)?;
        Ok(Value { value: function(pair.left, pair.right), base: pair.base })
    }

    fn data_segment(&mut self, expr: &Expr<'_>) -> Result_<E> {
        match &expr.kind {
            ExprKind::DataSegmentAlign(values) => {
                let pair = self.pair(values)?;
                let dot = self.dot()?;
                let address = self.environment.data_segment_align(pair.left, pair.right, dot);
                address.map(Value::absolute).ok_or(Unknown::NotYet)
            }
            ExprKind::DataSegmentRelroEnd(values) => {
                let [offset, value] = values.as_ref();
                let offset = self.value(offset)?.value;
                let value = self.value(value)?;
                let from_dot = self.from_dot;
                let address = self.address_of(value)?;
                self.from_dot = from_dot;
                let end = self.environment.data_segment_relro_end(offset, address);
                let end = end.ok_or(Unknown::NotYet)?;
                let moved = end.wrapping_sub(address);
                Ok(Value { value: value.value.wrapping_add(moved), ..value })
            }
            ExprKind::DataSegmentEnd(value) => {
                let value = self.value(value)?;
                let from_dot = self.from_dot;
                let address = self.address_of(value)?;
                self.from_dot = from_dot;
                self.environment.data_segment_end(address);
                Ok(value)
            }
            _ => Err(Unknown::NotYet),
        }
    }

    /// Functions of a name.
    fn named(&mut self, expr: &Expr<'_>) -> Result_<E> {
        let span = expr.span;
        let section = |lookup: Lookup<u64>, name: Name<'_>| match lookup {
            Lookup::Known(value) => Ok(value),
            Lookup::NotYet => Err(Unknown::NotYet),
            Lookup::Missing => Err(Error::undefined(span, "section", name)),
        };
        let region = |lookup: Lookup<u64>, name: Name<'_>| match lookup {
            Lookup::Known(value) => Ok(value),
            Lookup::NotYet => Err(Unknown::NotYet),
            Lookup::Missing => Err(Error::undefined(span, "MEMORY region", name)),
        };
        match expr.kind {
            ExprKind::Addr(name) => match self.environment.section(name) {
                Lookup::Known(section) => Ok(Value::offset(section, 0)),
                Lookup::NotYet => Err(Unknown::NotYet),
                Lookup::Missing => Err(Error::undefined(span, "section", name)),
            },
            ExprKind::LoadAddr(name) => {
                section(self.environment.load_address(name), name).map(Value::absolute)
            }
            ExprKind::SizeOf(name) => section(self.environment.size(name), name).map(Value::number),
            ExprKind::AlignOf(name) => {
                section(self.environment.alignment(name), name).map(Value::number)
            }
            ExprKind::Origin(name) => {
                let origin = region(self.environment.origin(name), name)?;
                self.relative(origin)
            }
            ExprKind::Length(name) => {
                region(self.environment.length(name), name).map(Value::number)
            }
            ExprKind::Defined(name) => {
                Ok(Value::number(u64::from(self.environment.is_defined(name))))
            }
            ExprKind::Constant(constant) => Ok(Value::number(self.environment.constant(constant))),
            ExprKind::SizeOfHeaders => {
                self.environment.size_of_headers().map(Value::number).ok_or(Unknown::NotYet)
            }
            _ => Err(Unknown::NotYet),
        }
    }
}

/// Two values and what both count from.
struct Pair<S> {
    left: u64,
    right: u64,
    base: Base<S>,
    /// One of them is a number.
    has_number: bool,
}
