//! What there is to say of a link once all has its place: the start, what is missing, the map.

use super::choose::may_stay_undefined;
use super::entry::entry;
use super::extents::Extents;
use super::join::Joined;
use super::keep::Kept;
use super::listings;
use super::needs::Needs;
use super::{Base, Sink};
use crate::diagnostics::Diagnostics;
use crate::ids::SymbolId;
use crate::layout::{self, Engine, Layout};
use crate::report::map::MapInput;
use crate::report::map::phantoms::{PhantomInput, phantoms};
use crate::report::{Reporter, checks};
use crate::resolve::{Kind, State};
use crate::scan::{Target, Trouble, target};
use crate::write::Addresses;

/// What is linked, and where everything lies.
pub struct Laid<'l, 'a> {
    pub base: &'l Base<'l, 'a>,
    pub joined: &'l Joined<'a>,
    pub kept: &'l Kept<'l, 'a>,
    pub needs: &'l Needs,
    pub layout: &'l Layout<'a>,
    pub addresses: &'l Addresses<'l, 'a>,
    pub extents: &'l Extents<'l, 'a>,
}

/// Says what there is to say; answers where the program starts.
pub fn report<'a>(
    laid: &Laid<'_, 'a>,
    mut engine: Engine<'_, 'a>,
    reporter: &mut Reporter<'_, 'a>,
    sink: &mut dyn Sink,
    said: &mut Diagnostics,
) -> u64 {
    let Laid { base, joined, needs, .. } = *laid;
    let Base { options, names, .. } = *base;
    let Joined { resolved, standard, .. } = joined;
    let find = |name: &[u8]| {
        let id = names.find(name)?;
        let kind = resolved.symbols.get(id).kind;
        (kind.is_regular() || kind == Kind::Linker).then(|| laid.addresses.global(id))
    };
    let code = laid.addresses.output_named(".text").map(|text| text.addr);
    let entry = entry(options, base.entry_name, code, find, said);
    if !laid.base.is_binary() {
        checks::headers(laid.layout, engine.plan().phdrs.is_some(), options, said);
        checks::rights(laid.layout, options, said);
    }
    // As GNU ld does: what is missing is said once all has its place.
    for file in &needs.scanned.files {
        reporter.relocations(
            &file.reports,
            &|id| may_stay_undefined(options, names, &needs.facts, id),
            options.symbols.unresolved_only_warn,
            said,
        );
        if said.is_fatal() {
            return entry;
        }
    }
    let missed = needs.scanned.files.iter().flat_map(|file| &file.reports).filter_map(|report| {
        let object = resolved.object(report.section.file)?;
        match target(report.section.file, object, report.reloc.symbol)? {
            Target::Global(id) if report.trouble == Trouble::Undefined => Some(id),
            _ => None,
        }
    });
    reporter
        .hidden(missed.filter(|&id| !may_stay_undefined(options, names, &needs.facts, id)), said);
    reporter.libraries(&joined.indirect, options, said);
    if options.output.kind.is_executable() {
        let is_forced_local =
            |id: SymbolId, state: &State| laid.kept.exports.is_forced_local(id, state);
        reporter.kept_from_libraries(&is_forced_local, said);
    }
    reporter.crossings(laid.layout, &engine.plan().no_cross_refs, said);
    with_input(laid, |input| listings::list(input, standard, &mut engine, sink, said));
    entry
}

/// Calls `tell` with what maps are made of.
fn with_input<'a>(laid: &Laid<'_, 'a>, tell: impl FnOnce(&MapInput<'_, 'a>)) {
    let Laid { base, joined, kept, needs, .. } = *laid;
    let Base { options, arch, names, loads, .. } = *base;
    let identity = arch.identity();
    let phantom_input = PhantomInput {
        resolved: &joined.resolved,
        scanned: &needs.scanned,
        tables: &needs.tables,
        sizes: &needs.sizes,
        form: joined.form,
        is_64: identity.encoding.is_64(),
        is_rela: identity.is_rela,
        divides: kept.forms.division.is_some(),
    };
    let has_map = options.report.map.is_some();
    let phantoms = if has_map { phantoms(&phantom_input) } else { Vec::new() };
    tell(&MapInput {
        options,
        resolved: &joined.resolved,
        names,
        forms: &kept.forms,
        loads,
        layout: laid.layout,
        addresses: Some(laid.addresses),
        is_kept: &|section| {
            layout::Contents::is_live(laid.extents, section) && kept.outputs.get(section).is_some()
        },
        plt: [&needs.tables.plt, &needs.tables.plt_got],
        phantoms: &phantoms,
        is_rela: identity.is_rela,
        removed_properties: &kept.properties.changes,
        format: options.emulation.format_name(),
        is_64: identity.encoding.is_64(),
    });
}
