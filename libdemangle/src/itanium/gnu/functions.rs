//! Functions and their types.

use super::super::arena::{Node, NodeId};
use super::super::spell::{Print, Spell as _};
use super::Printer;

impl Printer<'_> {
    /// Prints a function; `returns` whether with the type that it returns.
    pub(super) fn encoding(&mut self, id: NodeId, returns: bool) -> Print {
        let Node::Encoding { name, function } = self.arena.node(id) else {
            return self.node(id);
        };
        let base = core::mem::replace(&mut self.base, self.modifiers.len());
        let mark = self.modifiers.len();
        let outer = self.scope;
        // The name is printed in the scope around.
        self.push_modifier(name);
        if let Some(args) = self.own_args(name) {
            self.scope = self.push_scope(args);
        }
        let mut at = function;
        while let Node::This { inner, .. } = self.arena.node(at) {
            self.push_modifier(at);
            at = inner;
        }
        match self.arena.node(at) {
            Node::Function { ret, .. } if returns && !self.java => self.function(at, ret)?,
            _ => self.function_suffix(at, self.modifiers.len())?,
        }
        self.pop_modifiers(mark)?;
        if let Node::Function { ret, .. } = self.arena.node(at)
            && returns
            && self.java
            && ret != NodeId::NONE
        {
            self.node(ret)?;
        }
        self.scope = outer;
        self.base = base;
        Ok(())
    }

    /// The template arguments of a function itself, by its name.
    fn own_args(&self, name: NodeId) -> Option<NodeId> {
        let mut name = name;
        loop {
            name = match self.arena.node(name) {
                Node::Template { args, .. } => return Some(args),
                Node::Local { entity, .. } | Node::DefaultArgument { entity, .. } => entity,
                Node::This { inner, .. } => inner,
                _ => return None,
            };
        }
    }

    /// Prints a function type, or the function that the modifiers say.
    pub(super) fn function(&mut self, id: NodeId, ret: NodeId) -> Print {
        if let Some(ret) = ret.some() {
            self.push_modifier(id);
            self.node(ret)?;
            if self.modifiers.pop().is_some_and(|modifier| modifier.printed) {
                return Ok(());
            }
            self.put(" ")?;
        }
        self.function_suffix(id, self.modifiers.len())
    }

    /// Prints a function behind what it returns, with the modifiers below `top` in parentheses
    /// before its parameters.
    pub(super) fn function_suffix(&mut self, id: NodeId, top: usize) -> Print {
        let parentheses = self.needs_parentheses(top);
        if let Some(space) = parentheses {
            let space = space || !matches!(self.last(), b'(' | b'*');
            if space && self.last() != b' ' {
                self.put(" ")?;
            }
            self.put("(")?;
        }
        self.modifiers_below(top, false)?;
        if parentheses.is_some() {
            self.put(")")?;
        }
        self.put("(")?;
        if let Node::Function { params, .. } = self.arena.node(id) {
            self.apart(|printer| printer.list(params))?;
        }
        self.put(")")?;
        self.modifiers_below(top, true)
    }

    /// Whether the modifiers below `top` need parentheses before a function's parameters, and
    /// whether with a space before them.
    fn needs_parentheses(&self, top: usize) -> Option<bool> {
        for modifier in self.modifiers.get(self.base..top).unwrap_or(&[]).iter().rev() {
            if modifier.printed {
                return None;
            }
            match self.arena.node(modifier.node) {
                Node::Pointer(_) | Node::LvalueRef(_) | Node::RvalueRef(_) => return Some(false),
                Node::Cv { .. }
                | Node::VendorQualified { .. }
                | Node::Complex(_)
                | Node::Imaginary(_)
                | Node::MemberPointer { .. } => return Some(true),
                _ => {}
            }
        }
        None
    }
}
