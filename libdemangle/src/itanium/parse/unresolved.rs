//! `<unresolved-name>`

use super::super::arena::{Node, NodeId};
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `<unresolved-name>`
    pub(super) fn unresolved_name(&mut self) -> Read {
        if self.peek_two() != *b"sr" {
            return self.base_unresolved_name();
        }
        self.skip(2);
        if self.llvm {
            return self.unresolved_scopes();
        }
        if self.peek().is_ascii_digit() {
            // Old compilers mangled one scope as a type, without the `E`: the name that has to
            // follow tells.
            let (at, mark, class, depth) = (self.at, self.arena.mark(), self.class, self.depth);
            match self.unresolved_levels(NodeId::NONE) {
                Err(Error::NotMangled) => {
                    self.arena.rewind(mark);
                    (self.at, self.class, self.depth) = (at, class, depth);
                }
                read => return read,
            }
        }
        // What `N` begins is the same bytes as a nested name, and GNU reads it as one.
        let scope = self.type_()?;
        let name = self.unqualified_name(NodeId::NONE)?;
        let name = self.add(Node::Qualified { scope, name })?;
        self.unresolved_args(name)
    }

    /// All after `sr`.
    fn unresolved_scopes(&mut self) -> Read {
        if self.eat(b'N') {
            let first = self.unresolved_type()?;
            let first = self.unresolved_args(first)?;
            return self.unresolved_levels(first);
        }
        if self.peek().is_ascii_digit() {
            return self.unresolved_levels(NodeId::NONE);
        }
        let first = self.unresolved_type()?;
        let first = self.unresolved_args(first)?;
        let name = self.base_unresolved_name()?;
        self.add(Node::Qualified { scope: first, name })
    }

    /// `( <unresolved-qualifier-level> )+ 'E' <base-unresolved-name>`
    fn unresolved_levels(&mut self, scope: NodeId) -> Read {
        let mut scope = scope;
        while !self.eat(b'E') {
            let name = self.simple_id()?;
            scope = match scope.some() {
                Some(scope) => self.add(Node::Qualified { scope, name })?,
                None => name,
            };
        }
        let scope = scope.some().ok_or(Error::NotMangled)?;
        if self.llvm {
            let name = self.base_unresolved_name()?;
            return self.add(Node::Qualified { scope, name });
        }
        let name = self.unqualified_name(NodeId::NONE)?;
        let name = self.add(Node::Qualified { scope, name })?;
        self.unresolved_args(name)
    }

    /// `<unresolved-type>` without arguments.
    fn unresolved_type(&mut self) -> Read {
        let node = match self.peek() {
            b'T' => self.template_param()?,
            b'D' => self.decltype()?,
            _ => return self.substitution(false),
        };
        self.arena.substitutable(node)?;
        Ok(node)
    }

    /// `<base-unresolved-name>`
    pub(super) fn base_unresolved_name(&mut self) -> Read {
        if !self.llvm {
            if self.peek_two() == *b"on" {
                self.skip(2);
            }
            let name = self.unqualified_name(NodeId::NONE)?;
            return self.unresolved_args(name);
        }
        match self.peek_two() {
            [b'0'..=b'9', _] => self.simple_id(),
            [b'd', b'n'] => {
                self.skip(2);
                self.destructor_name()
            }
            _ => {
                if self.peek_two() == *b"on" {
                    self.skip(2);
                }
                let name = self.operator_name(false)?;
                self.unresolved_args(name)
            }
        }
    }

    /// `<destructor-name>`
    fn destructor_name(&mut self) -> Read {
        let of = if self.peek().is_ascii_digit() {
            self.simple_id()?
        } else {
            let of = self.unresolved_type()?;
            self.unresolved_args(of)?
        };
        self.add(Node::Destructor { variant: 0, of })
    }

    /// `<simple-id>`
    fn simple_id(&mut self) -> Read {
        let name = self.source_name()?;
        self.unresolved_args(name)
    }

    /// The template arguments that may follow a name in an expression.
    fn unresolved_args(&mut self, name: NodeId) -> Read {
        if self.peek() != b'I' {
            return Ok(name);
        }
        let args = self.template_args(false)?;
        self.add(Node::Template { name, args })
    }

    /// What follows `dt` and `pt`: a name of the object, or what computes one.
    pub(super) fn member_name(&mut self) -> Read {
        match self.peek_two() {
            [b'g', b's'] => {
                self.skip(2);
                let name = self.unresolved_name()?;
                self.add(Node::Global(name))
            }
            [b's', b'r'] => self.unresolved_name(),
            [b'o', b'n'] if !self.llvm => {
                self.skip(2);
                let name = self.operator_name(false)?;
                self.unresolved_args(name)
            }
            _ => self.base_unresolved_name(),
        }
    }
}
