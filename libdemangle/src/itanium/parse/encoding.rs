//! `<mangled-name>`, `<encoding>` and `<bare-function-type>`.

use super::super::arena::{List, Node, NodeId, Qualifier};
use super::super::operators::VOID;
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `<mangled-name>` without the `_Z`, and its `<clone-suffix>`es.
    pub(crate) fn mangled_name(&mut self) -> Read {
        let encoding = self.encoding_at(true)?;
        self.clone_suffixes(encoding)
    }

    /// The encoding that the initializers of a file are named after; more may follow.
    pub(crate) fn keyed_encoding(&mut self) -> Read {
        self.encoding_at(false)
    }

    /// A type without a name around.
    pub(crate) fn lone_type(&mut self) -> Read {
        self.type_()
    }

    /// `( <clone-suffix> )*`
    fn clone_suffixes(&mut self, encoding: NodeId) -> Read {
        if !self.parameters {
            return Ok(encoding);
        }
        if self.llvm {
            return self.dot_suffix(encoding);
        }
        let mut node = encoding;
        while let Some(len) = clone_suffix(self.input.get(self.at..).unwrap_or(&[])) {
            let start = self.at;
            self.skip(len);
            let suffix = self.span(start);
            node = self.add(Node::Clone { of: node, suffix })?;
        }
        Ok(node)
    }

    /// What follows a dot, whatever it is, as LLVM takes it.
    fn dot_suffix(&mut self, encoding: NodeId) -> Read {
        if self.peek() != b'.' {
            return Ok(encoding);
        }
        let start = self.at;
        self.at = self.input.len();
        let suffix = self.span(start);
        self.add(Node::Clone { of: encoding, suffix })
    }

    /// `<encoding>` within a name.
    pub(super) fn encoding(&mut self) -> Read {
        let arguments = core::mem::replace(&mut self.arguments, NodeId::NONE);
        let first_level = core::mem::replace(&mut self.first_level, self.arena.levels());
        let encoding = self.encoding_at(false);
        self.arena.truncate_levels(self.first_level);
        self.arguments = arguments;
        self.first_level = first_level;
        encoding
    }

    fn encoding_at(&mut self, top: bool) -> Read {
        self.enter()?;
        let encoding = match self.peek_two() {
            [b'T' | b'G', _] => self.special_name(),
            _ => self.function_or_data(top),
        };
        self.leave();
        encoding
    }

    /// `<name> <bare-function-type>` or `<name>`.
    fn function_or_data(&mut self, top: bool) -> Read {
        let first = self.arena.mark();
        let name = self.name(true)?;
        self.resolve_since(first)?;
        if top && !self.parameters {
            return Ok(self.without_qualifiers(name));
        }
        if self.at_end() || self.peek() == b'E' || self.llvm && self.peek() == b'.' {
            return Ok(name);
        }
        // The qualifiers of a member function are printed after its parameters.
        let bare = self.without_qualifiers(name);
        let conditions = if self.llvm { self.enable_if()? } else { None };
        let function = self.bare_function_type(self.has_return_type(bare), false)?;
        let function = self.qualified_function(name, function)?;
        let function = match conditions {
            Some(conditions) => self.add(Node::EnableIf { function, conditions })?,
            None => function,
        };
        self.add(Node::Encoding { name: bare, function })
    }

    /// The conditions of clang's attribute `enable_if`, where it comes.
    fn enable_if(&mut self) -> Read<Option<List>> {
        const ATTRIBUTE: &[u8] = b"Ua9enable_ifI";
        if !self.input.get(self.at..).is_some_and(|rest| rest.starts_with(ATTRIBUTE)) {
            return Ok(None);
        }
        self.skip(ATTRIBUTE.len());
        self.list_to_end(Self::template_arg).map(Some)
    }

    /// A name without the qualifiers of a member function.
    pub(super) fn without_qualifiers(&self, name: NodeId) -> NodeId {
        let mut name = name;
        while let Node::This { inner, .. } = self.arena.node(name) {
            name = inner;
        }
        name
    }

    /// A function with the qualifiers of its name.
    fn qualified_function(&mut self, name: NodeId, function: NodeId) -> Read {
        let mut qualifiers: [Option<Qualifier>; 8] = [None; 8];
        let mut count = 0;
        let mut at = name;
        while let Node::This { inner, qualifier } = self.arena.node(at) {
            *qualifiers.get_mut(count).ok_or(Error::NotMangled)? = Some(qualifier);
            count += 1;
            at = inner;
        }
        let mut function = function;
        for qualifier in qualifiers.into_iter().rev().flatten() {
            function = self.add(Node::This { inner: function, qualifier })?;
        }
        Ok(function)
    }

    /// Whether the type of a function of this name begins with that of what it returns: templates
    /// do, but constructors, destructors and conversion operators. GNU takes a constructor with an
    /// ABI tag for a function.
    fn has_return_type(&self, name: NodeId) -> bool {
        let mut name = name;
        let mut template = false;
        loop {
            name = match self.arena.node(name) {
                Node::Local { entity, .. } => entity,
                Node::DefaultArgument { entity, .. } if self.llvm => entity,
                Node::Template { name, .. } if !template => {
                    template = true;
                    name
                }
                Node::Qualified { name, .. } if template => name,
                Node::Tagged { name, .. } if self.llvm => name,
                Node::Attached { name, .. } if template => name,
                Node::Constructor { .. } | Node::Destructor { .. } | Node::Conversion(_) => {
                    return false;
                }
                _ => return template,
            };
        }
    }

    /// `<bare-function-type>`: `returns` whether the first type is what the function returns, and
    /// `may_lack` whether there may be no parameters, not even `v`.
    pub(super) fn bare_function_type(&mut self, returns: bool, may_lack: bool) -> Read {
        let returns = self.eat(b'J') || returns;
        let ret = if returns { self.type_()? } else { NodeId::NONE };
        let mark = self.arena.begin();
        while !self.ends_parameters() {
            let parameter = self.type_()?;
            self.arena.push(parameter)?;
        }
        let params = self.arena.end(mark)?;
        if params.len() == 0 && !may_lack {
            return Err(Error::NotMangled);
        }
        let params = match self.arena.list(params) {
            [one] if self.arena.node(*one) == Node::Builtin(VOID) => List::EMPTY,
            _ => params,
        };
        self.add(Node::Function { ret, params })
    }

    /// Whether no further parameter comes.
    fn ends_parameters(&self) -> bool {
        match self.peek_two() {
            [b'E' | b'.', _] => true,
            // The reference qualifier of a function's type.
            [b'R' | b'O', b'E'] => true,
            _ => self.at_end(),
        }
    }
}

/// How long the clone suffix is that bytes begin with: `.part.0`, `.0`, `.cold`.
fn clone_suffix(bytes: &[u8]) -> Option<usize> {
    let is_letter = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    let count = |from: usize, is: fn(u8) -> bool| {
        bytes.get(from..).unwrap_or(&[]).iter().take_while(|&&byte| is(byte)).count()
    };
    if bytes.first() != Some(&b'.') {
        return None;
    }
    let mut len = match count(1, is_letter) {
        0 => return None,
        letters => 1 + letters,
    };
    while bytes.get(len) == Some(&b'.') {
        match count(len + 1, |byte| byte.is_ascii_digit()) {
            0 => break,
            digits => len += 1 + digits,
        }
    }
    Some(len)
}
