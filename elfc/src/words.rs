//! The words of numbers inside typed contents: dynamic tags and their flags, note types,
//! properties. As [`crate::names`], which knows those of headers and tables.

use std::ops::RangeInclusive;

use libelf::names;
use libelf::raw::{DynamicTag, GnuPropertyType, NoteType};

use crate::names::Names;
use crate::printer::is_word;

/// Dynamic tags that may have a name.
const DYNAMIC_TAGS: &[RangeInclusive<u64>] = &[
    0..=0x40,
    0x6000_0000..=0x6000_0040,
    0x6fff_f000..=0x6fff_f010,
    0x6fff_fd00..=0x6fff_ffff,
    0x7000_0000..=0x7000_0060,
    0x7fff_fff0..=0x7fff_ffff,
];
/// Note types that may have a name.
const NOTE_TYPES: &[RangeInclusive<u32>] = &[
    0..=0x40,
    0x65..=0x70,
    0x100..=0x120,
    0x200..=0x210,
    0x300..=0x310,
    0x400..=0x420,
    0x500..=0x510,
    0x600..=0x610,
    0x700..=0x710,
    0x800..=0x810,
    0x900..=0x910,
    0xa00..=0xa10,
    0x4649_4c45..=0x4649_4c45,
    0x46e6_2b7f..=0x46e6_2b7f,
    0x5349_4749..=0x5349_4749,
    0xcafe_1a7e..=0xcafe_1a7e,
];
/// Properties that may have a name.
const PROPERTIES: &[RangeInclusive<u32>] = &[
    0..=8,
    0xb000_0000..=0xb000_0008,
    0xb000_8000..=0xb000_8008,
    0xc000_0000..=0xc000_0008,
    0xc000_8000..=0xc000_8008,
    0xc001_0000..=0xc001_0008,
];

impl Names {
    /// The word of a dynamic tag, without `DT_`.
    pub fn dynamic_tag(&self, tag: u64) -> Option<&'static str> {
        let word = self.dynamic_tag_word(tag)?;
        // Two tags have one name; the number is as good for the second one.
        (self.dynamic_tag_number(word) == Some(tag)).then_some(word)
    }

    fn dynamic_tag_word(&self, tag: u64) -> Option<&'static str> {
        let name = names::dynamic_tag_name(self.header(), DynamicTag(tag.cast_signed()))?;
        is_word(name.as_bytes()).then_some(name)
    }

    /// The dynamic tag of a word.
    pub fn dynamic_tag_number(&self, word: &str) -> Option<u64> {
        DYNAMIC_TAGS.iter().cloned().flatten().find(|&tag| self.dynamic_tag_word(tag) == Some(word))
    }

    /// The words of dynamic tags.
    pub fn dynamic_tag_words(&self) -> impl Iterator<Item = &'static [u8]> {
        let tags = DYNAMIC_TAGS.iter().cloned().flatten();
        tags.filter_map(|tag| self.dynamic_tag_word(tag)).map(str::as_bytes)
    }

    /// The flags that the value of a dynamic tag may have, with their words; none for tags whose
    /// values are no flags.
    pub fn dynamic_flags(&self, tag: u64) -> Vec<(u64, String)> {
        let tag = DynamicTag(tag.cast_signed());
        if names::dynamic_flags(self.header(), tag, 0).is_none() {
            return Vec::new();
        }
        let of_bit = |bit: u64| {
            let word = names::dynamic_flags(self.header(), tag, bit)?;
            let word = word.trim();
            let is_name = is_word(word.as_bytes()) && !word.eq_ignore_ascii_case("unknown");
            is_name.then(|| (bit, word.to_owned()))
        };
        (0..u64::BITS).filter_map(|bit| of_bit(1 << bit)).collect()
    }

    /// The word of a note type of this owner, without `NT_` and the owner: `BUILD_ID`.
    pub fn note_type(&self, owner: &[u8], kind: u64) -> Option<String> {
        let word = self.note_type_word(owner, u32::try_from(kind).ok()?)?;
        (self.note_type_number(owner, &word) == Some(kind)).then_some(word)
    }

    fn note_type_word(&self, owner: &[u8], kind: u32) -> Option<String> {
        const ET_CORE: u16 = 4;
        let header = self.header();
        let is_core = header.kind.0 == ET_CORE;
        let name = names::note_type_name(header.machine, is_core, owner, NoteType(kind))?;
        // readelf adds what the type is for: `NT_AUXV (auxiliary vector)`.
        let name = name.split_once(' ').map_or(name, |(name, _)| name);
        let name = name.strip_prefix("NT_").unwrap_or(name);
        // The owner stands before the word anyway.
        let prefix = owner.to_ascii_uppercase();
        let name = match name.as_bytes().strip_prefix(prefix.as_slice()) {
            Some([b'_', _, ..]) => name.get(prefix.len().saturating_add(1)..).unwrap_or(name),
            _ => name,
        };
        is_word(name.as_bytes()).then(|| name.to_owned())
    }

    /// The note type of a word.
    pub fn note_type_number(&self, owner: &[u8], word: &str) -> Option<u64> {
        let mut types = NOTE_TYPES.iter().cloned().flatten();
        types.find(|&kind| self.note_type_word(owner, kind).as_deref() == Some(word)).map(u64::from)
    }

    /// The words of note types of this owner.
    pub fn note_type_words(&self, owner: &[u8]) -> Vec<String> {
        let types = NOTE_TYPES.iter().cloned().flatten();
        types.filter_map(|kind| self.note_type_word(owner, kind)).collect()
    }

    /// The word of a property, without `GNU_PROPERTY_`.
    pub fn property(&self, kind: u32) -> Option<&'static str> {
        let table = GnuPropertyType::type_names(self.header().machine);
        let name = table.name(GnuPropertyType(kind))?.strip_prefix("GNU_PROPERTY_")?;
        is_word(name.as_bytes()).then_some(name)
    }

    /// The property of a word.
    pub fn property_number(&self, word: &str) -> Option<u32> {
        PROPERTIES.iter().cloned().flatten().find(|&kind| self.property(kind) == Some(word))
    }

    /// The flags of a property, with their words without what all have in common.
    pub fn property_flags(&self, kind: u32) -> Vec<(u64, String)> {
        let Some(table) = GnuPropertyType(kind).u32_value_names(self.header().machine) else {
            return Vec::new();
        };
        let mut flags = Vec::new();
        for bit in (0..u32::BITS).map(|bit| 1 << bit) {
            table.bit_names(bit, |bit, name| {
                let mut parts = name.rsplit('_');
                if let Some(last) = parts.next() {
                    flags.push((u64::from(bit), last.to_owned()));
                }
            });
        }
        flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header;
    use libelf::edit::FileHeader;

    fn names(machine: u16) -> Names {
        Names::new(&FileHeader { machine, ..header::new() })
    }

    #[test]
    fn words_lead_back_to_their_numbers() {
        for machine in [3, 8, 15, 40, 50, 62, 183, 0x9026] {
            let names = names(machine);
            for tag in DYNAMIC_TAGS.iter().cloned().flatten() {
                if let Some(word) = names.dynamic_tag(tag) {
                    assert_eq!(names.dynamic_tag_number(word), Some(tag), "{word}");
                }
            }
            for kind in PROPERTIES.iter().cloned().flatten() {
                if let Some(word) = names.property(kind) {
                    assert_eq!(names.property_number(word), Some(kind), "{word}");
                }
            }
            for kind in NOTE_TYPES.iter().cloned().flatten() {
                if let Some(word) = names.note_type(b"GNU", kind.into()) {
                    assert_eq!(names.note_type_number(b"GNU", &word), Some(kind.into()), "{word}");
                }
            }
        }
    }

    #[test]
    fn well_known_words() {
        let names = names(62);
        assert_eq!(names.dynamic_tag(1), Some("NEEDED"));
        assert_eq!(names.dynamic_tag_number("GNU_HASH"), Some(0x6fff_fef5));
        assert_eq!(names.dynamic_flags(30).first(), Some(&(1, "ORIGIN".to_owned())));
        assert_eq!(names.dynamic_flags(1), []);
        assert_eq!(names.note_type(b"GNU", 3).as_deref(), Some("BUILD_ID"));
        assert_eq!(names.note_type_number(b"GNU", "PROPERTY_TYPE_0"), Some(5));
        assert_eq!(names.property(0xc000_0002), Some("X86_FEATURE_1_AND"));
        assert_eq!(names.property_flags(0xc000_0002).len(), 2);
        assert_eq!(names.property_flags(0xc000_0002).first(), Some(&(1, "IBT".to_owned())));
    }
}
