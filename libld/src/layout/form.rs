//! What an input section is, wherever it comes from: a file's header, the link itself, or the
//! common symbols of a file.

use libelf::raw::{
    SHF_ALLOC, SHF_EXECINSTR, SHF_GROUP, SHF_INFO_LINK, SHF_MERGE, SHF_TLS, SHF_WRITE,
    SHT_FINI_ARRAY, SHT_INIT_ARRAY, SHT_NOBITS, SHT_PREINIT_ARRAY, SectionType,
};
use libelf::section::SectionHeader;

use crate::dynamic::division::Division;
use crate::ids::{FileId, SectionId};
use crate::input::Object;
use crate::made::{INTERNAL, MADE, Made, MadeForm};
use crate::resolve::Resolved;

/// The name by which patterns find the common symbols of a file.
pub const COMMON: &[u8] = b"COMMON";

/// `SHF_EXCLUDE`: not in what is loaded. GNU's extension to the gABI.
pub const SHF_EXCLUDE: u64 = 0x8000_0000;

/// The start of the names of sections that hold a warning about a symbol.
const WARNING: &[u8] = b".gnu.warning.";

/// `SHF_GNU_RETAIN`: not removed as unused. GNU's extension to the gABI.
pub const SHF_GNU_RETAIN: u64 = 0x20_0000;

/// Flags that say something of inputs, not of finished outputs.
const DROPPED: u64 = SHF_GROUP.0 | SHF_INFO_LINK.0;

/// What an input section is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputForm<'a> {
    /// Its name.
    pub name: &'a [u8],
    /// `sh_type`
    pub kind: SectionType,
    /// `sh_flags`
    pub flags: u64,
    /// `sh_entsize`
    pub entsize: u64,
    /// `sh_addralign`, in bytes.
    pub align: u64,
    /// `sh_size`, in bytes, or what it is unpacked: before anything is merged or left out.
    pub size: u64,
}

impl InputForm<'_> {
    /// Whether it is in memory.
    pub fn is_alloc(&self) -> bool {
        self.flags & SHF_ALLOC.0 != 0
    }

    /// Whether it can be written.
    pub fn is_writable(&self) -> bool {
        self.flags & SHF_WRITE.0 != 0
    }

    /// Whether it belongs to a group.
    pub fn is_grouped(&self) -> bool {
        self.flags & SHF_GROUP.0 != 0
    }

    /// Whether it is code.
    pub fn is_code(&self) -> bool {
        self.flags & SHF_EXECINSTR.0 != 0
    }

    /// Whether each thread has its own.
    pub fn is_tls(&self) -> bool {
        self.flags & SHF_TLS.0 != 0
    }
}

/// Whether a section that is not in memory is debugging information, by its name.
pub fn is_debug_name(name: &[u8]) -> bool {
    const STARTS: [&[u8]; 6] =
        [b".debug", b".zdebug", b".gnu.debuglto_.debug_", b".gnu.linkonce.wi.", b".line", b".stab"];
    STARTS.iter().any(|start| name.starts_with(start)) || name == b".gdb_index"
}

/// The forms of all input sections of a link.
pub struct Forms<'f, 'data> {
    resolved: &'f Resolved<'data>,
    is_relocatable: bool,
    /// Whether debugging information is left out.
    strips_debug: bool,
    /// Whether warnings about symbols are kept for those who link with the output.
    keeps_warnings: bool,
    /// Whether dynamic relocations hold their addends.
    is_rela: bool,
    /// The files that own common symbols which get space, sorted.
    with_commons: Vec<FileId>,
    /// Whether the dynamic section is not written.
    dynamic_is_read_only: bool,
    /// The sections of dynamic relocations, if there is more than one.
    pub division: Option<Division<'data>>,
}

impl<'f, 'data> Forms<'f, 'data> {
    /// Of the sections of these files; `is_rela` tells whether dynamic relocations hold their
    /// addends, `with_commons` are those that own common symbols which get
    /// space, in order.
    pub fn new(
        resolved: &'f Resolved<'data>,
        is_relocatable: bool,
        is_rela: bool,
        with_commons: Vec<FileId>,
    ) -> Self {
        Self {
            resolved,
            is_relocatable,
            strips_debug: false,
            keeps_warnings: is_relocatable,
            is_rela,
            with_commons,
            dynamic_is_read_only: false,
            division: None,
        }
    }

    /// Makes the dynamic section one that is not written.
    #[must_use]
    pub fn with_read_only_dynamic(self, is_so: bool) -> Self {
        Self { dynamic_is_read_only: is_so, ..self }
    }

    /// Gives the output these sections of dynamic relocations.
    #[must_use]
    pub fn divided(self, division: Option<Division<'data>>) -> Self {
        Self { division, ..self }
    }

    /// Keeps the warnings about symbols if the output is a library.
    #[must_use]
    pub fn of_library(self, is_shared: bool) -> Self {
        Self { keeps_warnings: self.keeps_warnings || is_shared, ..self }
    }

    /// Leaves debugging information out, if so asked for.
    #[must_use]
    pub fn without_debug(self, strips_debug: bool) -> Self {
        Self { strips_debug, ..self }
    }

    /// How many sections a file has, with that of its common symbols.
    pub fn count(&self, file: FileId) -> usize {
        if file == INTERNAL {
            return MADE.len() + self.division.as_ref().map_or(0, Division::count);
        }
        self.resolved.object(file).map_or(0, |object| object.sections.len() + 1)
    }

    /// A section that has a place, without its name: what else there is to know of it costs less.
    pub fn of_placed(&self, section: SectionId) -> Option<InputForm<'data>> {
        let object = self.resolved.object(section.file);
        let Some(object) = object.filter(|it| (section.index as usize) < it.sections.len()) else {
            return self.get(section);
        };
        Some(self.with_name(object, &object.sections.get(section.index as usize)?, b""))
    }

    /// A section that the link makes.
    fn of_internal(&self, index: u32) -> Option<InputForm<'data>> {
        let form = if self.is_rela { Made::form } else { Made::rel_form };
        let relocs = of_made(&form(Made::RelaDyn));
        match (Made::from_index(index), &self.division) {
            (Some(Made::RelaDyn), Some(_)) => None,
            (Some(Made::Dynamic), _) if self.dynamic_is_read_only => {
                let dynamic = of_made(&form(Made::Dynamic));
                Some(InputForm { flags: dynamic.flags & !SHF_WRITE.0, ..dynamic })
            }
            (Some(made), _) => Some(of_made(&form(made))),
            (None, division) => {
                let name = division.as_ref()?.name(index)?;
                Some(InputForm { name, ..relocs })
            }
        }
    }

    fn with_name(
        &self,
        object: &Object<'data>,
        header: &SectionHeader,
        name: &'data [u8],
    ) -> InputForm<'data> {
        let extent = object.extent_of(header);
        InputForm {
            name,
            kind: header.kind,
            flags: if self.is_relocatable { header.flags } else { header.flags & !DROPPED },
            entsize: if has_entries(header) { header.entsize } else { 0 },
            align: extent.align.max(1),
            size: extent.size,
        }
    }

    /// A section; `None` for what is never placed: tables that only say something of others, and
    /// sections of which another copy is kept.
    pub fn get(&self, section: SectionId) -> Option<InputForm<'data>> {
        if section.file == INTERNAL {
            return self.of_internal(section.index);
        }
        let object = self.resolved.object(section.file)?;
        if section.index as usize == object.sections.len() {
            return self.with_commons.binary_search(&section.file).is_ok().then(common);
        }
        let header = object.sections.get(section.index as usize)?;
        let is_stripped = || {
            let name = object.section_names.get(header.name.into()).unwrap_or_default();
            header.flags & SHF_ALLOC.0 == 0 && is_debug_name(name)
        };
        if self.strips_debug && is_stripped() {
            return None;
        }
        if !Object::is_content(header.kind, header.flags)
            || self.resolved.is_discarded(section.file, section.index)
        {
            return None;
        }
        let name = object.section_names.get(header.name.into()).ok()?;
        // What a warning says about a symbol is no part of a finished program.
        let is_excluded = header.flags & SHF_EXCLUDE != 0 && !self.is_relocatable;
        if is_excluded || name.starts_with(WARNING) && !self.keeps_warnings {
            return None;
        }
        Some(self.with_name(object, &header, object.unpacked(&header, name)))
    }
}

/// Whether the entries of a section are the linker's business; GNU ld forgets the size of others.
fn has_entries(header: &SectionHeader) -> bool {
    header.flags & SHF_MERGE.0 != 0
        || matches!(header.kind, SHT_INIT_ARRAY | SHT_FINI_ARRAY | SHT_PREINIT_ARRAY)
}

fn of_made(form: &MadeForm) -> InputForm<'static> {
    InputForm {
        name: form.name.as_bytes(),
        kind: form.kind,
        flags: form.flags,
        entsize: 0,
        align: 1,
        size: 0,
    }
}

fn common() -> InputForm<'static> {
    InputForm {
        name: COMMON,
        kind: SHT_NOBITS,
        flags: SHF_ALLOC.0 | SHF_WRITE.0,
        entsize: 0,
        align: 1,
        size: 0,
    }
}
