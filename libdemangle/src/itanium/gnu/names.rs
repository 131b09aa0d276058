//! Names.

use super::super::arena::{Node, NodeId, Span, Std};
use super::super::operators;
use super::super::spell::{Print, Spell as _, std_name};
use super::{NO_SCOPE, Printer};

impl Printer<'_> {
    /// Prints a name that is no plain identifier.
    pub(super) fn other_name(&mut self, node: &Node) -> Print {
        match *node {
            Node::Global(name) => {
                self.put("::")?;
                self.node(name)
            }
            Node::Local { function, entity } => self.local(function, entity),
            Node::DefaultArgument { number, entity } => {
                self.put("{default arg#")?;
                self.number(u64::from(number) + 1)?;
                self.put("}::")?;
                self.node(entity)
            }
            Node::Tagged { name, tag } => {
                self.node(name)?;
                self.put("[abi:")?;
                self.identifier(tag)?;
                self.put("]")
            }
            Node::Operator(op) => self.operator(op),
            Node::Conversion(to) => {
                self.put("operator ")?;
                self.apart(|printer| printer.converted_to(to))
            }
            Node::Unnamed(number) => {
                self.put("{unnamed type#")?;
                self.number(u64::from(number) + 1)?;
                self.put("}")
            }
            Node::Lambda { head, parameters, number } => self.closure(head, parameters, number),
            Node::Module { parent, name, partition } => {
                if let Some(parent) = parent.some() {
                    self.node(parent)?;
                }
                if partition {
                    self.put(":")?;
                } else if parent != NodeId::NONE {
                    self.put(".")?;
                }
                self.identifier(name)
            }
            Node::Attached { module, name } => {
                self.node(name)?;
                self.put("@")?;
                self.node(module)
            }
            Node::Clone { .. } | Node::JavaResource(_) | Node::ReferenceTemporary { .. } => {
                self.special(node)
            }
            _ => self.common_name(node),
        }
    }

    /// Prints what `St` and the like stand for.
    pub(super) fn std(&mut self, what: Std, whole: bool) -> Print {
        self.put(std_name(what, whole || self.verbose))
    }

    /// Prints an identifier that is no name of the source's, as if it were.
    fn identifier(&mut self, identifier: Span) -> Print {
        if super::super::is_anonymous(self.input, identifier) {
            return self.put("(anonymous namespace)");
        }
        self.span(identifier)
    }

    /// Prints the name of an operator function.
    fn operator(&mut self, op: u8) -> Print {
        let spelling = operators::spelling(op).trim_end();
        self.put("operator")?;
        if spelling.starts_with(|letter: char| letter.is_ascii_lowercase()) {
            self.put(" ")?;
        }
        self.put(spelling)
    }

    /// Prints an entity of a function.
    fn local(&mut self, function: NodeId, entity: NodeId) -> Print {
        self.apart(|printer| match printer.arena.node(function) {
            // Nobody needs to know what the function returns.
            Node::Encoding { .. } => printer.encoding(function, false),
            _ => printer.node(function),
        })?;
        self.separator()?;
        self.node(entity)
    }

    /// Prints the type that a conversion operator converts to. What a template parameter stands
    /// for is known to GNU in all of it but the arguments of a template that is the type itself.
    fn converted_to(&mut self, to: NodeId) -> Print {
        let Node::Template { name, args } = self.arena.node(to) else {
            return self.node(to);
        };
        self.node(name)?;
        let outer = self.scopes.get(self.scope).map_or(NO_SCOPE, |scope| scope.outer);
        self.in_scope(outer, |printer| printer.template_args(args))
    }

    /// Prints a template and its arguments. Modifiers around belong to it all.
    pub(super) fn template(&mut self, name: NodeId, args: NodeId) -> Print {
        let base = core::mem::replace(&mut self.base, self.modifiers.len());
        if self.java && self.is_java_array(name) {
            self.node(args)?;
            self.base = base;
            return self.put("[]");
        }
        if self.is_conversion(name) {
            // Parameters in the type that is converted to stand for these arguments.
            let scope = self.push_scope(args);
            self.in_scope(scope, |printer| printer.node(name))?;
        } else {
            self.node(name)?;
        }
        self.template_args(args)?;
        self.base = base;
        Ok(())
    }

    /// Prints template arguments, an `Args`.
    fn template_args(&mut self, args: NodeId) -> Print {
        if self.last() == b'<' {
            self.put(" ")?;
        }
        self.put("<")?;
        self.node(args)?;
        self.put(if self.last() == b'>' { " >" } else { ">" })
    }

    /// Whether a name is that of the template that arrays of Java are.
    fn is_java_array(&self, name: NodeId) -> bool {
        let Node::Name(span) = self.arena.node(name) else { return false };
        let start = span.at as usize;
        self.input.get(start..start + span.len as usize) == Some(b"JArray")
    }

    /// Whether a name is that of a conversion operator.
    fn is_conversion(&self, name: NodeId) -> bool {
        match self.arena.node(name) {
            Node::Conversion(_) => true,
            Node::Qualified { name, .. } => {
                matches!(self.arena.node(name), Node::Conversion(_))
            }
            _ => false,
        }
    }

    /// Prints a closure type.
    fn closure(&mut self, head: NodeId, parameters: NodeId, number: u32) -> Print {
        self.put("{lambda")?;
        let lambda = core::mem::replace(&mut self.lambda, true);
        let touched = self.touched;
        let outer = self.head;
        if let Node::Args(decls) = self.arena.node(head)
            && head != NodeId::NONE
        {
            self.head = NodeId::NONE;
            self.put("<")?;
            self.template_head(decls)?;
            self.put(">")?;
        }
        self.head = head;
        self.put("(")?;
        self.apart(|printer| printer.node(parameters))?;
        self.lambda = lambda;
        self.head = outer;
        // Its template parameters are its own.
        self.touched = touched;
        self.put(")#")?;
        self.number(u64::from(number) + 1)?;
        self.put("}")
    }
}
