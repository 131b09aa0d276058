//! What the link adds: which tables there are, who is in them, and how large they are.

use libelf::raw::{PF_R, PF_W, PF_X};

use super::Base;
use super::choose::{defined, interpreter, needed, option_strings, own_name};
use super::join::Joined;
use super::keep::Kept;
use super::outputs::has_input;
use crate::diagnostics::Diagnostics;
use crate::dynamic::section::{Entry, EntryInput};
use crate::dynamic::{DynamicInput, DynamicSymbols, DynamicTables, Versions, relocs};
use crate::eh_frame;
use crate::exports::{ExportVersions, Exports};
use crate::ids::SectionId;
use crate::layout::plan::Plan;
use crate::made::{Made, MadeSizes};
use crate::note::stack::{self, Stack};
use crate::note::{build_id, package};
use crate::options::Symbolic;
use crate::report::{text_relocs, untyped};
use crate::scan::{self, Facts, ScanInput, Scanned};
use crate::script::matching::Matched;
use crate::tables::{TableInput, Tables, reloc_size};

/// What code asks for.
pub struct Needs {
    pub facts: Vec<Facts>,
    pub scanned: Scanned,
    pub tables: Tables,
    /// How large the made sections are.
    pub sizes: MadeSizes,
    /// Whether relative relocations are packed (`.relr.dyn`).
    pub packs_relative: bool,
    /// Whether there are unwind records of the procedure linkage tables.
    pub describes_plt: bool,
    /// The rights (`p_flags`) and the size of the stack, where a header says so.
    pub stack: Option<(u32, u64)>,
    /// Entries of the dynamic section that only the machine has.
    of_machine: Vec<Entry>,
    /// The note of the package (`--package-metadata`).
    pub package: Vec<u8>,
    /// How large the sections of dynamic relocations are if there is more than one, in bytes.
    pub divided: Vec<u64>,
    /// The sections of dynamic relocations among which are relative ones.
    relative: Vec<SectionId>,
}

/// Looks at what is kept: what do its relocations ask for?
pub fn find(
    base: &Base<'_, '_>,
    joined: &Joined<'_>,
    kept: &Kept<'_, '_>,
    said: &mut Diagnostics,
) -> Needs {
    let Base { options, arch, names, .. } = *base;
    let Joined { resolved, form, .. } = joined;
    let form = *form;
    let wishes = stack::Wishes {
        is_executable: options.layout.exec_stack,
        has_size: options.layout.stack_size.is_some(),
        warnings: options.warnings.exec_stack,
    };
    let rights = match stack::decide(resolved, wishes, said) {
        Stack::Unsaid => None,
        Stack::Data => Some(PF_R | PF_W),
        Stack::Code => Some(PF_R | PF_W | PF_X),
    };
    let stack_size = options.layout.stack_size.unwrap_or(0);
    let rights = rights.filter(|_| options.layout.gnu_stack);
    let stack = rights.map(|rights| (rights.0, stack_size));

    let asks_weak = options.dynamic.dynamic_undefined_weak;
    let packs_relative = options.dynamic.pack_relative_relocs && form.is_dynamic;
    let mut facts = scan::collect(resolved, &kept.live, form, &kept.exports, asks_weak);
    let look = |facts: &[Facts]| {
        let (live, frames) = (&kept.live, &kept.frames);
        scan::scan(&ScanInput { resolved, live, frames, facts, arch, form, packs_relative })
    };
    let mut scanned = look(&facts);
    let weak_changed = scan::settle_weak(&mut facts, &scanned.needs, form, asks_weak);
    let adopted_changed = scan::settle_adopted(&mut facts, &scanned.needs, form);
    if weak_changed || adopted_changed {
        scanned = look(&facts);
    }
    scanned.needs_got_base |=
        joined.standard.got().is_some_and(|id| scanned.needs.get(id).has(scan::Needs::USED));
    if form.is_dynamic {
        // What an option refers to (`-u`) is used as if an object did.
        for &id in joined.wanted.iter().filter(|&&id| resolved.symbols.get(id).kind.is_shared()) {
            scanned.needs.add(id, scan::Needs::USED);
        }
        scan::use_strong_names(resolved, &scanned.needs);
    }
    base.clock.lap("relocations");
    if form.is_dynamic {
        untyped(resolved, &scanned.needs, names, said);
    }
    text_relocs(&scanned, resolved, names, options, said);

    let table_input = TableInput {
        resolved,
        facts: &facts,
        scanned: &scanned,
        arch,
        form,
        binds_now: options.dynamic.binds_now(),
    };
    let tables = Tables::new(&table_input);
    let mut sizes = MadeSizes::default();
    tables.sizes(&table_input, &mut sizes);
    let encoding = arch.identity().encoding;
    let word = encoding.word_size() as u64;
    let describes_plt = form.is_dynamic
        && options.output.plt_unwind_info
        && kept.frames.fde_count().is_none_or(|count| count != 0);
    if form.is_dynamic && options.output.plt_unwind_info {
        let size =
            if describes_plt { eh_frame::plt::size(arch.plt(), &sizes, encoding) } else { 0 };
        sizes.set(Made::PltFrames, size, word);
    }
    let has_table = options.output.eh_frame_hdr && !options.output.traditional;
    if has_table && !base.is_binary() {
        let more = if describes_plt { eh_frame::plt::count(&sizes) } else { 0 };
        sizes.set(Made::EhFrameHdr, eh_frame::header::size(&kept.frames, more), 4);
    }
    sizes.set(Made::Property, kept.properties.note.len() as u64, kept.properties.align);
    if let Some(id) = options.output.build_id.as_ref().filter(|_| !base.is_binary()) {
        sizes.set(Made::BuildId, build_id::note_size(id), 4);
    }
    let package = package::note(options.output.package_metadata.as_deref(), encoding);
    sizes.set(Made::Package, package.len() as u64, 4);
    let packed = relocs::packed(&scanned, encoding, |_| None).len() as u64;
    sizes.set(Made::Relr, packed.saturating_mul(word), word);
    let of_machine = arch.dynamic_entries(options, &kept.properties);
    let entry = reloc_size(encoding.is_64(), arch.identity().is_rela);
    let division = kept.forms.division.as_ref();
    let counts = division.map(|it| it.counts(resolved, &scanned, &tables)).unwrap_or_default();
    let divided = counts.iter().map(|count| count.all.saturating_mul(entry)).collect();
    let relative = match division {
        Some(division) => division.relative(&counts).collect(),
        None if tables.relative_relocs != 0 => vec![Made::RelaDyn.section()],
        None => Vec::new(),
    };
    Needs {
        facts,
        scanned,
        tables,
        sizes,
        packs_relative,
        describes_plt,
        stack,
        of_machine,
        package,
        divided,
        relative,
    }
}

/// What the dynamic linker looks for by name.
pub struct Naming<'n, 'a> {
    /// The symbols; they become part of the tables.
    pub symbols: DynamicSymbols<'a>,
    pub versions: Versions<'a>,
    own_name: Vec<u8>,
    needed: Vec<&'n [u8]>,
    /// Whether there is a list of symbols that others may bind to (`--dynamic-list`).
    has_list: bool,
}

/// Numbers the dynamic symbols and their versions.
pub fn name_symbols<'n, 'a>(
    base: &Base<'_, 'a>,
    joined: &'n Joined<'a>,
    kept: &Kept<'_, 'a>,
    needs: &Needs,
) -> Naming<'n, 'a> {
    let Base { options, names, scripts, .. } = *base;
    let Joined { resolved, form, .. } = joined;
    let mut versions = Versions::defining(Exports::definitions(&scripts.versions));
    let choice = ExportVersions {
        exports: &kept.exports,
        defined: Versions::defining(versions.definitions.clone()),
    };
    let symbols = if form.is_dynamic {
        let Needs { facts, scanned, tables, .. } = needs;
        let lists_unused = form.is_shared && !options.layout.gc_sections;
        let input = DynamicInput { resolved, names, facts, scanned, lists_unused, tables };
        DynamicSymbols::new(&input, &choice, &mut versions)
    } else {
        DynamicSymbols::default()
    };
    if needs.sizes.get(Made::Relr).size != 0 {
        versions.need_packed_relocs(resolved);
    }
    let has_list = kept.exports.has_list();
    Naming { symbols, versions, own_name: own_name(options), needed: needed(resolved), has_list }
}

/// The tables of the dynamic linker, if the output has any; their sizes are settled in `needs`.
pub fn dynamic_tables<'n, 'a>(
    base: &Base<'n, 'a>,
    joined: &Joined<'a>,
    needs: &mut Needs,
    naming: &'n mut Naming<'_, 'a>,
    plan: &Plan<'a>,
    matched: &Matched,
) -> Option<DynamicTables<'n, 'a>> {
    let Base { options, arch, names, .. } = *base;
    let Joined { resolved, form, .. } = joined;
    if !form.is_dynamic {
        return None;
    }
    let symbols = std::mem::take(&mut naming.symbols);
    let naming = &*naming;
    let texts = naming.needed.iter().copied().chain(option_strings(options));
    let (versions, identity) = (&naming.versions, arch.identity());
    let mut tables = DynamicTables::new(
        symbols,
        versions,
        &naming.own_name,
        texts,
        &options.dynamic,
        identity,
        &mut needs.sizes,
    );
    tables.interpreter = interpreter(options, arch, *form);
    needs.sizes.set(Made::Interp, tables.interpreter.len() as u64, 1);
    let size = tables.settle_entries(&EntryInput {
        options: &options.dynamic,
        kind: options.output.kind,
        identity,
        needed: naming.needed.clone(),
        init: defined(resolved, names, options.dynamic.init.as_deref().unwrap_or(b"_init")),
        fini: defined(resolved, names, options.dynamic.fini.as_deref().unwrap_or(b"_fini")),
        arrays: [b".preinit_array".as_slice(), b".init_array", b".fini_array"]
            .map(|name| has_input(plan, matched, resolved, name)),
        sizes: &needs.sizes,
        definition_count: versions.definition_count(),
        need_count: versions.need_count(),
        has_text_relocs: needs.scanned.changed_text().next().is_some(),
        has_static_tls: needs.scanned.has_static_tls,
        counts_relative: options.dynamic.combine_relocs
            && needs.relative.iter().any(|&section| is_combined(section, plan, matched)),
        is_symbolic: options.symbols.symbolic == Symbolic::All && !naming.has_list,
        of_machine: std::mem::take(&mut needs.of_machine),
    });
    needs.sizes.set(Made::Dynamic, size, identity.encoding.word_size() as u64);
    Some(tables)
}

/// Whether dynamic relocations are in the section that is sorted: not where a script calls it
/// otherwise.
fn is_combined(section: SectionId, plan: &Plan<'_>, matched: &Matched) -> bool {
    matched.orphans.contains(&section)
        || plan.rules.iter().zip(&matched.by_rule).any(|(rule, sections)| {
            let output = plan.outputs.get(rule.output as usize);
            output.is_some_and(|output| matches!(output.name, b".rela.dyn" | b".rel.dyn"))
                && sections.contains(&section)
        })
}
