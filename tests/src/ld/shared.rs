//! What must hold of a file whichever linker made it: what its loader, its users and its unwinder
//! see of it. The rest ([`facts`](super::facts)) is a linker's own: where things lie, which tables
//! of its own there are, which symbols it makes.

use std::collections::BTreeSet;

use libelf::File;
use libelf::names;
use libelf::raw::*;
use libelf::segment::ProgramHeader;
use libelf::symbol::Symbol;

use super::facts::{Facts, View, sorted, text};

/// Symbols that linkers define, each its own choice of them.
const MADE: &[&str] = &[
    "_end",
    "end",
    "_edata",
    "edata",
    "_etext",
    "etext",
    "__bss_start",
    "_DYNAMIC",
    "_GLOBAL_OFFSET_TABLE_",
    "__GNU_EH_FRAME_HDR",
    "__ehdr_start",
    "__executable_start",
    "_TLS_MODULE_BASE_",
];
/// Weak references of the compiler's own start files, which some linkers leave to the loader.
const ASKED_BY_COMPILER: &str = "_ITM_";
/// Sections that come from inputs, of which there may be any in a file. Others may be missing in
/// the file of one linker, or mean something else.
const PLACES: &[&str] = &[
    ".text",
    ".init",
    ".fini",
    ".rodata",
    ".data",
    ".bss",
    ".data.rel.ro",
    ".init_array",
    ".fini_array",
    ".preinit_array",
    ".tdata",
    ".tbss",
    ".interp",
    ".eh_frame",
    ".dynamic",
];
/// Of these, those that are read-only once the program is loaded.
const SEALED: &[&str] =
    &[".data.rel.ro", ".init_array", ".fini_array", ".preinit_array", ".tdata", ".dynamic"];

/// What a file is; `None` if it is neither an executable nor a library.
pub fn of(bytes: &[u8]) -> Option<Facts> {
    let file = File::parse(bytes).ok()?;
    if !matches!(file.header().kind, ET_EXEC | ET_DYN) {
        return None;
    }
    let view = View { file };
    let mut facts = Facts::new();
    facts.insert("kind", kind(&view));
    facts.insert("rights", rights(&view));
    facts.insert("segments", segments(&view));
    facts.insert("dynamic", sorted(dynamic(&view)));
    facts.insert("dynamic symbols", sorted(dynamic_symbols(&view)));
    facts.insert("symbols", sorted(symbols(&view)));
    facts.insert("look-ups", look_ups(&view));
    facts.insert("relocations", relocations(&view));
    facts.insert("unwinding", rows(&view));
    Some(facts)
}

fn kind(view: &View<'_>) -> Vec<String> {
    let header = view.file.header();
    let entry = if header.entry == 0 { "none".to_owned() } else { view.place(header.entry) };
    vec![format!("type {} machine {} entry in {entry}", header.kind.0, header.machine.0)]
}

/// Which sections lie in memory without the rights that they ask for; and which are read-only in
/// the end. Where a script puts sections of all kinds into one page, linkers differ in the rights
/// that they add.
fn rights(view: &View<'_>) -> Vec<String> {
    let Ok(segments) = view.file.program_headers() else { return Vec::new() };
    let mut lines = Vec::new();
    for section in view.headers() {
        let name = view.name(&section);
        let is_known = PLACES.contains(&name.as_str()) && section.size != 0;
        if !is_known || section.flags & SHF_ALLOC.0 == 0 {
            continue;
        }
        let asks_for = |segment: &ProgramHeader| {
            (section.flags & SHF_WRITE.0 == 0 || segment.flags & PF_W.0 != 0)
                && (section.flags & SHF_EXECINSTR.0 == 0 || segment.flags & PF_X.0 != 0)
        };
        let around: Vec<_> = segments
            .iter()
            .filter(|segment| section.addr.wrapping_sub(segment.vaddr) < segment.memsz)
            .collect();
        // Thread-local zeros have addresses of their own.
        let is_copied = section.flags & SHF_TLS.0 != 0;
        let has = around.iter().any(|segment| segment.kind == PT_LOAD && asks_for(segment));
        if !has && !is_copied {
            lines.push(format!("{name} lacks rights"));
        }
        if SEALED.contains(&name.as_str())
            && around.iter().any(|segment| segment.kind == PT_GNU_RELRO)
        {
            lines.push(format!("{name} is sealed"));
        }
    }
    sorted(lines)
}

/// The segments that are no memory of their own.
fn segments(view: &View<'_>) -> Vec<String> {
    let Ok(segments) = view.file.program_headers() else { return Vec::new() };
    let has_frames = !rows(view).is_empty();
    let lines = segments.iter().filter_map(|segment| match segment.kind {
        PT_TLS => Some(format!("TLS align {} size {}", segment.align, segment.memsz)),
        // Without a segment for it, it is executable by the rules of old.
        PT_GNU_STACK if segment.flags & PF_X.0 != 0 => Some("executable stack".to_owned()),
        // Some make one for no frame at all.
        PT_GNU_EH_FRAME if has_frames => Some("table of frames".to_owned()),
        _ => None,
    });
    sorted(lines.collect())
}

fn dynamic(view: &View<'_>) -> Vec<String> {
    let Ok(dynamic) = view.file.dynamic() else { return Vec::new() };
    let header = view.file.header();
    let lines = dynamic.iter().filter_map(|entry| {
        let value = match entry.tag {
            DT_NEEDED | DT_SONAME | DT_RPATH | DT_RUNPATH | DT_AUXILIARY | DT_FILTER => {
                dynamic.strings.get(entry.value).map(text).unwrap_or_default()
            }
            DT_FLAGS | DT_FLAGS_1 | DT_VERNEEDNUM | DT_VERDEFNUM | DT_INIT_ARRAYSZ
            | DT_FINI_ARRAYSZ | DT_PREINIT_ARRAYSZ => format!("{:#x}", entry.value),
            DT_INIT | DT_FINI | DT_SYMBOLIC | DT_TEXTREL => String::new(),
            _ => return None,
        };
        Some(format!("{} {value}", names::dynamic_tag(header, entry.tag)))
    });
    lines.collect()
}

/// A symbol as those see it who refer to it.
fn symbol(symbol: &Symbol, name: &str) -> String {
    // In numbers, as the names of some depend on a mark that not all linkers set.
    let binding = symbol.binding().0;
    if symbol.shndx == SHN_UNDEF {
        return format!("{name} binding {binding} undefined");
    }
    let kind = symbol.kind().0;
    format!(
        "{name} binding {binding} type {kind} visibility {} size {}",
        symbol.visibility().0,
        symbol.size
    )
}

fn is_made(name: &str) -> bool {
    let plain = name.split('@').next().unwrap_or_default();
    MADE.contains(&plain) || plain.is_empty() || plain.starts_with(ASKED_BY_COMPILER)
}

/// A version's own symbol, which serves nobody who looks symbols up.
fn is_version(symbol: &Symbol) -> bool {
    symbol.shndx == SHN_ABS && symbol.kind() == STT_OBJECT && symbol.size == 0
}

fn dynamic_symbols(view: &View<'_>) -> Vec<String> {
    let Ok(Some(table)) = view.file.symbols(SHT_DYNSYM) else { return Vec::new() };
    let mut lines = Vec::new();
    for (index, each) in table.iter().enumerate().skip(1) {
        let name = view.dynamic_name(index);
        if !is_made(&name) && !is_version(&each) {
            lines.push(symbol(&each, &name));
        }
    }
    lines
}

fn symbols(view: &View<'_>) -> Vec<String> {
    let Ok(Some(table)) = view.file.symbols(SHT_SYMTAB) else { return Vec::new() };
    let mut lines = Vec::new();
    for each in table.iter().skip(1).filter(|symbol| symbol.binding() != STB_LOCAL) {
        let name = table.name(&each).map(text).unwrap_or_default();
        // Hidden ones are local with some.
        let is_seen =
            each.shndx != SHN_UNDEF && matches!(each.visibility(), STV_DEFAULT | STV_PROTECTED);
        if is_seen && !is_made(&name) && !is_version(&each) {
            lines.push(symbol(&each, &name));
        }
    }
    lines
}

/// The symbols that a hash table does not find; there are none.
fn look_ups(view: &View<'_>) -> Vec<String> {
    let lines = view.look_ups();
    sorted(lines.into_iter().filter(|line| line.ends_with("NOT found")).collect())
}

/// What the loader is to fill in where inputs ask for it.
fn relocations(view: &View<'_>) -> Vec<String> {
    let mut found = BTreeSet::new();
    for section in view.headers() {
        let is_dynamic = section.flags & SHF_ALLOC.0 != 0;
        let Ok(relocs) = view.file.relocs(&section) else { continue };
        if !matches!(section.kind, SHT_REL | SHT_RELA) || !is_dynamic {
            continue;
        }
        for reloc in relocs.iter() {
            let kind = names::reloc(view.file.header(), reloc.kind).unwrap_or("unknown");
            let place = view.place(reloc.offset);
            let name = view.dynamic_name(reloc.symbol as usize);
            if PLACES.contains(&place.as_str()) && !is_made(&name) {
                found.insert(format!("{kind} in {place} {name}"));
            }
        }
    }
    found.into_iter().collect()
}

/// The rows of the frames of functions. What is called a function and has none may be a linker's.
fn rows(view: &View<'_>) -> Vec<String> {
    let lines = view.rows();
    sorted(lines.into_iter().filter(|line| !line.ends_with(": no frame")).collect())
}
