//! What people ask to see of a link when all has its place: the map, the table of references, how
//! full memory is.

use super::{Sink, TextKind};
use crate::diagnostics::Diagnostics;
use crate::layout::Engine;
use crate::report::cross::{self, CrossInput};
use crate::report::map::{MapInput, map};
use crate::report::memory;
use crate::symbols::StandardSymbols;

/// Lists what the options ask for. The engine is the one that laid the output out.
pub fn list<'data>(
    input: &MapInput<'_, 'data>,
    standard: &StandardSymbols,
    engine: &mut Engine<'_, 'data>,
    sink: &mut dyn Sink,
    said: &mut Diagnostics,
) {
    let report = &input.options.report;
    let mut table = Vec::new();
    if report.cross_references {
        let (resolved, names, options) = (input.resolved, input.names, input.options);
        table = cross::table(&CrossInput { resolved, names, options, standard });
    }
    if report.map.is_some() {
        let mut text = map(input, engine);
        text.append(&mut table);
        if let Err(text) = sink.text(TextKind::Map, input.options, &text) {
            said.fatal(text);
        }
    } else if !table.is_empty() {
        said.lines(&table);
    }
    if report.memory_usage {
        said.lines(&memory::usage(engine));
    }
}
