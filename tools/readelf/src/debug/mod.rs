//! `-w`: debugging information, which libdwarf shows. Here is which sections are shown and how
//! they are found and loaded.

mod host;
pub mod options;

use std::sync::Arc;

use common::{Output, out};
use libdwarf::dump::{Dump, Host as _, Memory, Text};

use crate::object::Object;
use crate::options::Options;
use crate::text::section_name_text;

use host::{Finder, shown_id, target_of};

/// Looks for what the file has elsewhere, before any section is shown.
pub fn look_for_links<'data>(
    out: &mut Output,
    options: &Options,
    object: &Object<'data>,
    memory: &mut Memory<'data>,
) {
    let mut finder = Finder { out, object };
    Dump::new(&mut finder, memory, target_of(object), &options.debug).look_for_split_units();
}

/// Prints what libdwarf said.
pub fn print(out: &mut Output, object: &Object<'_>, text: &mut Text) {
    Finder { out, object }.print(text);
}

/// Shows the section with this index, if it is one of those that are asked for. `memory` is of the
/// sections before. Returns whether all went well.
pub fn display<'data>(
    out: &mut Output,
    options: &Options,
    object: &Object<'data>,
    memory: &mut Memory<'data>,
    index: usize,
) -> bool {
    let Some(section) = object.sections.get(index) else { return true };
    let Some(id) = shown_id(&options.debug, object.section_name(section)) else { return true };
    let name = section_name_text(object.section_name(section));
    if section.size == 0 {
        out!(out, "\nSection '{name}' has no debugging data.\n");
        return true;
    }
    if section.kind == libelf::raw::SHT_NOBITS {
        out!(out, "section '{name}' has the NOBITS type - its contents are unreliable.\n");
        return false;
    }
    let mut finder = Finder { out, object };
    // What was loaded for others before is not loaded again.
    let is_first = finder.position(id) == Some(index);
    let loaded = match memory.loaded(id).filter(|_| is_first) {
        Some(loaded) => loaded,
        None => {
            let Some(loaded) = finder.load_at(index, id) else { return true };
            let loaded = Arc::new(loaded);
            if is_first {
                memory.keep(loaded.clone());
            }
            loaded
        }
    };
    Dump::new(&mut finder, memory, target_of(object), &options.debug).display(&loaded)
}
