//! What an output section becomes by the input sections that it holds.

use libelf::raw::{
    SHF_ALLOC, SHF_COMPRESSED, SHF_EXECINSTR, SHF_LINK_ORDER, SHF_MERGE, SHF_STRINGS, SHF_TLS,
    SHF_WRITE, SHT_NOBITS, SHT_NULL, SHT_PROGBITS, SectionType,
};

use super::form::{InputForm, SHF_GNU_RETAIN};
use super::plan::{Item, Planned};
use crate::script::ast::SectionKind;

/// Flags that an output section has if any of its inputs has them.
const JOINED: u64 = SHF_ALLOC.0 | SHF_WRITE.0 | SHF_EXECINSTR.0 | SHF_TLS.0 | SHF_LINK_ORDER.0;
/// Flags that an output section has if all of its inputs have them.
const SHARED: u64 = SHF_MERGE.0 | SHF_STRINGS.0;
/// Flags that an output section has if its first input has them.
const FIRST: u64 = SHF_GNU_RETAIN;
/// Flags that stay with inputs.
const DROPPED: u64 = SHF_COMPRESSED.0;

/// What an output section is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `sh_type`
    pub kind: SectionType,
    /// `sh_flags`
    pub flags: u64,
    /// `sh_entsize`
    pub entsize: u64,
    /// What its address is a multiple of, in bytes.
    pub align: u64,
    /// Whether an input section is in it.
    pub has_inputs: bool,
    /// Whether any of its inputs has bytes in the file.
    pub has_bytes: bool,
    /// Whether its first input has none.
    pub began_without_bytes: bool,
    /// Whether what follows starts where it starts: it is not loaded, and no input has bytes for it.
    pub is_aside: bool,
}

impl Attributes {
    /// Those with one more input section, which comes after those known.
    #[must_use]
    pub fn with(self, form: &InputForm, align: u64) -> Self {
        let flags = form.flags & !DROPPED;
        let has_bytes = form.kind != SHT_NOBITS;
        if !self.has_inputs {
            let align = self.align.max(align);
            let entsize = form.entsize;
            let kind = form.kind;
            let began_without_bytes = !has_bytes;
            return Self {
                kind,
                flags,
                entsize,
                align,
                has_inputs: true,
                has_bytes,
                began_without_bytes,
                is_aside: false,
            };
        }
        let mut shared = self.flags & flags & SHARED;
        let mut entsize = self.entsize;
        if (self.flags ^ flags) & SHARED != 0 || self.entsize != form.entsize {
            shared = 0;
            entsize = 0;
        }
        Self {
            kind: join_kinds(self.kind, form.kind),
            flags: (self.flags | flags & !FIRST) & (JOINED | !(JOINED | SHARED)) | shared,
            entsize,
            align: self.align.max(align),
            has_inputs: true,
            has_bytes: self.has_bytes || has_bytes,
            began_without_bytes: self.began_without_bytes,
            is_aside: false,
        }
    }

    /// Those of two lists of input sections, one behind the other.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        if !other.has_inputs {
            return Self { align: self.align.max(other.align), ..self };
        }
        if !self.has_inputs {
            return Self { align: self.align.max(other.align), ..other };
        }
        let form = InputForm {
            name: b"",
            kind: other.kind,
            flags: other.flags,
            entsize: other.entsize,
            align: other.align,
            size: 0,
        };
        let joined = self.with(&form, other.align);
        Self { has_bytes: self.has_bytes || other.has_bytes, ..joined }
    }
}

impl Attributes {
    /// Those with what the statements of an output section make of it besides its inputs: data are
    /// constants, gaps are zeros that can be written.
    #[must_use]
    pub fn with_statements(mut self, planned: &Planned) -> Self {
        let mut is_first = !self.has_inputs;
        let has_loaded = self.has_bytes;
        for item in &planned.body {
            match item {
                Item::Data(..) | Item::Asciz(_) => {
                    self.flags |= SHF_ALLOC.0;
                    self.has_bytes = true;
                    self.kind = if self.kind == SHT_NOBITS { SHT_PROGBITS } else { self.kind };
                    is_first = false;
                }
                Item::Assignment(_) if is_first => {
                    self.flags |= SHF_WRITE.0;
                    is_first = false;
                }
                _ => {}
            }
        }
        match planned.kind {
            SectionKind::ReadOnly | SectionKind::ReadOnlyType(_) => self.flags &= !SHF_WRITE.0,
            SectionKind::NoAlloc(_) => {
                self.flags &= !SHF_ALLOC.0;
                self.is_aside = !has_loaded;
                // Zeros are written out.
                self.kind = if self.kind == SHT_NOBITS { SHT_PROGBITS } else { self.kind };
                (self.has_bytes, self.began_without_bytes) = (true, false);
            }
            SectionKind::NoLoad => {
                self.kind = SHT_NOBITS;
                self.has_bytes = false;
            }
            SectionKind::Normal | SectionKind::Type(_) => {}
        }
        if self.kind == SHT_NULL {
            self.kind = SHT_PROGBITS;
        }
        self
    }

    /// There is a gap: it takes memory, and in the file no room if nothing else does.
    pub fn take_gap(&mut self) {
        self.flags |= SHF_ALLOC.0;
        if !self.has_inputs && !self.has_bytes {
            self.kind = SHT_NOBITS;
        }
    }
}

/// The type of a section with inputs of two types.
fn join_kinds(first: SectionType, second: SectionType) -> SectionType {
    match (first, second) {
        (SHT_NULL, other) | (other, SHT_NULL) => other,
        // What has bytes counts more than what has none.
        (SHT_NOBITS, other) if other != SHT_NOBITS => SHT_PROGBITS,
        (first, _) => first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: SectionType, flags: u64, entsize: u64) -> InputForm<'static> {
        InputForm { name: b"", kind, flags, entsize, align: 1, size: 1 }
    }

    #[test]
    fn flags_join_but_those_of_merging_must_agree() {
        let a = form(SHT_PROGBITS, SHF_ALLOC.0 | SHF_MERGE.0 | SHF_STRINGS.0, 1);
        let b = form(SHT_PROGBITS, SHF_ALLOC.0, 0);
        let once = Attributes::default().with(&a, 1).with(&a, 8);
        assert_eq!((once.flags, once.entsize, once.align), (a.flags, 1, 8));
        let mixed = once.with(&b, 4).with(&a, 1);
        assert_eq!((mixed.flags, mixed.entsize, mixed.align), (SHF_ALLOC.0, 0, 8));
    }

    #[test]
    fn bytes_make_a_section_more_than_zeros() {
        let zeros = form(SHT_NOBITS, SHF_ALLOC.0 | SHF_WRITE.0, 0);
        let bytes = form(SHT_PROGBITS, SHF_ALLOC.0, 0);
        let joined = Attributes::default().with(&zeros, 1).with(&bytes, 1);
        assert_eq!(joined.kind, SHT_PROGBITS);
        assert_eq!(joined.flags, SHF_ALLOC.0 | SHF_WRITE.0);
        assert!(joined.has_bytes);
    }
}
