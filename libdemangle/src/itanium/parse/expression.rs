//! `<expression>`

use super::super::arena::{Fold, Node, NodeId};
use super::super::operators::{self, Form};
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `<expression>`
    pub(super) fn expression(&mut self) -> Read {
        self.enter()?;
        let expression = self.expression_by_letters();
        self.leave();
        expression
    }

    fn expression_by_letters(&mut self) -> Read {
        match self.peek_two() {
            [b'L', _] => self.expr_primary(),
            [b'T', _] => self.template_param(),
            [b's', b'r'] | [b'0'..=b'9', _] | [b'o' | b'd', b'n'] => self.unresolved_name(),
            [b's', b'p'] => {
                self.skip(2);
                let pattern = self.expression()?;
                self.add(Node::Expansion(pattern))
            }
            [b's', b'Z'] => {
                self.skip(2);
                let pack =
                    if self.peek() == b'T' { self.template_param()? } else { self.expression()? };
                self.add(Node::SizeofPack(pack))
            }
            [b's', b'P'] => {
                self.skip(2);
                let args = self.list_to_end(Self::template_arg)?;
                self.add(Node::SizeofArgs(args))
            }
            [b'f', b'p'] => self.function_param(),
            [b'f', b'L']
                if self.llvm && self.input.get(self.at + 2).is_some_and(u8::is_ascii_digit) =>
            {
                self.outer_function_param()
            }
            [b'f', b'l' | b'r' | b'L' | b'R'] => self.fold_expression(),
            [b'i', b'l'] => {
                self.skip(2);
                self.braced_init_list(NodeId::NONE)
            }
            [b't', b'l'] => {
                self.skip(2);
                let of = self.type_()?;
                self.braced_init_list(of)
            }
            [b'g', b's'] => {
                self.skip(2);
                let inner = self.expression()?;
                self.add(Node::Global(inner))
            }
            [b't', b'r'] => {
                self.skip(2);
                self.add(Node::Rethrow)
            }
            [b'u', _] => self.vendor_expression(),
            [b'c', b'v'] => self.conversion_expression(),
            [b'd', b'i' | b'x' | b'X'] => self.braced_expression(),
            [b'v', b'1'] if !self.llvm => self.vendor_operator_expression(),
            code => self.operator_expression(code),
        }
    }

    /// An operator and its operands.
    fn operator_expression(&mut self, code: [u8; 2]) -> Read {
        let op = operators::operator(code).ok_or(Error::NotMangled)?;
        let form =
            operators::OPERATORS.get(op as usize).map_or(Form::Own, |operator| operator.form);
        if !self.llvm && operators::is_unknown_to_gnu(op) {
            return Err(Error::NotMangled);
        }
        self.skip(2);
        match form {
            Form::Unary => {
                let a = self.expression()?;
                self.add(Node::Unary { op, a })
            }
            Form::Increment => {
                let prefix = self.eat(b'_');
                let a = self.expression()?;
                self.add(if prefix { Node::Unary { op, a } } else { Node::Postfix { op, a } })
            }
            Form::Binary => {
                let a = self.expression()?;
                let b = self.expression()?;
                self.add(Node::Binary { op, a, b })
            }
            Form::Member => {
                let a = self.expression()?;
                let b = self.member_name()?;
                self.add(Node::Binary { op, a, b })
            }
            Form::Conditional => {
                let a = self.expression()?;
                let b = self.expression()?;
                let c = self.expression()?;
                self.add(Node::Conditional { a, b, c })
            }
            Form::OfType => {
                let a = self.type_()?;
                self.add(Node::Unary { op, a })
            }
            Form::Cast => {
                let to = self.type_()?;
                let value = self.expression()?;
                self.add(Node::Cast { op, to, value })
            }
            Form::Call => self.call(),
            Form::New => self.new_expression(op),
            Form::Own => Err(Error::NotMangled),
        }
    }

    /// `'cl' ( <expression> )+ 'E'` after the `cl`.
    fn call(&mut self) -> Read {
        let callee = self.expression()?;
        let args = self.list_to_end(Self::expression)?;
        self.add(Node::Call { callee, args })
    }

    /// `'cv' <type> <expression>`, or `'cv' <type> '_' ( <expression> )* 'E'`.
    fn conversion_expression(&mut self) -> Read {
        self.skip(2);
        let conversion = core::mem::replace(&mut self.conversion, false);
        let to = self.type_();
        self.conversion = conversion;
        let to = to?;
        if self.eat(b'_') {
            let args = self.list_to_end(Self::expression)?;
            return self.add(Node::ConvertAll { to, args });
        }
        let value = self.expression()?;
        self.add(Node::Convert { to, value })
    }

    /// `'nw' ( <expression> )* '_' <type> 'E'`, or an `<initializer>` in place of the `E`.
    fn new_expression(&mut self, op: u8) -> Read {
        let mark = self.arena.begin();
        while !self.eat(b'_') {
            let argument = self.expression()?;
            self.arena.push(argument)?;
        }
        let placement = self.arena.end(mark)?;
        let mark = self.arena.begin();
        let of = self.type_()?;
        self.arena.push(of)?;
        match self.peek_two() {
            [b'E', _] => self.skip(1),
            [b'p', b'i'] => {
                self.skip(2);
                let items = self.list_to_end(Self::expression)?;
                let init = self.add(Node::Parenthesized(items))?;
                self.arena.push(init)?;
            }
            [b'i', b'l'] => {
                self.skip(2);
                let init = self.braced_init_list(NodeId::NONE)?;
                self.arena.push(init)?;
            }
            _ => return Err(Error::NotMangled),
        }
        let of_init = self.arena.end(mark)?;
        let of_init = self.add(Node::Args(of_init))?;
        self.add(Node::New { op, placement, of_init })
    }

    /// `( <braced-expression> )* 'E'` of a type, or of none.
    fn braced_init_list(&mut self, of: NodeId) -> Read {
        let items = self.list_to_end(Self::braced_expression)?;
        self.add(Node::Braced { of, items })
    }

    /// `<braced-expression>`
    fn braced_expression(&mut self) -> Read {
        match self.peek_two() {
            [b'd', b'i'] => {
                self.skip(2);
                let name = self.source_name()?;
                let value = self.nested_braced_expression()?;
                self.add(Node::FieldInit { name, value })
            }
            [b'd', b'x'] => {
                self.skip(2);
                let index = self.expression()?;
                let value = self.nested_braced_expression()?;
                self.add(Node::IndexInit { index, value })
            }
            [b'd', b'X'] => {
                self.skip(2);
                let from = self.expression()?;
                let to = self.expression()?;
                let value = self.nested_braced_expression()?;
                self.add(Node::RangeInit { from, to, value })
            }
            _ => self.expression(),
        }
    }

    fn nested_braced_expression(&mut self) -> Read {
        self.enter()?;
        let value = self.braced_expression();
        self.leave();
        value
    }

    /// `<fold-expression>`
    fn fold_expression(&mut self) -> Read {
        let kind = self.peek_second();
        self.skip(2);
        let op = operators::operator(self.peek_two()).ok_or(Error::NotMangled)?;
        self.skip(2);
        let fold = match kind {
            b'l' => Fold::UnaryLeft,
            b'r' => Fold::UnaryRight,
            b'L' => Fold::BinaryLeft,
            _ => Fold::BinaryRight,
        };
        let first = self.expression()?;
        let (pack, init) = match fold {
            Fold::UnaryLeft | Fold::UnaryRight => (first, NodeId::NONE),
            Fold::BinaryLeft => (self.expression()?, first),
            Fold::BinaryRight => (first, self.expression()?),
        };
        self.add(Node::Fold { op, fold, pack, init })
    }

    /// `<function-param>` after which no scope is counted.
    fn function_param(&mut self) -> Read {
        self.skip(2);
        if self.eat(b'T') {
            return self.add(Node::ThisPointer);
        }
        if self.llvm {
            self.name_qualifiers();
        }
        let index = self.ordinal()?;
        self.add(Node::Parameter { level: 0, index })
    }

    /// `<function-param>` of a function around.
    fn outer_function_param(&mut self) -> Read {
        self.skip(2);
        let level = self.non_negative_number()? + 1;
        self.expect(b'p')?;
        self.name_qualifiers();
        let index = self.ordinal()?;
        self.add(Node::Parameter { level, index })
    }

    /// `'u' <source-name> ( <template-arg> )* 'E'`
    fn vendor_expression(&mut self) -> Read {
        self.skip(1);
        let name = self.source_name()?;
        if self.llvm && self.is_uuidof(name) {
            return self.uuidof(name);
        }
        let args = self.list_to_end(Self::template_arg)?;
        self.add(Node::VendorExpression { name, args })
    }

    /// Whether Microsoft's `__uuidof` is a name, with its operand as clang mangled it before it was
    /// a `<template-arg>`.
    fn is_uuidof(&self, name: NodeId) -> bool {
        let Node::Name(span) = self.arena.node(name) else { return false };
        let start = span.at as usize;
        self.input.get(start..start + span.len as usize) == Some(b"__uuidof")
            && matches!(self.peek(), b't' | b'z')
    }

    /// `'t' <type>` or `'z' <expression>`
    fn uuidof(&mut self, name: NodeId) -> Read {
        let mark = self.arena.begin();
        let of = if self.eat(b't') {
            self.type_()?
        } else {
            self.skip(1);
            self.expression()?
        };
        self.arena.push(of)?;
        let args = self.arena.end(mark)?;
        self.add(Node::VendorExpression { name, args })
    }

    /// `'v1' <source-name> <expression>`, the one vendor's operator that GNU prints.
    fn vendor_operator_expression(&mut self) -> Read {
        self.skip(2);
        let name = self.source_name()?;
        let name = self.add(Node::VendorOperator(name))?;
        let mark = self.arena.begin();
        let operand = self.expression()?;
        self.arena.push(operand)?;
        let args = self.arena.end(mark)?;
        self.add(Node::VendorExpression { name, args })
    }
}
