//! Lists of the libraries that a file was prelinked with (`SHT_GNU_LIBLIST`): shown with what is
//! special to processors, `-A`.

use common::{Output, format, out};
use libelf::raw::SHT_GNU_LIBLIST;
use libelf::{SectionHeader, StringTable, Table};

use crate::object::{CORRUPT, Object};
use crate::options::Options;
use crate::text;
use crate::time;

/// The bytes of an entry (`Elf32_Lib`, `Elf64_Lib`): five words.
const ENTRY_SIZE: u64 = 20;
/// The columns for a library's name.
const NAME_WIDTH: usize = 20;

/// Shows all library lists.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !options.arch {
        return true;
    }
    let mut good = true;
    for section in object.sections.iter().filter(|section| section.kind == SHT_GNU_LIBLIST) {
        if let Some(strings) = object.section(section.link) {
            good &= display_list(out, options, object, section, strings).is_some();
        }
    }
    good
}

fn display_list(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    section: &SectionHeader,
    strings: &SectionHeader,
) -> Option<()> {
    let list = object.section_data(out, section, "liblist section data")?;
    if section.entsize != ENTRY_SIZE {
        return None;
    }
    let strings = StringTable::new(object.section_data(out, strings, "liblist string table")?);
    out!(out, "\nLibrary list section '");
    out.put(&text::section_name(object.section_name(section)));
    out!(out, "' contains {} entries:\n", section.size / ENTRY_SIZE);
    out!(out, "     Library              Time Stamp          Checksum   Version Flags\n");
    for (index, entry) in list.chunks_exact(ENTRY_SIZE as usize).enumerate() {
        let words = Table::<u32>::new(entry, object.encoding());
        let word = |index| words.get(index).unwrap_or(0);
        let line = out.buf();
        format::dec_right(line, index as u64, 3);
        line.extend_from_slice(b": ");
        let name = text::printable(strings.get_cut(word(0).into()).unwrap_or(CORRUPT));
        if options.wide {
            format::left(line, &name, NAME_WIDTH);
        } else {
            format::left_cut(line, &name, NAME_WIDTH);
        }
        let time = time::utc(word(1).into()).unwrap_or_default();
        // C's `%#010lx` leaves out the prefix of zero.
        let checksum = match word(2) {
            0 => "0".repeat(10),
            checksum => format!("{checksum:#010x}"),
        };
        out!(out, " {time:<19} {checksum} {:<7} {:<7}\n", word(3), word(4));
    }
    Some(())
}
