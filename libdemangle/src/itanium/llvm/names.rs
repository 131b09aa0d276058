//! Names, functions and special names.

use super::super::arena::{Invented, Node, NodeId};
use super::super::operators;
use super::super::spell::{Print, Spell as _, std_name};
use super::Printer;
use crate::Error;

impl Printer<'_> {
    /// Prints a name, or the left half of a function or of a declaration.
    pub(super) fn name_left(&mut self, node: Node) -> Print {
        match node {
            Node::Std { what, whole } => self.put(std_name(what, whole)),
            Node::Qualified { scope, name } | Node::Local { function: scope, entity: name } => {
                self.node(scope)?;
                self.put("::")?;
                self.node(name)
            }
            // Only of `delete` the `::` is printed.
            Node::Global(name) => {
                if let Node::Unary { op, .. } = self.arena.node(name)
                    && matches!(&operators::code(op), b"dl" | b"da")
                {
                    self.put("::")?;
                }
                self.node(name)
            }
            Node::DefaultArgument { entity, .. } => self.node(entity),
            Node::Template { name, args } => self.template(name, args),
            Node::Tagged { name, tag } => {
                self.left(name)?;
                self.put("[abi:")?;
                self.span(tag)?;
                self.put("]")
            }
            Node::Operator(op) => self.operator(op),
            Node::Conversion(to) => {
                self.put("operator ")?;
                self.node(to)
            }
            Node::Unnamed(number) => {
                self.put("'unnamed")?;
                self.ordinal(number)?;
                self.put("'")
            }
            Node::Lambda { head, parameters, number } => {
                self.put("'lambda")?;
                self.ordinal(number)?;
                self.put("'")?;
                self.closure(head, parameters)
            }
            Node::TypeDecl(_)
            | Node::ValueDecl { .. }
            | Node::TemplateDecl { .. }
            | Node::PackDecl(_) => self.decl_left(node),
            Node::Invented { kind, number } => {
                self.put(match kind {
                    Invented::Type => "$T",
                    Invented::Value => "$N",
                    Invented::Template => "$TT",
                })?;
                self.ordinal(number)
            }
            Node::Block => self.put("'block-literal'"),
            Node::Encoding { name, function } => {
                if let Some(ret) = self.returned(function) {
                    self.left(ret)?;
                    if !self.shape(ret)?.right {
                        self.put(" ")?;
                    }
                }
                self.node(name)
            }
            Node::Clone { of, suffix } => {
                self.node(of)?;
                self.put(" (")?;
                self.span(suffix)?;
                self.put(")")
            }
            Node::ReferenceTemporary { of, .. } => {
                self.put("reference temporary for ")?;
                self.node(of)
            }
            // Modules came after.
            Node::Module { .. } | Node::Attached { .. } => Err(Error::NotMangled),
            _ => self.common_name(&node),
        }
    }

    /// What a function returns.
    fn returned(&self, function: NodeId) -> Option<NodeId> {
        let mut function = function;
        loop {
            function = match self.arena.node(function) {
                Node::This { inner, .. } | Node::EnableIf { function: inner, .. } => inner,
                Node::Function { ret, .. } => return ret.some(),
                _ => return None,
            };
        }
    }

    /// Prints the name of an operator function.
    fn operator(&mut self, op: u8) -> Print {
        let spelling = operators::spelling(op).trim_end();
        self.put("operator")?;
        if spelling.starts_with(|letter: char| letter.is_ascii_lowercase()) {
            self.put(" ")?;
        }
        if &operators::code(op) == b"aw" {
            return Err(Error::NotMangled);
        }
        self.put(spelling)
    }

    /// Prints a template and its arguments.
    fn template(&mut self, name: NodeId, args: NodeId) -> Print {
        self.node(name)?;
        self.put("<")?;
        self.node(args)?;
        self.put(if self.text.last() == Some(b'>') { " >" } else { ">" })
    }

    /// Prints the template head and the parameters of a closure.
    pub(super) fn closure(&mut self, head: NodeId, parameters: NodeId) -> Print {
        if head != NodeId::NONE {
            self.after("<", head)?;
            self.put(">")?;
        }
        self.after("(", parameters)?;
        self.put(")")
    }

    /// Prints the left half of a declaration of a template head.
    fn decl_left(&mut self, decl: Node) -> Print {
        match decl {
            Node::TypeDecl(_) => self.put("typename "),
            Node::ValueDecl { of, .. } => {
                self.left(of)?;
                if self.shape(of)?.right { Ok(()) } else { self.put(" ") }
            }
            Node::TemplateDecl { decls, .. } => self.enclosed("template<", decls, "> typename "),
            Node::PackDecl(of) => {
                self.left(of)?;
                self.put("...")
            }
            _ => Ok(()),
        }
    }

    /// Prints the right half of a declaration of a template head.
    pub(super) fn decl_right(&mut self, decl: Node) -> Print {
        match decl {
            Node::PackDecl(of) => self.right(of),
            Node::TypeDecl(name) | Node::TemplateDecl { name, .. } => self.node(name),
            Node::ValueDecl { of, name } => {
                self.node(name)?;
                if self.shape(of)?.right { self.right(of) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }
}
