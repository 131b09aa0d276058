//! SystemTap's statically defined probes: the notes of `.note.stapsdt` (`<sys/sdt.h>`).
//!
//! A probe is a `nop` in the code, with a note that says where it is and where its arguments live.

use crate::ident::Encoding;

/// The owner of the notes.
pub const OWNER: &[u8] = b"stapsdt";
/// The type of the notes (`NT_STAPSDT`).
pub const KIND: object::elf::NoteType = object::elf::NoteType(3);

/// A probe, borrowing from its note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe<'data> {
    /// The link-time address of the probe.
    pub location: u64,
    /// The link-time address of `.stapsdt.base`; the difference to its real address, when a file
    /// was prelinked, is to be added to the other addresses.
    pub base: u64,
    /// The link-time address of a counter of users that switches the probe on; 0 if it has none.
    pub semaphore: u64,
    /// The name of the library or program.
    pub provider: &'data [u8],
    /// The name of the probe.
    pub name: &'data [u8],
    /// The arguments: words of a size, `@` and an operand in the assembler's syntax.
    pub arguments: &'data [u8],
}

impl<'data> Probe<'data> {
    /// Reads a descriptor: three addresses of the class's width and three strings. `None` if one
    /// of them does not lie within.
    pub fn parse(desc: &'data [u8], encoding: Encoding) -> Option<Self> {
        let width = encoding.word_size();
        let mut rest = desc.get(3 * width..)?;
        let mut string = || {
            let end = memchr::memchr(0, rest)?;
            let (text, tail) = rest.split_at_checked(end)?;
            rest = tail.get(1..)?;
            Some(text)
        };
        Some(Self {
            location: encoding.word(desc, 0)?,
            base: encoding.word(desc, width)?,
            semaphore: encoding.word(desc, 2 * width)?,
            provider: string()?,
            name: string()?,
            arguments: string()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::tests::{BE32, LE};

    #[test]
    fn a_probe_has_addresses_and_strings() {
        let mut desc = vec![];
        for address in [0x1234_u64, 0x5678, 0] {
            desc.extend(address.to_le_bytes());
        }
        desc.extend(b"libc\0setjmp\08@%rdi -4@%esi\0");
        let probe = Probe::parse(&desc, LE).unwrap();
        assert_eq!((probe.location, probe.base, probe.semaphore), (0x1234, 0x5678, 0));
        assert_eq!((probe.provider, probe.name), (&b"libc"[..], &b"setjmp"[..]));
        assert_eq!(probe.arguments, b"8@%rdi -4@%esi");
        assert_eq!(Probe::parse(&desc[..desc.len() - 1], LE), None);
        assert_eq!(Probe::parse(&desc[..14], BE32), None);
    }
}
