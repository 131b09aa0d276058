//! Sections as text, in the form of GNU readelf and objdump.
//!
//! A program is the [`Host`] of a dump: it has the file, finds and loads sections, and prints.
//! [`Dump::display`] shows one section; each is a module with a function of that name. What they
//! show of others (strings, abbreviations, addresses) is loaded when it is first asked for, and
//! kept.
//!
//! Unlike [`gimli`], the dump refuses nothing: what is damaged is shown as far as it goes, and said
//! to be so in GNU's words. So it reads with a [`Cursor`] of its own.

mod abbrev;
mod addr;
mod aranges;
mod cu_index;
mod cursor;
mod debug_names;
pub mod expression;
mod frames;
mod gdb_index;
mod info;
mod initial_length;
#[cfg(test)]
mod kept;
mod leb;
mod line;
mod links;
mod list_header;
mod loc;
mod macros;
pub mod number;
mod options;
mod parallel;
pub mod pointer;
mod pubnames;
mod ranges;
pub mod sframe;
#[cfg(test)]
mod snapshots;
mod str;
mod target;
mod text;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

pub use cursor::Cursor;
pub use links::{SplitObject, SplitObjects};
pub use options::Options;
pub use parallel::{Relief, Stop, Stopped};
pub use target::Target;
pub use text::{Level, Message, Text};

use crate::section::SectionId;

/// When this much is written, it is handed to the host.
const FLUSH_AT: usize = 1 << 18;

/// A section, loaded: uncompressed and, in a relocatable file, relocated.
#[derive(Debug)]
pub struct Loaded<'data> {
    /// Which section it is.
    pub id: SectionId,
    /// Its name in the file.
    pub name: Vec<u8>,
    /// Its address (`sh_addr`).
    pub address: u64,
    /// Its contents.
    pub data: Cow<'data, [u8]>,
    /// Where relocations change it, ascending; empty in a file that is linked.
    pub relocated: Vec<u64>,
    /// The name of the file that it is of, fit for a terminal.
    pub origin: Vec<u8>,
}

impl Loaded<'_> {
    /// Whether a relocation changes what lies at `offset`.
    pub fn is_relocated(&self, offset: u64) -> bool {
        self.relocated.binary_search(&offset).is_ok()
    }
}

/// What came of loading a section. What is wrong with it has been said.
#[derive(Debug)]
pub enum Load<'data> {
    /// It is as it should be.
    Whole(Loaded<'data>),
    /// Its bytes could not be unpacked or relocated; this is what there is of it, which GNU goes on
    /// with.
    Broken(Loaded<'data>),
    /// Its bytes cannot be read. Whoever asks again is told so again.
    Unreadable,
    /// There is none.
    Missing,
}

impl<'data> Load<'data> {
    /// The section, if nothing is wrong with it.
    pub fn whole(self) -> Option<Loaded<'data>> {
        match self {
            Self::Whole(section) => Some(section),
            _ => None,
        }
    }

    /// This, or what `other` finds if there is nothing.
    #[must_use]
    pub fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Whole(_) | Self::Broken(_) => self,
            Self::Unreadable => match other() {
                Self::Missing => self,
                found => found,
            },
            Self::Missing => other(),
        }
    }
}

/// The program that shows a dump.
pub trait Host<'data> {
    /// Loads the first section of the file with this id; from where links lead, if the file has
    /// none.
    fn load(&mut self, id: SectionId) -> Load<'data>;

    /// Loads the first section with this id of the file that led to the one that is shown.
    fn load_main(&mut self, _id: SectionId) -> Load<'data> {
        Load::Missing
    }

    /// Loads the first section with this id of each of the files that links lead to.
    fn load_linked(&mut self, _id: SectionId) -> Vec<Loaded<'data>> {
        Vec::new()
    }

    /// Prints what `text` holds, and makes it empty.
    fn print(&mut self, text: &mut Text);
}

/// The first sections of a file by what they are; `None`, if the file has none.
type Sections<'data> = BTreeMap<SectionId, Option<Arc<Loaded<'data>>>>;

/// What is known of a file from one section to the next.
#[derive(Debug, Default)]
pub struct Memory<'data> {
    /// Whether headings name the file that a section is of, as there are several.
    pub names_files: bool,
    /// Whether a file is shown that another one led to.
    is_linked: bool,
    /// What was loaded of the file that led to it.
    main_sections: Sections<'data>,
    sections: Sections<'data>,
    /// The last headers of line number programs.
    line_headers: line::LastHeaders,
    /// The units of `.debug_info`.
    units: info::known::Known,
    /// Whether lists of locations and ranges were looked for.
    is_collected: bool,
    /// Whether the indexes of a package were looked at.
    has_seen_indexes: bool,
    /// How often siblings ended that never began.
    bogus: Arc<AtomicUsize>,
    /// Whether the last function that was read had a frame base.
    has_frame_base: bool,
}

impl<'data> Memory<'data> {
    /// The section with this id, if it was loaded.
    pub fn loaded(&self, id: SectionId) -> Option<Arc<Loaded<'data>>> {
        self.sections.get(&id).cloned().flatten()
    }

    /// Keeps the first section of the file with its id.
    pub fn keep(&mut self, section: Arc<Loaded<'data>>) {
        self.sections.entry(section.id).or_insert(Some(section));
    }
}

impl Memory<'_> {
    /// Begins with another file: what was loaded of the one before is not of this one.
    pub fn begin_file(&mut self) {
        let sections = std::mem::take(&mut self.sections);
        if !self.is_linked {
            self.main_sections = sections;
        }
        self.is_linked = true;
    }

    /// Forgets a section: the next who needs it asks for it.
    pub fn forget(&mut self, id: SectionId) {
        self.sections.remove(&id);
    }

    /// Looks again for what was not found: there are more files now.
    pub fn forget_missing(&mut self) {
        self.sections.retain(|_, section| section.is_some());
    }
}

/// The dump of sections of one file.
pub struct Dump<'h, 'data> {
    /// What is shown, and how.
    pub options: &'h Options,
    /// The kind of file.
    pub target: Target,
    /// What is not printed yet.
    pub text: Text,
    host: &'h mut dyn Host<'data>,
    memory: &'h mut Memory<'data>,
}

impl<'h, 'data> Dump<'h, 'data> {
    /// A dump of the file that `host` has; `memory` is kept for further sections of that file.
    pub fn new(
        host: &'h mut dyn Host<'data>,
        memory: &'h mut Memory<'data>,
        target: Target,
        options: &'h Options,
    ) -> Self {
        Self { options, target, text: Text::default(), host, memory }
    }

    /// The section with this id, if the file has it; what there is of it, if it cannot be unpacked
    /// or relocated.
    pub fn load(&mut self, id: SectionId) -> Option<Arc<Loaded<'data>>> {
        self.load_if(id, |_| true)
    }

    /// The section with this id, if the file has it, and it was not found out just now that it
    /// cannot be unpacked or relocated.
    fn load_whole(&mut self, id: SectionId) -> Option<Arc<Loaded<'data>>> {
        self.load_if(id, |is_whole| is_whole)
    }

    fn load_if(
        &mut self,
        id: SectionId,
        is_wanted: fn(bool) -> bool,
    ) -> Option<Arc<Loaded<'data>>> {
        if let Some(known) = self.memory.sections.get(&id) {
            return known.clone();
        }
        self.flush();
        let mut loaded = self.host.load(id);
        if matches!(loaded, Load::Missing | Load::Unreadable) && self.memory.is_linked {
            if let Some(known) = self.memory.main_sections.get(&id).cloned() {
                self.memory.sections.insert(id, known.clone());
                return known;
            }
            loaded = loaded.or_else(|| self.host.load_main(id));
        }
        let is_whole = matches!(loaded, Load::Whole(_));
        let section = match loaded {
            Load::Whole(section) | Load::Broken(section) => Some(Arc::new(section)),
            Load::Unreadable => return None,
            Load::Missing => None,
        };
        self.memory.sections.insert(id, section.clone());
        section.filter(|_| is_wanted(is_whole))
    }

    /// The section with this id, if it was loaded before, for this file or the one that led to it.
    fn known(&self, id: SectionId) -> Option<Arc<Loaded<'data>>> {
        let of_main = || self.memory.main_sections.get(&id).cloned().flatten();
        self.memory.loaded(id).or_else(of_main)
    }

    /// The sections with this id of the files that links lead to.
    fn load_linked(&mut self, id: SectionId) -> Vec<Loaded<'data>> {
        self.flush();
        self.host.load_linked(id)
    }

    /// Hands on what is written, if it is much.
    pub fn relieve(&mut self) {
        if self.text.buf.len() >= FLUSH_AT {
            self.flush();
        }
    }

    /// Hands on what is written.
    pub fn flush(&mut self) {
        if !self.text.is_empty() {
            self.host.print(&mut self.text);
        }
    }

    /// Prints what `text` holds, and makes it empty.
    pub fn print(&mut self, text: &mut Text) {
        self.flush();
        self.host.print(text);
    }

    /// Appends the line that stands before what is shown of a section.
    fn heading(&mut self, section: &Loaded<'_>) {
        self.text.put(b"Contents of the ");
        self.text.put_name(&section.name);
        self.text.put(b" section");
        self.put_origin(section);
        self.text.put(b":\n\n");
    }

    /// Appends the file that a section is of, if there are several.
    fn put_origin(&mut self, section: &Loaded<'_>) {
        if self.memory.names_files {
            self.text.put(b" (loaded from ");
            self.text.put(&section.origin);
            self.text.put(b")");
        }
    }

    /// Appends the line that stands before a section that is shown as it is stored.
    fn put_raw_title(&mut self, section: &Loaded<'_>) {
        self.text.put(b"Raw dump of debug contents of section ");
        self.text.put_name(&section.name);
        self.put_origin(section);
        self.text.put(b":\n\n");
    }

    /// Shows a section. Returns whether all went well.
    pub fn display(&mut self, section: &Loaded<'data>) -> bool {
        use SectionId as S;
        self.look_at_unit_indexes();
        let good = match section.id {
            S::EhFrame | S::Frame => self.display_frames(section),
            S::Sframe => {
                sframe::display(&mut self.text, &section.name, &section.data, section.address)
            }
            S::Aranges | S::TraceAranges => self.display_aranges(section),
            S::Pubnames | S::Pubtypes => self.display_pubnames(section, false),
            S::GnuPubnames | S::GnuPubtypes => self.display_pubnames(section, true),
            S::Macinfo | S::MacinfoDwo => self.display_macinfo(section),
            S::Macro | S::MacroDwo => self.display_macro(section),
            S::CuIndex | S::TuIndex => self.display_cu_index(section),
            S::Names => self.display_debug_names(section),
            S::GdbIndex => self.display_gdb_index(section),
            S::Line | S::LineDwo => self.display_line(section),
            S::Info | S::InfoDwo | S::Types | S::TypesDwo | S::TraceInfo => {
                info::display(self, section)
            }
            S::Ranges | S::Rnglists | S::RnglistsDwo => ranges::display(self, section),
            S::Loc | S::LocDwo | S::Loclists | S::LoclistsDwo => loc::display(self, section),
            S::Str | S::LineStr | S::StrDwo => str::display(self, section),
            S::StrOffsets | S::StrOffsetsDwo => str::display_offsets(self, section),
            S::Addr => addr::display(self, section),
            S::Abbrev | S::AbbrevDwo | S::TraceAbbrev => abbrev::display(self, section),
            S::DebugLink | S::AltLink => self.display_link(section),
            S::Sup => self.display_sup(section),
            _ => self.display_unknown(section),
        };
        self.flush();
        good
    }

    /// Says that a section is empty, which happens to those that cannot be unpacked.
    fn put_empty(&mut self, section: &Loaded<'_>) {
        self.text.put(b"\nThe ");
        self.text.put_name(&section.name);
        self.text.put(b" section is empty.\n");
    }

    fn display_unknown(&mut self, section: &Loaded<'_>) -> bool {
        self.text.put(b"Displaying the debug contents of section ");
        self.text.put(&section.name);
        self.text.put(b" is not yet supported.\n");
        true
    }
}
