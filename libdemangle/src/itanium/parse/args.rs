//! `<template-args>` and `<template-param>`.

use super::super::arena::{Mark, Node, NodeId};
use super::{Read, Reader};
use crate::Error;

/// Marks the number of a template parameter that waits for its arguments.
const FORWARD: u32 = 1 << 31;

impl Reader<'_> {
    /// `<template-args>`: an `Args`; `encoding` where template parameters stand for them from now
    /// on.
    pub(super) fn template_args(&mut self, encoding: bool) -> Read {
        // A constructor that follows is not named after what is in the arguments.
        let class = self.class;
        let conversion = core::mem::replace(&mut self.conversion, false);
        if encoding {
            // They cannot stand for themselves.
            self.arguments = NodeId::NONE;
        }
        let args = self.template_arg_list();
        self.class = class;
        self.conversion = conversion;
        let args = args?;
        if encoding {
            self.arguments = args;
        }
        Ok(args)
    }

    fn template_arg_list(&mut self) -> Read {
        self.expect(b'I')?;
        let args = self.list_to_end(Self::template_arg)?;
        self.add(Node::Args(args))
    }

    /// `<template-arg>`
    pub(super) fn template_arg(&mut self) -> Read {
        match self.peek() {
            b'X' => {
                self.skip(1);
                let expression = self.expression()?;
                self.expect(b'E')?;
                Ok(expression)
            }
            b'L' => self.expr_primary(),
            b'J' | b'I' => {
                self.enter()?;
                self.skip(1);
                let args = self.list_to_end(Self::template_arg);
                self.leave();
                self.add(Node::Pack(args?))
            }
            _ => self.type_(),
        }
    }

    /// `<template-param>`
    pub(super) fn template_param(&mut self) -> Read {
        self.skip(1);
        let index = self.ordinal()?;
        if !self.llvm {
            return self.add(Node::TemplateParam { index, resolved: NodeId::NONE });
        }
        if self.forward {
            // The arguments come after the name.
            self.has_forward = true;
            return self
                .add(Node::TemplateParam { index: index | FORWARD, resolved: NodeId::NONE });
        }
        let resolved = self.argument(index);
        // In a closure's parameters, what stands for no argument is `auto`.
        if resolved == NodeId::NONE && self.closure != Some(NodeId::NONE) {
            return Err(Error::NotMangled);
        }
        self.add(Node::TemplateParam { index, resolved })
    }

    /// Resolves the template parameters that stood for arguments to come, since `first`.
    pub(super) fn resolve_since(&mut self, first: Mark) {
        if !core::mem::take(&mut self.has_forward) {
            return;
        }
        for node in self.arena.since(first) {
            if let Node::TemplateParam { index, .. } = self.arena.node(node)
                && index & FORWARD != 0
            {
                let index = index & !FORWARD;
                let resolved = self.argument(index);
                self.arena.replace(node, Node::TemplateParam { index, resolved });
            }
        }
    }

    /// The argument that a template parameter stands for, or NONE.
    fn argument(&self, index: u32) -> NodeId {
        let Node::Args(args) = self.arena.node(self.arguments) else {
            return NodeId::NONE;
        };
        self.arena.nth(args, index as usize).unwrap_or(NodeId::NONE)
    }
}
