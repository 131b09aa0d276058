//! Section flags (`SHF_`) as letters, as names, and the key that explains the letters. gABI,
//! chapter 4, "Section Attribute Flags".

use std::fmt::Write;

use object::elf::{
    ELFOSABI_FREEBSD, ELFOSABI_GNU, ELFOSABI_NONE, ELFOSABI_OPENVMS, EM_386, EM_ARM, EM_IA_64,
    EM_IAMCU, EM_K10M, EM_L10M, EM_PPC, EM_SPARC, EM_SPARC32PLUS, EM_SPARCV9, EM_X86_64,
    SHF_EXCLUDE, SHF_GNU_MBIND, SHF_GNU_RETAIN, SHF_MASKOS, SHF_MASKPROC,
};

use super::em;
use super::table::Names;
use crate::header::Header;

/// A set of letters, short enough for any combination of flags.
#[derive(Clone, Copy, Debug)]
pub struct Letters {
    bytes: [u8; 64],
    len: usize,
}

impl Letters {
    /// The letters in order of the bits, lowest first.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    fn push(&mut self, letter: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = letter;
            self.len += 1;
        }
    }
}

/// Bits that have a letter in every file, and their names.
const COMMON: [(u64, u8, &str); 11] = [
    (1 << 0, b'W', "WRITE"),
    (1 << 1, b'A', "ALLOC"),
    (1 << 2, b'X', "EXEC"),
    (1 << 4, b'M', "MERGE"),
    (1 << 5, b'S', "STRINGS"),
    (1 << 6, b'I', "INFO LINK"),
    (1 << 7, b'L', "LINK ORDER"),
    (1 << 8, b'O', "OS NONCONF"),
    (1 << 9, b'G', "GROUP"),
    (1 << 10, b'T', "TLS"),
    (1 << 11, b'C', "COMPRESSED"),
];

/// `SHF_ORDERED`, of Solaris's processors.
const ORDERED: u64 = 1 << 30;

const ARM_NAMES: Names<u64> = Names(&[(1 << 28, "ENTRYSECT"), (1 << 29, "ARM_PURECODE")]);
const IA_64_NAMES: Names<u64> = Names(&[(1 << 28, "SHORT"), (1 << 29, "NORECOV")]);
const ORDERED_NAMES: Names<u64> = Names(&[(ORDERED, "ORDERED")]);
const PPC_NAMES: Names<u64> = Names(&[(1 << 28, "VLE")]);
const VMS_NAMES: Names<u64> = Names(&[
    (1 << 32, "VMS_GLOBAL"),
    (1 << 33, "VMS_OVERLAID"),
    (1 << 34, "VMS_SHARED"),
    (1 << 35, "VMS_VECTOR"),
    (1 << 36, "VMS_ALLOC_64BIT"),
    (1 << 37, "VMS_PROTECTED"),
]);

fn has_retain(header: &Header) -> bool {
    matches!(header.os_abi(), ELFOSABI_GNU | ELFOSABI_FREEBSD)
}

fn has_mbind(header: &Header) -> bool {
    has_retain(header) || header.os_abi() == ELFOSABI_NONE
}

/// The letter of a single bit, or `None` if it only has that of a range.
fn letter(header: &Header, bit: u64) -> Option<u8> {
    if let Some(&(_, letter, _)) = COMMON.iter().find(|&&(known, _, _)| known == bit) {
        return Some(letter);
    }
    let bit_number = bit.trailing_zeros();
    Some(match (bit_number, header.machine) {
        (31, _) => b'E',
        (21, _) if has_retain(header) => b'R',
        (24, _) if has_mbind(header) => b'D',
        (28, EM_X86_64 | EM_L10M | EM_K10M) => b'l',
        (28, EM_PPC) => b'v',
        (29, EM_ARM) => b'y',
        _ => return None,
    })
}

/// The letters of section flags, such as `WAX`.
///
/// The first bit of a reserved range without a letter of its own stands for all of the range that
/// is left: `o` hides later bits of the operating system's range, `p` hides those of the
/// processor's, with `E`, and everything above bit 31.
pub fn section_flag_letters(header: &Header, flags: u64) -> Letters {
    let mut letters = Letters { bytes: [0; 64], len: 0 };
    let mut left = flags;
    while left != 0 {
        let bit = left & left.wrapping_neg();
        left &= !bit;
        if let Some(letter) = letter(header, bit) {
            letters.push(letter);
        } else if bit & SHF_MASKOS != 0 {
            letters.push(b'o');
            left &= !SHF_MASKOS;
        } else if bit & SHF_MASKPROC != 0 {
            letters.push(b'p');
            left &= u64::from(!(SHF_MASKPROC as u32));
        } else {
            letters.push(b'x');
        }
    }
    letters
}

/// The name of a single bit, or `None` if it only has that of a range.
fn name(header: &Header, bit: u64) -> Option<&'static str> {
    if let Some(&(_, _, name)) = COMMON.iter().find(|&&(known, _, _)| known == bit) {
        return Some(name);
    }
    if bit == SHF_EXCLUDE.0 {
        return Some("EXCLUDE");
    }
    if bit == SHF_GNU_RETAIN.0 && has_retain(header) {
        return Some("GNU_RETAIN");
    }
    if bit == SHF_GNU_MBIND.0 && has_mbind(header) {
        return Some("GNU_MBIND");
    }
    match header.machine {
        EM_ARM => ARM_NAMES.get(bit),
        EM_IA_64 if header.os_abi() == ELFOSABI_OPENVMS => {
            IA_64_NAMES.get(bit).or_else(|| VMS_NAMES.get(bit))
        }
        EM_IA_64 => IA_64_NAMES.get(bit),
        EM_PPC => PPC_NAMES.get(bit),
        EM_386
        | EM_IAMCU
        | EM_X86_64
        | EM_L10M
        | EM_K10M
        | EM_SPARC
        | EM_SPARC32PLUS
        | EM_SPARCV9
        | em::SPARCV9_OLD => ORDERED_NAMES.get(bit),
        _ => None,
    }
}

/// The names of section flags, such as `WRITE, ALLOC`, with what is left of the reserved ranges
/// and of the unknown bits as numbers at the end.
pub fn section_flag_names(header: &Header, flags: u64) -> String {
    let mut text = String::new();
    let mut unnamed = 0;
    let mut left = flags;
    while left != 0 {
        let bit = left & left.wrapping_neg();
        left &= !bit;
        match name(header, bit) {
            Some(name) => separated(&mut text).push_str(name),
            None => unnamed |= bit,
        }
    }
    let system = unnamed & SHF_MASKOS;
    let processor = unnamed & SHF_MASKPROC;
    let digits = header.encoding.word_size() * 2;
    for (range, bits) in
        [("OS", system), ("PROC", processor), ("UNKNOWN", unnamed & !(system | processor))]
    {
        if bits != 0 {
            let text = separated(&mut text);
            // Writing to a string cannot fail.
            let _ = write!(text, "{range} ({bits:0digits$x})");
        }
    }
    text
}

fn separated(text: &mut String) -> &mut String {
    if !text.is_empty() {
        text.push_str(", ");
    }
    text
}

/// The lines below a section table that explain the letters, each with its line feed.
pub fn section_flag_key(header: &Header) -> String {
    let mut key = String::from(
        "Key to Flags:
  W (write), A (alloc), X (execute), M (merge), S (strings), I (info),
  L (link order), O (extra OS processing required), G (group), T (TLS),
  C (compressed), x (unknown), o (OS specific), E (exclude),
  ",
    );
    if has_retain(header) {
        key.push_str("R (retain), ");
    }
    if has_mbind(header) {
        key.push_str("D (mbind), ");
    }
    key.push_str(match header.machine {
        EM_X86_64 | EM_L10M | EM_K10M => "l (large), ",
        EM_ARM => "y (purecode), ",
        EM_PPC => "v (VLE), ",
        _ => "",
    });
    key.push_str("p (processor specific)\n");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend() {
        for (at, names) in
            [ARM_NAMES, IA_64_NAMES, ORDERED_NAMES, PPC_NAMES, VMS_NAMES].iter().enumerate()
        {
            assert!(names.is_sorted(), "table {at}");
        }
    }
}
