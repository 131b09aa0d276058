//! What the tags of a vendor mean.

use object::elf::{
    EM_68K, EM_ARC, EM_ARC_COMPACT, EM_ARC_COMPACT2, EM_ARM, EM_CSKY, EM_MIPS, EM_MIPS_RS3_LE,
    EM_MSP430, EM_PPC, EM_PPC64, EM_RISCV, EM_S390, EM_SPARC, EM_SPARC32PLUS, EM_SPARCV9,
    EM_TI_C6000, Machine,
};

use super::{arc, arm, c6000, csky, gnu, msp430, riscv};

/// How the value of a tag is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A LEB128 number.
    Integer,
    /// A string that a zero byte ends.
    Text,
    /// A LEB128 number, then a string that a zero byte ends.
    IntegerAndText,
    /// One byte without meaning.
    Nothing,
}

impl Form {
    /// The form of tags that a reader does not know: even ones have numbers, odd ones strings.
    pub const fn by_parity(tag: u64) -> Self {
        if tag & 1 == 0 { Self::Integer } else { Self::Text }
    }
}

/// The names of a tag's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// The value itself says all.
    None,
    /// The names of 0, 1, 2, …
    Counted(&'static [&'static str]),
    /// Some values and their names.
    Some(&'static [(u64, &'static str)]),
}

impl Names {
    /// The name of `value`.
    pub fn get(self, value: u64) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Counted(names) => names.get(usize::try_from(value).ok()?).copied(),
            Self::Some(names) => {
                names.iter().find(|(named, _)| *named == value).map(|(_, name)| *name)
            }
        }
    }
}

/// A tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its number.
    pub number: u32,
    /// Its name: `Tag_CPU_arch`.
    pub name: &'static str,
    /// How its value is stored.
    pub form: Form,
    /// The names of its values.
    pub values: Names,
}

/// The tag of a string.
pub(super) const fn text(number: u32, name: &'static str) -> Tag {
    Tag { number, name, form: Form::Text, values: Names::None }
}

/// The tag of a number without names for its values.
pub(super) const fn number(number: u32, name: &'static str) -> Tag {
    Tag { number, name, form: Form::Integer, values: Names::None }
}

/// The tag of a number with names for 0, 1, 2, …
pub(super) const fn counted(
    number: u32,
    name: &'static str,
    values: &'static [&'static str],
) -> Tag {
    Tag { number, name, form: Form::Integer, values: Names::Counted(values) }
}

/// The tag of a number with names for some values.
pub(super) const fn named(
    number: u32,
    name: &'static str,
    values: &'static [(u64, &'static str)],
) -> Tag {
    Tag { number, name, form: Form::Integer, values: Names::Some(values) }
}

/// The tags of one vendor, for one kind of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dictionary {
    /// The vendor's name as it stands in sections.
    pub vendor: &'static str,
    /// The tags, by number.
    pub tags: &'static [Tag],
}

impl Dictionary {
    /// The tag with this number, if the dictionary has it.
    pub fn tag(&self, number: u64) -> Option<&'static Tag> {
        let number = u32::try_from(number).ok()?;
        let index = self.tags.binary_search_by_key(&number, |tag| tag.number).ok()?;
        self.tags.get(index)
    }

    /// The name of a tag.
    pub fn name(&self, tag: u64) -> Option<&'static str> {
        self.tag(tag).map(|tag| tag.name)
    }

    /// How the value of a tag is stored; by parity for unknown ones.
    pub fn form(&self, tag: u64) -> Form {
        self.tag(tag).map_or(Form::by_parity(tag), |tag| tag.form)
    }

    /// The name of a tag's value.
    pub fn value_name(&self, tag: u64, value: u64) -> Option<&'static str> {
        self.tag(tag)?.values.get(value)
    }
}

/// The dictionary for the attributes of `vendor` in files for `machine`.
pub fn dictionary(machine: Machine, vendor: &[u8]) -> Option<&'static Dictionary> {
    let processor = match machine {
        EM_ARM => Some(&arm::AEABI),
        EM_RISCV => Some(&riscv::RISCV),
        EM_ARC | EM_ARC_COMPACT | EM_ARC_COMPACT2 => Some(&arc::ARC),
        EM_MSP430 => Some(&msp430::MSPABI),
        EM_TI_C6000 => Some(&c6000::C6XABI),
        EM_CSKY => Some(&csky::CSKY),
        _ => None,
    };
    if let Some(dictionary) = processor
        && vendor == dictionary.vendor.as_bytes()
    {
        return Some(dictionary);
    }
    if vendor != b"gnu" {
        return None;
    }
    Some(match machine {
        EM_68K => &gnu::M68K,
        EM_MIPS | EM_MIPS_RS3_LE => &gnu::MIPS,
        EM_MSP430 => &gnu::MSP430,
        EM_PPC | EM_PPC64 => &gnu::POWER,
        EM_S390 => &gnu::S390,
        EM_SPARC | EM_SPARC32PLUS | EM_SPARCV9 => &gnu::SPARC,
        _ => &gnu::ANY,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_sorted() {
        for dictionary in [
            &arm::AEABI,
            &riscv::RISCV,
            &arc::ARC,
            &msp430::MSPABI,
            &c6000::C6XABI,
            &csky::CSKY,
            &gnu::M68K,
            &gnu::MIPS,
            &gnu::MSP430,
            &gnu::POWER,
            &gnu::S390,
            &gnu::SPARC,
            &gnu::ANY,
        ] {
            assert!(
                dictionary.tags.is_sorted_by(|a, b| a.number < b.number),
                "{}",
                dictionary.vendor
            );
        }
    }
}
