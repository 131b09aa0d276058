//! Where the debugging information of a file lies: `.gnu_debuglink` and `.gnu_debugaltlink`. GDB
//! manual, "Debugging Information in Separate Files"; DWARF 5, appendix F.

use std::borrow::Cow;

use super::writer::Writer;
use crate::ident::Encoding;

/// `.gnu_debuglink`: the file with the debugging information.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DebugLink<'data> {
    /// The name of the file; zeros up to a multiple of 4 bytes follow it.
    pub name: Cow<'data, [u8]>,
    /// The CRC-32 of the file (as in ISO 3309).
    pub crc: u32,
}

impl<'data> DebugLink<'data> {
    /// Reads a section. `None` if the name and checksum do not fill it.
    pub fn decode(bytes: &'data [u8], encoding: Encoding) -> Option<Self> {
        let end = memchr::memchr(0, bytes)?;
        let crc_at = end.checked_add(1)?.checked_next_multiple_of(4)?;
        if bytes.len() != crc_at.checked_add(4)? {
            return None;
        }
        let name = bytes.get(..end)?;
        Some(Self { name: Cow::Borrowed(name), crc: encoding.u32(bytes, crc_at)? })
    }

    /// The bytes of the section.
    pub fn encode(&self, encoding: Encoding) -> Vec<u8> {
        let mut writer = Writer::new(encoding, "debug link");
        writer.text(&self.name);
        writer.align(4);
        writer.u32(self.crc);
        writer.finish()
    }
}

/// `.gnu_debugaltlink`: the supplementary file that several files share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DebugAltLink<'data> {
    /// The name of the file.
    pub name: Cow<'data, [u8]>,
    /// Its build-id.
    pub build_id: Cow<'data, [u8]>,
}

impl<'data> DebugAltLink<'data> {
    /// Reads a section. `None` if the name is not closed.
    pub fn decode(bytes: &'data [u8]) -> Option<Self> {
        let (name, rest) = bytes.split_at_checked(memchr::memchr(0, bytes)?)?;
        Some(Self { name: Cow::Borrowed(name), build_id: Cow::Borrowed(rest.get(1..)?) })
    }

    /// The bytes of the section.
    pub fn encode(&self, encoding: Encoding) -> Vec<u8> {
        let mut writer = Writer::new(encoding, "debug link");
        writer.text(&self.name);
        writer.bytes(&self.build_id);
        writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::test_support::encodings;
    use super::*;

    #[test]
    fn a_checksum_is_aligned_and_in_the_order_of_the_file() {
        let link = DebugLink { name: Cow::Borrowed(b"a.debug"), crc: 0x0102_0304 };
        assert_eq!(link.encode(encodings()[1]), b"a.debug\0\x01\x02\x03\x04");
        let link = DebugLink { name: Cow::Borrowed(b"a"), crc: 1 };
        assert_eq!(link.encode(encodings()[2]), b"a\0\0\0\x01\0\0\0");
        let alt = DebugAltLink { name: Cow::Borrowed(b"x"), build_id: Cow::Borrowed(&[1, 2]) };
        assert_eq!(alt.encode(encodings()[0]), b"x\0\x01\x02");
        assert_eq!(DebugAltLink::decode(b"x\0\x01\x02"), Some(alt));
    }

    proptest! {
        #[test]
        fn links_come_back(name in "[a-z]{0,9}", crc: u32, bytes: Vec<u8>, which in 0_usize..4) {
            let encoding = encodings()[which];
            let link = DebugLink { name: Cow::Owned(name.into_bytes()), crc };
            let stored = link.encode(encoding);
            prop_assert_eq!(DebugLink::decode(&stored, encoding), Some(link));
            if let Some(link) = DebugAltLink::decode(&bytes) {
                prop_assert_eq!(link.encode(encoding), &bytes[..]);
            }
            let _ = DebugLink::decode(&bytes, encoding);
        }
    }
}
