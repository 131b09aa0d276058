//! Expressions as text.

use std::fmt::Write as _;

use super::super::ast::{BinaryOp, Constant, Expr, ExprKind, Fill, Name, UnaryOp};
use super::{Printer, Style};

impl Printer {
    /// An expression, as in `(start + 0x4)`.
    pub fn expr(&mut self, expr: &Expr<'_>) {
        match &expr.kind {
            ExprKind::Number(number) => self.number(*number),
            ExprKind::Dot => self.text("."),
            ExprKind::Symbol(name) => self.name(name),
            ExprKind::Unary(operator, value) => self.unary(*operator, value),
            ExprKind::Binary(operator, values) => {
                let [left, right] = values.as_ref();
                self.text("(");
                self.expr(left);
                self.text(" ");
                self.text(operator_sign(*operator));
                self.text(" ");
                self.expr(right);
                self.text(")");
            }
            ExprKind::Conditional(parts) => self.conditional(parts),
            ExprKind::Absolute(value) => self.function("ABSOLUTE", &[value]),
            ExprKind::Align(value) => self.function("ALIGN", &[value]),
            ExprKind::Next(value) => self.function("NEXT", &[value]),
            ExprKind::Log2Ceil(value) => self.function("LOG2CEIL", &[value]),
            ExprKind::DataSegmentEnd(value) => self.function("DATA_SEGMENT_END", &[value]),
            ExprKind::AlignTo(values) => self.function("ALIGN", &pair(values)),
            ExprKind::Max(values) => self.function("MAX", &pair(values)),
            ExprKind::Min(values) => self.function("MIN", &pair(values)),
            ExprKind::DataSegmentAlign(values) => {
                self.function("DATA_SEGMENT_ALIGN", &pair(values));
            }
            ExprKind::DataSegmentRelroEnd(values) => {
                let mut values = pair(values);
                if self.style == Style::Map {
                    values.reverse();
                }
                self.function("DATA_SEGMENT_RELRO_END", &values);
            }
            ExprKind::SegmentStart(segment, default) => {
                self.text("SEGMENT_START (\"");
                self.out.extend_from_slice(segment);
                self.text("\", ");
                self.expr(default);
                self.text(")");
            }
            ExprKind::Assert(assertion) => self.assertion(assertion),
            ExprKind::Addr(name) => self.of_name("ADDR", name),
            ExprKind::LoadAddr(name) => self.of_name("LOADADDR", name),
            ExprKind::SizeOf(name) => self.of_name("SIZEOF", name),
            ExprKind::AlignOf(name) => self.of_name("ALIGNOF", name),
            ExprKind::Origin(name) => self.of_name("ORIGIN", name),
            ExprKind::Length(name) => self.of_name("LENGTH", name),
            ExprKind::Defined(name) => self.of_name("DEFINED", name),
            ExprKind::Constant(Constant::MaxPageSize) => self.text("CONSTANT (MAXPAGESIZE)"),
            ExprKind::Constant(Constant::CommonPageSize) => self.text("CONSTANT (COMMONPAGESIZE)"),
            ExprKind::SizeOfHeaders => self.text("SIZEOF_HEADERS"),
        }
    }

    fn number(&mut self, number: u64) {
        let mut text = String::new();
        let _ = write!(text, "{number:#x}");
        self.text(&text);
    }

    fn unary(&mut self, operator: UnaryOp, value: &Expr<'_>) {
        self.text(match operator {
            UnaryOp::Negate => "-",
            UnaryOp::Plus => "+",
            UnaryOp::Complement => "~",
            UnaryOp::Not => "!",
        });
        let is_map = self.style == Style::Map;
        self.text(if is_map { " (" } else { "" });
        self.expr(value);
        self.text(if is_map { ")" } else { "" });
    }

    fn conditional(&mut self, parts: &[Expr<'_>; 3]) {
        let [condition, then, otherwise] = parts;
        let is_script = self.style == Style::Script;
        if is_script {
            self.text("(");
        }
        self.expr(condition);
        self.text("?");
        self.expr(then);
        self.text(":");
        self.expr(otherwise);
        if is_script {
            self.text(")");
        }
    }

    fn function(&mut self, name: &str, values: &[&Expr<'_>]) {
        self.text(name);
        self.text(" (");
        for (number, value) in values.iter().enumerate() {
            if number != 0 {
                self.text(", ");
            }
            self.expr(value);
        }
        self.text(")");
    }

    fn of_name(&mut self, function: &str, name: Name<'_>) {
        self.text(function);
        self.text(" (");
        self.name(name);
        self.text(")");
    }

    /// What fills gaps.
    pub fn fill(&mut self, fill: &Fill<'_>) {
        match fill {
            Fill::Bytes(bytes) => {
                let mut text = "0x".to_owned();
                for byte in bytes {
                    let _ = write!(text, "{byte:02x}");
                }
                self.text(&text);
            }
            Fill::Expr(Expr { kind: ExprKind::Number(number), .. })
                if self.style == Style::Script =>
            {
                // In hexadecimal it would be as many bytes as it has pairs of digits.
                let mut text = String::new();
                let _ = write!(text, "{number:o}");
                self.text("0");
                self.text(&text);
            }
            Fill::Expr(value) => self.expr(value),
        }
    }
}

fn pair<'a, 's>(values: &'a [Expr<'s>; 2]) -> [&'a Expr<'s>; 2] {
    values.each_ref()
}

/// How an operator is written.
pub fn operator_sign(operator: BinaryOp) -> &'static str {
    match operator {
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Remainder => "%",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::ShiftLeft => "<<",
        BinaryOp::ShiftRight => ">>",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::And => "&",
        BinaryOp::Xor => "^",
        BinaryOp::Or => "|",
        BinaryOp::LogicalAnd => "&&",
        BinaryOp::LogicalOr => "||",
    }
}
