//! Files that hold every number there is: all relocation types of a machine, all kinds of symbols,
//! sections, segments and dynamic entries, notes of every owner, flags bit by bit. Real files show
//! few of them; names of the others would go untested.

use ::tests::corpus::Subset;
use anyhow::Result;

use super::step::{Folder, Step};

/// Raised when what is made below changes.
const RECIPE: &str = "3";

/// Machines whose usual byte order is big-endian.
const BIG: &[u16] =
    &[2, 4, 8, 9, 15, 18, 20, 21, 22, 36, 43, 44, 48, 70, 71, 76, 84, 92, 106, 0xa390];
/// Numbers of machines that were in use before they had official ones.
const UNOFFICIAL: &[u16] = &[
    0x1057, 0x1059, 0x1223, 0x18ad, 0x2530, 0x3330, 0x3426, 0x4157, 0x4688, 0x4def, 0x5441, 0x5aa5,
    0x7650, 0x7676, 0x8217, 0x8472, 0x9025, 0x9026, 0x9041, 0x9080, 0x9999, 0xa390, 0xabc7, 0xad45,
    0xb37b, 0xbaab, 0xbeef, 0xdead, 0xea23, 0xf00d, 0xfeb0, 0xfeba, 0xfebb, 0xfebc,
];
/// Official numbers go to this one.
const LAST_MACHINE: u16 = 264;
/// Machines that are run at every change: those with names for relocations.
const CI_MACHINES: &[u16] = &[
    2, 3, 4, 8, 15, 20, 21, 22, 40, 42, 43, 50, 62, 83, 92, 93, 94, 105, 113, 183, 189, 195, 243,
    247, 252, 258, 0x9026,
];
/// Machines whose header flags mean something.
const FLAGGED: &[u16] = &[
    2, 3, 4, 8, 15, 18, 20, 21, 22, 40, 42, 43, 50, 62, 70, 76, 83, 87, 88, 92, 93, 94, 105, 106,
    113, 164, 167, 173, 183, 189, 195, 197, 203, 213, 220, 224, 243, 247, 252, 258, 0x5441, 0x9026,
    0x9041, 0x9080,
];

/// The steps.
pub fn steps() -> Vec<Step> {
    vec![
        Step::new("made/tables", Subset::Ci, RECIPE, |folder| {
            for machine in machines() {
                for wide in [false, true] {
                    let bits = if wide { 64 } else { 32 };
                    let in_ci = CI_MACHINES.contains(&machine);
                    let subset = if in_ci { Subset::Ci } else { Subset::All };
                    let bytes = everything(machine, wide);
                    folder.write(subset, &format!("machine-{machine}-{bits}.so"), &bytes)?;
                }
            }
            Ok(())
        }),
        Step::new("made/flags", Subset::Ci, RECIPE, flags),
    ]
}

fn machines() -> impl Iterator<Item = u16> {
    (0..=LAST_MACHINE).chain(UNOFFICIAL.iter().copied())
}

/// Bytes in the order and with the word size of a file.
struct Writer {
    bytes: Vec<u8>,
    big: bool,
    wide: bool,
}

impl Writer {
    fn new(machine: u16, wide: bool) -> Self {
        Self { bytes: Vec::new(), big: BIG.contains(&machine), wide }
    }

    fn part(&self) -> Self {
        Self { bytes: Vec::new(), ..*self }
    }

    fn number(&mut self, value: u64, size: usize) {
        let bytes = value.to_le_bytes();
        let bytes = bytes.iter().take(size);
        if self.big {
            self.bytes.extend(bytes.rev());
        } else {
            self.bytes.extend(bytes);
        }
    }

    fn half(&mut self, value: u16) {
        self.number(value.into(), 2);
    }

    fn word(&mut self, value: u32) {
        self.number(value.into(), 4);
    }

    /// An address, offset or size.
    fn address(&mut self, value: u64) {
        self.number(value, if self.wide { 8 } else { 4 });
    }
}

/// A section header, but for its offset.
struct Section {
    name: u32,
    kind: u32,
    flags: u64,
    link: u32,
    info: u32,
    entry_size: u64,
    contents: Vec<u8>,
}

/// Names that everything shares; a name is its offset here.
const STRINGS: &[u8] = b"\0.text\0.rela\0.rel\0.symtab\0.strtab\0.dynamic\0.note\0other\0symbol\0";

fn string(name: &str) -> u32 {
    let found = STRINGS.windows(name.len() + 1).position(|window| {
        window.split_last().is_some_and(|(end, start)| *end == 0 && start == name.as_bytes())
    });
    found.unwrap_or(0) as u32
}

/// Section indexes that others refer to.
const STRTAB: u32 = 1;
const SYMTAB: u32 = 2;
const TEXT: u32 = 3;

/// A file of all numbers for one machine.
fn everything(machine: u16, wide: bool) -> Vec<u8> {
    let writer = Writer::new(machine, wide);
    let mut sections = vec![
        section("", 0, Vec::new()),
        section(".strtab", 3, STRINGS.to_vec()),
        Section {
            link: STRTAB,
            info: 1,
            entry_size: if wide { 24 } else { 16 },
            ..section(".symtab", 2, symbols(&writer))
        },
        section(".text", 1, vec![0; 64]),
        relocations(&writer, machine, true),
        relocations(&writer, machine, false),
        Section {
            link: STRTAB,
            entry_size: if wide { 16 } else { 8 },
            ..section(".dynamic", 6, dynamic(&writer))
        },
        Section { flags: 2, ..section(".note", 7, notes(&writer)) },
    ];
    let dynamic_index = 6;
    let note_index = 7;
    for (index, kind) in section_types().enumerate() {
        let flags = 1_u64 << (index % if wide { 64 } else { 32 });
        // Compressed contents have a header, which empty ones have not.
        let flags = if flags == 0x800 { 0 } else { flags };
        sections.push(Section { flags, ..section("other", kind, Vec::new()) });
    }
    assemble(&writer, machine, &sections, dynamic_index, note_index)
}

fn section(name: &str, kind: u32, contents: Vec<u8>) -> Section {
    Section { name: string(name), kind, flags: 0, link: 0, info: 0, entry_size: 0, contents }
}

/// Types of sections: those of the gABI, of systems, of processors, of applications.
fn section_types() -> impl Iterator<Item = u32> {
    let system = (0x6fff_4700..0x6fff_4710).chain(0x6fff_4c00..0x6fff_4c10);
    let sun = (0x6fff_ffe0..=0x6fff_ffff).filter(|kind| *kind != 0x6fff_fff6);
    // Tables that are looked into even when they are empty are left out: 2 to 11, 14 to 18.
    (12..14)
        .chain(19..24)
        .chain([0x6000_0000, 0x6fff_fef0])
        .chain(system)
        .chain(sun.filter(|kind| *kind < 0x6fff_fff5))
        .chain(0x7000_0000..0x7000_0030)
        .chain([0x7fff_fffd, 0x7fff_fffe, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])
}

/// Types of segments.
fn segment_types() -> impl Iterator<Item = u32> {
    (8..12)
        .chain([0x6000_0000, 0x6441_4141, 0x6474_e550, 0x6474_e551, 0x6474_e552, 0x6474_e553])
        .chain(0x65a3_dbe5..0x65a3_dbe9)
        .chain([0x65a4_1be6, 0x6fff_fffa, 0x6fff_fffb, 0x6fff_ffff])
        .chain(0x6000_0001..0x6000_0016)
        .chain(0x7000_0000..0x7000_0006)
        .chain([0x7fff_ffff, 0x8000_0000])
}

/// All types, bindings and visibilities; all special section indexes.
fn symbols(like: &Writer) -> Vec<u8> {
    let mut writer = like.part();
    let mut symbol = |info: u8, other: u8, section: u16| {
        let name = string("symbol");
        if writer.wide {
            writer.word(name);
            writer.bytes.extend([info, other]);
            writer.half(section);
            writer.address(0x1000);
            writer.address(7);
        } else {
            writer.word(name);
            writer.address(0x1000);
            writer.address(7);
            writer.bytes.extend([info, other]);
            writer.half(section);
        }
    };
    symbol(0, 0, 0);
    for info in 0..=255 {
        symbol(info, 0, 3);
    }
    for other in 0..=255 {
        symbol(0x12, other, 3);
    }
    for index in (0xff00..0xff50).chain(0xfff0..=0xfffe) {
        symbol(0x11, 0, index);
    }
    writer.bytes
}

/// All types of relocations of a machine.
fn relocations(like: &Writer, machine: u16, with_addend: bool) -> Section {
    const AARCH64: u16 = 183;
    let mut writer = like.part();
    let last = match (like.wide, machine) {
        (false, _) => 255,
        (true, AARCH64) => 1100,
        (true, _) => 300,
    };
    for kind in 0..=last {
        writer.address(kind % 60);
        // The symbol is one that has a name.
        let info = if like.wide { 5 << 32 | kind } else { 5 << 8 | kind };
        writer.address(info);
        if with_addend {
            writer.address(16);
        }
    }
    let word = if like.wide { 8 } else { 4 };
    let (name, kind, words) = if with_addend { (".rela", 4, 3) } else { (".rel", 9, 2) };
    Section {
        link: SYMTAB,
        info: TEXT,
        entry_size: words * word,
        ..section(name, kind, writer.bytes)
    }
}

/// Dynamic entries of all tags that have no table behind them.
fn dynamic(like: &Writer) -> Vec<u8> {
    // Those that point to tables or strings: a value of 1 would make each a complaint.
    const POINTERS: &[u64] = &[
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        17,
        18,
        19,
        23,
        25,
        26,
        27,
        28,
        32,
        33,
        34,
        35,
        36,
        37,
        0x6fff_fef5,
        0x6fff_fff0,
        0x6fff_fffc,
        0x6fff_fffd,
        0x6fff_fffe,
        0x6fff_ffff,
    ];
    let tags = (1..45)
        .chain(0x6000_000d..0x6000_0030)
        .chain(0x6fff_f000..0x6fff_f004)
        .chain(0x6fff_fd00..0x6fff_fe00)
        .chain(0x6fff_fe00..0x6fff_ff00)
        .chain(0x6fff_fff0..=0x6fff_ffff)
        .chain(0x7000_0000..0x7000_0080)
        .chain(0x7fff_fff0..=0x7fff_ffff);
    let mut writer = like.part();
    for tag in tags.filter(|tag| !POINTERS.contains(tag)) {
        writer.address(tag);
        writer.address(1);
    }
    // Flags, all set.
    for tag in [30, 0x6fff_fffb, 0x6fff_fdfc, 0x6fff_fdfd, 20, 0x7000_0005] {
        writer.address(tag);
        writer.address(0xffff_ffff);
    }
    writer.address(0);
    writer.address(0);
    writer.bytes
}

/// Notes of all owners with many types.
fn notes(like: &Writer) -> Vec<u8> {
    const OWNERS: &[&str] = &[
        "CORE",
        "LINUX",
        "GNU",
        "Go",
        "FreeBSD",
        "NetBSD",
        "NetBSD-CORE",
        "NetBSD-CORE@1",
        "PaX",
        "OpenBSD",
        "Xen",
        "stapsdt",
        "SPU/x",
        "VMS",
        "IPX/VMS",
        "CHERI",
        "FDO",
        "Android",
        "LLVM",
        "AMD",
        "AMDGPU",
        "NetBSD\0Emulation",
        "",
        "XXX",
        "GA$",
        "DragonFly",
        "SuSE",
        "Solaris",
    ];
    let types = (0..40)
        .chain(0x100..0x120)
        .chain(0x200..0x210)
        .chain(0x300..0x310)
        .chain(0x400..0x40e)
        .chain([0x500, 0x600, 0x601, 0x700, 0x800, 0x900, 0x901, 0xa00, 0xa01])
        .chain([0x46e6_2b7f, 0x4649_4c45, 0x5349_4749, 0xcafe_1a7e, 0xffff_ffff]);
    let mut writer = like.part();
    for owner in OWNERS {
        for kind in types.clone() {
            let length = owner.len() + 1;
            writer.word(length as u32);
            writer.word(8);
            writer.word(kind);
            writer.bytes.extend(owner.bytes());
            writer.bytes.resize(writer.bytes.len() + length.next_multiple_of(4) - length + 1, 0);
            // A number that is a text as well, for the notes that hold one.
            writer.word(u32::from(b'1'));
            writer.word(2);
        }
    }
    writer.bytes
}

/// Puts a file together: header, segments, contents, section headers.
fn assemble(
    like: &Writer,
    machine: u16,
    sections: &[Section],
    dynamic_index: usize,
    note_index: usize,
) -> Vec<u8> {
    let wide = like.wide;
    let (header, segment_size, section_size) = if wide { (64, 56, 64) } else { (52, 32, 40) };
    let segments: Vec<u32> = [2, 4].into_iter().chain(segment_types()).collect();
    let mut at = header + segments.len() * segment_size;
    let mut places = Vec::new();
    for section in sections {
        at = at.next_multiple_of(8);
        places.push(at as u64);
        at += section.contents.len();
    }
    let table = at.next_multiple_of(8);
    let mut writer = header_of(like, machine, 0, 3, 0);
    // The fields of the header that an empty file has as 0.
    writer.bytes.truncate(if wide { 32 } else { 28 });
    writer.address(header as u64);
    writer.address(table as u64);
    writer.word(0);
    for value in [header, segment_size, segments.len(), section_size, sections.len(), 1] {
        writer.half(value as u16);
    }
    for (index, kind) in segments.iter().enumerate() {
        let target = [dynamic_index, note_index].get(index).copied();
        let offset = target.and_then(|target| places.get(target)).copied().unwrap_or(0);
        let size = target
            .and_then(|target| sections.get(target))
            .map_or(0, |section| section.contents.len() as u64);
        let flags = index as u32 % 8;
        writer.word(*kind);
        if wide {
            writer.word(flags);
        }
        for value in [offset, offset, offset, size, size] {
            writer.address(value);
        }
        if !wide {
            writer.word(flags);
        }
        writer.address(4);
    }
    for (section, place) in sections.iter().zip(&places) {
        writer.bytes.resize(*place as usize, 0);
        writer.bytes.extend(&section.contents);
    }
    writer.bytes.resize(table, 0);
    for (index, (section, place)) in sections.iter().zip(&places).enumerate() {
        writer.word(section.name);
        writer.word(section.kind);
        writer.address(section.flags);
        writer.address(0);
        writer.address(if index == 0 { 0 } else { *place });
        writer.address(section.contents.len() as u64);
        writer.word(section.link);
        writer.word(section.info);
        writer.address(u64::from(index > 0));
        writer.address(section.entry_size);
    }
    writer.bytes
}

/// A header of a file that has nothing else.
fn header_of(like: &Writer, machine: u16, abi: u8, kind: u16, flags: u32) -> Writer {
    let mut writer = like.part();
    let class = if writer.wide { 2 } else { 1 };
    let order = if writer.big { 2 } else { 1 };
    writer.bytes.extend([0x7f, b'E', b'L', b'F', class, order, 1, abi]);
    writer.bytes.resize(16, 0);
    writer.half(kind);
    writer.half(machine);
    writer.word(1);
    writer.address(0x1234);
    writer.address(0);
    writer.address(0);
    writer.word(flags);
    writer.half(if writer.wide { 64 } else { 52 });
    for _ in 0..5 {
        writer.half(0);
    }
    writer
}

/// Archives of headers: header flags of each machine, systems, types, machines.
fn flags(folder: &mut Folder) -> Result<()> {
    for machine in FLAGGED {
        let wide = matches!(machine, 21 | 22 | 43 | 50 | 62 | 183 | 224 | 243 | 258 | 0x9026);
        let headers = flag_values().map(|flags| (*machine, 0, 2, flags));
        folder.write(Subset::Ci, &format!("flags-{machine}.a"), &archive(headers, wide))?;
    }
    for machine in [3, 8, 15, 40, 62, 140, 183] {
        let headers = (0..=255).map(|abi| (machine, abi, 2, 0));
        folder.write(Subset::Ci, &format!("systems-{machine}.a"), &archive(headers, true))?;
    }
    let types = (0..8).chain([0xfdff, 0xfe00, 0xfe0d, 0xfeff, 0xff00, 0xffff]);
    let headers = types.map(|kind| (62, 0, kind, 0));
    folder.write(Subset::Ci, "types.a", &archive(headers, true))?;
    let headers = machines().map(|machine| (machine, 0, 1, 0));
    folder.write(Subset::Ci, "machines.a", &archive(headers, false))?;
    let headers = (0..=u16::MAX).map(|machine| (machine, 0, 1, 0));
    folder.write(Subset::All, "all-machines.a", &archive(headers, false))
}

/// Each bit by itself, each value of each half byte and byte, and some mixes.
fn flag_values() -> impl Iterator<Item = u32> {
    let nibbles = (0..8).flat_map(|place| (0..16).map(move |value| value << (place * 4)));
    let bytes = (0..4).flat_map(|place| (0..=255).map(move |value| value << (place * 8)));
    let mixes = (0..64_u32).map(|number| number.wrapping_mul(0x9e37_79b1));
    nibbles.chain(bytes).chain(mixes).chain([u32::MAX])
}

/// An archive of headers, given as machine, system, type and flags.
fn archive(headers: impl Iterator<Item = (u16, u8, u16, u32)>, wide: bool) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (index, (machine, abi, kind, flags)) in headers.enumerate() {
        let contents = header_of(&Writer::new(machine, wide), machine, abi, kind, flags).bytes;
        let name = format!("{index}/");
        let size = contents.len();
        bytes.extend(format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n", 0, 0, 0, 644).bytes());
        bytes.extend(contents);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::tests::elfkind;

    #[test]
    fn files_are_what_their_names_say() {
        let kind = elfkind::of(&everything(21, true));
        assert!(kind.to_string().starts_with("DYN\tppc64\t64\tMSB\t"), "{kind}");
        let kind = elfkind::of(&everything(3, false));
        assert_eq!(kind.machine, "i386");
        let archive = archive([(62, 9, 2, 0), (62, 3, 2, 0)].into_iter(), true);
        assert_eq!(elfkind::of(&archive).os, "FreeBSD");
        assert_eq!(archive.len(), 8 + 2 * (60 + 64));
        assert!(STRINGS[string(".note") as usize..].starts_with(b".note\0"));
        assert_eq!(string(""), 0);
    }
}
