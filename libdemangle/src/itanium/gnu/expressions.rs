//! Expressions.

use super::super::arena::{Fold, List, Node, NodeId, Span};
use super::super::operators::{self, LiteralForm};
use super::super::spell::{Print, Spell as _};
use super::Printer;

impl Printer<'_> {
    /// Prints an expression.
    pub(super) fn expression(&mut self, node: &Node) -> Print {
        match *node {
            Node::Unary { op, a } => self.unary(op, a),
            Node::Postfix { op, a } => {
                self.subexpression(a)?;
                self.put(operators::spelling(op))
            }
            Node::Binary { op, a, b } => self.binary(op, a, b),
            Node::Conditional { a, b, c } => {
                self.subexpression(a)?;
                self.put("?")?;
                self.subexpression(b)?;
                self.put(" : ")?;
                self.subexpression(c)
            }
            Node::Call { callee, args } => {
                // What is called is the function, whatever its parameters are.
                let callee = match self.arena.node(callee) {
                    Node::Encoding { name, .. } => name,
                    _ => callee,
                };
                self.subexpression(callee)?;
                self.enclosed("(", args, ")")
            }
            Node::Convert { to, value } => {
                self.put("(")?;
                self.node(to)?;
                self.put(")")?;
                self.subexpression(value)
            }
            Node::ConvertAll { to, args } => {
                self.put("(")?;
                self.node(to)?;
                self.put(")")?;
                self.enclosed("(", args, ")")
            }
            Node::Cast { op, to, value } => {
                self.put(operators::spelling(op))?;
                self.put("<")?;
                self.node(to)?;
                self.put(">(")?;
                self.node(value)?;
                self.put(")")
            }
            Node::New { placement, of_init, .. } => self.new_expression(placement, of_init),
            Node::SizeofPack(pack) => {
                let count = self.find_pack(pack)?.map_or(0, List::len);
                self.number(count as u64)
            }
            Node::SizeofArgs(args) => self.count_args(args),
            Node::Parameter { index, .. } => {
                self.put("{parm#")?;
                self.number(u64::from(index) + 1)?;
                self.put("}")
            }
            Node::Fold { op, fold, pack, init } => self.fold(op, fold, pack, init),
            _ => self.common_expression(node),
        }
    }

    /// Prints an expression within another: in parentheses unless it is a name or like one.
    pub(super) fn subexpression(&mut self, id: NodeId) -> Print {
        let simple = matches!(
            self.arena.node(id),
            Node::Builtin(operators::AUTO | operators::DECLTYPE_AUTO)
                | Node::Name(_)
                | Node::Qualified { .. }
                | Node::Braced { .. }
                | Node::Parameter { .. }
                | Node::ThisPointer
        );
        if simple {
            return self.node(id);
        }
        self.put("(")?;
        self.node(id)?;
        self.put(")")
    }

    fn unary(&mut self, op: u8, a: NodeId) -> Print {
        let code = operators::code(op);
        self.put(operators::spelling(op))?;
        match (&code, self.arena.node(a)) {
            // The address of a member function, without its parameters.
            (b"ad", Node::Encoding { name, function })
                if matches!(self.arena.node(name), Node::Qualified { .. })
                    && matches!(self.arena.node(function), Node::Function { .. }) =>
            {
                self.node(name)
            }
            (b"st" | b"at" | b"ti", _) => {
                self.put("(")?;
                self.node(a)?;
                self.put(")")
            }
            _ => self.subexpression(a),
        }
    }

    fn binary(&mut self, op: u8, a: NodeId, b: NodeId) -> Print {
        match &operators::code(op) {
            b"ix" => self.element(a, b),
            // It would end the template arguments that it is in.
            b"gt" => {
                self.put("(")?;
                self.between(a, operators::spelling(op), b)?;
                self.put(")")
            }
            _ => self.between(a, operators::spelling(op), b),
        }
    }

    fn new_expression(&mut self, placement: List, of_init: NodeId) -> Print {
        self.put("new ")?;
        if placement.len() > 0 {
            self.enclosed("(", placement, ")")?;
            self.put(" ")?;
        }
        let Node::Args(of_init) = self.arena.node(of_init) else { return Ok(()) };
        for &part in self.arena.list(of_init) {
            self.node(part)?;
        }
        Ok(())
    }

    fn fold(&mut self, op: u8, fold: Fold, pack: NodeId, init: NodeId) -> Print {
        // All of a pack, not one of its arguments.
        let before = self.pack.take();
        let spelling = operators::spelling(op);
        self.put("(")?;
        match fold {
            Fold::UnaryLeft => {
                self.put("...")?;
                self.put(spelling)?;
                self.subexpression(pack)?;
            }
            Fold::UnaryRight => {
                self.subexpression(pack)?;
                self.put(spelling)?;
                self.put("...")?;
            }
            Fold::BinaryLeft | Fold::BinaryRight => {
                let (first, last) =
                    if fold == Fold::BinaryLeft { (init, pack) } else { (pack, init) };
                self.subexpression(first)?;
                self.put(spelling)?;
                self.put("...")?;
                self.put(spelling)?;
                self.subexpression(last)?;
            }
        }
        self.pack = before;
        self.put(")")
    }

    /// Prints a literal.
    pub(super) fn literal(&mut self, of: NodeId, value: Span, negative: bool) -> Print {
        let form = match self.arena.node(of) {
            Node::Builtin(place) => {
                operators::builtin_at(place).map_or(LiteralForm::Cast, |builtin| builtin.literal)
            }
            Node::Float { suffix: b'b', .. } => LiteralForm::Float,
            _ => LiteralForm::Cast,
        };
        match form {
            LiteralForm::Suffix(suffix) => {
                self.put(if negative { "-" } else { "" })?;
                self.span(value)?;
                return self.put(suffix);
            }
            LiteralForm::Bool if !negative && value.len == 1 => {
                match self.input.get(value.at as usize) {
                    Some(b'0') => return self.put("false"),
                    Some(b'1') => return self.put("true"),
                    _ => {}
                }
            }
            _ => {}
        }
        self.put("(")?;
        self.apart(|printer| printer.node(of))?;
        self.put(if negative { ")-" } else { ")" })?;
        if form == LiteralForm::Float {
            self.put("[")?;
            self.span(value)?;
            return self.put("]");
        }
        self.span(value)
    }
}
