//! Expressions.

use super::super::arena::{Fold, List, Node, NodeId};
use super::super::operators;
use super::super::spell::{Print, Spell as _};
use super::Printer;
use crate::Error;

impl Printer<'_> {
    /// Prints an expression.
    pub(super) fn expression(&mut self, node: Node) -> Print {
        match node {
            Node::Unary { op, a } => self.unary(op, a),
            Node::Postfix { op, a } => {
                self.operand(a)?;
                self.put(operators::spelling(op))
            }
            Node::Binary { op, a, b } => self.binary(op, a, b),
            Node::Conditional { a, b, c } => {
                self.operand(a)?;
                self.put(" ? ")?;
                self.operand(b)?;
                self.put(" : ")?;
                self.operand(c)
            }
            Node::Call { callee, args } => {
                self.node(callee)?;
                self.enclosed("(", args, ")")
            }
            Node::Convert { to, value } => {
                self.operand(to)?;
                self.operand(value)
            }
            Node::ConvertAll { to, args } => {
                self.operand(to)?;
                self.enclosed("(", args, ")")
            }
            Node::Cast { op, to, value } => {
                self.put(operators::spelling(op))?;
                self.put("<")?;
                self.node(to)?;
                self.put(">")?;
                self.operand(value)
            }
            Node::New { op, placement, of_init } => self.new_expression(op, placement, of_init),
            Node::SizeofPack(pack) => self.sizeof_pack(pack),
            Node::SizeofArgs(args) => self.enclosed("sizeof... (", args, ")"),
            Node::Parameter { index, .. } => {
                self.put("fp")?;
                self.ordinal(index)
            }
            Node::Fold { op, fold, pack, init } => self.fold(op, fold, pack, init),
            _ => self.common_expression(&node),
        }
    }

    fn unary(&mut self, op: u8, a: NodeId) -> Print {
        match &operators::code(op) {
            // Came after.
            b"aw" => Err(Error::NotMangled),
            b"dl" => {
                self.put("delete")?;
                self.node(a)
            }
            b"da" | b"tw" => {
                self.put(operators::spelling(op))?;
                self.node(a)
            }
            _ => {
                self.put(operators::spelling(op))?;
                self.operand(a)
            }
        }
    }

    fn binary(&mut self, op: u8, a: NodeId, b: NodeId) -> Print {
        match &operators::code(op) {
            b"dt" | b"pt" | b"ds" => {
                self.node(a)?;
                self.put(operators::spelling(op))?;
                self.node(b)
            }
            b"ix" => self.element(a, b),
            // Came after.
            b"ss" => Err(Error::NotMangled),
            // Among template arguments, it must not be taken for their end.
            b"gt" => {
                self.put("(")?;
                self.infix(op, a, b)?;
                self.put(")")
            }
            _ => self.infix(op, a, b),
        }
    }

    fn infix(&mut self, op: u8, a: NodeId, b: NodeId) -> Print {
        self.operand(a)?;
        self.put(" ")?;
        self.put(operators::spelling(op))?;
        self.put(" ")?;
        self.operand(b)
    }

    /// Prints `new`: `of_init` is the type and maybe the initializer.
    fn new_expression(&mut self, op: u8, placement: List, of_init: NodeId) -> Print {
        self.put(operators::spelling(op))?;
        self.put(" ")?;
        if placement.len() > 0 {
            self.enclosed("(", placement, ")")?;
        }
        let Node::Args(parts) = self.arena.node(of_init) else { return Err(Error::NotMangled) };
        if let Some(of) = self.arena.nth(parts, 0) {
            self.node(of)?;
        }
        match self.arena.nth(parts, 1).map(|init| self.arena.node(init)) {
            Some(Node::Parenthesized(items)) if items.len() == 0 => Ok(()),
            Some(Node::Parenthesized(items)) => self.enclosed("(", items, ")"),
            // Braces came after.
            Some(_) => Err(Error::NotMangled),
            None => Ok(()),
        }
    }

    fn sizeof_pack(&mut self, pack: NodeId) -> Print {
        let is_parameter = matches!(self.arena.node(pack), Node::TemplateParam { .. });
        if is_parameter {
            self.put("sizeof...(")?;
            self.expansion(pack)?;
        } else {
            self.put("sizeof... (")?;
            self.node(pack)?;
        }
        self.put(")")
    }

    fn fold(&mut self, op: u8, fold: Fold, pack: NodeId, init: NodeId) -> Print {
        let spelling = operators::spelling(op).trim_end();
        self.put("(")?;
        match fold {
            Fold::UnaryLeft | Fold::BinaryLeft => {
                if let Some(init) = init.some() {
                    self.node(init)?;
                    self.spaced(spelling)?;
                }
                self.put("...")?;
                self.spaced(spelling)?;
                self.expanded_operand(pack)?;
            }
            Fold::UnaryRight | Fold::BinaryRight => {
                self.expanded_operand(pack)?;
                self.spaced(spelling)?;
                self.put("...")?;
                if let Some(init) = init.some() {
                    self.spaced(spelling)?;
                    self.node(init)?;
                }
            }
        }
        self.put(")")
    }

    fn spaced(&mut self, operator: &str) -> Print {
        self.put(" ")?;
        self.put(operator)?;
        self.put(" ")
    }

    fn expanded_operand(&mut self, pack: NodeId) -> Print {
        self.put("(")?;
        self.expansion(pack)?;
        self.put(")")
    }
}
