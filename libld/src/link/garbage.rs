//! `--gc-sections`: what is kept, and what there is to say of the rest.

use crate::diagnostics::Diagnostics;
use crate::eh_frame;
use crate::exports::Exports;
use crate::ids::SectionId;
use crate::layout::plan::Plan;
use crate::live::{Collect, Live, Roots};
use crate::names::Names;
use crate::options::{Kind as OutputKind, Options};
use crate::resolve::{Kind, Resolved};
use crate::scan::Binding;
use crate::script::ast::{Command, Script};
use crate::script::matching::Matched;
use crate::symbols::StandardSymbols;

/// What it follows from.
pub struct GarbageInput<'a, 'data> {
    pub options: &'a Options,
    pub resolved: &'a Resolved<'data>,
    pub names: &'a Names<'data>,
    pub scripts: &'a [&'a Script<'a>],
    pub entry_name: Option<&'a [u8]>,
    pub plan: &'a Plan<'a>,
    pub matched: &'a Matched,
    pub exports: &'a Exports<'a, 'data>,
    pub parsed: &'a eh_frame::Parsed<'data>,
    pub standard: &'a StandardSymbols,
    /// Whether the output has dynamic symbols.
    pub is_dynamic: bool,
}

/// The sections that are kept. `takes` tells which ones the link would have otherwise.
pub fn collect(
    input: &GarbageInput<'_, '_>,
    takes: &(dyn Fn(SectionId) -> bool + Sync),
    said: &mut Diagnostics,
) -> Live {
    let GarbageInput { options, resolved, names, .. } = *input;
    let live = Live::reachable(
        &Collect {
            resolved,
            parsed: input.parsed,
            standard: input.standard,
            start_stop_gc: options.layout.start_stop_gc,
        },
        &roots(input),
        takes,
    );
    if options.report.gc_sections {
        let commons = |section: SectionId| {
            let object = resolved.object(section.file);
            object.is_some_and(|object| object.sections.len() == section.index as usize)
                && takes(section)
        };
        live.report(resolved, names, takes, &commons, said);
    }
    if options.output.kind == OutputKind::Relocatable && !has_symbol_root(input) {
        said.fatal("--gc-sections requires a defined symbol root specified by -e or -u");
    }
    live
}

/// The names of symbols that are kept whoever refers to them.
fn root_names<'a>(input: &GarbageInput<'a, '_>) -> Vec<&'a [u8]> {
    let options = input.options;
    let mut names: Vec<&[u8]> = input.entry_name.into_iter().collect();
    let wanted = options.symbols.undefined.iter().chain(&options.symbols.require_defined);
    names.extend(wanted.map(Vec::as_slice));
    names.push(options.dynamic.init.as_deref().unwrap_or(b"_init"));
    names.push(options.dynamic.fini.as_deref().unwrap_or(b"_fini"));
    for command in input.scripts.iter().flat_map(|script| &script.commands) {
        if let Command::Extern(words) = command {
            names.extend(words.iter().map(|word| word.name));
        }
    }
    names
}

fn has_symbol_root(input: &GarbageInput<'_, '_>) -> bool {
    root_names(input).iter().filter_map(|name| input.names.find(name)).any(|id| {
        let kind = input.resolved.symbols.get(id).kind;
        matches!(kind, Kind::Definition | Kind::WeakDefinition | Kind::Common)
    })
}

fn roots(input: &GarbageInput<'_, '_>) -> Roots {
    let mut roots = Roots::default();
    roots.of_script(input.plan, input.matched);
    roots.of_sections(input.resolved);
    roots.symbols.extend(root_names(input).iter().filter_map(|name| input.names.find(name)));
    let keeps_exported = input.options.layout.gc_keep_exported;
    roots.of_exports(input.resolved, &|id, state| {
        keeps_exported || input.is_dynamic && input.exports.is_exported(id, state)
    });
    roots
}
