//! What is kept of the inputs, and what becomes of contents that are not just copied.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::garbage::{self, GarbageInput};
use super::join::Joined;
use super::outputs::Outputs;
use super::{Base, Failed, stop_if_failed, versions};
use crate::diagnostics::Diagnostics;
use crate::dynamic::division::Division;
use crate::eh_frame::{self, Frames, Parsed};
use crate::exports::Exports;
use crate::ids::SectionId;
use crate::layout::form::Forms;
use crate::layout::plan::Plan;
use crate::live::Live;
use crate::merge::{self, Merged};
use crate::note::property::{self, ProcessorRules, Properties};
use crate::options::{Magic, Strip};
use crate::relocatable::symbols::Retained;
use crate::resolve::Problem;
use crate::script::ast::{Command, Script};
use crate::script::matching::{Matched, match_sections};
use crate::storage::Storage;

/// What is kept, and where it goes.
pub struct Kept<'k, 'a> {
    /// What input sections are to patterns.
    pub forms: Forms<'k, 'a>,
    /// The output section of each input section.
    pub outputs: Outputs,
    /// Who is exported, with which version.
    pub exports: Exports<'k, 'a>,
    pub live: Live,
    pub frames: Frames<'a>,
    pub merged: Merged<'a>,
    pub properties: Properties,
    /// The names of the only symbols that `.symtab` keeps, if not all are kept.
    pub retained: Option<Retained>,
}

/// Lets the plan's statements take sections, and finds what is kept of them. `plan` is changed
/// where statements hold only for some inputs.
///
/// # Errors
/// What is wrong so far ends the link; all has been said.
pub fn keep<'k, 'a>(
    base: &Base<'k, 'a>,
    joined: &'k Joined<'a>,
    plan: &mut Plan<'a>,
    storage: &'a Storage,
    said: &mut Diagnostics,
) -> Result<(Kept<'k, 'a>, Matched), Failed> {
    let Base { options, arch, names, scripts, .. } = *base;
    let Joined { resolved, form, commons, problems, .. } = joined;
    let identity = arch.identity();
    let forms = Forms::new(resolved, form.is_relocatable, identity.is_rela, commons.files());
    let forms =
        forms.of_library(form.is_shared).without_debug(options.output.strip != Strip::Nothing);
    let forms = forms.with_read_only_dynamic(options.dynamic.read_only);
    let divides = form.is_dynamic && divides_relocs(base);
    let forms =
        forms.divided(divides.then(|| Division::new(resolved, *form, identity.is_rela, storage)));
    let matched = match_sections(plan, resolved, &forms, options);
    let outputs = Outputs::new(resolved, plan, &matched);
    base.clock.lap("sections of the script");
    let exports =
        Exports::new(resolved, names, options, &scripts.versions, &scripts.lists, &joined.standard);
    if form.is_dynamic && options.symbols.undefined_version == Some(false) {
        versions::undefined(&scripts.versions, resolved, names, said);
    }
    let is_traditional = options.output.traditional;
    let parsed = if is_traditional { Parsed::default() } else { eh_frame::parse(resolved, said) };
    let takes = |section: SectionId| outputs.get(section).is_some();
    let live = if options.layout.gc_sections {
        let input = GarbageInput {
            options,
            resolved,
            names,
            scripts: base.layout_scripts,
            entry_name: base.entry_name,
            plan,
            matched: &matched,
            exports: &exports,
            parsed: &parsed,
            standard: &joined.standard,
            is_dynamic: form.is_dynamic,
        };
        garbage::collect(&input, &takes, said)
    } else {
        Live::all(resolved, &takes)
    };
    // A link with two definitions of a symbol goes on, to find what else is wrong.
    let goes_on = |it: &Problem<'_>| matches!(it, Problem::Duplicate(_) | Problem::Common(_));
    if said.is_fatal() || !problems.iter().all(goes_on) {
        stop_if_failed(said, options)?;
    }
    let output_of = |section: SectionId| {
        if live.contains(section) { outputs.get(section) } else { None }
    };
    base.clock.lap("garbage");
    let frames = eh_frame::select(parsed, resolved, &output_of, !form.is_relocatable);
    let merge_settings = match options.output.optimize {
        0 | 1 => merge::Settings::USUAL,
        _ => merge::Settings::SMALLEST,
    };
    let merged = if form.is_relocatable {
        Merged::default()
    } else {
        merge::merge(resolved, &output_of, storage, merge_settings, said)
    };
    base.clock.lap("merging");
    let rules = ProcessorRules {
        stack_size: options.layout.stack_size,
        indirect_extern_access: options.dynamic.indirect_extern_access,
        ..arch.property_rules(options)
    };
    let properties = if base.is_binary() {
        Properties::default()
    } else {
        let wishes = property::Wishes { stack_size: options.layout.stack_size.unwrap_or_default() };
        property::merge(resolved, arch.identity().encoding, &rules, wishes, said)
    };
    base.clock.lap("notes");
    Ok((
        Kept { forms, outputs, exports, live, frames, merged, properties, retained: None },
        matched,
    ))
}

/// Lets `__start_NAME` and its like be undefined where garbage collection leaves nothing of the
/// sections NAME, as it may with `-z start-stop-gc`. Sections are kept by what is known of symbols,
/// so this is a link of its own up to there; what it has to say is said by the real one.
pub fn forget_bounds<'a>(
    base: &Base<'_, 'a>,
    joined: &mut Joined<'a>,
    mut plan: Plan<'a>,
    storage: &'a Storage,
) {
    let layout = &base.options.layout;
    if !layout.gc_sections || !layout.start_stop_gc || !joined.standard.has_bounds() {
        return;
    }
    let mut left: HashSet<Vec<u8>, RandomState> = HashSet::default();
    {
        let mut said = Diagnostics::new();
        let Ok((kept, _)) = keep(base, joined, &mut plan, storage, &mut said) else { return };
        for (file, object) in joined.resolved.objects() {
            for index in 0..object.sections.len() as u32 {
                if kept.live.contains(SectionId { file, index })
                    && let Some(name) = object.section_name(index)
                {
                    left.insert(name.to_vec());
                }
            }
        }
    }
    let Joined { resolved, standard, .. } = joined;
    standard.forget_bounds(resolved, &|name| left.contains(name));
}

/// Whether dynamic relocations may be in more than one section: the built-in script for what is
/// loaded by pages has one for all of them.
fn divides_relocs(base: &Base<'_, '_>) -> bool {
    let is_usual = |script: &&Script<'_>| base.scripts.is_built_in(script);
    let has_sections =
        |script: &&Script<'_>| script.commands.iter().any(|it| matches!(it, Command::Sections(_)));
    let mut laying_out = base.layout_scripts.iter().copied().filter(has_sections);
    !base.options.dynamic.combine_relocs
        || base.options.output.magic != Magic::DemandPaged
        || !laying_out.all(|script| is_usual(&script))
}
