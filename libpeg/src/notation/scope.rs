//! Constants and templates, and where they can be seen.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::blocks::Piece;
use super::expr::{Expr, ExprKind};
use super::outline::Outline;
use super::tree::TermKind;
use crate::source::{SourceId, Span};

/// A name that stands for a value.
#[derive(Debug)]
pub struct Binding<'s> {
    pub value: TermKind<'s>,
    /// Levels of operators in the value, if it is an expression.
    pub depth: u32,
    /// Where it was said; `None` from outside the text.
    pub place: Option<Span>,
    /// Whether it was ever asked for; told only for those from outside.
    pub used: AtomicBool,
}

/// A block with parameters.
#[derive(Debug, Clone)]
pub struct Template<'s> {
    pub parameters: Vec<&'s str>,
    /// The view in which it was defined.
    pub view: SourceId,
    pub text: &'s str,
    pub outline: Arc<Outline>,
    pub body: Piece,
    pub place: Span,
    /// There were errors in the body, which each use would show again.
    pub broken: bool,
}

/// The names of a block. Those of the blocks around it are seen too.
#[derive(Debug, Default)]
pub struct Scope<'p, 's> {
    parent: Option<&'p Scope<'p, 's>>,
    constants: HashMap<String, Binding<'s>>,
    templates: HashMap<&'s str, Template<'s>>,
    /// Whether the blocks around it have constants: most texts have none, and ask a million times.
    outer: bool,
}

impl<'p, 's> Scope<'p, 's> {
    pub fn inside(parent: &'p Scope<'p, 's>) -> Self {
        let outer = parent.outer || !parent.constants.is_empty();
        Self { parent: Some(parent), outer, ..Self::default() }
    }

    pub fn constant(&self, name: &str) -> Option<&Binding<'s>> {
        if self.constants.is_empty() && !self.outer {
            return None;
        }
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(found) = here.constants.get(name) {
                // Not stored again and again, as all threads look at it.
                if !found.used.load(Ordering::Relaxed) {
                    found.used.store(true, Ordering::Relaxed);
                }
                return Some(found);
            }
            scope = here.parent;
        }
        None
    }

    /// A constant of this very block.
    pub fn own(&self, name: &str) -> Option<&Binding<'s>> {
        self.constants.get(name)
    }

    pub fn set(&mut self, name: &str, value: TermKind<'s>, depth: u32, place: Option<Span>) {
        let used = AtomicBool::new(false);
        self.constants.insert(name.to_owned(), Binding { value, depth, place, used });
    }

    pub fn template(&self, name: &str) -> Option<&Template<'s>> {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(found) = here.templates.get(name) {
                return Some(found);
            }
            scope = here.parent;
        }
        None
    }

    /// Adds a template; gives the one of that name that is in this block already.
    pub fn add_template(&mut self, name: &'s str, template: Template<'s>) -> Option<Span> {
        if let Some(known) = self.templates.get(name) {
            return Some(known.place);
        }
        self.templates.insert(name, template);
        None
    }

    /// Constants from outside that nothing asked for, in alphabetical order.
    pub fn unused(&self) -> Vec<String> {
        let outside = self.constants.iter().filter(|(_, constant)| {
            constant.place.is_none() && !constant.used.load(Ordering::Relaxed)
        });
        let mut names: Vec<String> = outside.map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        names
    }
}

impl<'s> Binding<'s> {
    /// The value as an operand, with its levels; `None` if it is a list or a hex run.
    pub fn operand(&self, span: Span) -> Option<(Expr<'s>, u32)> {
        let kind = match &self.value {
            TermKind::Int(value) => ExprKind::Int(*value),
            TermKind::Str(bytes) => ExprKind::Str(bytes.clone()),
            TermKind::Word(word) => ExprKind::Name(word),
            TermKind::Expr(expr) => return Some((expr.as_ref().clone(), self.depth)),
            TermKind::Hex(_) | TermKind::List(_) | TermKind::Attr(..) => return None,
        };
        Some((Expr { kind, span }, 1))
    }
}
