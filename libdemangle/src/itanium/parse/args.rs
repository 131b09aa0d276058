//! `<template-args>` and `<template-param>`.

use super::super::arena::{Mark, Node, NodeId};
use super::super::operators;
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
        let first_level = self.first_level;
        if encoding {
            // They cannot stand for themselves.
            self.arguments = NodeId::NONE;
            self.first_level = self.arena.levels();
        }
        let args = self.template_arg_list();
        self.first_level = first_level;
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
        if self.llvm {
            return self.resolved_param();
        }
        let index = self.ordinal()?;
        self.add(Node::TemplateParam { index, resolved: NodeId::NONE })
    }

    /// A template parameter as LLVM sees it: what it stands for is told where it is read.
    ///
    /// Level 0 (`T_`) are the template arguments of the encoding, where there are some, and the
    /// template heads of closures around follow, from the outermost on (`TL0_`).
    fn resolved_param(&mut self) -> Read {
        let level = if self.eat(b'L') {
            let level = self.non_negative_number()? as usize + 1;
            self.expect(b'_')?;
            level
        } else {
            0
        };
        let index = self.ordinal()?;
        if self.forward && level == 0 {
            // The arguments come after the name.
            self.has_forward = true;
            return self
                .add(Node::TemplateParam { index: index | FORWARD, resolved: NodeId::NONE });
        }
        let outer = usize::from(self.arguments != NodeId::NONE);
        let Some(head) = level.checked_sub(outer) else {
            return match self.argument(index).some() {
                Some(resolved) => self.add(Node::TemplateParam { index, resolved }),
                None => Err(Error::NotMangled),
            };
        };
        if let Some(name) = self.arena.invented(self.first_level + head, index as usize) {
            return Ok(name);
        }
        // In a closure's parameters, what stands for nothing else is `auto`.
        let open = self.arena.levels().saturating_sub(self.first_level);
        if self.closure != Some(level) || head > open {
            return Err(Error::NotMangled);
        }
        if head == open {
            self.arena.push_level();
        }
        self.add(Node::Builtin(operators::AUTO))
    }

    /// Resolves the template parameters that stood for arguments to come, since `first`.
    pub(super) fn resolve_since(&mut self, first: Mark) -> Read<()> {
        if !core::mem::take(&mut self.has_forward) {
            return Ok(());
        }
        for node in self.arena.since(first) {
            if let Node::TemplateParam { index, .. } = self.arena.node(node)
                && index & FORWARD != 0
            {
                let index = index & !FORWARD;
                let resolved = self.argument(index).some().ok_or(Error::NotMangled)?;
                self.arena.replace(node, Node::TemplateParam { index, resolved });
            }
        }
        Ok(())
    }

    /// The argument that a template parameter stands for, or NONE.
    fn argument(&self, index: u32) -> NodeId {
        let Node::Args(args) = self.arena.node(self.arguments) else {
            return NodeId::NONE;
        };
        self.arena.nth(args, index as usize).unwrap_or(NodeId::NONE)
    }
}
