//! Types.

use super::super::arena::{Node, NodeId, Qualifier};
use super::super::operators;
use super::super::spell::{Print, Spell as _};
use super::{Printer, Shape};
use crate::Error;

/// A function type taken apart.
#[derive(Default)]
struct Parts {
    is_const: bool,
    is_volatile: bool,
    is_restrict: bool,
    reference: Option<Qualifier>,
    /// The innermost `Noexcept` or `Throw`.
    exceptions: Option<NodeId>,
}

impl Printer<'_> {
    /// Prints the left half of a type.
    pub(super) fn type_left(&mut self, node: Node) -> Print {
        match node {
            Node::Pointer(to) => self.pointer_left(to, "*"),
            Node::LvalueRef(to) => self.reference_left(to, false),
            Node::RvalueRef(to) => self.reference_left(to, true),
            Node::MemberPointer { class, member } => {
                self.left(member)?;
                let Shape { array, function, .. } = self.shape(member)?;
                self.put(if array || function { "(" } else { " " })?;
                self.node(class)?;
                self.put("::*")
            }
            Node::Cv { inner, qualifier } => self.qualified_left(inner, qualifier),
            Node::VendorQualified { inner, name } => {
                self.node(inner)?;
                self.put(" ")?;
                self.node(name)
            }
            Node::Complex(of) => {
                self.left(of)?;
                self.put(" complex")
            }
            Node::Imaginary(of) => {
                self.left(of)?;
                self.put(" imaginary")
            }
            Node::Array { element, .. } => self.left(element),
            Node::Vector { dimension, element } => self.vector(dimension, element),
            Node::Function { ret, .. } => {
                if let Some(ret) = ret.some() {
                    self.left(ret)?;
                    self.put(" ")?;
                }
                Ok(())
            }
            Node::This { inner, .. } => self.left(inner),
            Node::Noexcept { function, .. }
            | Node::Throw { function, .. }
            | Node::TransactionSafe(function) => self.left(function),
            Node::Vendor { name, args } => {
                self.node(name)?;
                // LLVM knows none.
                if args == NodeId::NONE { Ok(()) } else { Err(Error::NotMangled) }
            }
            Node::Float { bits, suffix: b'_' } => {
                self.put("_Float")?;
                self.number(bits.into())
            }
            Node::Decltype(expression) => {
                self.put("decltype(")?;
                self.node(expression)?;
                self.put(")")
            }
            Node::Elaborated { kind, name } => {
                self.put(match kind {
                    b's' => "struct ",
                    b'u' => "union ",
                    _ => "enum ",
                })?;
                self.node(name)
            }
            _ => Err(Error::NotMangled),
        }
    }

    /// Prints the right half of a type.
    pub(super) fn type_right(&mut self, id: NodeId, node: Node) -> Print {
        match node {
            Node::Pointer(to) | Node::MemberPointer { member: to, .. } => self.pointer_right(to),
            Node::LvalueRef(to) | Node::RvalueRef(to) => {
                let (to, _) = self.collapsed(to, false);
                self.pointer_right(to)
            }
            Node::Cv { inner, .. } => self.right(inner),
            Node::Array { dimension, element } => {
                if self.text.last() != Some(b']') {
                    self.put(" ")?;
                }
                self.put("[")?;
                if let Some(dimension) = dimension.some() {
                    self.node(dimension)?;
                }
                self.put("]")?;
                self.right_if_any(element)
            }
            Node::Function { .. }
            | Node::This { .. }
            | Node::Noexcept { .. }
            | Node::Throw { .. }
            | Node::TransactionSafe(_) => self.function_right(id),
            _ => Ok(()),
        }
    }

    /// Prints the right half of a node if it has one.
    fn right_if_any(&mut self, id: NodeId) -> Print {
        if self.shape(id)?.right { self.right(id) } else { Ok(()) }
    }

    fn pointer_left(&mut self, to: NodeId, sign: &str) -> Print {
        self.left(to)?;
        let Shape { array, function, .. } = self.shape(to)?;
        if array {
            self.put(" ")?;
        }
        if array || function {
            self.put("(")?;
        }
        self.put(sign)
    }

    fn pointer_right(&mut self, to: NodeId) -> Print {
        let Shape { array, function, .. } = self.shape(to)?;
        if array || function {
            self.put(")")?;
        }
        self.right_if_any(to)
    }

    fn reference_left(&mut self, to: NodeId, rvalue: bool) -> Print {
        let (to, rvalue) = self.collapsed(to, rvalue);
        self.pointer_left(to, if rvalue { "&&" } else { "&" })
    }

    /// What a reference to `to` refers to in the end, and whether as an rvalue: references to
    /// references are one.
    fn collapsed(&mut self, to: NodeId, rvalue: bool) -> (NodeId, bool) {
        let (mut to, mut rvalue) = (to, rvalue);
        let mut seen = to;
        // Each step leads to a node that was read before.
        for _ in 0..super::DEPTH {
            match self.arena.node(seen) {
                Node::LvalueRef(inner) => {
                    (to, seen, rvalue) = (inner, inner, false);
                }
                Node::RvalueRef(inner) => (to, seen) = (inner, inner),
                Node::TemplateParam { resolved, .. } => match self.standing_for(resolved) {
                    Some(node) => seen = node,
                    None => break,
                },
                _ => break,
            }
        }
        (to, rvalue)
    }

    /// Prints the left half of a type with all of its qualifiers.
    fn qualified_left(&mut self, inner: NodeId, qualifier: Qualifier) -> Print {
        let mut parts = Parts::default();
        parts.add(qualifier);
        // In the order of the ABI, they are one; what comes out of it begins anew.
        let (mut inner, mut last) = (inner, qualifier);
        while let Node::Cv { inner: next, qualifier } = self.arena.node(inner)
            && rank(qualifier) > rank(last)
        {
            parts.add(qualifier);
            (inner, last) = (next, qualifier);
        }
        self.left(inner)?;
        self.qualifiers(&parts)
    }

    fn qualifiers(&mut self, parts: &Parts) -> Print {
        if parts.is_const {
            self.put(" const")?;
        }
        if parts.is_volatile {
            self.put(" volatile")?;
        }
        if parts.is_restrict {
            self.put(" restrict")?;
        }
        Ok(())
    }

    /// Prints a function's parameters and all that follows them.
    pub(super) fn function_right(&mut self, id: NodeId) -> Print {
        let mut parts = Parts::default();
        let mut at = id;
        let mut enabled_if = None;
        let (ret, params) = loop {
            at = match self.arena.node(at) {
                Node::This { inner, qualifier } => {
                    parts.add(qualifier);
                    inner
                }
                Node::TransactionSafe(function) => function,
                Node::Noexcept { function, .. } | Node::Throw { function, .. } => {
                    parts.exceptions = Some(at);
                    function
                }
                Node::EnableIf { function, conditions } => {
                    enabled_if = Some(conditions);
                    function
                }
                Node::Function { ret, params } => break (ret, params),
                _ => return Ok(()),
            };
        };
        self.enclosed("(", params, ")")?;
        if let Some(ret) = ret.some() {
            self.right_if_any(ret)?;
        }
        self.qualifiers(&parts)?;
        match parts.reference {
            Some(Qualifier::Lvalue) => self.put(" &")?,
            Some(_) => self.put(" &&")?,
            None => {}
        }
        match parts.exceptions.map(|exceptions| self.arena.node(exceptions)) {
            Some(Node::Noexcept { condition: NodeId::NONE, .. }) => self.put(" noexcept"),
            Some(Node::Noexcept { condition, .. }) => {
                self.put(" noexcept(")?;
                self.node(condition)?;
                self.put(")")
            }
            Some(Node::Throw { types, .. }) => self.enclosed(" throw(", types, ")"),
            _ => Ok(()),
        }?;
        match enabled_if {
            Some(conditions) => self.enclosed(" [enable_if:", conditions, "]"),
            None => Ok(()),
        }
    }

    fn vector(&mut self, dimension: NodeId, element: NodeId) -> Print {
        self.node(element)?;
        self.put(" vector[")?;
        self.node(dimension)?;
        self.put("]")
    }

    /// Prints a builtin type.
    pub(super) fn builtin(&mut self, place: u8) -> Print {
        let builtin = operators::builtin_at(place).ok_or(Error::NotMangled)?;
        self.put(builtin.llvm)
    }
}

/// The place of a qualifier among those of one type.
fn rank(qualifier: Qualifier) -> u8 {
    match qualifier {
        Qualifier::Restrict => 0,
        Qualifier::Volatile => 1,
        _ => 2,
    }
}

impl Parts {
    fn add(&mut self, qualifier: Qualifier) {
        match qualifier {
            Qualifier::Const => self.is_const = true,
            Qualifier::Volatile => self.is_volatile = true,
            Qualifier::Restrict => self.is_restrict = true,
            Qualifier::Lvalue | Qualifier::Rvalue => self.reference = Some(qualifier),
        }
    }
}
