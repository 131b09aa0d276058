//! Which sections are merged, and which of them share pieces.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::raw::{SHF_ALLOC, SHF_STRINGS, SHT_NOBITS};
use libelf::section::SectionHeader;
use rayon::prelude::*;

use super::is_mergeable;
use super::pieces::Section;
use crate::diagnostics::Diagnostics;
use crate::diagnostics::beginning;
use crate::ids::{FileId, SectionId};
use crate::input::{Object, Storage};
use crate::resolve::{InputFile, Resolved};

/// Longer sections stay as they are: offsets have 31 bits.
const MAX_SIZE: u64 = 1 << 31;

/// What sections must have in common to share pieces.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    output: u32,
    /// Whether it is in memory: what is must not lie in what is not.
    is_loaded: bool,
    is_strings: bool,
    entsize: u32,
    align: u32,
}

type Found<'data> = Result<(Section<'data>, Key), Vec<u8>>;

/// The sections that can be merged, in the order of files.
pub fn candidates<'data>(
    resolved: &Resolved<'data>,
    output: &(dyn Fn(SectionId) -> Option<u32> + Sync),
    storage: &'data Storage,
    diagnostics: &mut Diagnostics,
) -> Vec<Section<'data>> {
    let found: Vec<Vec<Found<'data>>> = resolved
        .files
        .par_iter()
        .enumerate()
        .map(|(number, file)| match file {
            InputFile::Object(object) => of_object(FileId(number as u32), object, output, storage),
            _ => Vec::new(),
        })
        .collect();
    let mut groups: HashMap<Key, u32, RandomState> = HashMap::default();
    let mut sections = Vec::new();
    for found in found.into_iter().flatten() {
        match found {
            Ok((mut section, key)) => {
                let next = groups.len() as u32;
                section.group = *groups.entry(key).or_insert(next);
                sections.push(section);
            }
            Err(text) => diagnostics.error(text),
        }
    }
    sections
}

fn of_object<'data>(
    file: FileId,
    object: &Object<'data>,
    output: &(dyn Fn(SectionId) -> Option<u32> + Sync),
    storage: &'data Storage,
) -> Vec<Found<'data>> {
    let headers = (0_u32..).zip(object.sections.iter());
    let mergeable = headers.filter(|(_, header)| is_mergeable(header));
    mergeable
        .filter_map(|(index, header)| {
            // What relocations will change is not known yet.
            if has_relocs(object, index) {
                return None;
            }
            let id = SectionId { file, index };
            of_section(id, object, &header, output(id)?, storage)
        })
        .collect()
}

fn has_relocs(object: &Object<'_>, index: u32) -> bool {
    let relocs = object.relocs.get(index as usize).copied().unwrap_or(0);
    let header = object.sections.get(relocs as usize).filter(|_| relocs != 0);
    header.is_some_and(|header| header.size != 0)
}

fn of_section<'data>(
    id: SectionId,
    object: &Object<'data>,
    header: &SectionHeader,
    output: u32,
    storage: &'data Storage,
) -> Option<Found<'data>> {
    let data = match object.contents(header) {
        Ok(Cow::Borrowed(data)) => data,
        Ok(Cow::Owned(data)) => storage.keep(data),
        Err(_) => {
            let mut text = format!("{}: unable to decompress section ", object.origin).into_bytes();
            text.extend_from_slice(beginning(object.section_name(id.index).unwrap_or_default()));
            return Some(Err(text));
        }
    };
    let align = object.extent_of(header).align;
    let align = u32::try_from(align.max(1)).ok().filter(|align| align.is_power_of_two())?;
    let entsize = u32::try_from(header.entsize).ok()?;
    let is_strings = header.flags & SHF_STRINGS.0 != 0;
    let fits = header.kind != SHT_NOBITS && !data.is_empty() && (data.len() as u64) < MAX_SIZE;
    if !fits || !is_regular(entsize, align, is_strings, data.len()) {
        return None;
    }
    let is_loaded = header.flags & SHF_ALLOC.0 != 0;
    let key = Key { output, is_loaded, is_strings, entsize, align };
    let section = Section {
        id,
        data,
        entsize,
        align,
        is_strings,
        is_padded: is_strings && align > entsize,
        has_tails: false,
        group: 0,
        parts: (0, 0),
        size: 0,
    };
    Some(Ok((section, key)))
}

/// Whether each piece of such a section can lie anywhere that its alignment allows.
fn is_regular(entsize: u32, align: u32, is_strings: bool, size: usize) -> bool {
    if is_strings {
        // Zeros that align strings must be told from characters.
        return entsize.is_power_of_two() && size.is_multiple_of(entsize as usize);
    }
    entsize.is_multiple_of(align) && size.is_multiple_of(entsize as usize)
}

/// For each file, one more than the index in `sections` by section header; 0 for none.
pub fn index(resolved: &Resolved<'_>, sections: &[Section<'_>]) -> Vec<Box<[u32]>> {
    let mut number = 1_u32;
    let files = sections.chunk_by(|a, b| a.id.file == b.id.file).map(|sections| {
        let first = number;
        number += sections.len() as u32;
        (first, sections)
    });
    let files: Vec<_> = files.collect();
    let of_file = |&(first, sections): &(u32, &[Section<'_>])| {
        let file = sections.first()?.id.file;
        let count = resolved.object(file)?.sections.len();
        let mut numbers = vec![0; count].into_boxed_slice();
        for (number, section) in (first..).zip(sections) {
            if let Some(slot) = numbers.get_mut(section.id.index as usize) {
                *slot = number;
            }
        }
        Some((file, numbers))
    };
    let found: Vec<_> = files.par_iter().map(of_file).collect();
    let mut by_file = vec![Box::<[u32]>::default(); resolved.files.len()];
    for (file, numbers) in found.into_iter().flatten() {
        if let Some(slot) = by_file.get_mut(file.index()) {
            *slot = numbers;
        }
    }
    by_file
}
