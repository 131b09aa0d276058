//! readelf as the host of a dump: where sections are found, loaded, and what is said printed.

use std::borrow::Cow;

use common::Output;
use libdwarf::dump::{Host, Level, Loaded, Options as Shown, Target, Text};
use libdwarf::section::SectionId;

use super::options::names_sections;
use crate::dump::decompress;
use crate::object::Object;
use crate::relocate;
use crate::text::section_name_text;

/// The section that goes by `name`, if it is to be shown.
pub fn shown_id(shown: &Shown, name: &[u8]) -> Option<SectionId> {
    let id = SectionId::of_name(name)?;
    is_shown(shown, id).then_some(id)
}

fn is_shown(shown: &Shown, id: SectionId) -> bool {
    use SectionId as S;
    match id {
        S::Abbrev | S::AbbrevDwo => shown.abbrev,
        S::Aranges => shown.aranges,
        S::Frame | S::EhFrame => shown.frames,
        S::Info | S::InfoDwo | S::Types | S::TypesDwo => shown.info,
        S::Line | S::LineDwo => shown.raw_lines || shown.decoded_lines,
        S::Str | S::StrDwo => shown.str,
        S::LineStr => shown.line_str,
        S::Pubnames | S::GnuPubnames => shown.pubnames,
        S::Pubtypes | S::GnuPubtypes => shown.pubtypes,
        S::Macinfo | S::MacinfoDwo | S::Macro | S::MacroDwo => shown.macinfo,
        S::Loc | S::LocDwo | S::Loclists | S::LoclistsDwo => shown.loc,
        S::Ranges | S::Rnglists | S::RnglistsDwo => shown.ranges,
        S::StaticFunc | S::StaticVars | S::Weaknames | S::EhFrameHdr => false,
        S::GdbIndex => shown.gdb_index,
        // GNU shows it where nothing else that is named like it is asked for by name.
        S::Names => shown.gdb_index && (shown.everything || !names_sections(shown)),
        S::Sframe => shown.sframe,
        S::TraceInfo => shown.trace_info,
        S::TraceAbbrev => shown.trace_abbrevs,
        S::TraceAranges => shown.trace_aranges,
        S::StrOffsets | S::StrOffsetsDwo => shown.str_offsets || shown.str,
        S::Addr => shown.addr,
        S::CuIndex | S::TuIndex => shown.cu_index,
        S::DebugLink | S::AltLink | S::Sup => shown.links,
    }
}

/// What the dump has to know of `object`.
pub fn target_of(object: &Object<'_>) -> Target {
    let is_long32 = |section| object.section_name(section) == b".gcc_compiled_long32";
    Target {
        encoding: object.encoding(),
        machine: object.header.machine,
        flags: object.header.flags,
        is_relocatable: object.header.kind == libelf::raw::ET_REL,
        has_long32: object.sections.iter().any(is_long32),
    }
}

/// One file, and where what is said of it goes.
pub struct Finder<'a, 'data> {
    pub out: &'a mut Output,
    pub object: &'a Object<'data>,
    /// The files that the main one leads to, which may have sections that it lacks.
    pub linked: &'a [Object<'data>],
    /// The main one.
    pub main: Option<&'a Object<'data>>,
}

impl<'data> Finder<'_, 'data> {
    /// The index of the first section with this id.
    pub fn position(&self, id: SectionId) -> Option<usize> {
        let named = |section| id.is_named(self.object.section_name(section));
        self.object.sections.iter().position(named)
    }

    /// Loads the section with this index: uncompressed and relocated.
    pub fn load_at(&mut self, index: usize, id: SectionId) -> Option<Loaded<'data>> {
        let object = self.object;
        let section = object.section(index as u32)?;
        let name = object.section_name(section);
        let text = section_name_text(name);
        let stored =
            object.section_data(self.out, section, &format!("{} section data", id.name()))?;
        let mut data = match decompress(self.out, object, section, stored, &text) {
            Ok(Some(bytes)) => Cow::Owned(bytes),
            Ok(None) => Cow::Borrowed(stored),
            Err(relocate::Failed) => return None,
        };
        let mut relocated = Vec::new();
        // GNU shows the index of names, and strings, as they are stored.
        if !matches!(id, SectionId::Names | SectionId::Str | SectionId::LineStr)
            && relocate::relocs_against(object, index).is_some()
        {
            relocated = relocate::places(object, index);
            relocate::relocate(self.out, object, index, &mut data).ok()?;
        }
        Some(Loaded {
            id,
            name: name.to_vec(),
            address: section.addr,
            data,
            relocated,
            origin: object.name.to_vec(),
        })
    }

    /// Loads the first section with this id of the file.
    fn load_first(&mut self, id: SectionId) -> Option<Loaded<'data>> {
        let index = self.position(id)?;
        self.load_at(index, id)
    }

    /// Loads the first section with this id of another file.
    fn load_from(&mut self, object: &Object<'data>, id: SectionId) -> Option<Loaded<'data>> {
        Finder { out: self.out, object, linked: &[], main: None }.load_first(id)
    }
}

impl<'data> Host<'data> for Finder<'_, 'data> {
    fn load(&mut self, id: SectionId) -> Option<Loaded<'data>> {
        let own = self.load_first(id);
        own.or_else(|| self.linked.iter().find_map(|object| self.load_from(object, id)))
    }

    fn load_main(&mut self, id: SectionId) -> Option<Loaded<'data>> {
        self.main.and_then(|object| self.load_from(object, id))
    }

    fn load_linked(&mut self, id: SectionId) -> Vec<Loaded<'data>> {
        self.linked.iter().filter_map(|object| self.load_from(object, id)).collect()
    }

    fn print(&mut self, text: &mut Text) {
        text.drain(self.out, Output::put, |out, level, message| match level {
            Level::Information => out.diagnose_bytes(message),
            Level::Warning => out.warn_bytes(&[message]),
            Level::OpenWarning => {
                out.diagnose_open(format_args!("Warning: {}", String::from_utf8_lossy(message)));
            }
            Level::Error => out.error_bytes(&[message]),
            Level::OpenError => {
                out.diagnose_open(format_args!("Error: {}", String::from_utf8_lossy(message)));
            }
        });
    }
}
