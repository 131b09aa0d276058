//! Dynamic relocations divided by the sections that they apply to, for outputs that do not have them
//! all in one section: those of `-z nocombreloc`, and those of scripts that may put some apart.
//!
//! Each name of an input section has its own section of relocations. They are made sections behind
//! those of [`MADE`], and a script's patterns place them as any other.
//!
//! ```text
//! .data      R_X86_64_64 …   ->  .rela.data
//! .got                       ->  .rela.got
//! .data, of an IFUNC         ->  .rela.ifunc
//! ```

use std::collections::HashMap;

use foldhash::fast::RandomState;
use libelf::raw::SHF_ALLOC;

use super::relocs::DynamicRelocs;
use crate::form::Form;
use crate::ids::{FileId, SectionId};
use crate::layout::Layout;
use crate::made::{INTERNAL, MADE, Made};
use crate::resolve::Resolved;
use crate::scan::{Facts, Scanned};
use crate::storage::Storage;
use crate::tables::Tables;
use crate::write::room::Room;
use crate::write::{DynamicKind, DynamicReloc};

/// The sections of dynamic relocations.
#[derive(Debug, Default)]
pub struct Division<'a> {
    /// Their names, in the order in which they are made.
    names: Vec<&'a [u8]>,
    /// The number of the part that is for a section of this name.
    by_section: HashMap<&'a [u8], u32, RandomState>,
}

/// How many relocations a part has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub all: u64,
    /// The relative ones.
    pub relative: u64,
}

/// The parts that are always there, if maybe empty.
const COPIES_READ_ONLY: &[u8] = b".data.rel.ro";
const COPIES: &[u8] = b".bss";
const GOT: &[u8] = b".got";
const IFUNCS: &[u8] = b".ifunc";

/// How the names of sections of relocations begin.
pub const fn prefix(is_rela: bool) -> &'static [u8] {
    if is_rela { b".rela" } else { b".rel" }
}

impl<'a> Division<'a> {
    /// One for each name of an input section that relocations apply to.
    pub fn new(resolved: &Resolved<'a>, form: Form, is_rela: bool, storage: &'a Storage) -> Self {
        let mut division = Self::default();
        let mut add = |section: &'a [u8]| {
            let next = division.names.len() as u32;
            division.by_section.entry(section).or_insert_with(|| {
                division.names.push(storage.keep([prefix(is_rela), section].concat()));
                next
            });
        };
        if !form.is_shared {
            add(COPIES_READ_ONLY);
            add(COPIES);
        }
        add(GOT);
        add(IFUNCS);
        for (_, object) in resolved.objects() {
            for (index, header) in (0_u32..).zip(object.sections.iter()) {
                let has_relocs = object.relocs.get(index as usize).is_some_and(|&it| it != 0);
                if has_relocs && header.flags & SHF_ALLOC.0 != 0 {
                    add(object.section_name(index).unwrap_or_default());
                }
            }
        }
        division
    }

    /// How many sections there are.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The name of the made section with this index.
    pub fn name(&self, index: u32) -> Option<&'a [u8]> {
        let part = (index as usize).checked_sub(MADE.len())?;
        self.names.get(part).copied()
    }

    fn part(&self, section: &[u8]) -> Option<u32> {
        self.by_section.get(section).copied()
    }

    /// How many relocations each part has.
    pub fn counts(
        &self,
        resolved: &Resolved<'_>,
        scanned: &Scanned,
        tables: &Tables,
    ) -> Vec<Counts> {
        let mut counts = vec![Counts::default(); self.names.len()];
        let mut add = |section: &[u8], all: u64, relative: u64| {
            let part = self.part(section).and_then(|part| counts.get_mut(part as usize));
            if let Some(part) = part {
                part.all = part.all.saturating_add(all);
                part.relative = part.relative.saturating_add(relative);
            }
        };
        for copy in &tables.copies {
            add(of_copies(copy.section()), 1, 0);
        }
        let mut of_inputs = 0_u64;
        for (file, section) in scanned.sections() {
            let name = resolved.object(file).and_then(|it| it.section_name(section.section));
            let others = section.count.saturating_sub(section.ifuncs);
            add(name.unwrap_or_default(), others.into(), section.relative.into());
            add(IFUNCS, section.ifuncs.into(), 0);
            of_inputs = of_inputs.saturating_add(section.relative.into());
        }
        add(GOT, tables.got_relocs, tables.relative_relocs.saturating_sub(of_inputs));
        counts
    }

    /// The made sections among whose relocations are relative ones.
    pub fn relative(&self, counts: &[Counts]) -> impl Iterator<Item = SectionId> {
        let parts = (0_u32..).zip(counts).filter(|(_, count)| count.relative != 0);
        parts.map(|(part, _)| section_of(part))
    }
}

/// The section whose relocations fill copies of variables.
const fn of_copies(section: Made) -> &'static [u8] {
    match section {
        Made::CopyRelro => COPIES_READ_ONLY,
        _ => COPIES,
    }
}

/// The made section of a part.
fn section_of(part: u32) -> SectionId {
    SectionId { file: INTERNAL, index: (MADE.len() as u32).saturating_add(part) }
}

/// What the relocations of an output are divided by.
pub struct Dividing<'d, 'a> {
    /// The parts.
    pub division: &'d Division<'a>,
    /// The files.
    pub resolved: &'d Resolved<'a>,
    /// Which input sections have dynamic relocations.
    pub scanned: &'d Scanned,
    /// Where all lies.
    pub layout: &'d Layout<'a>,
    /// Whether what is in `.rela.dyn` is sorted (`-z combreloc`).
    pub combines: bool,
    /// Whether relocations hold their addends.
    pub is_rela: bool,
}

/// Some relocations of an output, and the sections that they fill one after the other.
#[derive(Debug, Default)]
pub struct Share {
    /// The relocations, in order.
    pub relocs: Vec<DynamicReloc>,
    /// Where those sections start in the file, and their sizes, in bytes.
    pub rooms: Vec<(u64, u64)>,
    /// Whether relative relocations come first.
    pub is_sorted: bool,
}

impl Share {
    /// How many relative relocations come first.
    pub fn relative_count(&self) -> usize {
        let is_relative = |reloc: &&DynamicReloc| reloc.kind == DynamicKind::Relative;
        if self.is_sorted { self.relocs.iter().take_while(is_relative).count() } else { 0 }
    }

    /// Writes the table, into one section after the other.
    pub fn put(&self, table: &[u8], room: &dyn Room) {
        let mut rest = table;
        for &(offset, size) in &self.rooms {
            let length = usize::try_from(size).unwrap_or(usize::MAX).min(rest.len());
            let (now, later) = rest.split_at(length);
            room.put(offset, now);
            rest = later;
        }
    }
}

/// A range of addresses, and the part that relocations in it go to.
struct Range {
    start: u64,
    end: u64,
    part: u32,
}

impl Dividing<'_, '_> {
    /// Divides the relocations that are not those of the procedure linkage table; `facts` tells what
    /// is true of the symbol of one.
    pub fn divide(
        &self,
        sorted: &DynamicRelocs,
        facts: impl Fn(&DynamicReloc) -> Facts,
    ) -> Vec<Share> {
        let (mut shares, share_of) = self.shares();
        let ranges = self.ranges();
        for reloc in sorted.in_order() {
            let part = self.part_of(&reloc, &ranges, facts(&reloc));
            let share = part.and_then(|part| *share_of.get(part as usize)?);
            if let Some(share) = share.and_then(|share| shares.get_mut(share)) {
                share.relocs.push(reloc);
            }
        }
        for share in shares.iter_mut().filter(|share| !share.is_sorted) {
            share.relocs.sort_by_key(|reloc| reloc.address);
        }
        shares
    }

    /// The sections that are filled together, and by part which of them it belongs to: all of an
    /// output section that is sorted, and each part of others by itself.
    fn shares(&self) -> (Vec<Share>, Vec<Option<usize>>) {
        let mut shares: Vec<Share> = Vec::new();
        let mut share_of = vec![None; self.division.count()];
        let mut placed: Vec<_> = (0..self.division.count() as u32)
            .filter_map(|part| {
                let place = self.layout.places.get(section_of(part))?;
                Some((place.output, place.offset, part))
            })
            .collect();
        placed.sort_unstable();
        let mut last_sorted = None;
        for (output, offset, part) in placed {
            let Some(section) = self.layout.sections.get(output as usize) else { continue };
            let is_sorted = self.combines && section.name == combined(self.is_rela);
            if !is_sorted || last_sorted != Some(output) {
                shares.push(Share { is_sorted, ..Share::default() });
            }
            last_sorted = is_sorted.then_some(output);
            let room =
                (section.offset.saturating_add(offset), self.layout.sizes.get(section_of(part)));
            if let Some(share) = shares.last_mut() {
                share.rooms.push(room);
            }
            if let Some(slot) = share_of.get_mut(part as usize) {
                *slot = shares.len().checked_sub(1);
            }
        }
        (shares, share_of)
    }

    /// What relocations apply to, in the order of addresses.
    fn ranges(&self) -> Vec<Range> {
        let range = |section: SectionId, part: Option<u32>| {
            let start = self.layout.address(section, 0)?;
            let end = start.checked_add(self.layout.sizes.get(section))?;
            Some(Range { start, end, part: part? })
        };
        let made = [(Made::Got, GOT), (Made::CopyRelro, COPIES_READ_ONLY), (Made::CopyBss, COPIES)];
        let made = made.map(|(made, name)| range(made.section(), self.division.part(name)));
        let of_inputs = self.scanned.sections().filter_map(|(file, section)| {
            let name = self.resolved.object(file)?.section_name(section.section)?;
            range(SectionId { file, index: section.section }, self.division.part(name))
        });
        let mut ranges: Vec<_> = made.into_iter().flatten().chain(of_inputs).collect();
        ranges.sort_unstable_by_key(|range| range.start);
        ranges
    }

    fn part_of(&self, reloc: &DynamicReloc, ranges: &[Range], facts: Facts) -> Option<u32> {
        let after = ranges.partition_point(|range| range.start <= reloc.address);
        let range = ranges.get(after.checked_sub(1)?).filter(|it| reloc.address < it.end)?;
        let is_of_table = Some(range.part) == self.division.part(GOT);
        let is_ifunc = reloc.kind == DynamicKind::Irelative || facts.has(Facts::IFUNC);
        if is_ifunc && !is_of_table && reloc.kind != DynamicKind::Copy {
            return self.division.part(IFUNCS);
        }
        Some(range.part)
    }
}

/// The output section whose relocations are sorted.
pub const fn combined(is_rela: bool) -> &'static [u8] {
    if is_rela { b".rela.dyn" } else { b".rel.dyn" }
}

/// Where the first part lies, which is where the loader's table begins. As in GNU ld's outputs an
/// output section at the address 0 is not looked at if there are others.
pub fn first_address(layout: &Layout<'_>) -> u64 {
    let places = parts(layout).filter_map(|section| {
        let place = layout.places.get(section)?;
        let output = layout.sections.get(place.output as usize)?;
        Some((output.addr == 0, output.addr, place.offset))
    });
    places.min().map_or(0, |(_, address, offset)| address.wrapping_add(offset))
}

/// The parts as made sections.
fn parts(layout: &Layout<'_>) -> impl Iterator<Item = SectionId> {
    let count = layout.places.internal_count() as u32;
    (MADE.len() as u32..count).map(|index| SectionId { file: INTERNAL, index })
}

/// The output sections that parts lie in.
pub fn outputs<'l>(layout: &'l Layout<'_>) -> impl Iterator<Item = u32> + 'l {
    parts(layout).filter_map(|section| Some(layout.places.get(section)?.output))
}

/// The section that a section of relocations is for, by its name.
pub fn subject(name: &[u8], is_rela: bool) -> Option<&[u8]> {
    name.strip_prefix(prefix(is_rela)).filter(|rest| !rest.is_empty())
}

impl Scanned {
    /// All sections with dynamic relocations.
    fn sections(&self) -> impl Iterator<Item = (FileId, &crate::scan::SectionDynamic)> {
        (0_u32..)
            .zip(&self.files)
            .flat_map(|(number, file)| file.sections.iter().map(move |it| (FileId(number), it)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestSection, TestSymbol, object, resolved};
    use libelf::raw::{SHF_WRITE, SHT_PROGBITS};

    fn section(name: &'static str, flags: u64) -> TestSection {
        let (kind, data) = (SHT_PROGBITS, vec![0; 8]);
        TestSection {
            name,
            kind,
            flags,
            data,
            relocs: vec![(0, 1, 1, 0)],
            ..TestSection::default()
        }
    }

    const FORM: Form = Form {
        is_pic: true,
        is_shared: true,
        is_dynamic: true,
        has_loader: false,
        is_relocatable: false,
        relaxes: true,
        copies: true,
        narrow_relocs: true,
        ifunc_noplt: false,
    };

    #[test]
    fn each_name_of_a_section_has_a_part() {
        let symbol = TestSymbol { name: "outside", info: 0x10, section: 0, value: 0 };
        let sections = [
            section(".data", SHF_ALLOC.0 | SHF_WRITE.0),
            section(".debug_info", 0),
            section("own", SHF_ALLOC.0),
        ];
        let resolved = resolved(vec![object(&sections, &[symbol]), object(&sections, &[symbol])]);
        let storage = Storage::new();
        let names = |form, is_rela| {
            let division = Division::new(&resolved, form, is_rela, &storage);
            let first = MADE.len() as u32;
            let all = first..first + division.count() as u32;
            all.map(|index| String::from_utf8(division.name(index).unwrap().to_vec()).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(FORM, true), [".rela.got", ".rela.ifunc", ".rela.data", ".relaown"]);
        let program = Form { is_shared: false, ..FORM };
        let of_program = names(program, false);
        assert_eq!(of_program.get(..2).unwrap(), [".rel.data.rel.ro", ".rel.bss"]);
        assert_eq!(of_program.last().unwrap(), ".relown");
    }

    #[test]
    fn names_say_what_relocations_are_for() {
        assert_eq!(subject(b".rela.data", true), Some(&b".data"[..]));
        assert_eq!(subject(b".relfoo", false), Some(&b"foo"[..]));
        assert_eq!(subject(b".rela", true), None);
        assert_eq!(subject(b".efi_runtime_rel", true), None);
    }
}
