//! `<unnamed-type-name>` and `<closure-type-name>`.

use super::super::arena::{Invented, List, Node, NodeId};
use super::super::operators::VOID;
use super::{Read, Reader};
use crate::Error;

impl Reader<'_> {
    /// `'Ut' [ <non-negative-number> ] '_'`
    pub(super) fn unnamed_type_name(&mut self) -> Read {
        self.skip(2);
        let number = self.ordinal()?;
        let unnamed = self.add(Node::Unnamed(number))?;
        if !self.llvm {
            // GNU numbers it here, and once more where it is part of a name.
            self.arena.substitutable(unnamed)?;
        }
        Ok(unnamed)
    }

    /// `'Ub' [ <non-negative-number> ] '_'`, of Apple's extension.
    pub(super) fn block(&mut self) -> Read {
        self.skip(2);
        self.ordinal()?;
        self.add(Node::Block)
    }

    /// `<closure-type-name>`
    pub(super) fn closure_type_name(&mut self) -> Read {
        self.skip(2);
        let levels = self.arena.levels();
        let level = levels - self.first_level + usize::from(self.arguments != NodeId::NONE);
        let closure = self.closure.replace(level);
        self.arena.push_level();
        let head = self.template_head()?;
        if head == NodeId::NONE {
            self.arena.truncate_levels(levels);
        }
        let parameters = self.lambda_sig()?;
        self.arena.truncate_levels(levels);
        self.closure = closure;
        let number = self.ordinal()?;
        self.add(Node::Lambda { head, parameters, number })
    }

    /// `( <template-param-decl> )*`: an `Args`, or NONE.
    fn template_head(&mut self) -> Read {
        let mark = self.arena.begin();
        while self.is_template_param_decl() {
            let decl = self.template_param_decl()?;
            self.arena.push(decl)?;
        }
        let decls = self.arena.end(mark)?;
        if decls.len() == 0 { Ok(NodeId::NONE) } else { self.add(Node::Args(decls)) }
    }

    /// A name for what the template head being read declares next. GNU has none.
    fn invent(&mut self, kind: Invented) -> Read {
        if !self.llvm {
            return Ok(NodeId::NONE);
        }
        let mut number = 0;
        if let Some(next) = self.invented.get_mut(kind as usize) {
            number = *next;
            *next += 1;
        }
        let name = self.add(Node::Invented { kind, number })?;
        self.arena.invent(name);
        Ok(name)
    }

    fn is_template_param_decl(&self) -> bool {
        matches!(self.peek_two(), [b'T', b'y' | b'n' | b't' | b'p'])
    }

    /// `<template-param-decl>`
    fn template_param_decl(&mut self) -> Read {
        self.enter()?;
        let kind = self.peek_second();
        self.skip(2);
        let decl = match kind {
            b'y' => {
                let name = self.invent(Invented::Type)?;
                self.add(Node::TypeDecl(name))
            }
            b'n' => {
                let name = self.invent(Invented::Value)?;
                let of = self.type_()?;
                self.add(Node::ValueDecl { of, name })
            }
            b't' => {
                let name = self.invent(Invented::Template)?;
                let levels = self.arena.levels();
                self.arena.push_level();
                let decls = self.list_to_end(Self::template_param_decl)?;
                self.arena.truncate_levels(levels);
                self.add(Node::TemplateDecl { decls, name })
            }
            b'p' => {
                let of = self.template_param_decl()?;
                self.add(Node::PackDecl(of))
            }
            _ => Err(Error::NotMangled),
        };
        self.leave();
        decl
    }

    /// The parameters of a closure up to the `E`: an `Args`.
    fn lambda_sig(&mut self) -> Read {
        let types = self.list_to_end(Self::type_)?;
        if types.len() == 0 {
            return Err(Error::NotMangled);
        }
        let types = match self.arena.list(types) {
            [one] if self.arena.node(*one) == Node::Builtin(VOID) => List::EMPTY,
            _ => types,
        };
        self.add(Node::Args(types))
    }
}
