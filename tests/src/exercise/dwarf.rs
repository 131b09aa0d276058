//! Debugging information: every section shown in every form.

use std::borrow::Cow;
use std::hint::black_box;

use libdwarf::dump::{Dump, Host, Loaded, Memory, Options, Target, Text};
use libdwarf::section::SectionId;
use libelf::raw::ET_REL;
use libelf::{File, SectionHeader};

use super::PARTS;

/// Any bytes as an ELF file whose debugging information is shown.
pub fn exercise(data: &[u8]) {
    let Ok(file) = File::parse(data) else { return };
    for options in every_form() {
        show(&file, &options);
    }
}

/// Options that show everything: as it is stored, and as it is meant.
fn every_form() -> [Options; 2] {
    let stored = Options {
        abbrev: true,
        addr: true,
        aranges: true,
        cu_index: true,
        raw_lines: true,
        frames: true,
        gdb_index: true,
        info: true,
        loc: true,
        macinfo: true,
        pubnames: true,
        pubtypes: true,
        ranges: true,
        str: true,
        str_offsets: true,
        trace_abbrevs: true,
        trace_aranges: true,
        trace_info: true,
        links: true,
        sframe: true,
        check: true,
        ..Options::default()
    };
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
        Some(Loaded {
            id: SectionId::of_name(name)?,
            name: name.to_vec(),
            address: section.addr,
            data: Cow::Borrowed(data),
            relocated: Vec::new(),
        })
    }
}

impl<'data> Host<'data> for Sections<'_, 'data> {
    fn load(&mut self, id: SectionId) -> Option<Loaded<'data>> {
        let (_, section) = self.file.section_by_name(id.name().as_bytes()).ok()??;
        self.load_section(&section)
    }

    fn print(&mut self, text: &mut Text) {
        text.drain(
            &mut self.printed,
            |printed, bytes| *printed += bytes.len(),
            |printed, _, message| *printed += message.len(),
        );
    }
}
