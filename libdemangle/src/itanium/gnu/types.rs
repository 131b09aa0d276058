//! Types and their modifiers.

use super::super::arena::{Node, NodeId, Qualifier};
use super::super::operators;
use super::super::spell::{Print, Spell as _};
use super::{Modifier, NO_SCOPE, Printer};
use crate::Error;

impl Printer<'_> {
    /// Prints a builtin type.
    pub(super) fn builtin(&mut self, place: u8) -> Print {
        let builtin = operators::builtin_at(place).ok_or(Error::NotMangled)?;
        self.put(if self.java { builtin.java } else { builtin.gnu })
    }

    /// Prints a type that modifiers are around.
    pub(super) fn modified(&mut self, id: NodeId) -> Print {
        let mark = self.modifiers.len();
        let scope = self.scope;
        let mut at = id;
        loop {
            self.steps = self.steps.checked_sub(1).ok_or(Error::TooLong)?;
            at = match self.arena.node(at) {
                Node::LvalueRef(inner) | Node::RvalueRef(inner) => self.reference(at, inner)?,
                Node::Cv { inner, qualifier } => {
                    if !self.is_pending(qualifier) {
                        self.push_modifier(at);
                    }
                    inner
                }
                Node::Pointer(inner)
                | Node::This { inner, .. }
                | Node::Noexcept { function: inner, .. }
                | Node::Throw { function: inner, .. }
                | Node::TransactionSafe(inner)
                | Node::VendorQualified { inner, .. }
                | Node::Complex(inner)
                | Node::Imaginary(inner)
                | Node::Vector { element: inner, .. }
                | Node::MemberPointer { member: inner, .. } => {
                    self.push_modifier(at);
                    inner
                }
                _ => break,
            };
        }
        self.node(at)?;
        self.pop_modifiers(mark)?;
        self.scope = scope;
        Ok(())
    }

    pub(super) fn push_modifier(&mut self, node: NodeId) {
        self.modifiers.push(Modifier { node, scope: self.scope, printed: false });
    }

    /// Prints the modifiers down to `mark` that nobody printed.
    pub(super) fn pop_modifiers(&mut self, mark: usize) -> Print {
        while self.modifiers.len() > mark {
            let Some(modifier) = self.modifiers.pop() else { break };
            if !modifier.printed {
                self.modifier(modifier.node)?;
            }
        }
        Ok(())
    }

    /// Whether the same qualifier is around already.
    fn is_pending(&self, qualifier: Qualifier) -> bool {
        for modifier in self.pending().iter().rev() {
            if modifier.printed {
                continue;
            }
            match self.arena.node(modifier.node) {
                Node::Cv { qualifier: other, .. } if other == qualifier => return true,
                Node::Cv { .. } => {}
                _ => return false,
            }
        }
        false
    }

    /// The modifiers around, the outermost first.
    pub(super) fn pending(&self) -> &[Modifier] {
        self.modifiers.get(self.base..).unwrap_or(&[])
    }

    /// Pushes a reference unless it collapses into one that a template parameter stands for, and
    /// gives what it is a reference to.
    fn reference(&mut self, id: NodeId, inner: NodeId) -> Print<NodeId> {
        let mut stands_for = inner;
        if let Node::TemplateParam { index, .. } = self.arena.node(inner)
            && !self.lambda
        {
            self.scope = self.scope_of_reference(inner);
            stands_for = self.lookup(index).ok_or(Error::NotMangled)?;
        }
        let own_is_rvalue = matches!(self.arena.node(id), Node::RvalueRef(_));
        let (reference, of) = match self.arena.node(stands_for) {
            // One of the two is left, whatever the other is of.
            Node::LvalueRef(of) => (stands_for, of),
            Node::RvalueRef(of) if own_is_rvalue => (stands_for, of),
            Node::RvalueRef(of) => (id, of),
            _ => (id, inner),
        };
        self.push_modifier(reference);
        Ok(of)
    }

    /// The scope that a template parameter behind a reference belongs to: the one where it was
    /// first printed so, when a substitution brings it back elsewhere.
    fn scope_of_reference(&mut self, param: NodeId) -> usize {
        if let Some((_, scope)) = self.references.iter().find(|(known, _)| *known == param) {
            return *scope;
        }
        self.references.push((param, self.scope));
        self.scope
    }

    /// Prints a modifier.
    pub(super) fn modifier(&mut self, id: NodeId) -> Print {
        match self.arena.node(id) {
            Node::Pointer(_) => {
                if self.java {
                    Ok(())
                } else {
                    self.put("*")
                }
            }
            Node::LvalueRef(_) => self.put("&"),
            Node::RvalueRef(_) => self.put("&&"),
            Node::Cv { qualifier, .. } | Node::This { qualifier, .. } => {
                self.put(match qualifier {
                    Qualifier::Const => " const",
                    Qualifier::Volatile => " volatile",
                    Qualifier::Restrict => " restrict",
                    Qualifier::Lvalue => " &",
                    Qualifier::Rvalue => " &&",
                })
            }
            Node::Complex(_) => self.put(" _Complex"),
            Node::Imaginary(_) => self.put(" _Imaginary"),
            Node::VendorQualified { name, .. } => {
                self.put(" ")?;
                self.apart(|printer| printer.node(name))
            }
            Node::MemberPointer { class, .. } => {
                if self.last() != b'(' {
                    self.put(" ")?;
                }
                self.apart(|printer| printer.node(class))?;
                self.put("::*")
            }
            Node::Vector { dimension, .. } => {
                self.put(" __vector(")?;
                self.apart(|printer| printer.node(dimension))?;
                self.put(")")
            }
            Node::Noexcept { condition, .. } => {
                self.put(" noexcept")?;
                if condition == NodeId::NONE {
                    return Ok(());
                }
                self.put("(")?;
                self.apart(|printer| printer.node(condition))?;
                self.put(")")
            }
            Node::Throw { types, .. } => {
                self.put(" throw(")?;
                self.apart(|printer| printer.list(types))?;
                self.put(")")
            }
            Node::TransactionSafe(_) => self.put(" transaction_safe"),
            // The name of a function.
            _ => self.apart(|printer| printer.node(id)),
        }
    }

    /// Prints an array. What qualifies it qualifies its elements.
    pub(super) fn array(&mut self, id: NodeId, element: NodeId) -> Print {
        let mark = self.modifiers.len();
        self.push_modifier(id);
        let mut at = mark;
        while at > self.base {
            at -= 1;
            let Some(modifier) = self.modifiers.get(at).copied() else { break };
            if modifier.printed {
                continue;
            }
            if !matches!(self.arena.node(modifier.node), Node::Cv { .. }) {
                break;
            }
            if let Some(around) = self.modifiers.get_mut(at) {
                around.printed = true;
            }
            self.modifiers.push(modifier);
        }
        self.node(element)?;
        self.pop_modifiers(mark + 1)?;
        let Some(array) = self.modifiers.pop() else { return Ok(()) };
        if array.printed {
            return Ok(());
        }
        self.array_suffix(id, self.modifiers.len())
    }

    /// Prints an array behind its element, with the modifiers below `top` in parentheses.
    pub(super) fn array_suffix(&mut self, id: NodeId, top: usize) -> Print {
        let around = self.modifiers.get(self.base..top).unwrap_or(&[]);
        let nearest = around.iter().rev().find(|modifier| !modifier.printed);
        let is_array = nearest
            .is_some_and(|modifier| matches!(self.arena.node(modifier.node), Node::Array { .. }));
        let parentheses = nearest.is_some() && !is_array;
        if parentheses {
            self.put(" (")?;
        }
        self.modifiers_below(top, false)?;
        if parentheses {
            self.put(")")?;
        }
        self.put(if is_array { "[" } else { " [" })?;
        if let Node::Array { dimension, .. } = self.arena.node(id)
            && dimension != NodeId::NONE
        {
            self.apart(|printer| printer.node(dimension))?;
        }
        self.put("]")
    }

    /// Prints the modifiers below `top`; those of functions that stand behind the parameters are
    /// for `suffix`.
    pub(super) fn modifiers_below(&mut self, top: usize, suffix: bool) -> Print {
        let mut at = top;
        while at > self.base {
            at -= 1;
            let Some(modifier) = self.modifiers.get_mut(at) else { break };
            let node = self.arena.node(modifier.node);
            let behind = matches!(
                node,
                Node::This { .. }
                    | Node::Noexcept { .. }
                    | Node::Throw { .. }
                    | Node::TransactionSafe(_)
            );
            if modifier.printed || (behind && !suffix) {
                continue;
            }
            modifier.printed = true;
            let Modifier { node: id, scope, .. } = *modifier;
            match node {
                Node::Function { .. } => {
                    return self.in_scope(scope, |printer| printer.function_suffix(id, at));
                }
                Node::Array { .. } => {
                    return self.in_scope(scope, |printer| printer.array_suffix(id, at));
                }
                _ => self.in_scope(scope, |printer| printer.modifier(id))?,
            }
        }
        Ok(())
    }

    /// Prints a type that is none of the usual.
    pub(super) fn other_type(&mut self, node: &Node) -> Print {
        match *node {
            Node::Vendor { name, .. } => self.node(name),
            Node::Float { bits, suffix } => {
                if suffix == b'b' {
                    return self.put("std::bfloat16_t");
                }
                self.put("_Float")?;
                self.number(bits.into())?;
                self.put(if suffix == b'x' { "x" } else { "" })
            }
            Node::Decltype(expression) => {
                self.put("decltype (")?;
                self.apart(|printer| printer.node(expression))?;
                self.put(")")
            }
            Node::Elaborated { name, .. } => self.node(name),
            _ => Err(Error::NotMangled),
        }
    }

    /// Prints what a template parameter stands for.
    pub(super) fn template_param(&mut self, index: u32) -> Print {
        if self.lambda {
            self.touched = 0;
            return self.lambda_param(index);
        }
        let stands_for = self.lookup(index).ok_or(Error::NotMangled)?;
        let outer = self.scopes.get(self.scope).map_or(NO_SCOPE, |scope| scope.outer);
        self.in_scope(outer, |printer| printer.node(stands_for))
    }

    /// The argument that a template parameter stands for; of a pack the one that is printed.
    pub(super) fn lookup(&mut self, index: u32) -> Option<NodeId> {
        let argument = self.argument(index)?;
        match (self.arena.node(argument), self.pack) {
            (Node::Pack(args), Some(place)) => self.arena.nth(args, place),
            _ => Some(argument),
        }
    }

    /// The argument, or the whole pack, that a template parameter stands for.
    pub(super) fn argument(&mut self, index: u32) -> Option<NodeId> {
        self.touched = self.touched.min(self.scope);
        let scope = self.scopes.get(self.scope)?;
        let Node::Args(args) = self.arena.node(scope.args) else { return None };
        self.arena.nth(args, index as usize)
    }
}
