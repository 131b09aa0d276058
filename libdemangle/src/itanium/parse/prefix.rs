//! `<nested-name>` and `<prefix>`.

use super::super::arena::{Node, NodeId};
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `<nested-name>`
    pub(super) fn nested_name(&mut self, encoding: bool) -> Read {
        self.skip(1);
        let qualifiers = self.name_qualifiers();
        let name = self.prefix(encoding)?;
        self.expect(b'E')?;
        if qualifiers.len == 0 { Ok(name) } else { self.qualify(name, qualifiers) }
    }

    /// `<prefix>`, up to the `E`. All but the whole of it can be substituted.
    fn prefix(&mut self, encoding: bool) -> Read {
        let mut prefix = NodeId::NONE;
        // Whether the prefix is a substitution and no more.
        let mut whole_known = false;
        loop {
            let next = self.peek();
            let mut known = false;
            let component = match next {
                // A name has something of its own.
                b'E' if prefix != NodeId::NONE && !whole_known => return Ok(prefix),
                b'S' if prefix == NodeId::NONE || self.llvm => {
                    known = true;
                    self.prefix_substitution()?
                }
                b'I' => {
                    let name = prefix.some().ok_or(Error::NotMangled)?;
                    if matches!(self.arena.node(name), Node::Template { .. }) && self.llvm {
                        return Err(Error::NotMangled);
                    }
                    let args = self.template_args(encoding)?;
                    self.add(Node::Template { name, args })?
                }
                b'S' => {
                    // A module alone: the name that it is of comes.
                    let module = self.substitution(false)?;
                    if !matches!(self.arena.node(module), Node::Module { .. }) {
                        return Err(Error::NotMangled);
                    }
                    module
                }
                b'T' if prefix == NodeId::NONE => self.template_param()?,
                b'D' if prefix == NodeId::NONE && matches!(self.peek_second(), b't' | b'T') => {
                    self.decltype()?
                }
                b'M' if self.peek_second() != b'E' => {
                    // The variable in whose initializer a closure type is: a scope like others.
                    self.skip(1);
                    continue;
                }
                // Most are identifiers.
                b'0'..=b'9' => {
                    let name = self.source_name()?;
                    self.abi_tags(name)?
                }
                _ => {
                    if self.llvm {
                        self.class = self.base_name(prefix);
                    }
                    self.unqualified_name(NodeId::NONE)?
                }
            };
            // A module: the name that it is of comes.
            if next == b'S' && matches!(self.arena.node(component), Node::Module { .. }) {
                let name = self.unqualified_name(component)?;
                prefix = self.within(prefix, name)?;
                known = false;
            } else if next == b'I' {
                prefix = component;
            } else {
                prefix = self.within(prefix, component)?;
            }
            whole_known = known;
            if !known && self.peek() != b'E' {
                self.arena.substitutable(prefix)?;
            }
        }
    }

    /// What LLVM calls the constructors of a class, or NONE.
    fn base_name(&self, class: NodeId) -> NodeId {
        let mut class = class;
        loop {
            class = match self.arena.node(class) {
                Node::Qualified { name, .. }
                | Node::Local { entity: name, .. }
                | Node::DefaultArgument { entity: name, .. }
                | Node::Template { name, .. }
                | Node::This { inner: name, .. } => name,
                Node::Name(_)
                | Node::Anonymous
                | Node::Block
                | Node::Std { .. }
                | Node::Builtin(_) => {
                    return class;
                }
                Node::TemplateParam { resolved, .. } if resolved != NodeId::NONE => resolved,
                _ => return NodeId::NONE,
            };
        }
    }

    /// `name` in `scope`, which may be NONE.
    fn within(&mut self, scope: NodeId, name: NodeId) -> Read {
        match scope.some() {
            Some(scope) => self.add(Node::Qualified { scope, name }),
            None => Ok(name),
        }
    }
}
