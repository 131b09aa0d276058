//! `<expr-primary>`

use super::super::arena::Node;
use super::super::operators;
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `<expr-primary>`
    pub(super) fn expr_primary(&mut self) -> Read {
        self.expect(b'L')?;
        if self.peek_two() == *b"_Z" {
            self.skip(2);
            return self.external_name();
        }
        if self.peek() == b'Z' && !self.llvm {
            // As old compilers had it, without the `_`.
            self.skip(1);
            return self.external_name();
        }
        let of = if self.llvm && self.peek_two() == *b"Ul" {
            self.closure_type_name()?
        } else {
            self.type_()?
        };
        let negative = self.eat(b'n');
        let start = self.at;
        while !matches!(self.peek(), b'E') {
            if self.at_end() {
                return Err(Error::NotMangled);
            }
            self.skip(1);
        }
        let value = self.span(start);
        self.skip(1);
        if value.len == 0 && !self.llvm {
            // The literal of `nullptr`'s type, and no other, needs no value.
            let is_null = matches!(self.arena.node(of), Node::Builtin(place)
                if operators::builtin_at(place).is_some_and(|builtin| builtin.code == *b"Dn"));
            return if is_null && !negative { Ok(of) } else { Err(Error::NotMangled) };
        }
        self.add(Node::Literal { of, value, negative })
    }

    /// `'L_Z' <encoding> 'E'` after the `L_Z`.
    fn external_name(&mut self) -> Read {
        let encoding = self.encoding()?;
        self.expect(b'E')?;
        Ok(encoding)
    }
}
