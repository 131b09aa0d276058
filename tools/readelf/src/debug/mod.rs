//! `-w`: debugging information, which libdwarf shows. Here is which sections are shown and how
//! they are found and loaded.

mod host;
pub mod links;
pub mod options;
mod search;

use std::sync::Arc;

use common::{Output, out};
use libdwarf::dump::Host as _;
use libdwarf::dump::{Dump, Load, Memory, Text};
use libdwarf::section::SectionId;

use crate::object::Object;
use crate::options::Options;
use crate::text::section_name_text;

use host::{Finder, Role, role, role_when_checked, target_of};

/// Prints what libdwarf said.
pub fn print(out: &mut Output, object: &Object<'_>, text: &mut Text) {
    Finder { out, object, linked: &[], main: None, is_alone: false }.print(text);
}

/// Whether a section that was shown is there for those behind it, where each is shown alone: GNU
/// forgets all but abbreviations and addresses.
fn is_kept_alone(id: SectionId) -> bool {
    matches!(id, SectionId::Abbrev | SectionId::Addr)
}

/// What is shown of a file and of those that it leads to.
pub struct Shown<'a, 'data> {
    pub options: &'a Options,
    pub main: &'a Object<'data>,
    /// The files that the main one leads to.
    pub linked: &'a [Object<'data>],
    /// What is known of the sections before.
    pub memory: Memory<'data>,
}

impl<'data> Shown<'_, 'data> {
    /// Goes on to another file.
    pub fn begin_file(&mut self) {
        self.memory.begin_file();
    }

    /// Shows the section of `object` with this index, if it is one of those that are asked for.
    /// Returns whether all went well.
    pub fn display(&mut self, out: &mut Output, object: &Object<'data>, index: usize) -> bool {
        let shown = &self.options.debug;
        let Some(section) = object.sections.get(index) else { return true };
        let name = object.section_name(section);
        let is_check = self.options.checks_all;
        // GNU looks for other sections only where it was asked for some, or for links.
        let is_alone = is_check && !self.options.process_links;
        let role = if is_check { role_when_checked(name) } else { role(shown, name) };
        if let Role::Other = role {
            return true;
        }
        let name = section_name_text(name);
        if section.size == 0 {
            out!(out, "\nSection '{name}' has no debugging data.\n");
            return true;
        }
        if section.kind == libelf::raw::SHT_NOBITS {
            out!(out, "section '{name}' has the NOBITS type - its contents are unreliable.\n");
            return false;
        }
        let id = match role {
            Role::Shown(id) => id,
            Role::Unsupported => {
                let what = "Displaying the debug contents of section";
                out!(out, "{what} {name} is not yet supported.\n");
                return true;
            }
            Role::Unknown | Role::Other => {
                out!(out, "Unrecognized debug section: {name}\n");
                return false;
            }
        };
        let mut finder =
            Finder { out, object, linked: self.linked, main: Some(self.main), is_alone };
        if is_alone {
            // GNU asks for them again each time.
            self.memory.forget_missing();
        }
        // What was loaded for others before is not loaded again.
        let is_first = finder.position(id) == Some(index);
        let loaded = match self.memory.loaded(id).filter(|_| is_first) {
            Some(loaded) if loaded.origin == object.name => loaded,
            _ => {
                let (loaded, is_whole) = match finder.load_at(index, id) {
                    Load::Whole(loaded) => (Arc::new(loaded), true),
                    Load::Broken(rest) => (Arc::new(rest), false),
                    Load::Unreadable | Load::Missing => return true,
                };
                if is_first {
                    self.memory.keep(loaded.clone());
                }
                if !is_whole {
                    return true;
                }
                loaded
            }
        };
        self.memory.names_files = !self.linked.is_empty();
        let mut dump = Dump::new(&mut finder, &mut self.memory, target_of(object), shown);
        let is_good = dump.display(&loaded);
        if is_alone && !is_kept_alone(id) {
            self.memory.forget(id);
        }
        is_good
    }
}
