//! A tree back to text.

use std::io::Write;

use super::blocks::KEYWORDS;
use super::expr::{BinaryOp, Expr, ExprKind, UnaryOp};
use super::lexical::is_whole_word;
use super::tree::{Statement, Term, TermKind};

/// Bytes on a line of a hex run.
const LINE: usize = 32;

/// The text of statements, which is read as the same statements. A word that the notation would
/// take for something else is printed as a string.
pub fn print(statements: &[Statement<'_>]) -> String {
    let mut out = Vec::new();
    block(&mut out, statements, 0);
    // Nothing but what `print_string` made of bytes is not ASCII.
    String::from_utf8(out).unwrap_or_default()
}

/// Prints a name: as a word where the notation reads one, else as a string.
pub fn print_name(out: &mut Vec<u8>, name: &[u8]) {
    let reserved = name == b"hex" || KEYWORDS.iter().any(|word| word.as_bytes() == name);
    if is_whole_word(name) && !reserved {
        out.extend_from_slice(name);
    } else {
        print_string(out, name);
    }
}

/// Prints a string of any bytes, in ASCII.
pub fn print_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b' '..=b'~' => out.push(*byte),
            // Writing to memory does not fail.
            _ => drop(write!(out, "\\x{byte:02x}")),
        }
    }
    out.push(b'"');
}

fn block(out: &mut Vec<u8>, statements: &[Statement<'_>], level: usize) {
    for statement in statements {
        indent(out, level);
        let field = matches!(statement.terms.first(), Some(first) if is_attribute(first));
        for (index, one) in statement.terms.iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            match one.kind {
                // Behind `x = 1`, `-2` would be the rest of an expression.
                TermKind::Int(value) if value < 0 && field => drop(write!(out, "({value})")),
                _ => term(out, one),
            }
        }
        match &statement.block {
            None => out.extend_from_slice(b";\n"),
            Some(inner) => {
                out.extend_from_slice(b" {\n");
                block(out, inner, level.saturating_add(1));
                indent(out, level);
                out.extend_from_slice(b"}\n");
            }
        }
    }
}

fn indent(out: &mut Vec<u8>, level: usize) {
    out.extend(std::iter::repeat_n(b"    ", level).flatten());
}

fn is_attribute(term: &Term<'_>) -> bool {
    matches!(term.kind, TermKind::Attr(..))
}

fn term(out: &mut Vec<u8>, one: &Term<'_>) {
    match &one.kind {
        TermKind::Word(word) => print_name(out, word.as_bytes()),
        TermKind::Int(value) => drop(write!(out, "{value}")),
        TermKind::Str(bytes) => print_string(out, bytes),
        TermKind::Hex(bytes) => hex(out, bytes),
        TermKind::List(terms) => {
            out.push(b'[');
            for (index, inner) in terms.iter().enumerate() {
                if index > 0 {
                    out.extend_from_slice(b", ");
                }
                term(out, inner);
            }
            out.push(b']');
        }
        TermKind::Expr(one) => {
            out.push(b'(');
            expr(out, one);
            out.push(b')');
        }
        TermKind::Attr(name, value) => {
            out.extend_from_slice(name.as_bytes());
            out.push(b'=');
            term(out, value);
        }
    }
}

fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(b"hex {");
    for (index, byte) in bytes.iter().enumerate() {
        let blank = if index > 0 && index.is_multiple_of(LINE) { '\n' } else { ' ' };
        drop(write!(out, "{blank}{byte:02x}"));
    }
    out.extend_from_slice(b" }");
}

fn expr(out: &mut Vec<u8>, one: &Expr<'_>) {
    match &one.kind {
        ExprKind::Int(value) => drop(write!(out, "{value}")),
        ExprKind::Str(bytes) => print_string(out, bytes),
        ExprKind::Name(name) => out.extend_from_slice(name.as_bytes()),
        ExprKind::Call(name, args) => {
            out.extend_from_slice(name.as_bytes());
            out.push(b'(');
            for (index, arg) in args.iter().enumerate() {
                if index > 0 {
                    out.extend_from_slice(b", ");
                }
                expr(out, arg);
            }
            out.push(b')');
        }
        ExprKind::Unary(op, operand) => {
            out.extend_from_slice(unary(*op).as_bytes());
            inner(out, operand);
        }
        ExprKind::Binary(op, left, right) => {
            inner(out, left);
            drop(write!(out, " {} ", binary(*op)));
            inner(out, right);
        }
        ExprKind::Conditional(parts) => {
            let [condition, then, otherwise] = parts.as_ref();
            inner(out, condition);
            out.extend_from_slice(b" ? ");
            inner(out, then);
            out.extend_from_slice(b" : ");
            inner(out, otherwise);
        }
    }
}

/// An operand, in parentheses if it has operators of its own.
fn inner(out: &mut Vec<u8>, operand: &Expr<'_>) {
    let simple = match operand.kind {
        ExprKind::Int(value) => value >= 0,
        ExprKind::Str(_) | ExprKind::Name(_) | ExprKind::Call(..) => true,
        _ => false,
    };
    if simple {
        return expr(out, operand);
    }
    out.push(b'(');
    expr(out, operand);
    out.push(b')');
}

fn unary(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Neg => "-",
        UnaryOp::Not => "~",
        UnaryOp::LogicalNot => "!",
    }
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::LogicalOr => "||",
        BinaryOp::LogicalAnd => "&&",
        BinaryOp::Or => "|",
        BinaryOp::Xor => "^",
        BinaryOp::And => "&",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::Shl => "<<",
        BinaryOp::Shr => ">>",
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
    }
}
