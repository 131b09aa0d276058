//! `-z report-relative-reloc`: which relocations of objects became ones that only add the load bias,
//! or call a function that picks its own address.
//!
//! ```text
//! a.so: R_X86_64_RELATIVE (offset: 0x4008, info: 0x8, addend: 0x4040) against 'x' for section '.data' in a.o
//! ```

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::Reporter;
use crate::arch::Identity;
use crate::diagnostics::Diagnostics;
use crate::ids::{FileId, SectionId};
use crate::input::Object;
use crate::made::Made;
use crate::resolve::Resolved;
use crate::scan::{Scanned, Target, target};
use crate::tables::{GotSlot, Tables};
use crate::write::{Addresses, DynamicKind, Written};

/// What the report follows from.
pub struct RelativeInput<'a, 'data> {
    /// The files and symbols.
    pub resolved: &'a Resolved<'data>,
    /// What was written.
    pub written: &'a Written,
    /// What was found, packed ones among it.
    pub scanned: &'a Scanned,
    /// The address of everything.
    pub addresses: &'a Addresses<'a, 'data>,
    /// Who has which slot.
    pub tables: &'a Tables,
    /// The machine.
    pub identity: &'static Identity,
    /// The name of the output.
    pub output: &'a str,
}

/// By address: the type and what is added, which packed ones do not say.
type Found = HashMap<u64, (u32, Option<u64>), RandomState>;

impl<'data> Reporter<'_, 'data> {
    /// Lists the relocations, file by file, those of tables last.
    pub fn relative(&self, input: &RelativeInput<'_, 'data>, said: &mut Diagnostics) {
        let found = found(input);
        for (file, object) in input.resolved.objects() {
            for index in 0..object.sections.len() as u32 {
                self.of_section(input, &found, (file, object), index, said);
            }
        }
        let word = input.identity.got_slot;
        let starts = [(Made::Got, got(input)), (Made::IgotPlt, input.tables.iplt.clone())];
        for (made, targets) in starts {
            let Some(start) = input.addresses.layout().address(made.section(), 0) else { continue };
            for (number, target) in (0_u64..).zip(targets) {
                let address = start.wrapping_add(number.wrapping_mul(word));
                if let Some(&(kind, value)) = found.get(&address) {
                    let how = (kind, value.unwrap_or(0));
                    let name = self.name_of(input, target);
                    let section = if made == Made::Got { ".got" } else { ".igot.plt" };
                    Self::line(
                        input,
                        address,
                        how,
                        (&name, section.as_bytes(), input.output),
                        said,
                    );
                }
            }
        }
    }

    fn of_section(
        &self,
        input: &RelativeInput<'_, 'data>,
        found: &Found,
        (file, object): (FileId, &Object<'data>),
        index: u32,
        said: &mut Diagnostics,
    ) {
        let Some(start) = input.addresses.layout().address(SectionId { file, index }, 0) else {
            return;
        };
        for reloc in object.relocs_of(index).iter() {
            let address = start.wrapping_add(reloc.offset);
            let Some(&(kind, value)) = found.get(&address) else { continue };
            let Some(target) = target(file, object, reloc.symbol) else { continue };
            let located = || input.addresses.locate(object, target, &reloc);
            let value = value.unwrap_or_else(|| {
                let located = located();
                located.symbol.wrapping_add_signed(located.addend)
            });
            let how = (kind, value);
            let name = self.name_of(input, target);
            let section = object.section_name(index).unwrap_or_default();
            Self::line(input, address, how, (&name, section, &object.origin.to_string()), said);
        }
    }

    /// A symbol's name; of a section's, that of the section.
    fn name_of(&self, input: &RelativeInput<'_, 'data>, target: Target) -> Vec<u8> {
        match target {
            Target::Global(id) => self.shown(id),
            Target::Local(file, index) => {
                let object = input.resolved.object(file);
                let name = object.and_then(|object| object.symbol_name(index));
                name.unwrap_or_default().to_vec()
            }
            Target::None => Vec::new(),
        }
    }

    fn line(
        input: &RelativeInput<'_, 'data>,
        address: u64,
        (kind, addend): (u32, u64),
        (name, section, file): (&[u8], &[u8], &str),
        said: &mut Diagnostics,
    ) {
        let identity = input.identity;
        let dynamic = &identity.dynamic;
        let is_relative = kind == dynamic.relative.0;
        let word = if is_relative { "RELATIVE" } else { "IRELATIVE" };
        let machine = identity.reloc_prefix;
        let addend =
            if identity.is_rela { format!(", addend: {addend:#x}") } else { String::new() };
        let mut text = format!(
            "{}: {machine}{word} (offset: {address:#x}, info: {kind:#x}{addend}) against '",
            input.output
        )
        .into_bytes();
        text.extend_from_slice(name);
        text.extend_from_slice(b"' for section '");
        text.extend_from_slice(section);
        text.extend_from_slice(format!("' in {file}").as_bytes());
        said.told(text);
    }
}

fn got(input: &RelativeInput<'_, '_>) -> Vec<Target> {
    let slots = input.tables.got.iter().map(|slot| match slot {
        GotSlot::Address(target) => *target,
        _ => Target::None,
    });
    slots.collect()
}

fn found(input: &RelativeInput<'_, '_>) -> Found {
    let dynamic = &input.identity.dynamic;
    let mut found = Found::default();
    for relative in input.written.relative.iter().flatten() {
        found.insert(relative.address, (dynamic.relative.0, Some(relative.value)));
    }
    for (file, scan) in (0_u32..).zip(&input.scanned.files) {
        for section in &scan.sections {
            let id = SectionId { file: FileId(file), index: section.section };
            let Some(start) = input.addresses.layout().address(id, 0) else { continue };
            for offset in &section.packed {
                found.insert(start.wrapping_add(*offset), (dynamic.relative.0, None));
            }
        }
    }
    for reloc in &input.written.dynamic {
        let kind = match reloc.kind {
            DynamicKind::Relative => dynamic.relative.0,
            DynamicKind::Irelative => dynamic.irelative.0,
            _ => continue,
        };
        found.insert(reloc.address, (kind, Some(reloc.addend as u64)));
    }
    found
}
