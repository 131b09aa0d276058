//! Section groups: `-g`. The groups are checked for `-u` too, though nothing is shown of them.

use std::borrow::Cow;

use common::{Output, out};
use libelf::group::{GRP_MASKOS, GRP_MASKPROC, Group};
use libelf::raw::{GRP_COMDAT, SHT_GROUP, SHT_SYMTAB, STT_SECTION};
use libelf::{SectionHeader, StringTable, Table};

use crate::object::{CORRUPT, Object};
use crate::options::Options;
use crate::symbol_table::{Definition, Hex, NoSymbols, Symbols};
use crate::text;

/// Checks all section groups, and shows them if that is asked for.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !options.unwind && !options.section_groups {
        return true;
    }
    let is_shown = options.section_groups;
    if object.sections.is_empty() && object.shnum != 0 {
        out.error(format_args!("Section headers are not available!"));
        return true;
    }
    if !object.sections.iter().any(|section| section.kind == SHT_GROUP) {
        if is_shown {
            out!(out, "\nThere are no section groups in {}.\n", object.this_file());
        }
        return true;
    }
    let mut groups =
        Groups { object, is_shown, symtab: None, group_of: vec![0; object.sections.len()] };
    for (index, section) in (0..).zip(&object.sections) {
        if section.kind == SHT_GROUP {
            groups.display(out, index, section);
        }
    }
    true
}

/// A symbol table that group sections are linked to.
struct Symtab<'data> {
    section: u32,
    symbols: Option<Symbols<'data>>,
    strings: Option<StringTable<'data>>,
}

/// All groups of a file.
struct Groups<'a, 'data> {
    object: &'a Object<'data>,
    is_shown: bool,
    /// The symbol table of the group before.
    symtab: Option<Symtab<'data>>,
    /// For each section the group that it is in, 0 for none.
    group_of: Vec<u32>,
}

impl<'data> Groups<'_, 'data> {
    fn name(&self, section: &SectionHeader) -> Cow<'data, [u8]> {
        text::section_name(self.object.section_name(section))
    }

    fn complain(&self, out: &mut Output, what: &str, section: &SectionHeader) {
        let name = self.name(section);
        let name = String::from_utf8_lossy(&name);
        out.error(format_args!("{what} in group section `{name}'"));
    }

    fn display(&mut self, out: &mut Output, index: u32, section: &SectionHeader) {
        let Some(signature) = self.signature(out, section) else { return };
        if section.entsize == 0 {
            return;
        }
        if section.size < section.entsize {
            out.error(format_args!(
                "Section {} has sh_entsize ({}) which is larger than its size ({})",
                String::from_utf8_lossy(&self.name(section)),
                Hex(section.entsize),
                Hex(section.size)
            ));
            return;
        }
        let Some(bytes) = self.object.section_data(out, section, "section data") else { return };
        let Some(group) = Group::parse(bytes, self.object.encoding()) else { return };
        if self.is_shown {
            let count = group.members.len();
            out!(out, "\n{}group section [{index:5}] `", flags(group.flags));
            out.put(&self.name(section));
            out!(out, "' [");
            out.put(&text::printable(signature));
            out!(out, "] contains {count} sections:\n   [Index]    Name\n");
        }
        self.display_members(out, index, group.members);
    }

    /// The name of the group: that of a symbol, or of the section that a section symbol stands
    /// for.
    fn signature(&mut self, out: &mut Output, group: &SectionHeader) -> Option<&'data [u8]> {
        let object = self.object;
        let symtab = object.section(group.link).filter(|symtab| symtab.kind == SHT_SYMTAB);
        let Some(symtab) = symtab else {
            self.complain(out, "Bad sh_link", group);
            return None;
        };
        let is_new = self.symtab.as_ref().is_none_or(|known| known.section != group.link);
        // What GNU readelf names when it finds no symbols is the section that it named last.
        let mut last_named = group;
        if is_new {
            let symbols = object.try_read_symbols(out, group.link);
            if let Err(NoSymbols::Blamed(index)) = symbols {
                last_named = object.section(index).unwrap_or(group);
            }
            let symbols = symbols.ok();
            let strings = symbols.and_then(|_| string_table(out, object, symtab));
            self.symtab = Some(Symtab { section: group.link, symbols, strings });
        }
        let known = self.symtab.as_ref()?;
        let Some(symbols) = known.symbols else {
            self.complain(out, "Corrupt header", last_named);
            return None;
        };
        let Some(symbol) = symbols.symbols.get(group.info as usize) else {
            self.complain(out, "Bad sh_info", group);
            return None;
        };
        if symbol.kind() != STT_SECTION {
            let strings = known.strings.unwrap_or_default();
            return Some(strings.get_cut(symbol.name.into()).unwrap_or(CORRUPT));
        }
        let section = match symbols.definition(group.info as usize, &symbol) {
            Definition::Section(index) if index != 0 => object.section(index),
            _ => None,
        };
        let Some(section) = section else {
            self.complain(out, "Bad sh_info", group);
            return None;
        };
        Some(object.section_name(section))
    }

    fn display_members(&mut self, out: &mut Output, group: u32, members: Table<'_, u32>) {
        for member in members.iter() {
            let Some(known) = self.group_of.get_mut(member as usize) else {
                let last = self.object.shnum.saturating_sub(1);
                self.object.carried.memory(out).overlarge.report(
                    out,
                    format_args!(
                        "section [{member:5}] in group section [{group:5}] > maximum section \
                         [{last:5}]"
                    ),
                );
                continue;
            };
            if *known != 0 && member != 0 {
                self.object.carried.memory(out).contained.report(
                    out,
                    format_args!(
                        "section [{member:5}] in group section [{group:5}] already in group \
                         section [{known:5}]"
                    ),
                );
                continue;
            }
            if *known == 0 {
                *known = group;
            } else if !std::mem::replace(&mut self.object.carried.memory(out).section_zero, true) {
                out.error(format_args!("section 0 in group section [{known:5}]"));
            }
            if self.is_shown
                && let Some(section) = self.object.section(member)
            {
                out!(out, "   [{member:5}]   ");
                out.put(&self.name(section));
                out.put(b"\n");
            }
        }
    }
}

/// The strings that a symbol table is linked to.
fn string_table<'data>(
    out: &mut Output,
    object: &Object<'data>,
    symtab: &SectionHeader,
) -> Option<StringTable<'data>> {
    let strings = object.section(symtab.link).filter(|_| symtab.link != 0)?;
    object.section_data(out, strings, "string table").map(StringTable::new)
}

/// The flags of a group, as they stand before the word `group`.
fn flags(bits: u32) -> Cow<'static, str> {
    if bits == 0 {
        return "".into();
    }
    if bits == GRP_COMDAT.0 {
        return "COMDAT ".into();
    }
    let mut text = format!("[0x{bits:x}: ");
    let mut rest = bits;
    for (mask, word) in [(GRP_MASKOS, "<OS specific>"), (GRP_MASKPROC, "<PROC specific>")] {
        if bits & mask != 0 {
            text.push_str(word);
            rest &= !mask;
        }
    }
    if rest & !GRP_COMDAT.0 != 0 || rest == bits {
        text.push_str("<unknown>");
    }
    text.push(']');
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_words() {
        assert_eq!(flags(0), "");
        assert_eq!(flags(1), "COMDAT ");
        assert_eq!(flags(3), "[0x3: <unknown>]");
        assert_eq!(flags(0x0ff0_0001), "[0xff00001: <OS specific>]");
        assert_eq!(flags(0xf010_0002), "[0xf0100002: <OS specific><PROC specific><unknown>]");
    }
}
