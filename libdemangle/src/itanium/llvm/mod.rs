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
            Node::TemplateParam { resolved, .. } => match self.standing_for(resolved) {
                Some(node) => self.left(node),
                None => Ok(()),
            },
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
            node @ (Node::TypeDecl(_)
            | Node::ValueDecl { .. }
            | Node::TemplateDecl { .. }
            | Node::PackDecl(_)) => self.decl_right(node),
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
                Node::TypeDecl(_)
                | Node::ValueDecl { .. }
                | Node::TemplateDecl { .. }
                | Node::PackDecl(_) => return Ok(found(false, false)),
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

#[cfg(test)]
mod tests {
    use std::string::{String, ToString as _};

    use crate::{Demangler, Error, Limits, Options, Style};

    fn text(name: &str) -> Result<String, Error> {
        let mut demangler = Demangler::new(Options { style: Style::Itanium, ..Options::LLVM });
        Ok(String::from_utf8_lossy(demangler.demangle(name.as_bytes())?).to_string())
    }

    #[test]
    fn types_are_printed_around_names() {
        assert_eq!(text("_Z1fPA3_i").unwrap(), "f(int (*) [3])");
        assert_eq!(text("_Z1fIiEPFvvEv").unwrap(), "void (*f<int>())()");
        assert_eq!(text("_Z1fM1AKFvvE").unwrap(), "f(void (A::*)() const)");
        assert_eq!(text("_Z1fIRiEvOT_").unwrap(), "void f<int&>(int&)");
    }

    #[test]
    fn packs_are_expanded_argument_by_argument() {
        assert_eq!(text("_Z1fIJicEEvDpPT_").unwrap(), "void f<int, char>(int*, char*)");
        assert_eq!(text("_Z1fIJEEvDpT_i").unwrap(), "void f<>(int)");
        assert_eq!(text("_Z1fIJEEviDpT_").unwrap(), "void f<>(int)");
    }

    #[test]
    fn parameters_of_closures_are_those_of_their_level() {
        assert_eq!(text("_ZN1aUlTyT_E_1bE").unwrap(), "a::'lambda'<typename $T>($T)::b");
        assert_eq!(
            text("_Z1fIiEvN1aUlTyT_TL0__E_E").unwrap(),
            "void f<int>(a::'lambda'<typename $T>(int, $T))"
        );
        assert_eq!(text("_Z1fIiEvN1aUlTL0__E_E").unwrap(), "void f<int>(a::'lambda'(auto))");
        assert_eq!(text("_ZN1aUlTyTL0__E_1bE"), Err(Error::NotMangled));
        assert_eq!(text("_Z1fIiEvN1aUlTL2__E_E"), Err(Error::NotMangled));
    }

    #[test]
    fn extensions_of_clang_are_known() {
        assert_eq!(text("_Z1fUa9enable_ifILb1EEi").unwrap(), "f(int) [enable_if:true]");
        assert_eq!(text("_Z1fIXu8__uuidoft1AEEvv").unwrap(), "void f<__uuidof(A)>()");
        assert_eq!(text("_ZZ1fvENKUb0_clEv").unwrap(), "f()::'block-literal'::operator()() const");
        for name in ["_Z1fUa9enable_ifILb1EE", "_ZUb", "_Z1fIXu8__uuidoftEEvv"] {
            assert_eq!(text(name), Err(Error::NotMangled), "{name}");
        }
    }

    #[test]
    fn what_is_too_long_ends() {
        let limits = Limits { output: 12, ..Limits::DEFAULT };
        let mut demangler = Demangler::new(Options { limits, ..Options::LLVM });
        assert_eq!(demangler.demangle(b"_Z3foo3bar"), Ok(&b"foo(bar)"[..]));
        assert_eq!(demangler.demangle(b"_Z3foo3barS_"), Err(Error::TooLong));
    }
}
