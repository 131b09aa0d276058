//! The notation that descriptions share. The manual is `notation.pest`.

mod expr;
mod tree;

pub use expr::{BinaryOp, Expr, ExprKind, Names, NoNames, UnaryOp, eval};
pub use tree::{Bytes, Statement, Term, TermKind};
