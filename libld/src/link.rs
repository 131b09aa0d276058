//! The link: its passes, one after the other.

use std::collections::HashSet;
use std::io;

use foldhash::fast::RandomState;

use libelf::raw::{OsAbi, PF_R, PF_W, PF_X};

use crate::arch::{Arch, x86_64};
use crate::diagnostics::Diagnostics;
use crate::dynamic::relocs::{self, DynamicRelocs};
use crate::dynamic::section::EntryInput;
use crate::dynamic::{DynamicInput, DynamicSymbols, DynamicTables, Versions};
use crate::eh_frame;
use crate::exports::{ExportVersions, Exports};
use crate::form::Form;
use crate::ids::{SectionId, SymbolId};
use crate::input::{Gatherer, SearchPath};
use crate::layout::form::Forms;
use crate::layout::plan::{Plan, Planned};
use crate::layout::{self, Layout, Request};
use crate::live::Live;
use crate::made::{Extent, INTERNAL, Made, MadeSizes};
use crate::merge::{self, Merged};
use crate::names::Names;
use crate::options::{BuildId, Emulation, Interpreter, Kind as OutputKind, Options, Unresolved};
use crate::report::Reporter;
use crate::resolve::{InputFile, Kind, Resolved, Settings, resolve};
use crate::scan::{self, Facts, ScanInput};
use crate::script::ast::{Command, Script, SectionsItem};
use crate::script::matching::{Matched, match_sections};
use crate::scripts::{Reader, Scripts};
use crate::storage::Storage;
use crate::symbols;
use crate::tables::{TableInput, Tables};
use crate::write::headers::{self, HeaderInput, SectionNames, Tail};
use crate::write::symtab::{SymtabInput, SymtabPlan};
use crate::write::{self, AddressInput, Addresses, Contents, WriteInput};

/// Who takes the output.
pub trait Sink {
    /// Room for the whole output, of zeros; asked for once.
    ///
    /// # Errors
    /// There is no room.
    fn image(&mut self, size: usize) -> io::Result<&mut [u8]>;
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
    let storage = Storage::new();
    let names = Names::default();
    let arch = arch_of(options.emulation);
    let search = SearchPath::new(&options.inputs, options.emulation);
    let scripts =
        Reader::new(&storage, &search).read(options, arch.identity(), said).map_err(|_| Failed)?;

    let mut gatherer = Gatherer::new(&options.inputs, search, arch.identity(), &storage, &names);
    gatherer.command_line();
    for (path, script) in &scripts.layout {
        gatherer.of_script(&script.commands, path, crate::options::State::default());
    }
    let (items, implicit, found) = gatherer.parse();
    said.append(found);
    if items.is_empty() && !said.failed(false) {
        said.fatal("no input files");
    }
    stop_if_failed(said, options)?;

    let wanted = wanted(options, &scripts, &names);
    let settings = Settings {
        allows_duplicates: options.symbols.allow_multiple_definition,
        is_relocatable: options.output.kind == OutputKind::Relocatable,
    };
    let (mut resolved, problems) = resolve(items, &wanted, &names, &storage, settings);
    let layout_scripts: Vec<&Script<'_>> =
        implicit.iter().chain(scripts.layout.iter().map(|(_, script)| script)).collect();
    symbols::define(&layout_scripts, &names, &mut resolved);
    let form = form_of(options, &resolved);
    let section_names = c_section_names(&resolved);
    let standard = symbols::define_standard(&names, &mut resolved, form.is_dynamic, &|name| {
        section_names.contains(name)
    });
    let commons = crate::commons::allocate(&mut resolved);
    let mut reporter =
        Reporter::new(&resolved, &names, options.report.demangle.is_some(), options.output.kind);
    reporter.problems(&problems, said);

    let mut plan = Plan::new(&layout_scripts);
    let forms = Forms::new(&resolved, form.is_relocatable, commons.files());
    let matched = match_sections(&mut plan, &resolved, &forms);
    let outputs = Outputs::new(&resolved, &plan, &matched);
    let live = Live::all(&resolved);
    let output_of = |section: SectionId| {
        if live.contains(section) { outputs.get(section) } else { None }
    };
    let parsed = eh_frame::parse(&resolved, said);
    let frames = eh_frame::select(parsed, &resolved, &output_of, !form.is_relocatable);
    let merge_settings = merge::Settings { tails: options.output.optimize >= 2 };
    let merged = merge::merge(&resolved, &output_of, &storage, merge_settings, said);

    let exports = Exports::new(&resolved, &names, options, &scripts.versions, &scripts.lists);
    let facts = scan::collect(&resolved, form, &exports);
    let mut scanned = scan::scan(&ScanInput {
        resolved: &resolved,
        live: &live,
        frames: &frames,
        facts: &facts,
        arch,
        form,
        packs_relative: options.dynamic.pack_relative_relocs && form.is_dynamic,
    });
    scanned.needs_got_base |= standard.has_got();
    for file in &scanned.files {
        reporter.relocations(
            &file.reports,
            &|id| may_stay_undefined(options, &names, &facts, id),
            options.symbols.unresolved_only_warn,
            said,
        );
    }
    stop_if_failed(said, options)?;

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
    if options.output.eh_frame_hdr {
        sizes.set(Made::EhFrameHdr, eh_frame::header::size(&frames), 4);
    }
    let build_id_size = options.output.build_id.as_ref().map_or(0, build_id_size);
    if build_id_size != 0 {
        sizes.set(Made::BuildId, NOTE_HEADER + build_id_size, 4);
    }

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
                .map(|name| outputs.has_input(&plan, &matched, name)),
            sizes: &sizes,
            definition_count: versions.definition_count(),
            need_count: versions.need_count(),
            has_text_relocs: false,
            has_static_tls: scanned.has_static_tls,
            counts_relative: options.dynamic.combine_relocs,
            is_symbolic: options.symbols.symbolic == crate::options::Symbolic::All,
        });
        sizes.set(Made::Dynamic, size, arch.identity().encoding.word_size() as u64);
        dynamic = Some(tables);
    }
    let no_symbols = DynamicSymbols::default();
    let dynamic_symbols = dynamic.as_ref().map_or(&no_symbols, |tables| &tables.symbols);

    let extents = Extents {
        live: &live,
        frames: &frames,
        merged: &merged,
        sizes: &sizes,
        commons: &commons,
        resolved: &resolved,
    };
    let stack_rights =
        (PF_R | PF_W).0 | if options.layout.exec_stack == Some(true) { PF_X.0 } else { 0 };
    let request = Request {
        resolved: &resolved,
        names: &names,
        options,
        machine: arch.identity(),
        forms: &forms,
        contents: &extents,
        stack: Some((stack_rights, options.layout.stack_size.unwrap_or(0))),
    };
    let layout = layout::lay_out(&mut plan, matched, &request, said);
    stop_if_failed(said, options)?;

    let addresses = Addresses::new(AddressInput {
        resolved: &resolved,
        layout: &layout,
        merged: &merged,
        frames: &frames,
        tables: &tables,
        standard: &standard,
        arch,
    });
    let is_forced_local = |id: SymbolId, _: &crate::resolve::State| exports.is_local(id);
    let symtab_input = SymtabInput {
        resolved: &resolved,
        names: &names,
        scanned: &scanned,
        addresses: &addresses,
        strip: options.output.strip,
        discard: options.output.discard,
        encoding: arch.identity().encoding,
        is_forced_local: &is_forced_local,
    };
    let symtab = SymtabPlan::new(&symtab_input);
    let output_names = SectionNames::new(&layout);
    let tail = Tail::new(
        &layout,
        symtab.size(),
        symtab.first_global,
        symtab.names_size,
        &output_names,
        arch.identity().encoding,
    );
    let size = usize::try_from(tail.end).map_err(|_| Failed)?;
    let image = match sink.image(size) {
        Ok(image) => image,
        Err(error) => {
            said.fatal(format!("final link failed: {}", crate::input::reason(&error)));
            return Err(Failed);
        }
    };
    let outcome = write::write_sections(
        &WriteInput {
            resolved: &resolved,
            facts: &facts,
            tables: &tables,
            addresses: &addresses,
            frames: &frames,
            arch,
            form,
            packs_relative: options.dynamic.pack_relative_relocs && form.is_dynamic,
            contents: &MergedContents(&merged),
        },
        image,
    );
    reporter.relocations(&outcome.reports, &|_| true, false, said);

    let slots = addresses.made(Made::IgotPlt);
    let slots = slots..slots.saturating_add(sizes.get(Made::IgotPlt).size);
    let sorted = DynamicRelocs::new(outcome.dynamic, dynamic_symbols, slots);
    let place = |made: Made| place_of(&layout, made);
    for (made, list) in [
        (Made::RelaDyn, &sorted.dynamic),
        (Made::RelaPlt, &sorted.plt),
        (Made::RelaIplt, &sorted.iplt),
    ] {
        let bytes = relocs::table(list, dynamic_symbols, arch.identity());
        put_made(image, place(made), sizes.get(made).size, &bytes);
    }
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
    fill_eh_frame_hdr(image, &layout, &frames, &addresses, arch, &sizes, said);
    let (symbols_at, strings_at) = (tail.symbols, tail.strings);
    if symbols_at.1 != 0
        && let Some(area) = image.get_mut(symbols_at.0 as usize..)
        && let Some((symbols, rest)) = area.split_at_mut_checked(symbols_at.1 as usize)
        && let Some(strings) = rest.get_mut(..strings_at.1 as usize)
    {
        symtab.fill(&symtab_input, symbols, strings);
    }
    let entry = entry(options, &layout_scripts, &names, &addresses, &resolved, said);
    headers::write(
        &HeaderInput {
            layout: &layout,
            tail,
            names: &output_names,
            identity: arch.identity(),
            kind: options.output.kind,
            os_abi: OsAbi(0),
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
    if said.failed(options.warnings.fatal) && !options.output.keep_on_error {
        return Err(Failed);
    }
    Ok(())
}

fn stop_if_failed(said: &Diagnostics, options: &Options) -> Result<(), Failed> {
    if said.failed(false) && !options.output.keep_on_error { Err(Failed) } else { Ok(()) }
}

fn arch_of(emulation: Emulation) -> &'static dyn Arch {
    match emulation {
        Emulation::Elf32X86_64 => &x86_64::X32,
        _ => &x86_64::LP64,
    }
}

/// Symbols that are undefined from the start.
fn wanted<'s>(options: &Options, scripts: &Scripts<'s>, names: &Names<'s>) -> Vec<SymbolId> {
    let _ = scripts;
    let given = options.symbols.undefined.iter().chain(&options.symbols.require_defined);
    let given = given.chain(&options.output.entry);
    given.filter_map(|name| names.find(name)).collect()
}

fn form_of(options: &Options, resolved: &Resolved<'_>) -> Form {
    let kind = options.output.kind;
    let has_libraries = resolved.files.iter().any(|file| matches!(file, InputFile::Shared { .. }));
    let is_relocatable = kind == OutputKind::Relocatable;
    Form {
        is_pic: kind.is_position_independent(),
        is_shared: kind == OutputKind::Shared,
        is_dynamic: !is_relocatable && (kind.is_position_independent() || has_libraries),
        has_loader: !options.output.is_static && options.dynamic.interpreter != Interpreter::Absent,
        is_relocatable,
    }
}

/// The names of input sections that may be part of a name in C: those whose bounds programs can ask
/// for.
fn c_section_names<'data>(resolved: &Resolved<'data>) -> HashSet<&'data [u8], RandomState> {
    let mut names = HashSet::default();
    for (_, object) in resolved.objects() {
        for header in object.sections.iter() {
            if let Ok(name) = object.section_names.get(header.name.into())
                && name.first().is_some_and(|&byte| byte != b'.')
            {
                names.insert(name);
            }
        }
    }
    names
}

/// Whether a reference to a symbol that nothing defines is no error.
fn may_stay_undefined(options: &Options, names: &Names<'_>, facts: &[Facts], id: SymbolId) -> bool {
    let name = names.name(id);
    if options.symbols.ignore_unresolved.iter().any(|ignored| ignored == name) {
        return true;
    }
    let imported = facts.get(id.index()).is_some_and(|facts| facts.has(Facts::IMPORTED));
    match options.symbols.unresolved_in_objects {
        Unresolved::Ignore => true,
        Unresolved::Report => false,
        Unresolved::ByKind => imported || options.output.kind == OutputKind::Relocatable,
    }
}

/// What the output is called among versions.
fn own_name(options: &Options) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    let file = options.output.path().file_name().unwrap_or_default();
    options.dynamic.soname.clone().unwrap_or_else(|| file.as_bytes().to_vec())
}

/// The names of the libraries that the output needs.
fn needed<'r>(resolved: &'r Resolved<'_>) -> Vec<&'r [u8]> {
    let libraries = resolved.files.iter().filter_map(|file| match file {
        InputFile::Shared { shared, is_needed: true } => Some(shared.needed_name()),
        _ => None,
    });
    libraries.collect()
}

/// The strings that options put into the dynamic section.
fn option_strings(options: &Options) -> impl Iterator<Item = &[u8]> {
    let dynamic = &options.dynamic;
    let single = [&dynamic.soname, &dynamic.rpath, &dynamic.audit, &dynamic.depaudit];
    let single = single.into_iter().filter_map(|text| text.as_deref());
    let lists = dynamic.filter.iter().chain(&dynamic.auxiliary).map(Vec::as_slice);
    single.chain(lists)
}

fn interpreter(options: &Options, arch: &dyn Arch, form: Form) -> Vec<u8> {
    let mut path = match &options.dynamic.interpreter {
        _ if form.is_shared || !form.has_loader => return Vec::new(),
        Interpreter::Absent => return Vec::new(),
        Interpreter::Path(path) => path.clone(),
        Interpreter::OfEmulation => arch.identity().interpreter.into(),
    };
    path.push(0);
    path
}

/// A symbol that the output defines.
fn defined(resolved: &Resolved<'_>, names: &Names<'_>, name: &[u8]) -> Option<SymbolId> {
    let id = names.find(name)?;
    resolved.symbols.get(id).kind.is_regular().then_some(id)
}

/// The bytes of a note in front of a build id: three words and the owner's name.
const NOTE_HEADER: u64 = 16;

fn build_id_size(kind: &BuildId) -> u64 {
    match kind {
        BuildId::Fast => 8,
        BuildId::Md5 | BuildId::Uuid => 16,
        BuildId::Sha1 => 20,
        BuildId::Sha256 => 32,
        BuildId::Hex(bytes) => bytes.len() as u64,
    }
}

/// The output section, as a number of the plan, that takes each input section.
struct Outputs {
    by_file: Vec<Box<[u32]>>,
}

const NOT_TAKEN: u32 = u32::MAX;
/// The number that stands for the output sections of all sections that no script names.
const ORPHANED: u32 = u32::MAX - 1;

impl Outputs {
    fn new(resolved: &Resolved<'_>, plan: &Plan<'_>, matched: &Matched) -> Self {
        let counts = resolved.files.iter().map(|file| match file {
            InputFile::Object(object) => object.sections.len() + 1,
            _ => 0,
        });
        let by_file = counts.map(|count| vec![NOT_TAKEN; count].into_boxed_slice()).collect();
        let mut outputs = Self { by_file };
        for (rule, sections) in plan.rules.iter().zip(&matched.by_rule) {
            let is_discarded =
                plan.outputs.get(rule.output as usize).is_some_and(Planned::discards);
            if !is_discarded {
                for &section in sections {
                    outputs.set(section, rule.output);
                }
            }
        }
        for &section in &matched.orphans {
            outputs.set(section, ORPHANED);
        }
        outputs
    }

    fn set(&mut self, section: SectionId, output: u32) {
        let file = self.by_file.get_mut(section.file.index());
        if let Some(slot) = file.and_then(|file| file.get_mut(section.index as usize)) {
            *slot = output;
        }
    }

    fn get(&self, section: SectionId) -> Option<u32> {
        let output = *self.by_file.get(section.file.index())?.get(section.index as usize)?;
        (output != NOT_TAKEN).then_some(output)
    }

    /// Whether an output section of this name has an input section.
    fn has_input(&self, plan: &Plan<'_>, matched: &Matched, name: &[u8]) -> bool {
        plan.rules.iter().zip(&matched.by_rule).any(|(rule, sections)| {
            let output = plan.outputs.get(rule.output as usize);
            output.is_some_and(|output| output.name == name) && !sections.is_empty()
        })
    }
}

/// What sections have become before they are laid out.
struct Extents<'e, 'data> {
    live: &'e Live,
    frames: &'e eh_frame::Frames<'data>,
    merged: &'e Merged<'data>,
    sizes: &'e MadeSizes,
    commons: &'e crate::Commons,
    resolved: &'e Resolved<'data>,
}

impl layout::Contents for Extents<'_, '_> {
    fn is_live(&self, section: SectionId) -> bool {
        if section.file == INTERNAL {
            let made = Made::from_index(section.index);
            return made.is_some_and(|made| self.sizes.get(made).size != 0);
        }
        self.live.contains(section) || self.is_common(section)
    }

    fn extent(&self, section: SectionId) -> Option<Extent> {
        if section.file == INTERNAL {
            return Made::from_index(section.index).map(|made| self.sizes.get(made));
        }
        if self.is_common(section) {
            return Some(self.commons.of(section.file));
        }
        let size = self.frames.size(section).or_else(|| self.merged.size(section))?;
        let object = self.resolved.object(section.file)?;
        let align = object.sections.get(section.index as usize)?.addralign;
        Some(Extent { size, align })
    }
}

impl Extents<'_, '_> {
    fn is_common(&self, section: SectionId) -> bool {
        let object = self.resolved.object(section.file);
        object.is_some_and(|object| object.sections.len() == section.index as usize)
    }
}

/// The contents of merged sections.
struct MergedContents<'m, 'data>(&'m Merged<'data>);

impl Contents for MergedContents<'_, '_> {
    fn fill(&self, section: SectionId, _address: u64, bytes: &mut [u8]) -> bool {
        let is_merged = self.0.contains(section);
        if is_merged {
            self.0.write(section, bytes);
        }
        is_merged
    }
}

/// Where a made section lies in the file.
fn place_of(layout: &Layout<'_>, made: Made) -> Option<usize> {
    let place = layout.places.get(made.section())?;
    let section = layout.sections.get(place.output as usize)?;
    usize::try_from(section.offset.checked_add(place.offset)?).ok()
}

fn put_made(image: &mut [u8], at: Option<usize>, size: u64, bytes: &[u8]) {
    if let Some(at) = at {
        let length = bytes.len().min(size as usize);
        write::bytes::put(image, at, bytes.get(..length).unwrap_or_default());
    }
}

fn fill_eh_frame_hdr(
    image: &mut [u8],
    layout: &Layout<'_>,
    frames: &eh_frame::Frames<'_>,
    addresses: &Addresses<'_, '_>,
    arch: &dyn Arch,
    sizes: &MadeSizes,
    said: &mut Diagnostics,
) {
    let Some(at) = place_of(layout, Made::EhFrameHdr) else { return };
    let mut table = vec![0; sizes.get(Made::EhFrameHdr).size as usize];
    let written = |section: SectionId| {
        let place = layout.places.get(section)?;
        let output = layout.sections.get(place.output as usize)?;
        let start = usize::try_from(output.offset.checked_add(place.offset)?).ok()?;
        let size = usize::try_from(frames.size(section)?).ok()?;
        let bytes = image.get(start..start.checked_add(size)?)?;
        Some((bytes, output.addr.wrapping_add(place.offset)))
    };
    let eh_frame = addresses.output_named(".eh_frame").map_or(0, |section| section.addr);
    let address = addresses.made(Made::EhFrameHdr);
    let encoding = arch.identity().encoding;
    let result = eh_frame::header::write(frames, &written, eh_frame, address, encoding, &mut table);
    if let Err(fault) = result {
        said.error(fault.to_string());
    }
    write::bytes::put(image, at, &table);
}

/// Where the program starts: `-e`, the script's ENTRY, `_start`, or the start of its code.
fn entry(
    options: &Options,
    scripts: &[&Script<'_>],
    names: &Names<'_>,
    addresses: &Addresses<'_, '_>,
    resolved: &Resolved<'_>,
    said: &mut Diagnostics,
) -> u64 {
    if options.output.kind == OutputKind::Relocatable {
        return 0;
    }
    let of_script =
        scripts.iter().flat_map(|script| &script.commands).rev().find_map(
            |command| match command {
                Command::Entry(word) => Some(word.name),
                Command::Sections(items) => items.iter().rev().find_map(|item| match item {
                    SectionsItem::Entry(word) => Some(word.name),
                    _ => None,
                }),
                _ => None,
            },
        );
    let given = options.output.entry.as_deref();
    let Some(name) = given.or(of_script) else { return 0 };
    if let Some(id) = names.find(name) {
        let state = resolved.symbols.get(id);
        if state.kind.is_regular() || state.kind == Kind::Linker {
            return addresses.global(id);
        }
    }
    let shown = String::from_utf8_lossy(name);
    if let Some(number) = number(name) {
        return number;
    }
    let is_quiet = options.output.kind == OutputKind::Shared && given.is_none();
    let text = addresses.output_named(".text");
    if !is_quiet {
        said.warn(match text {
            Some(text) => format!(
                "warning: cannot find entry symbol {shown}; defaulting to {:016x}",
                text.addr
            ),
            None => format!("warning: cannot find entry symbol {shown}; not setting start address"),
        });
    }
    if is_quiet { 0 } else { text.map_or(0, |text| text.addr) }
}

/// A number in C's notation.
fn number(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?;
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if text.starts_with('0') => u64::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}
