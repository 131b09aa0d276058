//! Who defines what: the inputs' symbols, those of scripts and those of the link itself.

use super::Base;
use super::choose::{c_section_names, form_of, redirected, wanted};
use crate::commons::Commons;
use crate::diagnostics::Diagnostics;
use crate::form::Form;
use crate::ids::SymbolId;
use crate::input::Item;
use crate::input::indirect::{Indirect, Indirectly};
use crate::layout::plan::Plan;
use crate::names::Names;
use crate::options::{CommonAllocation, Kind as OutputKind, Options};
use crate::report::{libraries, trace};
use crate::resolve::{Problem, Resolved, Settings, resolve};
use crate::storage::Storage;
use crate::symbols::{self, StandardSymbols};

/// Files and symbols, joined.
pub struct Joined<'a> {
    pub resolved: Resolved<'a>,
    /// What is wrong with them.
    pub problems: Vec<Problem<'a>>,
    /// Symbols that are undefined from the start.
    pub wanted: Vec<SymbolId>,
    pub form: Form,
    pub standard: StandardSymbols,
    pub commons: Commons,
    /// Libraries that only libraries need.
    pub indirect: Indirect<'a>,
}

/// Joins the items of a link.
pub fn join<'a>(
    base: &Base<'_, 'a>,
    items: Vec<Item<'a>>,
    plan: &Plan<'a>,
    storage: &'a Storage,
    said: &mut Diagnostics,
) -> Joined<'a> {
    let Base { options, names, scripts, layout_scripts, loads, .. } = *base;
    let wanted = wanted(base, storage);
    let settings = Settings {
        allows_duplicates: options.symbols.allow_multiple_definition,
        is_relocatable: options.output.kind == OutputKind::Relocatable,
        forbids_numbers: options.symbols.forbid_multiple_absolute,
        leaves_commons: options.layout.common == CommonAllocation::Inhibited,
        redirected: redirected(options, names, storage),
    };
    let (mut resolved, mut problems) = resolve(items, &wanted, names, storage, settings);
    base.clock.lap("symbols");
    trace::files(loads, Some(&resolved), options, said);
    trace::symbols(&resolved, names, options, said);
    symbols::define(layout_scripts, scripts, &plan.symbols_asked_for(), names, &mut resolved);
    problems.retain(|problem| {
        let Problem::Tls(it) = problem else { return true };
        let is_between_references = it.tls.is_reference && it.other.is_reference;
        !(is_between_references && resolved.symbols.get(it.id).is_assigned())
    });
    let form = form_of(options, &resolved);
    let standard = standard_symbols(base, &mut resolved, form);
    if options.symbols.default_imported_symver {
        resolved.name_versions();
    }
    // All names are known but for a few; from here on they are looked up, over and over.
    names.freeze();
    let allocates = !form.is_relocatable || options.layout.common == CommonAllocation::Forced;
    let commons = if allocates {
        crate::commons::allocate(&mut resolved, options.layout.sort_common)
    } else {
        Commons::default()
    };
    check_required(options, names, &resolved, said);
    let indirect = if libraries::are_asked_for(options) {
        let unused = std::mem::take(&mut resolved.unused);
        let search = Indirectly::new(options, base.arch.identity());
        Indirect::new(libraries::linked(&resolved), unused, &search, names, storage)
    } else {
        Indirect::default()
    };
    for (shared, symbol) in indirect.defined() {
        let kind = shared.table.get(symbol.index as usize).map(|it| Resolved::shared_kind(&it));
        resolved.is_elsewhere(symbol.id, kind.unwrap_or_default());
    }
    base.clock.lap("definitions");
    Joined { resolved, problems, wanted, form, standard, commons, indirect }
}

fn standard_symbols<'a>(
    base: &Base<'_, 'a>,
    resolved: &mut Resolved<'a>,
    form: Form,
) -> StandardSymbols {
    if form.is_relocatable {
        return StandardSymbols::default();
    }
    let Base { options, names, scripts, .. } = *base;
    let sections = c_section_names(resolved);
    let bounds = options.symbols.start_stop_visibility.of_symbol();
    let mut standard =
        symbols::define_standard(names, resolved, form.is_dynamic, bounds, &sections);
    if form.is_dynamic {
        standard.add_versions(scripts.version_names(), names, resolved);
    }
    standard
}

/// `--require-defined`
fn check_required(
    options: &Options,
    names: &Names<'_>,
    resolved: &Resolved<'_>,
    said: &mut Diagnostics,
) {
    for name in &options.symbols.require_defined {
        let state = names.find(name).map(|id| resolved.symbols.get(id));
        if state.is_none_or(|state| state.kind.is_undefined()) {
            said.fatal(format!("required symbol `{}' not defined", String::from_utf8_lossy(name)));
        }
    }
}
