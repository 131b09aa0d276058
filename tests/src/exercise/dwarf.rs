//! Debugging information: every section shown in every form, addresses looked up, entries walked.

use std::borrow::Cow;
use std::hint::black_box;
use std::path::Path;

use libdwarf::dump::{Dump, Host, Load, Loaded, Memory, Options, Target, Text};
use libdwarf::load::{Backing, Debug, Places};
use libdwarf::lookup::Lookup;
use libdwarf::section::SectionId;
use libdwarf::unwind::{State, Unwinder};
use libdwarf::walk::{Unit, Walk};
use libelf::raw::{ET_REL, SHF_EXECINSTR};
use libelf::{File, SectionHeader};

use super::{ENTRIES, PARTS};

/// Any bytes as an ELF file whose debugging information is shown.
pub fn exercise(data: &[u8]) {
    let Ok(file) = File::parse(data) else { return };
    for options in every_form() {
        show(&file, &options);
    }
}

/// Strings are shown up to one of more bytes.
const LONGEST: usize = 1 << 16;

/// So many addresses are looked up, entries walked, and macros seen.
const QUESTIONS: u64 = 16;

/// Any bytes as an ELF file whose addresses are looked up.
pub fn look_up(data: &[u8]) {
    let Ok(file) = File::parse(data) else { return };
    let backing = Backing::new();
    // Nothing is searched outside of the bytes.
    let places =
        Places { search: libelf::debugfile::Search { roots: Vec::new() }, debuginfod: None };
    let debug = Debug::load(file, Path::new("/nonexistent/file"), &places, &backing);
    let lookup = Lookup::new(&debug);
    let sections = file.section_headers().into_iter().flat_map(|headers| headers.iter());
    let is_code = |(_, section): &(u32, SectionHeader)| section.flags & SHF_EXECINSTR.0 != 0;
    for (index, section) in (0..).zip(sections).filter(is_code).take(4) {
        let step = (section.size / QUESTIONS).max(1);
        for question in 0..QUESTIONS {
            let offset = question.wrapping_mul(step);
            let address = debug.sections().address_of(index, offset).unwrap_or(offset);
            for address in [address, section.addr.wrapping_add(offset)] {
                let Some(found) = lookup.find(address) else { continue };
                let mut path = Vec::new();
                for frame in lookup.frames(&found) {
                    frame.location.write_path(&mut path);
                }
                black_box(path.len());
            }
        }
    }
    black_box(lookup.functions_named(b"main"));
}

/// Any bytes as an ELF file whose entries are walked.
pub fn walk(data: &[u8]) {
    let Ok(file) = File::parse(data) else { return };
    let backing = Backing::new();
    let places =
        Places { search: libelf::debugfile::Search { roots: Vec::new() }, debuginfod: None };
    let debug = Debug::load(file, Path::new("/nonexistent/file"), &places, &backing);
    let Ok(walk) = Walk::new(&debug) else { return };
    for unit in walk.units().take(PARTS) {
        walk_unit(unit.whole().unwrap_or(unit));
    }
}

fn walk_unit(unit: Unit<'_, '_>) {
    let mut macros = 0u64;
    let _ = black_box(unit.macros(|_| macros += 1));
    let Ok(mut entries) = unit.entries() else { return };
    let mut count = 0;
    while let Ok(Some(entry)) = entries.next() {
        count += 1;
        if count > ENTRIES {
            break;
        }
        black_box(entry.attributes().filter(|(_, value)| value.is_ok()).count());
        let _ = black_box((entry.name(), entry.linkage_name(), entry.ranges()));
        let _ = black_box((entry.declaration(b"x"), entry.own_declaration(), entry.layout()));
        for (name, _) in entry.attributes() {
            let _ = black_box(entry.locations(name));
        }
    }
}

/// Any bytes as an ELF file whose frames are unwound.
pub fn unwind(data: &[u8]) {
    let Ok(file) = File::parse(data) else { return };
    let backing = Backing::new();
    let unwinder = Unwinder::of(&libdwarf::load::Sections::new(file, &backing));
    for frame in unwinder.frames().take(PARTS).flatten() {
        let _ = unwinder.rows(&frame, |row| !black_box(row).rules().is_empty());
        if let Some(address) = frame.lsda().and_then(|pointer| pointer.direct().ok()) {
            let table = file.segment_bytes_at(address).unwrap_or_default();
            let Ok(table) = unwinder.exceptions(&frame, table) else { continue };
            for site in table.call_sites().iter().take(PARTS) {
                black_box(table.actions(site).count());
            }
        }
        let mut state = State::new(frame.start());
        for register in 0..32 {
            state.set(register, 0x7000);
        }
        let mut memory = |address: u64, _: u8| Some(address);
        for _ in 0..QUESTIONS {
            match unwinder.step(&state, &mut memory) {
                Ok(Some(caller)) => state = caller,
                _ => break,
            }
        }
    }
}

/// Options that show everything: as it is stored, and as it is meant.
fn every_form() -> [Options; 2] {
    let stored = Options { sframe: true, check: true, ..Options::everything() };
    let meant = Options {
        decoded_lines: true,
        frames: true,
        frames_interp: true,
        wide: true,
        ..Options::default()
    };
    [stored, meant]
}

fn show(file: &File<'_>, options: &Options) {
    let header = file.header();
    let target = Target {
        encoding: file.encoding(),
        machine: header.machine,
        flags: header.flags,
        is_relocatable: header.kind == ET_REL,
        has_long32: false,
    };
    let Ok(sections) = file.section_headers() else { return };
    let mut memory = Memory::default();
    for section in sections.iter().take(PARTS) {
        let mut sections = Sections { file, printed: 0 };
        let Some(loaded) = sections.load_section(&section) else { continue };
        Dump::new(&mut sections, &mut memory, target, options).display(&loaded);
        black_box(sections.printed);
    }
}

/// A file's sections as they are stored.
struct Sections<'a, 'data> {
    file: &'a File<'data>,
    printed: usize,
}

impl<'data> Sections<'_, 'data> {
    fn load_section(&self, section: &SectionHeader) -> Option<Loaded<'data>> {
        let name = self.file.section_names().ok()?.get(section.name.into()).ok()?;
        let data = self.file.section_data(section).ok()?;
        let id = SectionId::of_name(name)?;
        Some(Loaded {
            id,
            name: name.to_vec(),
            address: section.addr,
            data: Cow::Borrowed(if is_strings(id) { until_endless(data) } else { data }),
            relocated: Vec::new(),
            origin: Vec::new(),
        })
    }
}

fn is_strings(id: SectionId) -> bool {
    matches!(id, SectionId::Str | SectionId::StrDwo | SectionId::LineStr)
}

/// Strings up to one that is longer than [`LONGEST`]. Hundreds of macros that lead into one of
/// megabytes are gigabytes of text, which show nothing that the first does not.
fn until_endless(strings: &[u8]) -> &[u8] {
    let mut start = 0;
    for string in strings.split(|byte| *byte == 0) {
        if string.len() > LONGEST {
            return strings.get(..start + LONGEST).unwrap_or(strings);
        }
        start += string.len() + 1;
    }
    strings
}

impl<'data> Host<'data> for Sections<'_, 'data> {
    fn load(&mut self, id: SectionId) -> Load<'data> {
        let found = self.file.section_by_name(id.name().as_bytes());
        let section = found.ok().flatten().and_then(|(_, section)| self.load_section(&section));
        section.map_or(Load::Missing, Load::Whole)
    }

    fn print(&mut self, text: &mut Text) {
        text.drain(
            &mut self.printed,
            |printed, bytes| *printed += bytes.len(),
            |printed, _, message| *printed += message.len(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_within_an_endless_one() {
        let short = b"abc\0de\0f";
        assert_eq!(until_endless(short), short);
        let long = [&b"abc\0"[..], &vec![b'x'; LONGEST + 1], b"\0def\0"].concat();
        assert_eq!(until_endless(&long).len(), 4 + LONGEST);
        assert_eq!(until_endless(b""), b"");
    }
}
