//! Descriptors of the notes whose owner is `GNU`. Linux Extensions to gABI; x86-64 psABI, chapter
//! 5; ELF for the Arm 64-bit Architecture, "Program Property".

use object::elf::GnuPropertyType;

use crate::ident::Encoding;

/// `NT_GNU_ABI_TAG`: the oldest operating system that the file runs on. LSB Core, chapter 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbiTag {
    /// The operating system.
    pub os: u32,
    /// Its version: major, minor, subminor.
    pub version: [u32; 3],
}

impl AbiTag {
    /// Reads a descriptor; `None` if it has less than 16 bytes.
    pub fn parse(desc: &[u8], encoding: Encoding) -> Option<Self> {
        Some(Self {
            os: encoding.u32(desc, 0)?,
            version: [encoding.u32(desc, 4)?, encoding.u32(desc, 8)?, encoding.u32(desc, 12)?],
        })
    }

    /// The operating system's name.
    pub fn os_name(&self) -> Option<&'static str> {
        Some(match self.os {
            0 => "Linux",
            1 => "Hurd",
            2 => "Solaris",
            3 => "FreeBSD",
            4 => "NetBSD",
            5 => "Syllable",
            6 => "NaCl",
            _ => return None,
        })
    }
}

/// `NT_GNU_HWCAP`: how a vDSO names the hardware capabilities it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hwcap {
    /// How many names follow.
    pub entries: u32,
    /// The bits of the capabilities that are on.
    pub enabled: u32,
}

impl Hwcap {
    /// Reads a descriptor; `None` if it has less than 8 bytes.
    pub fn parse(desc: &[u8], encoding: Encoding) -> Option<Self> {
        Some(Self { entries: encoding.u32(desc, 0)?, enabled: encoding.u32(desc, 4)? })
    }
}

/// A property of `NT_GNU_PROPERTY_TYPE_0`: what a program asks of or promises to the loader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property<'data> {
    /// The type (`pr_type`, a `GNU_PROPERTY_` number; from `GNU_PROPERTY_LOPROC` on it depends on
    /// the machine).
    pub kind: GnuPropertyType,
    /// The value, without padding.
    pub data: &'data [u8],
}

impl Property<'_> {
    /// The value as a number of 32 bits, as most are; `None` if it has another size.
    pub fn u32(&self, encoding: Encoding) -> Option<u32> {
        (self.data.len() == 4).then(|| encoding.u32(self.data, 0))?
    }

    /// The value as a number of the class's width, as the stack size is; `None` if it has another
    /// size.
    pub fn word(&self, encoding: Encoding) -> Option<u64> {
        (self.data.len() == encoding.word_size()).then(|| encoding.word(self.data, 0))?
    }
}

/// Why the rest of a property descriptor cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadProperty {
    /// The bytes left are too few for the type and size of a property.
    #[error("{left} bytes are too few for a property")]
    Short {
        /// How many bytes are left.
        left: usize,
    },
    /// A value that ends past the descriptor.
    #[error("property {:#x} has {size} bytes, past the end of the descriptor", kind.0)]
    PastEnd {
        /// The property's type.
        kind: GnuPropertyType,
        /// The size of its value in bytes, as stored.
        size: u32,
    },
}

/// The properties of a descriptor, in order.
#[derive(Clone, Debug)]
pub struct Properties<'data> {
    rest: &'data [u8],
    encoding: Encoding,
}

impl<'data> Properties<'data> {
    /// The properties in the descriptor of an `NT_GNU_PROPERTY_TYPE_0` note.
    pub fn new(desc: &'data [u8], encoding: Encoding) -> Self {
        Self { rest: desc, encoding }
    }

    fn read(&mut self) -> Result<Property<'data>, BadProperty> {
        let bytes = self.rest;
        // Whatever stops the iteration is its last item.
        self.rest = &[];
        let short = BadProperty::Short { left: bytes.len() };
        let kind = GnuPropertyType(self.encoding.u32(bytes, 0).ok_or(short)?);
        let size = self.encoding.u32(bytes, 4).ok_or(short)?;
        let tail = bytes.get(8..).ok_or(short)?;
        let data = tail.get(..size as usize).ok_or(BadProperty::PastEnd { kind, size })?;
        let padded = data.len().saturating_add(self.encoding.word_size() - 1)
            & !(self.encoding.word_size() - 1);
        self.rest = tail.get(padded..).unwrap_or_default();
        Ok(Property { kind, data })
    }
}

impl<'data> Iterator for Properties<'data> {
    type Item = Result<Property<'data>, BadProperty>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() { None } else { Some(self.read()) }
    }
}

/// Reads `desc` as everything this module knows.
#[cfg(test)]
pub(crate) fn exercise(desc: &[u8], encoding: Encoding) {
    let _ = AbiTag::parse(desc, encoding);
    let _ = Hwcap::parse(desc, encoding);
    assert!(Properties::new(desc, encoding).count() <= desc.len() / 8 + 1);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::tests::{BE32, LE};

    #[test]
    fn an_abi_tag_names_its_system() {
        let desc: Vec<u8> = [0_u32, 3, 2, 0].iter().flat_map(|word| word.to_le_bytes()).collect();
        let tag = AbiTag::parse(&desc, LE).unwrap();
        assert_eq!((tag.os_name(), tag.version), (Some("Linux"), [3, 2, 0]));
        assert_eq!(AbiTag::parse(&desc[..15], LE), None);
    }

    #[test]
    fn properties_are_padded_to_the_word_of_the_class() {
        let mut desc = vec![];
        for word in [0xc000_0002_u32, 4, 3, 0, 1, 8, 0x1000, 0] {
            desc.extend(word.to_le_bytes());
        }
        let found: Vec<_> = Properties::new(&desc, LE).map(Result::unwrap).collect();
        assert_eq!((found[0].kind.0, found[0].u32(LE)), (0xc000_0002, Some(3)));
        assert_eq!((found[1].kind.0, found[1].word(LE)), (1, Some(0x1000)));
        assert_eq!(found[1].u32(LE), None);
        assert_eq!(found.len(), 2);

        let desc: Vec<u8> =
            [2_u32, 0, 1, 4, 7].iter().flat_map(|word| word.to_be_bytes()).collect();
        let found: Vec<_> = Properties::new(&desc, BE32).map(Result::unwrap).collect();
        assert_eq!((found[0].kind.0, found[0].data), (2, &[][..]));
        assert_eq!((found[1].kind.0, found[1].word(BE32)), (1, Some(7)));
    }

    #[test]
    fn a_bad_property_is_the_last() {
        let desc = [2, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 200, 0, 0, 0];
        let found: Vec<_> = Properties::new(&desc, LE).collect();
        assert_eq!(found[1], Err(BadProperty::PastEnd { kind: GnuPropertyType(9), size: 200 }));
        assert_eq!(
            Properties::new(&desc[..5], LE).collect::<Vec<_>>(),
            [Err(BadProperty::Short { left: 5 })]
        );
    }
}
