//! Prints names as GNU's programs do.
//!
//! A declaration in C++ is read from its name outwards: in `int (*f())[3]` the type is around the
//! name. So while the printer descends to the innermost type, it keeps what is around it, the
//! modifiers, on a stack. The innermost type is printed first, then the modifiers, those pushed
//! last first. Functions and arrays print modifiers themselves, as theirs stand in parentheses
//! in the middle; what was printed is marked.
//!
//! ```text
//! P A3_ i      push Pointer, push Array, print `int`; the Array prints ` (` `*` `)` ` [3]`
//! ```
//!
//! The name of a function is such a modifier as well, below all others.
//!
//! A template parameter stands for an argument of the template whose function is printed: the
//! scope. The argument itself is printed in the scope around, as parameters in it belong there.

mod constructs;
mod expressions;
mod functions;
mod names;
mod packs;
mod types;

use alloc::vec::Vec;

use super::DEPTH;
use super::arena::{Arena, List, Node, NodeId, Span, Special};
use super::spell::{self, Kind, Print, Spell};
use crate::text::{Piece, Text};
use crate::{Error, Options, Style};

/// A modifier around the type that is printed.
#[derive(Clone, Copy, Debug)]
struct Modifier {
    node: NodeId,
    /// The scope it was met in.
    scope: usize,
    printed: bool,
}

/// Template arguments that parameters stand for.
#[derive(Clone, Copy, Debug)]
struct Scope {
    /// An `Args`.
    args: NodeId,
    /// The scope around.
    outer: usize,
}

/// No scope: that of names outside of templates.
const NO_SCOPE: usize = usize::MAX;

/// Memory that is kept from one name to the next.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    modifiers: Vec<Modifier>,
    scopes: Vec<Scope>,
    references: Vec<(NodeId, usize)>,
    pieces: Vec<Piece>,
}

/// A name that is being printed.
struct Printer<'a> {
    input: &'a [u8],
    arena: &'a Arena,
    modifiers: &'a mut Vec<Modifier>,
    scopes: &'a mut Vec<Scope>,
    /// The scopes of template parameters that were printed behind a reference.
    references: &'a mut Vec<(NodeId, usize)>,
    /// What names of [`NodeId::place`] are printed as, where that was found out and is the same
    /// in every scope: a name that is substituted is printed once, and copied then.
    pieces: &'a mut Vec<Piece>,
    text: &'a mut Text,
    /// The scope of template parameters.
    scope: usize,
    /// The outermost scope in which a template parameter was looked up.
    touched: usize,
    /// The modifiers from here on are around what is printed; those below are of others.
    base: usize,
    /// Which argument of a pack is printed; none prints them all.
    pack: Option<usize>,
    /// Whether parameters of a closure are printed, where template parameters are `auto`.
    lambda: bool,
    /// The template head of that closure, or NONE.
    head: NodeId,
    /// Where the text was cut last.
    cut: usize,
    depth: usize,
    steps: usize,
    verbose: bool,
    java: bool,
}

/// How many nodes may be printed for each byte of text that is allowed, at most: some print none.
const STEPS_FOR_BYTE: usize = 1;

/// Prints a name that was read from `input`.
pub(super) fn print(
    input: &[u8],
    arena: &Arena,
    memory: &mut Memory,
    root: NodeId,
    options: &Options,
    text: &mut Text,
) -> Result<(), Error> {
    memory.modifiers.clear();
    memory.scopes.clear();
    memory.references.clear();
    memory.pieces.clear();
    memory.pieces.resize(arena.len(), Piece::NONE);
    let mut printer = Printer {
        input,
        arena,
        modifiers: &mut memory.modifiers,
        scopes: &mut memory.scopes,
        references: &mut memory.references,
        pieces: &mut memory.pieces,
        text,
        scope: NO_SCOPE,
        touched: usize::MAX,
        base: 0,
        pack: Some(0),
        lambda: false,
        head: NodeId::NONE,
        cut: usize::MAX,
        depth: options.limits.depth.min(DEPTH),
        steps: options.limits.output.saturating_mul(STEPS_FOR_BYTE),
        verbose: options.verbose,
        java: options.style == Style::Java,
    };
    printer.node(root)
}

impl Spell for Printer<'_> {
    #[inline]
    fn input(&self) -> &[u8] {
        self.input
    }

    #[inline]
    fn arena(&self) -> &Arena {
        self.arena
    }

    #[inline]
    fn text(&mut self) -> &mut Text {
        self.text
    }

    fn node(&mut self, id: NodeId) -> Print {
        self.steps = self.steps.checked_sub(1).ok_or(Error::TooLong)?;
        let arena = self.arena;
        let node = arena.get(id);
        // Most nodes by far.
        match *node {
            Node::Name(span) => self.span(span),
            Node::Builtin(place) => self.builtin(place),
            Node::Std { what, whole } => self.std(what, whole),
            Node::Qualified { .. } | Node::Template { .. } | Node::Local { .. } => {
                self.repeatable(id, node)
            }
            _ => self.deeper(id, node),
        }
    }

    #[inline]
    fn span(&mut self, span: Span) -> Print {
        let start = span.at as usize;
        let rest = self.input.get(start..).unwrap_or(&[]);
        self.text.put_first(rest, span.len as usize)
    }

    // Where those at the end print nothing, as packs may that
    // have no arguments, the commas before them go as well.
    fn list(&mut self, list: List) -> Print {
        let mut end = self.text.len();
        for (place, &item) in self.arena.list(list).iter().enumerate() {
            if place > 0 {
                self.put(", ")?;
            }
            let start = self.text.len();
            self.node(item)?;
            if place == 0 || self.text.len() > start {
                end = self.text.len();
            }
        }
        if end < self.text.len() {
            self.text.truncate(end);
            self.cut = end;
        }
        Ok(())
    }

    fn operand(&mut self, id: NodeId) -> Print {
        self.subexpression(id)
    }

    fn initial(&mut self, value: NodeId) -> Print {
        if self.is_designator(value) {
            return self.node(value);
        }
        self.put("=")?;
        self.subexpression(value)
    }

    fn meaning(&self, what: Special) -> Option<&'static str> {
        Some(spell::meaning(what).0)
    }

    fn nameless_class(&mut self) -> Print {
        Err(Error::NotMangled)
    }
}

impl Printer<'_> {
    /// Prints a name, or what it was printed as before.
    #[inline(never)]
    fn repeatable(&mut self, id: NodeId, node: &Node) -> Print {
        if let Some(piece) = self.pieces.get(id.place()).copied()
            && !piece.is_none()
        {
            return self.text.repeat(piece);
        }
        let start = self.text.len();
        let scopes = self.scopes.len();
        let touched = core::mem::replace(&mut self.touched, usize::MAX);
        self.depth = self.depth.checked_sub(1).ok_or(Error::TooDeep)?;
        match *node {
            Node::Qualified { scope, name } => {
                self.node(scope)?;
                self.separator()?;
                // Most are identifiers.
                match *self.arena.get(name) {
                    Node::Name(span) => self.span(span)?,
                    _ => self.node(name)?,
                }
            }
            Node::Template { name, args } => self.template(name, args)?,
            _ => self.other_name(node)?,
        }
        self.depth += 1;
        // It is the same elsewhere if it needed no scope but those that it made itself.
        if self.touched >= scopes
            && self.cut != self.text.len()
            && let Some(piece) = self.pieces.get_mut(id.place())
        {
            *piece = self.text.piece(start);
        }
        self.touched = self.touched.min(touched);
        Ok(())
    }

    /// Prints a node that others may be in, one level deeper.
    #[inline(never)]
    fn deeper(&mut self, id: NodeId, node: &Node) -> Print {
        self.depth = self.depth.checked_sub(1).ok_or(Error::TooDeep)?;
        self.composite(id, node)?;
        self.depth += 1;
        Ok(())
    }

    fn composite(&mut self, id: NodeId, node: &Node) -> Print {
        match *node {
            Node::Encoding { .. } => self.encoding(id, true),
            Node::TemplateParam { index, .. } => self.template_param(index),
            Node::Array { element, .. } => self.array(id, element),
            Node::Function { ret, .. } => self.function(id, ret),
            Node::Expansion(pattern) => self.expansion(pattern),
            Node::Args(list) | Node::Pack(list) => self.list(list),
            Node::Literal { of, value, negative } => self.literal(of, value, negative),
            _ => match spell::kind(node) {
                Kind::Modifier => self.modified(id),
                Kind::Type => self.other_type(node),
                Kind::Expression => self.expression(node),
                Kind::Other => self.other_name(node),
            },
        }
    }

    /// Prints what is between a scope and a name.
    #[inline]
    fn separator(&mut self) -> Print {
        self.put(if self.java { "." } else { "::" })
    }

    /// The byte printed last. Where a comma was cut off, GNU still sees the space behind it.
    fn last(&self) -> u8 {
        if self.text.len() == self.cut { b' ' } else { self.text.last().unwrap_or(0) }
    }

    /// Prints something that modifiers around do not belong to.
    fn apart(&mut self, print: impl FnOnce(&mut Self) -> Print) -> Print {
        let base = core::mem::replace(&mut self.base, self.modifiers.len());
        let printed = print(self);
        self.base = base;
        printed
    }

    /// Prints something in another scope.
    fn in_scope(&mut self, scope: usize, print: impl FnOnce(&mut Self) -> Print) -> Print {
        let before = core::mem::replace(&mut self.scope, scope);
        let printed = print(self);
        self.scope = before;
        printed
    }

    /// A scope within the one that is.
    fn push_scope(&mut self, args: NodeId) -> usize {
        let scope = self.scopes.len();
        self.scopes.push(Scope { args, outer: self.scope });
        scope
    }
}
