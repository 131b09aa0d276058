//! What only MIPS files hold: `.MIPS.abiflags`, `.MIPS.options`, the list of quick-start
//! libraries, and the layout of the global offset table.
//!
//! "MIPS Processor Supplement" to the System V ABI, chapters 4 and 5; "64-bit ELF Object File
//! Specification" for the options; "MIPS O32 ABI - FR0 and FR1 Interlinking" for the ABI flags.

use crate::error::{Error, Problem, Result};
use crate::ident::{Class, Encoding};
use crate::table::Record;

/// The version of [`AbiFlags`] that is defined.
pub const ABI_FLAGS_VERSION: u16 = 0;

/// What the code needs of the processor and of other code: the contents of `.MIPS.abiflags`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AbiFlags {
    /// [`ABI_FLAGS_VERSION`].
    pub version: u16,
    /// The instruction set: 1 to 5, 32 or 64.
    pub isa_level: u8,
    /// Its revision: 1, 2, 3, 5 or 6; 0 where it has none.
    pub isa_rev: u8,
    /// The size of general registers, by [`register_size`].
    pub gpr_size: u8,
    /// The size of coprocessor 1's registers, by [`register_size`].
    pub cpr1_size: u8,
    /// The size of coprocessor 2's registers, by [`register_size`].
    pub cpr2_size: u8,
    /// The floating-point ABI: a value of [`crate::attributes::gnu::MIPS_FP`].
    pub fp_abi: u8,
    /// A processor's extension of the instruction set: see [`isa_extension`].
    pub isa_ext: u32,
    /// Bits of [`ASES`].
    pub ases: u32,
    /// Bit 0: odd single-precision registers are used (`AFL_FLAGS1_ODDSPREG`).
    pub flags1: u32,
    /// Zero.
    pub flags2: u32,
}

impl Record for AbiFlags {
    fn size(_: Class) -> usize {
        24
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        let byte = |at: usize| bytes.get(at).copied();
        Some(Self {
            version: encoding.u16(bytes, 0)?,
            isa_level: byte(2)?,
            isa_rev: byte(3)?,
            gpr_size: byte(4)?,
            cpr1_size: byte(5)?,
            cpr2_size: byte(6)?,
            fp_abi: byte(7)?,
            isa_ext: encoding.u32(bytes, 8)?,
            ases: encoding.u32(bytes, 12)?,
            flags1: encoding.u32(bytes, 16)?,
            flags2: encoding.u32(bytes, 20)?,
        })
    }
}

/// The bits of a register whose size is given by this number.
pub fn register_size(size: u8) -> Option<u32> {
    match size {
        0 => Some(0),
        1 => Some(32),
        2 => Some(64),
        3 => Some(128),
        _ => None,
    }
}

/// The extensions of the instruction set for single processors, by number from 1 on.
const ISA_EXTENSIONS: [Option<&str>; 21] = [
    Some("None"),
    Some("RMI XLR"),
    Some("Cavium Networks Octeon2"),
    Some("Cavium Networks OcteonP"),
    None,
    Some("Cavium Networks Octeon"),
    Some("Toshiba R5900"),
    Some("MIPS R4650"),
    Some("LSI R4010"),
    Some("NEC VR4100"),
    Some("Toshiba R3900"),
    Some("MIPS R10000"),
    Some("Broadcom SB-1"),
    Some("NEC VR4111/VR4181"),
    Some("NEC VR4120"),
    Some("NEC VR5400"),
    Some("NEC VR5500"),
    Some("ST Microelectronics Loongson 2E"),
    Some("ST Microelectronics Loongson 2F"),
    Some("Cavium Networks Octeon3"),
    Some("Imagination interAptiv MR2"),
];

/// The name of an extension ([`AbiFlags::isa_ext`]).
pub fn isa_extension(number: u32) -> Option<&'static str> {
    ISA_EXTENSIONS.get(number as usize).copied().flatten()
}

/// Application specific extensions: bits of [`AbiFlags::ases`] and their names, in the order in
/// which they are listed.
pub const ASES: &[(u32, &str)] = &[
    (0x0000_0001, "DSP ASE"),
    (0x0000_0002, "DSP R2 ASE"),
    (0x0000_2000, "DSP R3 ASE"),
    (0x0000_0004, "Enhanced VA Scheme"),
    (0x0000_0008, "MCU (MicroController) ASE"),
    (0x0000_0010, "MDMX ASE"),
    (0x0000_0020, "MIPS-3D ASE"),
    (0x0000_0040, "MT ASE"),
    (0x0000_0080, "SmartMIPS ASE"),
    (0x0000_0100, "VZ ASE"),
    (0x0000_0200, "MSA ASE"),
    (0x0000_0400, "MIPS16 ASE"),
    (0x0000_0800, "MICROMIPS ASE"),
    (0x0000_1000, "XPA ASE"),
    (0x0000_4000, "MIPS16e2 ASE"),
    (0x0000_8000, "CRC ASE"),
    (0x0002_0000, "GINV ASE"),
    (0x0004_0000, "Loongson MMI ASE"),
    (0x0008_0000, "Loongson CAM ASE"),
    (0x0010_0000, "Loongson EXT ASE"),
    (0x0020_0000, "Loongson EXT2 ASE"),
];

/// `ODK_NULL`: undefined.
pub const ODK_NULL: u8 = 0;
/// `ODK_REGINFO`: register usage, a [`RegInfo`].
pub const ODK_REGINFO: u8 = 1;
/// `ODK_EXCEPTIONS`: which floating-point exceptions must and may be enabled.
pub const ODK_EXCEPTIONS: u8 = 2;
/// `ODK_PAD`: how a section is padded.
pub const ODK_PAD: u8 = 3;
/// `ODK_HWPATCH`: which workarounds for processors were applied.
pub const ODK_HWPATCH: u8 = 4;
/// `ODK_FILL`: with what the linker fills.
pub const ODK_FILL: u8 = 5;
/// `ODK_TAGS`: for tools.
pub const ODK_TAGS: u8 = 6;
/// `ODK_HWAND`: workarounds that all objects have.
pub const ODK_HWAND: u8 = 7;
/// `ODK_HWOR`: workarounds that some object has.
pub const ODK_HWOR: u8 = 8;
/// `ODK_GP_GROUP`: the group that shares a global pointer.
pub const ODK_GP_GROUP: u8 = 9;
/// `ODK_IDENT`: which objects are identified.
pub const ODK_IDENT: u8 = 10;

/// Floating-point exceptions: bits of the two lowest bytes of [`MipsOption::info`] in
/// [`ODK_EXCEPTIONS`].
pub const FP_EXCEPTIONS: &[(u32, &str)] =
    &[(0x01, "INEX"), (0x02, "UFLO"), (0x04, "OFLO"), (0x08, "DIV0"), (0x10, "INVAL")];
/// The bits of [`MipsOption::info`] above them.
pub const EXCEPTION_MODES: &[(u32, &str)] =
    &[(0x1_0000, "PAGE0"), (0x2_0000, "SMM"), (0x4_0000, "FPDBUG"), (0x8_0000, "DISMISS")];
/// The bits of [`MipsOption::info`] in [`ODK_PAD`].
pub const PADS: &[(u32, &str)] = &[(0x1, "PREFIX"), (0x2, "POSTFIX"), (0x4, "SYMBOL")];
/// The bits of [`MipsOption::info`] in [`ODK_HWPATCH`].
pub const HARDWARE_PATCHES: &[(u32, &str)] =
    &[(0x1, "R4KEOP"), (0x2, "R8KPFETCH"), (0x4, "R5KEOP"), (0x8, "R5KCVTL")];
/// The bits of [`MipsOption::info`] in [`ODK_HWAND`] and [`ODK_HWOR`].
pub const HARDWARE_CHECKS: &[(u32, &str)] = &[(0x1, "R4KEOP_CHECKED"), (0x2, "R4KEOP_CLEAN")];

/// An entry of `.MIPS.options` (`Elf_Options`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MipsOption<'data> {
    /// What it tells: an `ODK_` number.
    pub kind: u8,
    /// The size of the entry in bytes, header included.
    pub size: u8,
    /// The index of the section that it is about; 0 for the whole file.
    pub section: u16,
    /// Flags, by kind.
    pub info: u32,
    /// What follows the header.
    pub contents: &'data [u8],
}

/// The bytes of an entry's header.
const OPTION_HEADER_SIZE: usize = 8;

/// An iterator over `.MIPS.options`; it ends after an error.
#[derive(Clone, Debug)]
pub struct MipsOptions<'data> {
    section: &'data [u8],
    at: usize,
    encoding: Encoding,
}

impl<'data> MipsOptions<'data> {
    /// The options in the bytes of a section.
    pub fn new(section: &'data [u8], encoding: Encoding) -> Self {
        Self { section, at: 0, encoding }
    }

    fn entry(&self) -> Option<Result<MipsOption<'data>>> {
        let rest = self.section.get(self.at..)?;
        let (&kind, &size) = (rest.first()?, rest.get(1)?);
        let section = self.encoding.u16(rest, 2)?;
        let info = self.encoding.u32(rest, 4)?;
        let contents = rest.get(OPTION_HEADER_SIZE..size.into());
        Some(match contents {
            Some(contents) => Ok(MipsOption { kind, size, section, info, contents }),
            None => Err(Error::new(Problem::BadValue {
                what: "size of a MIPS option",
                value: size.into(),
                expected: "at least 8 and no more than is left of the section",
            })
            .at(self.at as u64)),
        })
    }
}

impl<'data> Iterator for MipsOptions<'data> {
    type Item = Result<MipsOption<'data>>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entry()?;
        self.at = match &entry {
            Ok(option) => self.at.saturating_add(option.size.into()),
            Err(_) => usize::MAX,
        };
        Some(entry)
    }
}

/// Which registers a file uses: `.reginfo`, and the contents of [`ODK_REGINFO`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegInfo {
    /// A bit for each general register.
    pub gpr_mask: u32,
    /// A bit for each register of the four coprocessors.
    pub cpr_mask: [u32; 4],
    /// The value of the global pointer.
    pub gp_value: u64,
}

impl RegInfo {
    /// Reads `Elf32_RegInfo` or `Elf64_RegInfo`, as `class` says; `None` if `bytes` are too few.
    pub fn parse(bytes: &[u8], class: Class, encoding: Encoding) -> Option<Self> {
        let first = match class {
            Class::Elf32 => 4,
            // A word of padding follows the mask.
            Class::Elf64 => 8,
        };
        let mask = |index: usize| encoding.u32(bytes, first + 4 * index);
        Some(Self {
            gpr_mask: encoding.u32(bytes, 0)?,
            cpr_mask: [mask(0)?, mask(1)?, mask(2)?, mask(3)?],
            gp_value: match class {
                Class::Elf32 => encoding.u32(bytes, 20)?.into(),
                Class::Elf64 => encoding.u64(bytes, 24)?,
            },
        })
    }
}

/// A library that quick-start was prepared for (`Elf_Lib`), in `.liblist`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Library {
    /// The offset of its name in the dynamic strings, in bytes.
    pub name: u32,
    /// When it was made, in seconds since 1970.
    pub time_stamp: u32,
    /// The checksum of its symbols.
    pub checksum: u32,
    /// The offset of its version in the dynamic strings.
    pub version: u32,
    /// Bits of [`LIBRARY_FLAGS`].
    pub flags: u32,
}

impl Record for Library {
    fn size(_: Class) -> usize {
        20
    }

    fn decode(bytes: &[u8], encoding: Encoding) -> Option<Self> {
        Some(Self {
            name: encoding.u32(bytes, 0)?,
            time_stamp: encoding.u32(bytes, 4)?,
            checksum: encoding.u32(bytes, 8)?,
            version: encoding.u32(bytes, 12)?,
            flags: encoding.u32(bytes, 16)?,
        })
    }
}

/// The bits of [`Library::flags`].
pub const LIBRARY_FLAGS: &[(u32, &str)] = &[
    (0x01, "EXACT_MATCH"),
    (0x02, "IGNORE_INT_VER"),
    (0x04, "REQUIRE_MINOR"),
    (0x08, "EXPORTS"),
    (0x10, "DELAY_LOAD"),
    (0x20, "DELTA"),
];

/// From the start of the global offset table to where the global pointer points, in bytes; so
/// signed offsets of 16 bits reach most of 64 KiB.
pub const GP_BIAS: u64 = 0x7ff0;
/// The bytes of the global offset table that offsets of 16 bits reach.
pub const GP_REACH: u64 = 0xfff0;

/// Whether the second entry of a global offset table is GNU's pointer to the module: it has the
/// highest bit of a word set, which no address of a program has.
pub const fn is_module_pointer(entry: u64, class: Class) -> bool {
    let highest = match class {
        Class::Elf32 => 1 << 31,
        Class::Elf64 => 1 << 63,
    };
    entry & highest != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::endian::Endianness;

    const BE32: Encoding = Encoding { class: Class::Elf32, endian: Endianness::Big };

    #[test]
    fn options_follow_their_sizes() {
        let bytes = [3, 8, 0, 1, 0, 0, 0, 2, 4, 10, 0, 0, 0, 0, 0, 1, 7, 7, 9];
        let options: Result<Vec<_>> = MipsOptions::new(&bytes, BE32).collect();
        let options = options.unwrap();
        assert_eq!(options.len(), 2);
        assert_eq!((options[0].section, options[0].info), (1, 2));
        assert_eq!(options[1].contents, [7, 7]);
    }

    #[test]
    fn an_option_without_room_is_an_error() {
        for size in [0, 7, 9] {
            let bytes = [3, size, 0, 0, 0, 0, 0, 0];
            let mut options = MipsOptions::new(&bytes, BE32);
            assert!(options.next().unwrap().is_err());
            assert!(options.next().is_none());
        }
    }

    #[test]
    fn register_usage_has_two_layouts() {
        let mut bytes = [0; 32];
        bytes[7] = 5;
        bytes[11] = 6;
        bytes[23] = 7;
        bytes[31] = 8;
        let narrow = RegInfo::parse(&bytes, Class::Elf32, BE32).unwrap();
        assert_eq!((narrow.cpr_mask[0], narrow.gp_value), (5, 7));
        let wide = RegInfo::parse(&bytes, Class::Elf64, BE32).unwrap();
        assert_eq!((wide.cpr_mask[0], wide.gp_value), (6, 8));
        assert_eq!(RegInfo::parse(&bytes[..24], Class::Elf64, BE32), None);
    }

    #[test]
    fn flags_are_read_in_order() {
        let bytes = [0, 0, 32, 2, 1, 2, 0, 5, 0, 0, 0, 19, 0, 0, 0x20, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        let flags = AbiFlags::decode(&bytes, BE32).unwrap();
        assert_eq!((flags.isa_level, flags.isa_rev), (32, 2));
        assert_eq!(isa_extension(flags.isa_ext), Some("Cavium Networks Octeon3"));
        assert_eq!(flags.ases, 0x2000);
        assert_eq!(register_size(flags.cpr1_size), Some(64));
        assert_eq!(AbiFlags::decode(&bytes[..23], BE32), None);
    }

    proptest::proptest! {
        #[test]
        fn options_of_any_bytes_end(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            proptest::prop_assert!(MipsOptions::new(&bytes, BE32).count() <= bytes.len() / 8 + 1);
        }
    }
}
