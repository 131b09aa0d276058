//! readelf as the host of a dump: where sections are found, loaded, and what is said printed.

use std::borrow::Cow;

use common::Output;
use libdwarf::dump::{Host, Level, Load, Loaded, Options as Shown, Target, Text};
use libdwarf::section::SectionId;
use libelf::SectionHeader;
use libelf::compress::{Compressed, Format};

use super::options::names_sections;
use crate::dump::decompress;
use crate::object::Object;
use crate::relocate;
use crate::text::section_name_text;

/// The start of names of information on what is linked once; an old way of compilers.
const LINKED_ONCE: &[u8] = b".gnu.linkonce.wi.";

/// What becomes of a section.
pub enum Role {
    /// It is shown.
    Shown(SectionId),
    /// It is named like those that are asked for, but is none that GNU knows.
    Unknown,
    /// It is known, and yet there is nothing that shows it.
    Unsupported,
    /// It was not asked for.
    Other,
}

/// What becomes of the section that goes by `name`.
pub fn role(shown: &Shown, name: &[u8]) -> Role {
    if shown.info && name.starts_with(LINKED_ONCE) {
        return Role::Shown(SectionId::Info);
    }
    match SectionId::of_name(name) {
        Some(id) if is_shown(shown, id) => Role::Shown(id),
        Some(SectionId::StaticFunc | SectionId::StaticVars | SectionId::Weaknames)
            if shown.everything =>
        {
            Role::Unsupported
        }
        None if names_like(shown, name) => Role::Unknown,
        _ => Role::Other,
    }
}

/// What becomes of the section that goes by `name` where a file is checked and nothing is asked for
/// by name: whatever is named like debugging information is shown as with `-w`. So call frames that
/// are loaded and the index of gdb, which are named otherwise, are not.
pub fn role_when_checked(name: &[u8]) -> Role {
    const STARTS: [&[u8]; 6] =
        [b".debug_", b".zdebug_", b".trace_", b".gnu_debuglink", b".gnu_debugaltlink", LINKED_ONCE];
    if STARTS.iter().any(|start| name.starts_with(start)) {
        role(&Shown::everything(), name)
    } else {
        Role::Other
    }
}

/// Whether a name starts like those that are asked for.
fn names_like(shown: &Shown, name: &[u8]) -> bool {
    let starts = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start.as_bytes()));
    if shown.links && starts(&[".gnu_debuglink", ".gnu_debugaltlink"]) {
        return true;
    }
    if shown.everything && starts(&[".trace_"]) {
        return true;
    }
    let rest = name.strip_prefix(b".debug_").or_else(|| name.strip_prefix(b".zdebug_"));
    let Some(rest) = rest else { return false };
    let starts = |starts: &[&str]| starts.iter().any(|start| rest.starts_with(start.as_bytes()));
    shown.everything
        || shown.info && starts(&["info", "types"])
        || shown.abbrev && starts(&["abbrev"])
        || shown.pubnames && starts(&["pubnames", "gnu_pubnames"])
        || shown.pubtypes && starts(&["pubtypes", "gnu_pubtypes"])
        || shown.aranges && starts(&["aranges"])
        || shown.ranges && starts(&["ranges", "rnglists"])
        || shown.frames && starts(&["frame"])
        || shown.macinfo && starts(&["macinfo", "macro"])
        || shown.loc && starts(&["loc"])
        || shown.str && starts(&["str"])
        || shown.str_offsets && starts(&["str_offsets"])
        || shown.addr && starts(&["addr"])
        || shown.cu_index && starts(&["cu_index", "tu_index"])
        || shown.links && starts(&["sup"])
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

/// The name that a section is shown with.
fn shown_name(name: &[u8], id: SectionId) -> &[u8] {
    if name.starts_with(LINKED_ONCE) { id.name().as_bytes() } else { name }
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

/// The index of the first section with this name.
pub fn position(object: &Object<'_>, name: &[u8]) -> Option<usize> {
    object.sections.iter().position(|section| object.section_name(section) == name)
}

/// One file, and where what is said of it goes.
pub struct Finder<'a, 'data> {
    pub out: &'a mut Output,
    pub object: &'a Object<'data>,
    /// The files that the main one leads to, which may have sections that it lacks.
    pub linked: &'a [Object<'data>],
    /// The main one.
    pub main: Option<&'a Object<'data>>,
    /// Whether a section is shown without any other one.
    pub is_alone: bool,
}

impl<'data> Finder<'_, 'data> {
    /// The index of the first section with this id.
    pub fn position(&self, id: SectionId) -> Option<usize> {
        let at = |name: &[u8]| position(self.object, name);
        at(id.name().as_bytes()).or_else(|| at(&id.compressed_name()))
    }

    /// Loads the section with this index: uncompressed and relocated.
    pub fn load_at(&mut self, index: usize, id: SectionId) -> Load<'data> {
        let object = self.object;
        let Some(section) = object.section(index as u32) else { return Load::Missing };
        let name = object.section_name(section);
        let what = format!("{} section data", id.name());
        let Some(stored) = object.section_data(self.out, section, &what) else {
            return Load::Unreadable;
        };
        let mut loaded = Loaded {
            id,
            name: shown_name(name, id).to_vec(),
            address: section.addr,
            data: Cow::Borrowed(&[]),
            relocated: Vec::new(),
            origin: object.name.to_vec(),
        };
        match self.unpack(section, stored, &section_name_text(name)) {
            Ok(data) => loaded.data = data,
            Err(relocate::Failed) => return Load::Broken(loaded),
        }
        // GNU shows the index of names, and strings, as they are stored.
        if !matches!(id, SectionId::Names | SectionId::Str | SectionId::LineStr)
            && relocate::relocs_against(object, index).is_some()
        {
            loaded.relocated = relocate::places(object, index);
            if relocate::relocate(self.out, object, index, &mut loaded.data).is_err() {
                return Load::Broken(loaded);
            }
        }
        Load::Whole(loaded)
    }

    /// The contents of a section that is stored so.
    fn unpack(
        &mut self,
        section: &SectionHeader,
        stored: &'data [u8],
        name: &str,
    ) -> Result<Cow<'data, [u8]>, relocate::Failed> {
        let object = self.object;
        if section.is_compressed() {
            let Ok(compressed) = Compressed::parse(stored, object.encoding()) else {
                let what = "is too small to contain a compression header";
                self.out.warn(format_args!("compressed section {name} {what}"));
                return Err(relocate::Failed);
            };
            if compressed.size == 0 && !matches!(compressed.format, Format::Other(_)) {
                // GNU takes it as it is stored, but for as much at the end as the header takes.
                let end = compressed.payload.len();
                return Ok(Cow::Borrowed(stored.get(..end).unwrap_or_default()));
            }
        }
        let unpacked = decompress(self.out, object, section, stored, name)?;
        Ok(unpacked.map_or(Cow::Borrowed(stored), Cow::Owned))
    }

    /// Loads the first section with this id of the file.
    fn load_first(&mut self, id: SectionId) -> Load<'data> {
        match self.position(id) {
            Some(index) => self.load_at(index, id),
            None => Load::Missing,
        }
    }

    /// Loads the first section with this id of another file.
    fn load_from(&mut self, object: &Object<'data>, id: SectionId) -> Load<'data> {
        Finder { out: self.out, object, linked: &[], main: None, is_alone: false }.load_first(id)
    }
}

impl<'data> Host<'data> for Finder<'_, 'data> {
    fn load(&mut self, id: SectionId) -> Load<'data> {
        if self.is_alone {
            return Load::Missing;
        }
        let mut found = self.load_first(id);
        for object in self.linked {
            found = found.or_else(|| self.load_from(object, id));
        }
        found
    }

    fn load_main(&mut self, id: SectionId) -> Load<'data> {
        self.main.map_or(Load::Missing, |object| self.load_from(object, id))
    }

    fn load_linked(&mut self, id: SectionId) -> Vec<Loaded<'data>> {
        self.linked.iter().filter_map(|object| self.load_from(object, id).whole()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_start_like_known_ones_are_asked_for() {
        let unknown = |shown: &Shown, name: &[u8]| matches!(role(shown, name), Role::Unknown);
        let everything = Shown::everything();
        for name in [".debug_line_like", ".zdebug_", ".trace_x", ".gnu_debuglinkx"] {
            assert!(unknown(&everything, name.as_bytes()), "{name}");
        }
        for name in [".debug", ".eh_framex", ".gdb_indexx", ".debug_line.x", ".debug_weaknames"] {
            assert!(!unknown(&everything, name.as_bytes()), "{name}");
        }
        let info = Shown { info: true, ..Shown::default() };
        assert!(unknown(&info, b".debug_infox"));
        assert!(unknown(&info, b".zdebug_types2"));
        assert!(!unknown(&info, b".debug_abbrevx"));
        let linked_once = role(&info, b".gnu.linkonce.wi.f");
        assert!(matches!(linked_once, Role::Shown(SectionId::Info)));
        assert!(matches!(role(&everything, b".debug_weaknames"), Role::Unsupported));
    }
}
