//! Symbols of inputs that a script's expressions ask for.
//!
//! Most scripts ask for none, so only the sections of those that are asked for are looked at.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use super::blocks::Block;
use super::plan::Plan;
use crate::ids::SectionId;
use crate::input::object::Place;
use crate::names::Names;
use crate::resolve::{Kind, Resolved};
use crate::script::ast::Name;
use crate::script::expr::{Lookup, Value};

/// A symbol of an input.
#[derive(Clone, Copy, Debug)]
enum Symbol {
    /// A number.
    Absolute(u64),
    /// A place in an input section.
    In { section: SectionId, offset: u64 },
    /// Undefined and weak: 0.
    Weak,
}

/// Where a section that is asked for lies.
#[derive(Clone, Copy, Debug)]
struct Seat {
    rule: u32,
    /// The output section.
    output: u32,
    /// Where it starts in the output section, as of the last round.
    offset: Option<u64>,
}

/// Symbols of inputs that expressions ask for.
#[derive(Debug, Default)]
pub struct Known<'a> {
    symbols: HashMap<Name<'a>, Symbol, RandomState>,
    seats: HashMap<SectionId, Seat, RandomState>,
    /// The rules that take any of them.
    rules: HashSet<u32, RandomState>,
}

impl<'a> Known<'a> {
    /// Those that the plan asks for.
    pub fn new(
        plan: &Plan<'a>,
        names: &Names<'a>,
        resolved: &Resolved<'a>,
        blocks: &[Block],
    ) -> Self {
        let mut known = Self::default();
        for name in plan.symbols_in_expressions(|_| true) {
            if let Some(symbol) = find(name, names, resolved) {
                known.symbols.insert(name, symbol);
            }
        }
        let wanted: HashSet<SectionId, RandomState> = known
            .symbols
            .values()
            .filter_map(|symbol| match symbol {
                Symbol::In { section, .. } => Some(*section),
                _ => None,
            })
            .collect();
        if wanted.is_empty() {
            return known;
        }
        for ((rule, block), output) in (0..).zip(blocks).zip(plan.rules.iter().map(|it| it.output))
        {
            for section in block.sections.iter().filter(|section| wanted.contains(section)) {
                known.seats.insert(*section, Seat { rule, output, offset: None });
                known.rules.insert(rule);
            }
        }
        known
    }

    /// The sections of a rule are laid out from `start` on, in the output section at `base`.
    pub fn passes(
        &mut self,
        rule: u32,
        block: &Block,
        start: u64,
        base: u64,
        subalign: Option<u64>,
    ) {
        if !self.rules.contains(&rule) {
            return;
        }
        for (section, addr, _) in block.places(start, subalign) {
            if let Some(seat) = self.seats.get_mut(&section)
                && seat.rule == rule
            {
                seat.offset = Some(addr.wrapping_sub(base));
            }
        }
    }

    /// The value of a symbol that no script defines.
    pub fn value(&self, name: Name<'_>) -> Lookup<Value<u32>> {
        match self.symbols.get(name) {
            None => Lookup::Missing,
            Some(Symbol::Absolute(value)) => Lookup::Known(Value::absolute(*value)),
            Some(Symbol::Weak) => Lookup::Known(Value::absolute(0)),
            Some(Symbol::In { section, offset }) => match self.seats.get(section) {
                Some(Seat { output, offset: Some(start), .. }) => {
                    Lookup::Known(Value::offset(*output, start.wrapping_add(*offset)))
                }
                Some(_) => Lookup::NotYet,
                None => Lookup::Missing,
            },
        }
    }
}

fn find(name: &[u8], names: &Names, resolved: &Resolved) -> Option<Symbol> {
    let id = names.find(name)?;
    let state = resolved.symbols.get(id);
    match state.kind {
        Kind::WeakReference => return Some(Symbol::Weak),
        Kind::Definition | Kind::WeakDefinition => {}
        Kind::Common => {
            let index = resolved.object(state.file)?.sections.len() as u32;
            let offset = resolved.commons.get(&id)?.offset;
            return Some(Symbol::In { section: SectionId { file: state.file, index }, offset });
        }
        _ => return None,
    }
    let object = resolved.object(state.file)?;
    let symbol = object.symbols.get(state.index as usize)?;
    match object.place(state.index, &symbol) {
        Place::Section(index) => {
            let section = SectionId { file: state.file, index };
            Some(Symbol::In { section, offset: symbol.value })
        }
        Place::Absolute => Some(Symbol::Absolute(symbol.value)),
        _ => None,
    }
}
