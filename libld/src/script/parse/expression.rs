//! Expressions: from a row of operands and operators to a tree.

use super::super::ast::{
    Assertion, BinaryOp, Constant, Expr, ExprKind, Fill, SECTION_TYPES, UnaryOp,
};
use super::super::expr::fold;
use super::super::generated::Rule;
use super::Nodes;
use super::tree::{Builder, Node, Wrong, take};
use super::words::{self, Place};

/// Operators in a row: trees are walked down by recursion.
const MOST_OPERATORS: usize = 2000;

impl<'s> Builder<'s, '_, '_> {
    /// A node of the rule `expression`.
    pub fn expression(&self, node: Node<'_, '_>) -> Result<Expr<'s>, Wrong> {
        let span = self.span(node);
        let mut nodes = node.children();
        let mut left = MOST_OPERATORS;
        let mut condition = self.operation(&mut nodes, 0, &mut left)?;
        let Some(then) = nodes.next() else {
            // A parenthesis shows its inside, which may be all that an expression is.
            condition.span = span;
            return Ok(condition);
        };
        let otherwise = self.next(&mut nodes)?;
        let parts = [condition, self.expression(then)?, self.expression(otherwise)?];
        Ok(fold::conditional(parts, span))
    }

    /// Operands, and the operators between them that bind at least as strong as `least`.
    fn operation(
        &self,
        nodes: &mut Nodes<'_, '_>,
        least: u8,
        left: &mut usize,
    ) -> Result<Expr<'s>, Wrong> {
        let mut value = self.operand(nodes, left)?;
        loop {
            let next = nodes.clone().next();
            let Some(node) = next.filter(|node| node.rule() == Rule::operator) else {
                return Ok(value);
            };
            let Some((operator, strength)) = binary(self.bytes(node)) else {
                return Err(Wrong::syntax(self.span(node)));
            };
            if strength < least {
                return Ok(value);
            }
            *left = left.checked_sub(1).ok_or_else(|| self.too_long(node))?;
            nodes.next();
            let right = self.operation(nodes, strength.saturating_add(1), left)?;
            let span = value.span.to(right.span);
            value = fold::binary(operator, value, right, span);
        }
    }

    fn too_long(&self, node: Node<'_, '_>) -> Wrong {
        Wrong::text(self.span(node), ": the expression is too long")
    }

    /// A value with the signs before it.
    fn operand(&self, nodes: &mut Nodes<'_, '_>, left: &mut usize) -> Result<Expr<'s>, Wrong> {
        let mut signs = Vec::new();
        while let Some(node) = take(nodes, Rule::prefix) {
            *left = left.checked_sub(1).ok_or_else(|| self.too_long(node))?;
            let sign = match self.bytes(node) {
                b"-" => UnaryOp::Negate,
                b"~" => UnaryOp::Complement,
                b"!" => UnaryOp::Not,
                _ => UnaryOp::Plus,
            };
            signs.push((sign, self.span(node)));
        }
        let node = self.next(nodes)?;
        let mut value = self.value(node)?;
        for (sign, at) in signs.into_iter().rev() {
            let span = at.to(value.span);
            value = fold::unary(sign, value, span);
        }
        Ok(value)
    }

    fn value(&self, node: Node<'_, '_>) -> Result<Expr<'s>, Wrong> {
        let span = self.span(node);
        let mut nodes = node.children();
        let kind = match node.rule() {
            Rule::expression => return self.expression(node),
            Rule::number => match words::number(self.bytes(node)) {
                Some(value) => ExprKind::Number(value),
                None => return Err(Wrong::syntax(span)),
            },
            Rule::symbol => match self.bytes(node) {
                b"." => ExprKind::Dot,
                b"SIZEOF_HEADERS" => ExprKind::SizeOfHeaders,
                _ => ExprKind::Symbol(self.symbol(node)?.name),
            },
            Rule::of_section => {
                let function = self.bytes(self.next(&mut nodes)?);
                let name = self.next_word(&mut nodes)?.name;
                match function {
                    b"SIZEOF" => ExprKind::SizeOf(name),
                    b"ADDR" => ExprKind::Addr(name),
                    b"LOADADDR" => ExprKind::LoadAddr(name),
                    b"ALIGNOF" => ExprKind::AlignOf(name),
                    b"ORIGIN" => ExprKind::Origin(name),
                    _ => ExprKind::Length(name),
                }
            }
            Rule::of_symbol => self.of_symbol(nodes)?,
            Rule::segment_start => {
                let segment = self.next_word(&mut nodes)?.name;
                let value = self.expression(self.next(&mut nodes)?)?;
                ExprKind::SegmentStart(segment, Box::new(value))
            }
            Rule::assertion => ExprKind::Assert(Box::new(self.assertion(node)?)),
            _ => return self.function(node),
        };
        Ok(Expr { kind, span })
    }

    fn of_symbol(&self, mut nodes: Nodes<'_, '_>) -> Result<ExprKind<'s>, Wrong> {
        let function = self.bytes(self.next(&mut nodes)?);
        let node = self.next(&mut nodes)?;
        let word = self.symbol(node)?;
        if function == b"DEFINED" {
            return Ok(ExprKind::Defined(word.name));
        }
        match word.name {
            b"MAXPAGESIZE" => Ok(ExprKind::Constant(Constant::MaxPageSize)),
            b"COMMONPAGESIZE" => Ok(ExprKind::Constant(Constant::CommonPageSize)),
            name => {
                let name = name.escape_ascii();
                let text = format!(": unknown constant `{name}' referenced in expression");
                Err(Wrong::text(word.span, text))
            }
        }
    }

    /// A function of one or two values.
    fn function(&self, node: Node<'_, '_>) -> Result<Expr<'s>, Wrong> {
        let span = self.span(node);
        let mut nodes = node.children();
        let name = self.next(&mut nodes)?;
        let first = Box::new(self.expression(self.next(&mut nodes)?)?);
        let second = nodes.next().map(|node| self.expression(node)).transpose()?;
        let kind = match (self.bytes(name), second) {
            (b"ALIGN" | b"BLOCK", None) => ExprKind::Align(first),
            (b"ABSOLUTE", None) => ExprKind::Absolute(first),
            (b"NEXT", None) => ExprKind::Next(first),
            (b"LOG2CEIL", None) => return Ok(fold::log2_ceil(*first, span)),
            (b"DATA_SEGMENT_END", None) => ExprKind::DataSegmentEnd(first),
            (b"ALIGN", Some(second)) => ExprKind::AlignTo(Box::new([*first, second])),
            (b"MAX", Some(second)) => return Ok(fold::max(*first, second, span)),
            (b"MIN", Some(second)) => return Ok(fold::min(*first, second, span)),
            (b"DATA_SEGMENT_ALIGN", Some(second)) => {
                ExprKind::DataSegmentAlign(Box::new([*first, second]))
            }
            (b"DATA_SEGMENT_RELRO_END", Some(second)) => {
                ExprKind::DataSegmentRelroEnd(Box::new([*first, second]))
            }
            _ => return Err(Wrong::syntax(span)),
        };
        Ok(Expr { kind, span })
    }

    /// `ASSERT(condition, message)`
    pub fn assertion(&self, node: Node<'_, '_>) -> Result<Assertion<'s>, Wrong> {
        let mut nodes = node.children();
        let condition = self.expression(self.next(&mut nodes)?)?;
        let message = self.symbol(self.next(&mut nodes)?)?;
        Ok(Assertion { condition, message, span: self.span(node) })
    }

    /// What fills gaps: a node of the rule `expression`.
    pub fn fill(&self, node: Node<'_, '_>) -> Result<Fill<'s>, Wrong> {
        // However many parentheses are around it.
        let mut inside = node;
        loop {
            let mut nodes = inside.children();
            match (nodes.next(), nodes.next()) {
                (Some(only), None) if only.rule() == Rule::expression => inside = only,
                (Some(only), None) if only.rule() == Rule::number => {
                    match words::fill_bytes(self.bytes(only)) {
                        Some(bytes) => return Ok(Fill::Bytes(bytes)),
                        None => break,
                    }
                }
                _ => break,
            }
        }
        Ok(Fill::Expr(self.expression(node)?))
    }

    /// The type of a section: a number, or a name that is known.
    pub fn type_value(&self, node: Node<'_, '_>) -> Result<Expr<'s>, Wrong> {
        let mut nodes = node.children();
        let mut value = self.expression(self.next(&mut nodes)?)?;
        if let ExprKind::Symbol(name) = value.kind {
            let known = SECTION_TYPES.iter().find(|(known, _)| known.as_bytes() == name);
            if let Some((_, number)) = known {
                value.kind = ExprKind::Number(u64::from(*number));
            }
        }
        Ok(value)
    }

    /// `symbol=expression`
    pub fn definition_of_symbol(
        &self,
        nodes: &mut Nodes<'_, '_>,
    ) -> Result<Option<(super::Word<'s>, Expr<'s>)>, Wrong> {
        let Some(node) = nodes.next() else { return Ok(None) };
        let mut nodes = node.children();
        let target = self.next(&mut nodes)?;
        let target =
            super::Word { name: self.name(target, Place::Expression)?, span: self.span(target) };
        Ok(Some((target, self.expression(self.next(&mut nodes)?)?)))
    }
}

/// An operator and how strong it binds.
fn binary(sign: &[u8]) -> Option<(BinaryOp, u8)> {
    Some(match sign {
        b"||" => (BinaryOp::LogicalOr, 1),
        b"&&" => (BinaryOp::LogicalAnd, 2),
        b"|" => (BinaryOp::Or, 3),
        b"^" => (BinaryOp::Xor, 4),
        b"&" => (BinaryOp::And, 5),
        b"==" => (BinaryOp::Equal, 6),
        b"!=" => (BinaryOp::NotEqual, 6),
        b"<" => (BinaryOp::Less, 7),
        b"<=" => (BinaryOp::LessEqual, 7),
        b">" => (BinaryOp::Greater, 7),
        b">=" => (BinaryOp::GreaterEqual, 7),
        b"<<" => (BinaryOp::ShiftLeft, 8),
        b">>" => (BinaryOp::ShiftRight, 8),
        b"+" => (BinaryOp::Add, 9),
        b"-" => (BinaryOp::Subtract, 9),
        b"*" => (BinaryOp::Multiply, 10),
        b"/" => (BinaryOp::Divide, 10),
        b"%" => (BinaryOp::Remainder, 10),
        _ => return None,
    })
}

/// The operator before the `=` of an assignment.
pub fn of_assignment(sign: &[u8]) -> Option<BinaryOp> {
    let (_, operator) = sign.split_last()?;
    binary(operator).map(|(operator, _)| operator)
}
