//! The relocations of a relocatable file applied to a section before it is read: addresses in
//! notes and dumps are those of the symbols then.

use std::borrow::Cow;
use std::mem::replace;

use common::Output;
use libelf::SectionHeader;
use libelf::raw::{ET_REL, SHT_DYNSYM, SHT_REL, SHT_RELA, SHT_SYMTAB, STT_COMMON, STT_SECTION};
use libelf::reloc::Relocs;
use libelf::reloc_apply::{Action, Actions};

use crate::object::Object;
use crate::symbol_table::Hex;
use crate::text::section_name_text;

/// Relocations that cannot be read: what they apply to is not shown.
pub struct Failed;

/// Applies the simple relocations of a relocatable file to `contents`, the section with this
/// index; reports those that cannot be applied.
pub fn relocate(
    out: &mut Output,
    object: &Object<'_>,
    index: usize,
    contents: &mut Cow<'_, [u8]>,
) -> Result<(), Failed> {
    if object.header.kind != ET_REL {
        return Ok(());
    }
    let Some(relocs) = relocs_against(object, index) else { return Ok(()) };
    let section = object.sections.get(index).copied().unwrap_or_default();
    let name = section_name_text(object.section_name(&section));
    Place { name: &name, relocs: &relocs }.relocate(out, object, contents.to_mut())
}

/// The first section of relocations that apply to the section with this index.
pub fn relocs_against(object: &Object<'_>, index: usize) -> Option<SectionHeader> {
    let applies = |section: &SectionHeader| {
        (section.kind == SHT_REL || section.kind == SHT_RELA)
            && section.info as usize == index
            && section.size != 0
            && (section.link as usize) < object.sections.len()
    };
    object.sections.iter().copied().find(applies)
}

/// The offsets in the section with this index that relocations of the file change, ascending.
pub fn places(object: &Object<'_>, index: usize) -> Vec<u64> {
    let bytes_of = |relocs: &SectionHeader| object.bytes_at(relocs.offset, relocs.size);
    let Some(relocs) = relocs_against(object, index) else { return Vec::new() };
    let Some(bytes) = bytes_of(&relocs) else { return Vec::new() };
    let (encoding, machine) = (object.encoding(), object.header.machine);
    let relocs = if relocs.kind == SHT_RELA {
        Relocs::rela(bytes, encoding, machine)
    } else {
        Relocs::rel(bytes, encoding, machine)
    };
    let mut places: Vec<u64> = relocs.iter().map(|reloc| reloc.offset).collect();
    places.sort_unstable();
    places
}

/// A section that is to be relocated.
struct Place<'a> {
    name: &'a str,
    relocs: &'a SectionHeader,
}

impl Place<'_> {
    /// Applies the simple relocations to `contents`, and warns of the others.
    fn relocate(
        &self,
        out: &mut Output,
        object: &Object<'_>,
        contents: &mut [u8],
    ) -> Result<(), Failed> {
        let encoding = object.encoding();
        let machine = object.header.machine;
        let class = if encoding.is_64() { "64" } else { "32" };
        let reason = format!("{class}-bit relocation data");
        let bytes = object.section_data(out, self.relocs, &reason).ok_or(Failed)?;
        let relocs = if self.relocs.kind == SHT_RELA {
            Relocs::rela(bytes, encoding, machine)
        } else {
            Relocs::rel(bytes, encoding, machine)
        };
        let table = object.section(self.relocs.link).ok_or(Failed)?;
        if table.kind != SHT_SYMTAB && table.kind != SHT_DYNSYM {
            return Err(Failed);
        }
        let symbols = object.read_symbols(out, self.relocs.link);
        let symbol = |index: u32| symbols.as_ref()?.symbols.get(index as usize);
        let actions = Actions::of_file(&object.header);
        let number = u32::from(machine.0);
        if actions.is_none()
            && replace(&mut object.carried.memory(out).last_unknown, number) != number
        {
            out.error(format_args!(
                "Missing knowledge of 32-bit reloc types used in DWARF sections of machine number \
                 {}",
                machine.0
            ));
        }
        for (number, reloc) in relocs.iter().enumerate() {
            let name = self.name;
            let Some(action) = actions.and_then(|actions| actions.of_type(reloc.kind)) else {
                let kind = actions.map_or(reloc.kind, |actions| actions.plain_type(reloc.kind));
                if replace(&mut object.carried.memory(out).last_unsupported, kind) != kind {
                    out.warn(format_args!(
                        "unable to apply unsupported reloc type {} to section {name}",
                        kind.cast_signed()
                    ));
                }
                continue;
            };
            if action == Action::Nothing {
                continue;
            }
            let size = action.size() as u64;
            let length = contents.len() as u64;
            if reloc.offset.checked_add(size).is_none_or(|end| end > length) {
                out.warn(format_args!(
                    "skipping invalid relocation offset {:#x} in section {name}",
                    reloc.offset
                ));
                continue;
            }
            let Some(symbol) = symbol(reloc.symbol) else {
                out.warn(format_args!(
                    "skipping invalid relocation symbol index {} in section {name}",
                    Hex(reloc.symbol.into())
                ));
                continue;
            };
            if symbol.kind().0 > STT_SECTION.0 && symbol.kind() != STT_COMMON {
                let kind = libelf::names::symbol_type(&object.header, symbol.kind());
                let relocs_name = section_name_text(object.section_name(self.relocs));
                out.warn(format_args!(
                    "skipping unexpected symbol type {kind} in section {relocs_name} relocation \
                     {number}"
                ));
                continue;
            }
            // The place has been checked.
            let _ = action.apply(contents, encoding, reloc.offset, symbol.value, reloc.addend);
        }
        Ok(())
    }
}
