use crate::dump::info::found::LinkKind;
use crate::dump::kept::{Kept, TARGET};
use crate::dump::{Dump, Memory, Options};
use crate::section::SectionId;

/// A unit with bases, one with a function, a variable with a list of locations and their views, a
/// constant of a block, and a number.
const ABBREVS: &[u8] = &[
    1, 0x11, 1, 0x03, 0x08, 0x1b, 0x0e, 0x72, 0x17, 0x55, 0x23, 0x74, 0x17, 0x8c, 0x01, 0x17, 0, 0,
    2, 0x2e, 1, 0x03, 0x08, 0x40, 0x18, 0x55, 0x23, 0x11, 0x01, 0, 0, //
    3, 0x34, 0, 0x02, 0x22, 0xb7, 0x42, 0x17, 0x49, 0x13, 0, 0, //
    4, 0x34, 0, 0x1c, 0x0a, 0x0b, 0x0f, 0x3a, 0x21, 5, 0, 0, //
    5, 0x34, 0, 0x02, 0x17, 0xb7, 0x42, 0x17, 0x1c, 0x09, 0, 0, //
    0,
];

const ENTRIES: &[u8] = &[
    1, b'u', 0, 0, 0, 0, 0, 8, 0, 0, 0, 1, 12, 0, 0, 0, 12, 0, 0, 0, //
    2, b'f', 0, 1, 0x9c, 0, 1, 2, 3, 4, 5, 6, 7, 8, //
    3, 1, 0, 0, 0, 0, 12, 0, 0, 0, //
    4, 2, 1, 1, 0x81, 1, //
    5, 3, 0, 0, 0, 0, 0, 0, 0, 1, 9, //
    0, 0,
];

/// A table of four lists.
const LISTS: &[u8] =
    &[0x1c, 0, 0, 0, 5, 0, 8, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0];

fn info() -> Vec<u8> {
    let mut unit = vec![0, 0, 0, 0, 5, 0, 1, 8, 0, 0, 0, 0];
    unit.extend_from_slice(ENTRIES);
    let length = (unit.len() - 4) as u32;
    unit[..4].copy_from_slice(&length.to_le_bytes());
    [unit.clone(), unit].concat()
}

fn sections<'a>(info: &'a [u8], abbrevs: &'a [u8]) -> Kept<'a> {
    Kept::with(&[
        (SectionId::Info, info),
        (SectionId::Abbrev, abbrevs),
        (SectionId::Str, b"folder\0"),
        (SectionId::Rnglists, LISTS),
        (SectionId::Loclists, LISTS),
    ])
}

fn is_plain(info: &[u8], abbrevs: &[u8]) -> bool {
    let mut host = sections(info, abbrevs);
    let (mut memory, options) = (Memory::default(), Options::default());
    let mut dump = Dump::new(&mut host, &mut memory, TARGET, &options);
    let Some(section) = dump.load_info() else { return false };
    let sections = dump.load_tables(&section);
    dump.has_plain_units(&section, &sections)
}

/// What the scan says, and whether units name split objects.
fn scanned(info: &[u8], abbrevs: &[u8]) -> (String, bool) {
    let mut host = sections(info, abbrevs);
    let (mut memory, options) = (Memory::default(), Options::default());
    let mut dump = Dump::new(&mut host, &mut memory, TARGET, &options);
    if let Some(section) = dump.load_info() {
        let sections = dump.load_tables(&section);
        dump.scan_info(&section, &sections);
    }
    let units = dump.known_units();
    let mut links = units.iter().flat_map(|scan| scan.units.iter().flatten());
    let names = links.any(|unit| unit.found.links.iter().any(|link| link.kind == LinkKind::Name));
    dump.flush();
    (String::from_utf8_lossy(&host.printed).into_owned(), names)
}

/// `bytes`, with the one at `at` changed.
fn changed(bytes: &[u8], at: usize, byte: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] = byte;
    bytes
}

#[test]
fn sound_units_are_plain() {
    assert_eq!(scanned(&info(), ABBREVS), (String::new(), false));
    assert!(is_plain(&info(), ABBREVS));
}

#[test]
fn what_the_scan_would_tell_is_not_plain() {
    let info = info();
    // The code of an entry, and an index of a list.
    for (at, byte) in [(12, 9), (23, 4), (46, 0)] {
        let info = changed(&info, at, byte);
        assert_ne!(scanned(&info, ABBREVS).0, "", "{at}");
        assert!(!is_plain(&info, ABBREVS), "{at}");
    }
    // The name of the unit is the one of a split object.
    let split = changed(ABBREVS, 3, 0x76);
    assert_eq!(scanned(&info, &split), (String::new(), true));
    assert!(!is_plain(&info, &split));
}

/// Whatever bytes are changed: where units are plain, the scan has nothing to tell.
#[test]
fn damage_is_never_plain() {
    let info = info();
    let mut plain = 0;
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (state >> 33) as usize % below
    };
    for _ in 0..20_000 {
        let (mut info, mut abbrevs) = (info.clone(), ABBREVS.to_vec());
        for _ in 0..=random(2) {
            let target = if random(2) == 0 { &mut info } else { &mut abbrevs };
            let at = random(target.len());
            target[at] = match random(3) {
                0 => target[at] ^ (1 << random(8)),
                1 => random(0x30) as u8,
                _ => random(0x100) as u8,
            };
        }
        if is_plain(&info, &abbrevs) {
            plain += 1;
            assert_eq!(scanned(&info, &abbrevs), (String::new(), false), "{info:?} {abbrevs:?}");
        }
    }
    assert!(plain > 1_000, "{plain}");
}
