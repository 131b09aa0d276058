//! `<type>` and what it is made of.

use super::super::arena::{Node, NodeId, Qualifier};
use super::super::operators;
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `<type>`
    ///
    /// What is before the innermost type (`PK` in `PKc`) is passed first, and then made from the
    /// inside: that is the order in which types are numbered, and it needs no stack.
    pub(super) fn type_(&mut self) -> Read {
        if let Some(place) = operators::builtin_letter(self.peek()) {
            self.skip(1);
            return self.add(Node::Builtin(place));
        }
        self.compound_type()
    }

    /// A type that is more than a letter.
    #[inline(never)]
    fn compound_type(&mut self) -> Read {
        self.enter()?;
        let start = self.at;
        while self.is_modifier() {
            self.skip(1);
        }
        let end = self.at;
        let is_function = self.is_function();
        let innermost = if is_function {
            let function = self.function_type()?;
            // With qualifiers of its own it is numbered as one.
            let qualified = end > start && self.is_qualifier_at(end - 1);
            if !qualified {
                self.arena.substitutable(function)?;
            }
            function
        } else {
            self.innermost_type()?
        };
        self.leave();
        if end == start {
            return Ok(innermost);
        }
        self.modified_type(innermost, start, end, is_function)
    }

    /// Whether a byte comes that changes the type that follows it.
    #[inline]
    fn is_modifier(&self) -> bool {
        matches!(self.peek(), b'P' | b'R' | b'O' | b'K' | b'V' | b'r' | b'C' | b'G')
    }

    /// Whether one of `<CV-qualifiers>` is at a place that was passed.
    fn is_qualifier_at(&self, at: usize) -> bool {
        matches!(self.input.get(at), Some(b'K' | b'V' | b'r'))
    }

    /// Whether a `<function-type>` comes.
    fn is_function(&self) -> bool {
        matches!(self.peek_two(), [b'F', _] | [b'D', b'o' | b'O' | b'w' | b'x'])
    }

    /// A type with the modifiers of the bytes from `start` to `end`.
    fn modified_type(
        &mut self,
        innermost: NodeId,
        start: usize,
        end: usize,
        function: bool,
    ) -> Read {
        let mut inner = innermost;
        let mut at = end;
        // Qualifiers right before a function are the function's.
        let mut function = function;
        while at > start {
            at -= 1;
            let letter = self.input.get(at).copied().unwrap_or(0);
            if self.is_qualifier_at(at) {
                let last = at;
                while at > start && self.is_qualifier_at(at - 1) {
                    at -= 1;
                }
                inner = self.qualified_type(inner, at, last, function)?;
            } else {
                inner = self.add_substitutable(match letter {
                    b'P' => Node::Pointer(inner),
                    b'R' => Node::LvalueRef(inner),
                    b'O' => Node::RvalueRef(inner),
                    b'C' => Node::Complex(inner),
                    _ => Node::Imaginary(inner),
                })?;
            }
            function = false;
        }
        Ok(inner)
    }

    /// A type with the qualifiers of the bytes from `first` to `last`; they are numbered together.
    fn qualified_type(&mut self, inner: NodeId, first: usize, last: usize, function: bool) -> Read {
        let mut inner = inner;
        // The reference qualifier of a function is numbered with it, and printed last.
        let (body, reference) = match self.arena.node(inner) {
            Node::This {
                inner,
                qualifier: qualifier @ (Qualifier::Lvalue | Qualifier::Rvalue),
            } if function => (inner, Some(qualifier)),
            _ => (inner, None),
        };
        if reference.is_some() {
            inner = body;
        }
        for at in (first..=last).rev() {
            let qualifier = match self.input.get(at) {
                Some(b'K') => Qualifier::Const,
                Some(b'V') => Qualifier::Volatile,
                _ => Qualifier::Restrict,
            };
            inner = self.add(if function {
                Node::This { inner, qualifier }
            } else {
                Node::Cv { inner, qualifier }
            })?;
        }
        if let Some(qualifier) = reference {
            inner = self.add(Node::This { inner, qualifier })?;
        }
        self.arena.substitutable(inner)?;
        Ok(inner)
    }

    /// A type that does not begin with a modifier, but a function's.
    fn innermost_type(&mut self) -> Read {
        match self.peek_two() {
            [b'0'..=b'9' | b'N' | b'Z' | b'W' | b'L', _] => self.class_enum_type(),
            [b'S', _] => self.substitution_type(),
            [b'T', b's' | b'u' | b'e'] if self.llvm => self.elaborated_type(),
            [b'T', _] => self.template_param_type(),
            [b'A', _] => self.array_type(),
            [b'M', _] => self.pointer_to_member_type(),
            [b'U', _] => self.extended_qualified_type(),
            [b'D', _] => self.type_of_d(),
            [b'u', _] => self.vendor_type(),
            // GNU takes the name of an operator for a type's.
            [b'p' | b'q', _] if !self.llvm => self.class_enum_type(),
            _ => {
                let place = operators::builtin_letter(self.peek()).ok_or(Error::NotMangled)?;
                self.skip(1);
                self.add(Node::Builtin(place))
            }
        }
    }

    /// `<class-enum-type>`
    fn class_enum_type(&mut self) -> Read {
        let name = self.name(false)?;
        self.arena.substitutable(name)?;
        Ok(name)
    }

    /// `'Ts' <name>` and the like.
    fn elaborated_type(&mut self) -> Read {
        let kind = self.peek_second();
        self.skip(2);
        let name = self.name(false)?;
        self.add_substitutable(Node::Elaborated { kind, name })
    }

    /// A type that begins with a `<substitution>`: itself, a template with arguments, or a name of
    /// `std`.
    fn substitution_type(&mut self) -> Read {
        if self.peek_second() == b't' {
            return self.class_enum_type();
        }
        let name = self.substitution(false)?;
        if let Node::Module { .. } = self.arena.node(name) {
            let name = self.unqualified_name(name)?;
            self.arena.substitutable(name)?;
            return self.with_template_args(name);
        }
        self.with_template_args(name)
    }

    /// A template with the arguments that come, or itself where none come.
    fn with_template_args(&mut self, name: NodeId) -> Read {
        if self.peek() != b'I' {
            return Ok(name);
        }
        let args = self.template_args(false)?;
        self.add_substitutable(Node::Template { name, args })
    }

    /// A type that begins with a `<template-param>`.
    ///
    /// In the name of a conversion operator, arguments that follow are the operator's
    /// (`cvT_IiE`), but where further ones follow (`cvT_IiEIcE`).
    fn template_param_type(&mut self) -> Read {
        let param = self.template_param()?;
        self.arena.substitutable(param)?;
        if self.peek() != b'I' {
            return Ok(param);
        }
        if !self.conversion {
            return self.with_template_args(param);
        }
        if self.llvm {
            return Ok(param);
        }
        let (at, mark, class) = (self.at, self.arena.mark(), self.class);
        let with_args = self.with_template_args(param)?;
        if self.peek() == b'I' {
            return Ok(with_args);
        }
        self.arena.rewind(mark);
        (self.at, self.class) = (at, class);
        Ok(param)
    }

    /// `<array-type>`
    fn array_type(&mut self) -> Read {
        self.skip(1);
        let dimension = if self.peek() == b'_' {
            NodeId::NONE
        } else if self.peek().is_ascii_digit() {
            let digits = self.digits()?;
            self.add(Node::Name(digits))?
        } else {
            self.expression()?
        };
        self.expect(b'_')?;
        let element = self.type_()?;
        self.add_substitutable(Node::Array { dimension, element })
    }

    /// `<vector-type>`
    fn vector_type(&mut self) -> Read {
        self.skip(2);
        let dimension = if self.eat(b'_') {
            self.expression()?
        } else {
            let digits = self.digits()?;
            if self.llvm && self.input.get(digits.at as usize) == Some(&b'0') {
                return Err(Error::NotMangled);
            }
            self.add(Node::Name(digits))?
        };
        self.expect(b'_')?;
        let element = self.type_()?;
        self.add_substitutable(Node::Vector { dimension, element })
    }

    /// `<pointer-to-member-type>`
    fn pointer_to_member_type(&mut self) -> Read {
        self.skip(1);
        let class = self.type_()?;
        let member = self.type_()?;
        self.add_substitutable(Node::MemberPointer { class, member })
    }

    /// `<extended-qualifier> <type>`
    fn extended_qualified_type(&mut self) -> Read {
        self.skip(1);
        let name = self.vendor_name()?;
        let name = if self.peek() == b'I' {
            let args = self.template_args(false)?;
            self.add(Node::Template { name, args })?
        } else {
            name
        };
        let inner = self.type_()?;
        self.add_substitutable(Node::VendorQualified { inner, name })
    }

    /// `'u' <source-name> [ <template-args> ]`
    fn vendor_type(&mut self) -> Read {
        self.skip(1);
        let name = self.vendor_name()?;
        let args = if self.llvm && self.peek() == b'I' {
            self.template_args(false)?
        } else {
            NodeId::NONE
        };
        self.add_substitutable(Node::Vendor { name, args })
    }

    /// The `<source-name>` of a vendor's type or qualifier.
    fn vendor_name(&mut self) -> Read {
        if !self.llvm {
            return self.source_name();
        }
        let name = self.identifier()?;
        self.add(Node::Name(name))
    }

    /// A type that begins with a `D`.
    fn type_of_d(&mut self) -> Read {
        match self.peek_second() {
            b't' | b'T' => {
                let decltype = self.decltype()?;
                self.arena.substitutable(decltype)?;
                Ok(decltype)
            }
            b'p' => {
                self.skip(2);
                let pattern = self.type_()?;
                self.add_substitutable(Node::Expansion(pattern))
            }
            b'v' => self.vector_type(),
            b'F' => self.float_type(),
            letter => {
                let place = operators::builtin_d(letter).ok_or(Error::NotMangled)?;
                self.skip(2);
                self.add(Node::Builtin(place))
            }
        }
    }

    /// `'DF' <non-negative-number> '_'` and its like.
    fn float_type(&mut self) -> Read {
        self.skip(2);
        // To GNU no number is 0.
        let has_number = self.llvm || self.peek().is_ascii_digit();
        let bits = if has_number { self.non_negative_number()? } else { 0 };
        let suffix = self.peek();
        if !matches!((suffix, bits), (b'_' | b'x', _) | (b'b', 16)) {
            return Err(Error::NotMangled);
        }
        self.skip(1);
        self.add(Node::Float { bits, suffix })
    }

    /// `<decltype>`
    pub(super) fn decltype(&mut self) -> Read {
        self.skip(2);
        let expression = self.expression()?;
        self.expect(b'E')?;
        self.add(Node::Decltype(expression))
    }
}
