//! `<template-args>` and `<template-param>`.

use super::super::arena::{Node, NodeId};
use super::{Read, Reader};

impl Reader<'_> {
    /// `<template-args>`: an `Args`; `encoding` where template parameters stand for them from now
    /// on.
    pub(super) fn template_args(&mut self, encoding: bool) -> Read {
        // A constructor that follows is not named after what is in the arguments.
        let class = self.class;
        let conversion = core::mem::replace(&mut self.conversion, false);
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
        let resolved = self.argument(index);
        self.add(Node::TemplateParam { index, resolved })
    }

    /// The argument that a template parameter stands for, or NONE.
    fn argument(&self, index: u32) -> NodeId {
        let Node::Args(args) = self.arena.node(self.arguments) else {
            return NodeId::NONE;
        };
        self.arena.nth(args, index as usize).unwrap_or(NodeId::NONE)
    }
}
