//! Prints names as LLVM's programs do.
//!
//! A type in C++ is around its name: of `int (*f())[3]` a part is on the left of `f` and a part on
//! its right. So each node prints itself in two halves, [`left`](Printer::left) and
//! [`right`](Printer::right); what has a right half is told by its [`Shape`]:
//!
//! ```text
//! P A3_ i      left of Pointer: left of Array (`int`), ` (*`
//!              right of Pointer: `)`, right of Array (` [3]`)
//! ```
//!
//! Template parameters were resolved where they were read. One that stands for a pack prints the
//! argument whose turn it is in the expansion around it.

mod expressions;
mod literals;
mod names;
mod types;

use super::DEPTH;
use super::arena::{Arena, List, Node, NodeId, Span, Special};
use super::spell::{self, Kind, Print, Spell};
use crate::text::Text;
use crate::{Error, Options};

/// How a node is written around what stands within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Shape {
    /// It is an array.
    array: bool,
    /// It is a function.
    function: bool,
    /// It has a right half.
    right: bool,
}

/// Which argument of the packs in an expansion is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// No expansion has met a pack yet.
    None,
    /// This one of so many.
    Of { index: usize, count: usize },
}

/// A name that is being printed.
struct Printer<'a> {
    input: &'a [u8],
    arena: &'a Arena,
    text: &'a mut Text,
    turn: Turn,
    /// The template head of the closure whose parameters are printed, or NONE.
    head: NodeId,
    depth: usize,
    steps: usize,
}

/// Prints a name that was read from `input`.
pub(super) fn print(
    input: &[u8],
    arena: &Arena,
    root: NodeId,
    options: &Options,
    text: &mut Text,
) -> Result<(), Error> {
    let mut printer = Printer {
        input,
        arena,
        text,
        turn: Turn::None,
        head: NodeId::NONE,
        depth: options.limits.depth.min(DEPTH),
        steps: options.limits.output,
    };
    printer.node(root)
}

impl Spell for Printer<'_> {
    fn input(&self) -> &[u8] {
        self.input
    }

    fn arena(&self) -> &Arena {
        self.arena
    }

    fn text(&mut self) -> &mut Text {
        self.text
    }

    fn span(&mut self, span: Span) -> Print {
        let start = span.at as usize;
        let bytes = self.input.get(start..start + span.len as usize).unwrap_or(&[]);
        self.text.put(bytes)
    }

    fn node(&mut self, id: NodeId) -> Print {
        match self.arena.node(id) {
            Node::Name(span) => return self.span(span),
            Node::Builtin(place) => return self.builtin(place),
            _ => {}
        }
        self.left(id)?;
        if self.shape(id)?.right { self.right(id) } else { Ok(()) }
    }

    // Commas stand between those that print something.
    fn list(&mut self, list: List) -> Print {
        let mut first = true;
        for &item in self.arena.list(list) {
            let before = self.text.len();
            if !first {
                self.put(", ")?;
            }
            let start = self.text.len();
            self.node(item)?;
            if self.text.len() == start {
                self.text.truncate(before);
            } else {
                first = false;
            }
        }
        Ok(())
    }

    fn operand(&mut self, id: NodeId) -> Print {
        self.put("(")?;
        self.node(id)?;
        self.put(")")
    }

    fn initial(&mut self, value: NodeId) -> Print {
        if !self.is_designator(value) {
            self.put(" = ")?;
        }
        self.node(value)
    }

    fn meaning(&self, what: Special) -> Option<&'static str> {
        spell::meaning(what).1
    }

    fn nameless_class(&mut self) -> Print {
        Ok(())
    }
}

impl Printer<'_> {
    /// Prints the left half of a node.
    fn left(&mut self, id: NodeId) -> Print {
        self.steps = self.steps.checked_sub(1).ok_or(Error::TooLong)?;
        self.depth = self.depth.checked_sub(1).ok_or(Error::TooDeep)?;
        match self.arena.node(id) {
            Node::Name(span) => self.span(span),
            Node::Builtin(place) => self.builtin(place),
            Node::TemplateParam { index, resolved } => self.parameter(index, resolved),
            Node::Expansion(pattern) => self.expansion(pattern),
            Node::Args(list) | Node::Pack(list) => self.list(list),
            Node::Literal { of, value, negative } => self.literal(of, value, negative),
            node => match spell::kind(&node) {
                Kind::Modifier | Kind::Type => self.type_left(node),
                Kind::Expression => self.expression(node),
                Kind::Other => self.name_left(node),
            },
        }?;
        self.depth += 1;
        Ok(())
    }

    /// Prints the right half of a node that has one.
    fn right(&mut self, id: NodeId) -> Print {
        self.steps = self.steps.checked_sub(1).ok_or(Error::TooLong)?;
        self.depth = self.depth.checked_sub(1).ok_or(Error::TooDeep)?;
        match self.arena.node(id) {
            Node::Encoding { function, .. } => self.function_right(function),
            Node::TemplateParam { resolved, .. } => match self.standing_for(resolved) {
                Some(node) => self.right(node),
                None => Ok(()),
            },
            Node::Tagged { name, .. } => self.right(name),
            node @ (Node::TypeDecl
            | Node::ValueDecl(_)
            | Node::TemplateDecl(_)
            | Node::PackDecl(_)) => self.decl_right(id, node),
            node => self.type_right(id, node),
        }?;
        self.depth += 1;
        Ok(())
    }

    /// The shape of a node.
    fn shape(&mut self, id: NodeId) -> Print<Shape> {
        let mut id = id;
        // Within a pointer, nothing but the right half counts.
        let mut pointed = false;
        loop {
            let found = |array, function| Shape {
                array: array && !pointed,
                function: function && !pointed,
                right: true,
            };
            id = match self.arena.node(id) {
                Node::Name(_) | Node::Builtin(_) => return Ok(Shape::default()),
                Node::Pointer(inner)
                | Node::LvalueRef(inner)
                | Node::RvalueRef(inner)
                | Node::MemberPointer { member: inner, .. } => {
                    pointed = true;
                    inner
                }
                Node::Cv { inner, .. }
                | Node::This { inner, .. }
                | Node::Tagged { name: inner, .. } => inner,
                Node::TemplateParam { resolved, .. } => match self.standing_for(resolved) {
                    Some(node) => node,
                    None => return Ok(Shape::default()),
                },
                Node::Array { .. } => return Ok(found(true, false)),
                Node::Function { .. }
                | Node::Noexcept { .. }
                | Node::Throw { .. }
                | Node::TransactionSafe(_)
                | Node::Encoding { .. } => return Ok(found(false, true)),
                Node::TypeDecl | Node::ValueDecl(_) | Node::TemplateDecl(_) | Node::PackDecl(_) => {
                    return Ok(found(false, false));
                }
                _ => return Ok(Shape::default()),
            };
            self.steps = self.steps.checked_sub(1).ok_or(Error::TooLong)?;
        }
    }

    /// The node that a template parameter stands for: the argument, or that of a pack whose turn
    /// it is.
    fn standing_for(&mut self, resolved: NodeId) -> Option<NodeId> {
        let resolved = resolved.some()?;
        let Node::Pack(list) = self.arena.node(resolved) else { return Some(resolved) };
        if self.turn == Turn::None {
            self.turn = Turn::Of { index: 0, count: list.len() };
        }
        match self.turn {
            Turn::Of { index, .. } => self.arena.nth(list, index),
            Turn::None => None,
        }
    }

    /// Prints a template parameter.
    fn parameter(&mut self, index: u32, resolved: NodeId) -> Print {
        if resolved == NodeId::NONE {
            return self.closure_parameter(index);
        }
        match self.standing_for(resolved) {
            Some(node) => self.left(node),
            None => Ok(()),
        }
    }

    /// Prints a pattern once for each argument of the packs in it.
    fn expansion(&mut self, pattern: NodeId) -> Print {
        let before = core::mem::replace(&mut self.turn, Turn::None);
        let start = self.text.len();
        self.node(pattern)?;
        match self.turn {
            // What it expands is no pack of template arguments.
            Turn::None => self.put("...")?,
            Turn::Of { count: 0, .. } => self.text.truncate(start),
            Turn::Of { count, .. } => {
                for index in 1..count {
                    self.put(", ")?;
                    self.turn = Turn::Of { index, count };
                    self.node(pattern)?;
                }
            }
        }
        self.turn = before;
        Ok(())
    }

    /// Prints the number of one of several that are alike: nothing for the first, then 0 and so
    /// on.
    fn ordinal(&mut self, number: u32) -> Print {
        match number.checked_sub(1) {
            Some(number) => self.number(number.into()),
            None => Ok(()),
        }
    }
}
