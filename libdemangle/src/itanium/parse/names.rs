//! `<name>`, `<local-name>` and `<unqualified-name>`.

use super::super::arena::{Node, NodeId, Qualifier, Span};
use super::super::operators;
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `<name>`; `encoding` where it is that of an encoding, whose template arguments template
    /// parameters stand for.
    pub(super) fn name(&mut self, encoding: bool) -> Read {
        self.enter()?;
        let name = match self.peek() {
            b'N' => self.nested_name(encoding),
            b'Z' => self.local_name(encoding),
            _ => self.unscoped_name(encoding),
        };
        self.leave();
        name
    }

    /// `<unscoped-name>`, or `<unscoped-template-name> <template-args>`.
    fn unscoped_name(&mut self, encoding: bool) -> Read {
        let (name, substituted) = match self.peek_two() {
            [b'S', b't'] => {
                self.skip(2);
                let scope = self
                    .add(Node::Std { what: super::super::arena::Std::Namespace, whole: false })?;
                let name = self.unqualified_name(NodeId::NONE)?;
                (self.add(Node::Qualified { scope, name })?, false)
            }
            [b'S', _] => (self.substitution(false)?, true),
            _ => (self.unqualified_name(NodeId::NONE)?, false),
        };
        let closure = matches!(self.arena.node(name), Node::Lambda { .. } | Node::Unnamed(_));
        if self.peek() != b'I' || (closure && !self.llvm) {
            return Ok(name);
        }
        if !substituted {
            self.arena.substitutable(name)?;
        }
        let args = self.template_args(encoding)?;
        self.add(Node::Template { name, args })
    }

    /// `<local-name>`
    fn local_name(&mut self, encoding: bool) -> Read {
        self.skip(1);
        let function = self.encoding()?;
        self.expect(b'E')?;
        if self.eat(b's') {
            self.discriminator()?;
            let entity = self.add(Node::StringLiteral)?;
            return self.add(Node::Local { function, entity });
        }
        let default_argument = if self.eat(b'd') { Some(self.ordinal()?) } else { None };
        let name = self.name(encoding)?;
        // A closure or unnamed type has its number already.
        if !matches!(self.arena.node(name), Node::Lambda { .. } | Node::Unnamed(_)) {
            self.discriminator()?;
        }
        self.local(function, default_argument, name)
    }

    /// An entity of a function, with the qualifiers of its name around it all.
    fn local(&mut self, function: NodeId, default_argument: Option<u32>, name: NodeId) -> Read {
        if let Node::This { inner, qualifier } = self.arena.node(name) {
            let inner = self.local(function, default_argument, inner)?;
            return self.add(Node::This { inner, qualifier });
        }
        let entity = match default_argument {
            Some(number) => self.add(Node::DefaultArgument { number, entity: name })?,
            None => name,
        };
        self.add(Node::Local { function, entity })
    }

    /// `[ <discriminator> ]`
    fn discriminator(&mut self) -> Read<()> {
        if self.llvm {
            self.whole_discriminator();
            return Ok(());
        }
        if self.peek() != b'_' {
            return Ok(());
        }
        self.skip(1);
        if self.eat(b'_') {
            let number = self.non_negative_number()?;
            if number >= 10 {
                self.expect(b'_')?;
            }
            return Ok(());
        }
        if self.peek().is_ascii_digit() { self.non_negative_number().map(drop) } else { Ok(()) }
    }

    /// A discriminator as LLVM sees it: whole, or none at all.
    fn whole_discriminator(&mut self) {
        let rest = self.input.get(self.at..).unwrap_or(&[]);
        let digits = |from: usize| {
            rest.get(from..).unwrap_or(&[]).iter().take_while(|byte| byte.is_ascii_digit()).count()
        };
        let len = match rest {
            [b'_', b'0'..=b'9', ..] => 2,
            [b'_', b'_', ..] => {
                let len = 2 + digits(2);
                if len > 2 && rest.get(len) == Some(&b'_') { len + 1 } else { 0 }
            }
            // All up to the end.
            _ if digits(0) == rest.len() => rest.len(),
            _ => 0,
        };
        self.skip(len);
    }

    /// `[ <CV-qualifiers> ] [ <ref-qualifier> ]` of a `<nested-name>`: how many there are is told,
    /// and they stay to be read by [`qualify`](Self::qualify).
    pub(super) fn name_qualifiers(&mut self) -> Span {
        let start = self.at;
        while matches!(self.peek(), b'r' | b'V' | b'K') {
            self.skip(1);
        }
        if matches!(self.peek(), b'R' | b'O') {
            self.skip(1);
        }
        self.span(start)
    }

    /// A node with the qualifiers of these letters, of which there are some, around it.
    pub(super) fn qualify(&mut self, name: NodeId, qualifiers: Span) -> Read {
        let mut name = name;
        let start = qualifiers.at as usize;
        let end = start + qualifiers.len as usize;
        // A reference is printed last, the others before, the last letter first.
        let reference = end - usize::from(matches!(self.input.get(end - 1), Some(b'R' | b'O')));
        for at in (start..reference).rev().chain(reference..end) {
            let qualifier = match self.input.get(at) {
                Some(b'K') => Qualifier::Const,
                Some(b'V') => Qualifier::Volatile,
                Some(b'r') => Qualifier::Restrict,
                Some(b'R') => Qualifier::Lvalue,
                Some(b'O') => Qualifier::Rvalue,
                _ => return Err(Error::NotMangled),
            };
            name = self.add(Node::This { inner: name, qualifier })?;
        }
        Ok(name)
    }

    /// `<unqualified-name>` with its `<abi-tag>`s; `module` may be NONE.
    pub(super) fn unqualified_name(&mut self, module: NodeId) -> Read {
        let module = if self.peek() == b'W' { self.module_name(module)? } else { module };
        let name = match self.peek_two() {
            [b'0'..=b'9', _] => self.source_name()?,
            [b'D', b'C'] => self.structured_binding()?,
            [b'C' | b'D', _] => self.ctor_dtor_name()?,
            [b'L', _] => {
                self.skip(1);
                let name = self.source_name()?;
                self.discriminator()?;
                name
            }
            [b'U', b't'] => self.unnamed_type_name()?,
            [b'U', b'l'] => self.closure_type_name()?,
            [b'U', b'b'] if self.llvm => self.block()?,
            [b'a'..=b'z', _] => {
                if !self.llvm && self.peek_two() == *b"on" {
                    self.skip(2);
                }
                self.operator_name(true)?
            }
            _ => return Err(Error::NotMangled),
        };
        let name = match module.some() {
            Some(module) => self.add(Node::Attached { module, name })?,
            None => name,
        };
        self.abi_tags(name)
    }

    /// `( <abi-tag> )*`
    #[inline]
    pub(super) fn abi_tags(&mut self, name: NodeId) -> Read {
        if self.peek() == b'B' { self.some_abi_tags(name) } else { Ok(name) }
    }

    fn some_abi_tags(&mut self, name: NodeId) -> Read {
        let mut name = name;
        while self.eat(b'B') {
            let tag = self.identifier()?;
            name = self.add(Node::Tagged { name, tag })?;
        }
        Ok(name)
    }

    /// `<source-name>`: the class of a constructor that follows.
    #[inline]
    pub(super) fn source_name(&mut self) -> Read {
        let span = self.identifier()?;
        if self.java {
            // The mark of a class within another.
            self.eat(b'$');
        }
        let anonymous = super::super::is_anonymous(self.input, span);
        let name = self.add(if anonymous { Node::Anonymous } else { Node::Name(span) })?;
        self.class = name;
        Ok(name)
    }

    /// The identifier of a `<source-name>`.
    #[inline]
    pub(super) fn identifier(&mut self) -> Read<Span> {
        let len = self.non_negative_number()? as usize;
        let left = self.input.len().saturating_sub(self.at);
        if len == 0 || len > left {
            return Err(Error::NotMangled);
        }
        let start = self.at;
        self.skip(len);
        Ok(self.span(start))
    }

    /// `<structured-binding>`
    fn structured_binding(&mut self) -> Read {
        self.skip(2);
        let names = self.list_to_end(Self::source_name)?;
        if names.len() == 0 {
            return Err(Error::NotMangled);
        }
        self.add(Node::Binding(names))
    }

    /// `<ctor-dtor-name>`
    fn ctor_dtor_name(&mut self) -> Read {
        let of = self.class;
        let destructor = self.eat(b'D');
        if destructor {
            let variant = self.peek();
            if !matches!(variant, b'0' | b'1' | b'2' | b'4' | b'5') {
                return Err(Error::NotMangled);
            }
            self.skip(1);
            return self.add(Node::Destructor { variant, of });
        }
        self.skip(1);
        let inherits = self.eat(b'I');
        let variant = self.peek();
        if !matches!(variant, b'1'..=b'5') {
            return Err(Error::NotMangled);
        }
        self.skip(1);
        let inherited = if inherits { self.type_()? } else { NodeId::NONE };
        // GNU prints the constructor by its inherited class.
        let of = if inherits && !self.llvm { self.class } else { of };
        self.add(Node::Constructor { variant, of, inherited })
    }

    /// `<operator-name>`; `named` where it is a name, and not an expression's.
    pub(super) fn operator_name(&mut self, named: bool) -> Read {
        let code = self.peek_two();
        self.skip(2);
        match code {
            [b'v', b'0'..=b'9'] => {
                let name = self.source_name()?;
                self.add(Node::VendorOperator(name))
            }
            [b'c', b'v'] => self.conversion_operator(named),
            [b'l', b'i'] => {
                let name = self.source_name()?;
                self.add(Node::LiteralOperator(name))
            }
            code => {
                let op = operators::operator(code).ok_or(Error::NotMangled)?;
                let refused = if self.llvm {
                    operators::is_expression_alone(op)
                } else {
                    operators::is_unknown_to_gnu(op)
                };
                if refused {
                    return Err(Error::NotMangled);
                }
                self.add(Node::Operator(op))
            }
        }
    }

    /// `'cv' <type>` after the `cv`. Template parameters of the type stand for arguments that come
    /// after it.
    fn conversion_operator(&mut self, named: bool) -> Read {
        let (conversion, forward) = (self.conversion, self.forward);
        (self.conversion, self.forward) = (named, forward || named);
        let to = self.type_();
        (self.conversion, self.forward) = (conversion, forward);
        let to = to?;
        self.add(Node::Conversion(to))
    }

    /// `<module-name>`; `parent` may be NONE.
    pub(super) fn module_name(&mut self, parent: NodeId) -> Read {
        let mut module = parent;
        while self.eat(b'W') {
            let partition = self.eat(b'P');
            let name = self.identifier()?;
            module = self.add_substitutable(Node::Module { parent: module, name, partition })?;
        }
        Ok(module)
    }
}
