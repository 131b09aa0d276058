//! The link: its passes, one after the other.

mod choose;
mod clock;
mod entry;
mod extents;
mod finish;
mod garbage;
mod object;
mod outputs;
mod unsupported;
mod versions;

use std::path::Path;

use libelf::raw::{ELFOSABI_GNU, ELFOSABI_NONE, PF_R, PF_W, PF_X};

use crate::commons::Commons;
use crate::diagnostics::Diagnostics;
use crate::dynamic::relocs::{self, DynamicRelocs};
use crate::dynamic::section::EntryInput;
use crate::dynamic::{DynamicInput, DynamicSymbols, DynamicTables, Versions};
use crate::eh_frame;
use crate::encode::put_word;
use crate::exports::{ExportVersions, Exports};
use crate::ids::{SectionId, SymbolId};
use crate::input::{Gatherer, SearchPath};
use crate::layout::form::Forms;
use crate::layout::plan::Plan;
use crate::layout::{self, Request};
use crate::live::Live;
use crate::made::{Made, MadeSizes};
use crate::merge::{self, Merged};
use crate::names::Names;
use crate::note::property;
use crate::note::stack::{self, Stack};
use crate::note::{build_id, package};
use crate::options::{CommonAllocation, Compression, Kind as OutputKind, Options, Strip};
use crate::relocatable;
use crate::relocatable::relocs::{self as relocs_kept, Finished, RelocInput};
use crate::report::cross::CrossInput;
use crate::report::map::phantoms::{PhantomInput, phantoms};
use crate::report::map::{MapInput, map};
use crate::report::{
    DebugFiles, Reporter, checks, cross, dependencies, memory, text_relocs, trace,
};
use crate::resolve::{Problem, Settings, resolve};
use crate::scan::{self, Facts, ScanInput};
use crate::script::ast::Script;
use crate::script::matching::match_sections;
use crate::scripts::Reader;
use crate::storage::Storage;
use crate::symbols::{self, StandardSymbols};
use crate::tables::{TableInput, Tables};
use crate::write::headers::{self, HeaderInput, SectionNames, Tail, TailSizes};
use crate::write::symtab::{SymtabInput, SymtabPlan};
use crate::write::{self, AddressInput, Addresses, WriteInput};
pub use choose::arch_of;
use choose::{
    c_section_names, defined, form_of, interpreter, may_stay_undefined, needed, option_strings,
    output_arch, own_name, redirected, wanted,
};
use clock::Clock;
use entry::entry;
use extents::{Extents, MergedContents};
use finish::{PackedFile, fill_eh_frame_hdr, place_of, put_made};
use garbage::GarbageInput;
use outputs::{Outputs, has_input};

/// A text that is written beside the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextKind {
    /// The map (`-Map`).
    Map,
    /// The rule for make(1) (`--dependency-file`).
    Dependencies,
}

/// Who takes the output.
pub trait Sink {
    /// Room for the whole output, of zeros, which is to be the file `path`; asked for once.
    ///
    /// # Errors
    /// What there is to say: there is no room, the file cannot be made.
    fn image(&mut self, path: &Path, size: usize) -> Result<&mut [u8], String>;

    /// Takes a text beside the output.
    ///
    /// # Errors
    /// What there is to say: the file cannot be made.
    fn text(&mut self, kind: TextKind, text: &[u8]) -> Result<(), String>;
}

/// The link failed; all has been said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// Links. What there is to say goes to `said`, the output to `sink`.
///
/// # Errors
/// What was said has an error in it. The sink may have been asked for room; what is there is not
/// an output then.
pub fn link(options: &Options, sink: &mut dyn Sink, said: &mut Diagnostics) -> Result<(), Failed> {
    for option in unsupported::options(options) {
        said.fatal(format!("{option} is not supported"));
    }
    if said.is_fatal() {
        return Err(Failed);
    }
    let mut clock = Clock::start();
    let unpacked_debug = libdwarf::load::Backing::new();
    let storage = Storage::new();
    let names = Names::default();
    let mut search = SearchPath::new(&options.inputs);
    let machine = arch_of(options.emulation).identity();
    let mut scripts =
        Reader::new(&storage, &search).read(options, machine, said).map_err(|_| Failed)?;
    if scripts.has_built_in {
        search.add_default(&options.inputs, options.emulation);
    }
    let options = &*scripts.options(options);
    let arch = output_arch(options, &scripts).map_err(|text| {
        said.fatal(text);
        Failed
    })?;

    let mut gatherer = Gatherer::new(&options.inputs, search, arch.identity(), &storage, &names);
    gatherer.loads.is_verbose = options.report.verbose != 0;
    gatherer.command_line(&scripts.layout);
    let loads = std::mem::take(&mut gatherer.loads);
    let (items, implicit, found) = gatherer.parse();
    scripts.add_versions(&implicit);
    if options.symbols.default_symver {
        scripts.add_default_version(storage.keep(own_name(options)));
    }
    said.append(found);
    if items.is_empty() && !said.failed(false) {
        said.fatal("no input files");
    }
    if said.failed(false) {
        trace::files(&loads, None, options, said);
    }
    stop_if_failed(said, options)?;

    clock.lap("inputs");
    let wanted = wanted(options, &scripts, &names, &storage);
    let settings = Settings {
        allows_duplicates: options.symbols.allow_multiple_definition,
        is_relocatable: options.output.kind == OutputKind::Relocatable,
        redirected: redirected(options, &names, &storage),
    };
    let (mut resolved, problems) = resolve(items, &wanted, &names, &storage, settings);
    clock.lap("symbols");
    trace::files(&loads, Some(&resolved), options, said);
    trace::symbols(&resolved, &names, options, said);
    let layout_scripts: Vec<&Script<'_>> =
        implicit.iter().chain(scripts.layout.iter().map(|(_, script)| script)).collect();
    clock.lap("definitions");
    let mut plan = Plan::new(&layout_scripts);
    plan.complain(&scripts.sources, said);
    symbols::define(&layout_scripts, &plan.symbols_asked_for(), &names, &mut resolved);
    let form = form_of(options, &resolved);
    let section_names = c_section_names(&resolved);
    let mut standard = if form.is_relocatable {
        StandardSymbols::default()
    } else {
        let bounds = options.symbols.start_stop_visibility.of_symbol();
        let has_section = |name: &[u8]| section_names.contains(name);
        symbols::define_standard(&names, &mut resolved, form.is_dynamic, bounds, &has_section)
    };
    if form.is_dynamic {
        standard.add_versions(scripts.version_names(), &names, &mut resolved);
    }
    if options.symbols.default_imported_symver {
        resolved.name_versions();
    }
    let standard = standard;
    let allocates = !form.is_relocatable || options.layout.common == CommonAllocation::Forced;
    let commons =
        if allocates { crate::commons::allocate(&mut resolved) } else { Commons::default() };
    for name in &options.symbols.require_defined {
        let state = names.find(name).map(|id| resolved.symbols.get(id));
        if state.is_none_or(|state| state.kind.is_undefined()) {
            said.fatal(format!("required symbol `{}' not defined", String::from_utf8_lossy(name)));
        }
    }
    let debug_files = DebugFiles::new(&unpacked_debug);
    let demangles = options.report.demangle.is_some();
    let mut reporter =
        Reporter::new(&resolved, &names, demangles, options.output.kind, &debug_files);
    if options.warnings.undefined_once {
        reporter.name_once();
    }
    reporter.problems(&problems, options.warnings.common, said);
    reporter.warnings(said);

    let forms =
        Forms::new(&resolved, form.is_relocatable, arch.identity().is_rela, commons.files())
            .of_library(form.is_shared);
    let matched = match_sections(&mut plan, &resolved, &forms, options);
    let outputs = Outputs::new(&resolved, &plan, &matched);
    clock.lap("sections of the script");
    let exports =
        Exports::new(&resolved, &names, options, &scripts.versions, &scripts.lists, &standard);
    if form.is_dynamic && options.symbols.undefined_version == Some(false) {
        versions::undefined(&scripts.versions, &resolved, &names, said);
    }
    let parsed = eh_frame::parse(&resolved, said);
    let takes = |section: SectionId| outputs.get(section).is_some();
    let live = if options.layout.gc_sections {
        let input = GarbageInput {
            options,
            resolved: &resolved,
            names: &names,
            scripts: &layout_scripts,
            plan: &plan,
            matched: &matched,
            exports: &exports,
            parsed: &parsed,
            standard: &standard,
            is_dynamic: form.is_dynamic,
        };
        garbage::collect(&input, &takes, said)
    } else {
        Live::all(&resolved, &takes)
    };
    // A link with two definitions of a symbol goes on, to find what else is wrong.
    if said.is_fatal()
        || problems.iter().any(|it| !matches!(it, Problem::Duplicate(_) | Problem::Common(_)))
    {
        stop_if_failed(said, options)?;
    }
    let output_of = |section: SectionId| {
        if live.contains(section) { outputs.get(section) } else { None }
    };
    clock.lap("garbage");
    let frames = eh_frame::select(parsed, &resolved, &output_of, !form.is_relocatable);
    let merge_settings = merge::Settings { tails: options.output.optimize >= 2 };
    let merged = if form.is_relocatable {
        Merged::default()
    } else {
        merge::merge(&resolved, &output_of, &storage, merge_settings, said)
    };
    clock.lap("merging");
    let encoding = arch.identity().encoding;
    let properties = property::merge(&resolved, encoding, &arch.property_rules(options), said);
    if form.is_relocatable {
        let input = object::ObjectLink {
            options,
            arch,
            resolved: &resolved,
            names: &names,
            plan,
            matched,
            forms: &forms,
            live: &live,
            frames: &frames,
            merged: &merged,
            properties: &properties,
            commons: &commons,
            scripts: &scripts,
            debug_files: &debug_files,
        };
        return object::link(input, sink, said);
    }
    let stack = stack::Wishes {
        is_executable: options.layout.exec_stack,
        has_size: options.layout.stack_size.is_some(),
        warnings: options.warnings.exec_stack,
    };
    let stack = stack::decide(&resolved, stack, said);

    let asks_weak = options.dynamic.dynamic_undefined_weak;
    clock.lap("notes");
    let mut facts = scan::collect(&resolved, form, &exports, asks_weak);
    let look = |facts: &[Facts]| {
        scan::scan(&ScanInput {
            resolved: &resolved,
            live: &live,
            frames: &frames,
            facts,
            arch,
            form,
            packs_relative: options.dynamic.pack_relative_relocs && form.is_dynamic,
        })
    };
    let mut scanned = look(&facts);
    if scan::settle_weak(&mut facts, &scanned.needs, form, asks_weak) {
        scanned = look(&facts);
    }
    let facts = facts;
    scanned.needs_got_base |= standard.has_got();

    clock.lap("relocations");
    text_relocs(&scanned, &resolved, &names, options, said);

    let table_input = TableInput {
        resolved: &resolved,
        facts: &facts,
        scanned: &scanned,
        arch,
        form,
        binds_now: options.dynamic.binds_now(),
    };
    let tables = Tables::new(&table_input);
    let mut sizes = MadeSizes::default();
    tables.sizes(&table_input, &mut sizes);
    let describes_plt = form.is_dynamic
        && options.output.plt_unwind_info
        && frames.fde_count().is_none_or(|count| count != 0);
    if form.is_dynamic && options.output.plt_unwind_info {
        let size =
            if describes_plt { eh_frame::plt::size(arch.plt(), &sizes, encoding) } else { 0 };
        sizes.set(Made::PltFrames, size, encoding.word_size() as u64);
    }
    if options.output.eh_frame_hdr {
        let more = if describes_plt { eh_frame::plt::count(&sizes) } else { 0 };
        sizes.set(Made::EhFrameHdr, eh_frame::header::size(&frames, more), 4);
    }
    sizes.set(Made::Property, properties.note.len() as u64, properties.align);
    if let Some(id) = &options.output.build_id {
        sizes.set(Made::BuildId, build_id::note_size(id), 4);
    }
    let package = package::note(options.output.package_metadata.as_deref(), encoding);
    sizes.set(Made::Package, package.len() as u64, 4);

    let word = encoding.word_size() as u64;
    let packed = relocs::packed(&scanned, encoding, |_| 0).len() as u64;
    sizes.set(Made::Relr, packed.saturating_mul(word), word);

    let mut versions = Versions::defining(Exports::definitions(&scripts.versions));
    let choice = ExportVersions {
        exports: &exports,
        defined: Versions::defining(versions.definitions.clone()),
    };
    let dynamic_input = DynamicInput {
        resolved: &resolved,
        names: &names,
        facts: &facts,
        scanned: &scanned,
        tables: &tables,
    };
    let dynamic_symbols = if form.is_dynamic {
        DynamicSymbols::new(&dynamic_input, &choice, &mut versions)
    } else {
        DynamicSymbols::default()
    };
    if packed != 0 {
        versions.need_packed_relocs(&resolved);
    }
    let relative_relocs = tables.relative_relocs;
    let own_name = own_name(options);
    let needed = needed(&resolved);
    let mut dynamic = None;
    if form.is_dynamic {
        let texts = needed.iter().copied().chain(option_strings(options));
        let mut tables = DynamicTables::new(
            dynamic_symbols,
            &versions,
            &own_name,
            texts,
            &options.dynamic,
            arch.identity(),
            &mut sizes,
        );
        tables.interpreter = interpreter(options, arch, form);
        sizes.set(Made::Interp, tables.interpreter.len() as u64, 1);
        let size = tables.settle_entries(&EntryInput {
            options: &options.dynamic,
            kind: options.output.kind,
            identity: arch.identity(),
            needed: needed.clone(),
            init: defined(&resolved, &names, options.dynamic.init.as_deref().unwrap_or(b"_init")),
            fini: defined(&resolved, &names, options.dynamic.fini.as_deref().unwrap_or(b"_fini")),
            arrays: [b".preinit_array".as_slice(), b".init_array", b".fini_array"]
                .map(|name| has_input(&plan, &matched, name)),
            sizes: &sizes,
            definition_count: versions.definition_count(),
            need_count: versions.need_count(),
            has_text_relocs: scanned.changed_text().next().is_some(),
            has_static_tls: scanned.has_static_tls,
            counts_relative: options.dynamic.combine_relocs && relative_relocs != 0,
            is_symbolic: options.symbols.symbolic == crate::options::Symbolic::All
                && scripts.lists.is_empty(),
        });
        sizes.set(Made::Dynamic, size, arch.identity().encoding.word_size() as u64);
        dynamic = Some(tables);
    }
    let no_symbols = DynamicSymbols::default();
    let dynamic_symbols = dynamic.as_ref().map_or(&no_symbols, |tables| &tables.symbols);

    clock.lap("tables");
    let extents = Extents {
        live: &live,
        frames: &frames,
        merged: &merged,
        properties: &properties,
        sizes: &sizes,
        commons: &commons,
        resolved: &resolved,
    };
    let stack_rights = match stack {
        Stack::Unsaid => None,
        Stack::Data => Some(PF_R | PF_W),
        Stack::Code => Some(PF_R | PF_W | PF_X),
    };
    let stack_size = options.layout.stack_size.unwrap_or(0);
    let request = Request {
        resolved: &resolved,
        names: &names,
        options,
        machine: arch.identity(),
        forms: &forms,
        contents: &extents,
        sources: &scripts.sources,
        stack: stack_rights.map(|rights| (rights.0, stack_size)),
    };
    let (mut layout, mut engine) = layout::lay_out(&mut plan, matched, &request, said);
    if said.is_fatal() {
        return Err(Failed);
    }
    let keeps_relocs = options.output.emit_relocs;
    if keeps_relocs {
        relocatable::tables::add(&mut layout, &resolved, &[], arch.identity());
        if options.output.strip == Strip::All {
            said.fatal("final link failed: invalid operation");
            return Err(Failed);
        }
    }

    clock.lap("layout");
    let addresses = Addresses::new(AddressInput {
        resolved: &resolved,
        layout: &layout,
        merged: &merged,
        frames: &frames,
        tables: &tables,
        standard: &standard,
        arch,
    });
    checks::overlaps(&layout, options, encoding.is_64(), said);
    let entry = entry(options, &layout_scripts, &names, &addresses, &resolved, said);
    checks::rights(&layout, options, said);
    // As GNU ld does: what is missing is said once all has its place.
    for file in &scanned.files {
        reporter.relocations(
            &file.reports,
            &|id| may_stay_undefined(options, &names, &facts, id),
            options.symbols.unresolved_only_warn,
            said,
        );
    }
    reporter.crossings(&layout, &engine.plan().no_cross_refs, said);
    if options.report.map.is_some() {
        let phantoms = phantoms(&PhantomInput {
            resolved: &resolved,
            scanned: &scanned,
            tables: &tables,
            sizes: &sizes,
            form,
            is_64: encoding.is_64(),
            is_rela: arch.identity().is_rela,
        });
        let input = MapInput {
            options,
            resolved: &resolved,
            names: &names,
            forms: &forms,
            loads: &loads,
            addresses: &addresses,
            is_kept: &|section| {
                layout::Contents::is_live(&extents, section) && outputs.get(section).is_some()
            },
            plt: [&tables.plt, &tables.plt_got],
            phantoms: &phantoms,
            is_rela: arch.identity().is_rela,
            removed_properties: &[],
            format: options.emulation.format_name(),
            is_64: encoding.is_64(),
        };
        let mut text = map(&input, &mut engine);
        if options.report.cross_references {
            let standard = &standard;
            let input = CrossInput { resolved: &resolved, names: &names, options, standard };
            text.extend(cross::table(&input));
        }
        if let Err(text) = sink.text(TextKind::Map, &text) {
            said.fatal(text);
        }
    } else if options.report.cross_references {
        let standard = &standard;
        let input = CrossInput { resolved: &resolved, names: &names, options, standard };
        said.lines(&cross::table(&input));
    }
    if options.report.memory_usage {
        said.lines(&memory::usage(&engine));
    }
    stop_if_failed(said, options)?;
    let is_forced_local =
        |id: SymbolId, state: &crate::resolve::State| exports.is_forced_local(id, state);
    let symtab_input = SymtabInput {
        resolved: &resolved,
        names: &names,
        wanted: &wanted,
        scanned: &scanned,
        addresses: &addresses,
        strip: options.output.strip,
        discard: options.output.discard,
        encoding: arch.identity().encoding,
        form,
        facts: &facts,
        exports_all: options.symbols.export_dynamic,
        is_forced_local: &is_forced_local,
        keeps_relocs,
    };
    clock.lap("addresses, reports");
    let symtab = SymtabPlan::new(&symtab_input);
    let write_input = WriteInput {
        resolved: &resolved,
        facts: &facts,
        tables: &tables,
        addresses: &addresses,
        frames: &frames,
        arch,
        form,
        packs_relative: options.dynamic.pack_relative_relocs && form.is_dynamic,
        contents: &MergedContents(&merged),
        keeps_relocs,
    };
    // What is packed must be written before it is known where all else lies in the file.
    let mut early = None;
    let how = options.output.compress_debug.unwrap_or(Compression::Nothing);
    if how != Compression::Nothing {
        let size = usize::try_from(layout.file_end).map_err(|_| Failed)?;
        let mut unpacked = vec![0; size];
        let outcome = write::write_sections(&write_input, &mut unpacked);
        early = Some((PackedFile::new(&layout, unpacked, encoding, how), outcome));
    }
    let (early, early_outcome) = early.unzip();
    let file_layout = early.as_ref().map_or(&layout, |file: &PackedFile<'_>| &file.layout);
    let output_names = SectionNames::new(file_layout, false);
    let tail_sizes = TailSizes {
        symbols: symtab.size(),
        first_global: symtab.first_global,
        strings: symtab.names_size,
        ..TailSizes::default()
    };
    let tail = Tail::new(file_layout, tail_sizes, &output_names, encoding);
    let size = usize::try_from(tail.end).map_err(|_| Failed)?;
    let image = match sink.image(options.output.path(), size) {
        Ok(image) => image,
        Err(text) => {
            said.fatal(text);
            return Err(Failed);
        }
    };
    if let Some(file) = &early {
        file.write(image);
    }
    let mut outcome = early_outcome.unwrap_or_else(|| write::write_sections(&write_input, image));
    reporter.relocations(&outcome.reports, &|_| true, false, said);

    clock.lap("contents");
    outcome.dynamic.extend(relocs::of_copies(&tables.copies, |made| addresses.made(made)));
    let [plt_slots, iplt_slots] = [Made::GotPlt, Made::IgotPlt].map(|made| {
        let start = addresses.made(made);
        start..start.saturating_add(sizes.get(made).size)
    });
    let sorted = DynamicRelocs::new(outcome.dynamic, dynamic_symbols, plt_slots, iplt_slots);
    let place = |made: Made| place_of(&layout, made);
    for (made, list) in [
        (Made::RelaDyn, &sorted.dynamic),
        (Made::RelaPlt, &sorted.plt),
        (Made::RelaIplt, &sorted.iplt),
    ] {
        let bytes = relocs::table(list, dynamic_symbols, arch.identity());
        put_made(image, place(made), sizes.get(made).size, &bytes);
    }
    let packed =
        relocs::packed(&scanned, encoding, |section| layout.address(section, 0).unwrap_or(0));
    let mut bytes = Vec::new();
    for value in packed {
        put_word(&mut bytes, value, encoding);
    }
    put_made(image, place(Made::Relr), sizes.get(Made::Relr).size, &bytes);
    if let Some(tables) = &dynamic {
        for form in crate::made::MADE {
            let bytes = tables.bytes(
                form.made,
                arch.identity(),
                &resolved,
                &addresses,
                &sizes,
                sorted.relative,
            );
            if let Some(bytes) = bytes {
                put_made(image, place(form.made), sizes.get(form.made).size, &bytes);
            }
        }
    }
    let property_size = properties.note.len() as u64;
    put_made(image, place(Made::Property), property_size, &properties.note);
    put_made(image, place(Made::Package), package.len() as u64, &package);
    let start = |made| addresses.made(made);
    let at = addresses.made(Made::PltFrames);
    let (records, entries) = match place(Made::PltFrames).filter(|_| describes_plt) {
        Some(_) => eh_frame::plt::records(arch.plt(), &sizes, at, start, encoding),
        None => Default::default(),
    };
    put_made(image, place(Made::PltFrames), records.len() as u64, &records);
    fill_eh_frame_hdr(image, &entries, &layout, &frames, &addresses, arch, &sizes, said);
    if keeps_relocs {
        let rewritten = std::mem::take(&mut outcome.rewritten).into_iter().collect();
        let input = RelocInput {
            resolved: &resolved,
            layout: &layout,
            frames: &frames,
            numbers: &symtab.numbers(&symtab_input),
            identity: arch.identity(),
            finished: Some(Finished { merged: &merged, rewritten: &rewritten }),
        };
        let (start, size) = tail.relocs;
        if let Some(tables) = image.get_mut(start as usize..start.saturating_add(size) as usize) {
            relocs_kept::write(&input, tables);
        }
    }
    let (symbols_at, strings_at) = (tail.symbols, tail.strings);
    if symbols_at.1 != 0
        && let Some(area) = image.get_mut(symbols_at.0 as usize..)
        && let Some((symbols, rest)) = area.split_at_mut_checked(symbols_at.1 as usize)
        && let Some(strings) = rest.get_mut(..strings_at.1 as usize)
    {
        symtab.fill(&symtab_input, symbols, strings);
    }
    headers::write(
        &HeaderInput {
            layout: file_layout,
            tail,
            names: &output_names,
            identity: arch.identity(),
            kind: options.output.kind,
            os_abi: if symtab.is_gnu { ELFOSABI_GNU } else { ELFOSABI_NONE },
            flags: 0,
            entry,
            counts: &|made| match made {
                Made::VerDef => Some(versions.definition_count()),
                Made::VerNeed => Some(versions.need_count()),
                Made::DynSym => Some(1),
                _ => None,
            },
        },
        image,
    );
    clock.lap("headers, symbol table");
    if let Some(id) = &options.output.build_id
        && let Some(offset) = place(Made::BuildId)
    {
        build_id::write(id, image, offset as u64, encoding);
    }
    if said.failed(options.warnings.fatal) && !options.output.keep_on_error {
        return Err(Failed);
    }
    clock.lap("build id");
    clock.report(options, said);
    if options.output.dependency_file.is_some() {
        let rule = dependencies::rule(options, &loads);
        if let Err(text) = sink.text(TextKind::Dependencies, &rule) {
            said.fatal(text);
            return Err(Failed);
        }
    }
    Ok(())
}

fn stop_if_failed(said: &Diagnostics, options: &Options) -> Result<(), Failed> {
    if said.failed(false) && !options.output.keep_on_error { Err(Failed) } else { Ok(()) }
}
