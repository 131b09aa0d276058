//! Sections as GNU ld merges them, and what it leaves of each.

use super::pieces::Section;
use super::*;
use crate::ids::FileId;

fn strings(index: u32, align: u32, data: &[u8]) -> Section<'_> {
    section(index, 1, align, true, data)
}

fn section(index: u32, entsize: u32, align: u32, is_strings: bool, data: &[u8]) -> Section<'_> {
    Section {
        id: id(index),
        data,
        entsize,
        align,
        is_strings,
        is_padded: is_strings && align > entsize,
        has_tails: false,
        group: entsize << 8 | align,
        parts: (0, 0),
        size: 0,
    }
}

fn id(index: u32) -> SectionId {
    SectionId { file: FileId(0), index }
}

fn merged(sections: Vec<Section<'_>>, tails: bool) -> Merged<'_> {
    let by_file = vec![(1..=sections.len() as u32).collect()];
    Merged::of(sections, by_file, if tails { Settings::SMALLEST } else { Settings { tails: 0 } })
}

fn left(merged: &Merged<'_>, index: u32) -> Vec<u8> {
    let mut bytes = vec![0xee; merged.size(id(index)).unwrap() as usize];
    merged.write(id(index), &mut bytes);
    bytes
}

fn at(merged: &Merged<'_>, index: u32, offset: u64) -> (u32, u64) {
    let piece = merged.map(id(index), offset).unwrap();
    (piece.section.index, piece.offset)
}

#[test]
fn each_string_is_kept_where_it_occurs_first() {
    let all = vec![strings(0, 1, b"yes\0no\0"), strings(1, 1, b"no\0maybe\0yes\0")];
    let merged = merged(all, false);
    assert_eq!(left(&merged, 0), b"yes\0no\0");
    assert_eq!(left(&merged, 1), b"maybe\0");
    assert_eq!(at(&merged, 1, 0), (0, 4));
    assert_eq!(at(&merged, 1, 5), (1, 2));
    assert_eq!(at(&merged, 1, 11), (0, 2));
    // The end of a section, and behind it.
    assert_eq!(at(&merged, 1, 13), (1, 6));
    assert_eq!(at(&merged, 1, 15), (1, 8));
    assert_eq!(merged.map(id(2), 0), None);
}

#[test]
fn every_offset_of_many_strings_is_found() {
    let mut data = Vec::new();
    for number in 0..120_000_u32 {
        // Now and then one that spans several parts.
        let size = if number == 50_000 { 600_000 } else { number as usize * 7 % 23 };
        data.extend(std::iter::repeat_n(b'a' + (number % 26) as u8, size));
        data.push(0);
    }
    let merged = merged(vec![strings(0, 1, &data), strings(1, 1, &data)], false);
    let left = left(&merged, 0);
    assert_eq!(merged.size(id(1)), Some(0));
    for offset in (0..data.len()).step_by(37).chain(data.len() - 600..data.len()) {
        for index in 0..2 {
            let piece = merged.map(id(index), offset as u64).unwrap();
            assert_eq!(left[piece.offset as usize], data[offset], "{offset}");
            assert_eq!(piece.section, id(0));
        }
    }
}

#[test]
fn tails_are_merged_if_asked_for() {
    let all = || {
        vec![
            strings(0, 1, b"zeta\0alpha tail\0dup\0"),
            strings(1, 1, b"dup\0tail\0beta\0aa zeta\0"),
        ]
    };
    let tails = merged(all(), true);
    assert_eq!(left(&tails, 0), b"alpha tail\0dup\0");
    assert_eq!(left(&tails, 1), b"beta\0aa zeta\0");
    assert_eq!(at(&tails, 0, 1), (1, 9));
    assert_eq!(at(&tails, 1, 0), (0, 11));
    assert_eq!(at(&tails, 1, 5), (0, 7));
    assert_eq!(left(&merged(all(), false), 1), b"tail\0beta\0aa zeta\0");
}

#[test]
fn an_empty_string_ends_any_other() {
    let all = || vec![strings(0, 1, b"\0one\0"), strings(1, 1, b"two\0\0"), strings(2, 1, b"\0")];
    let tails = merged(all(), true);
    assert_eq!(left(&tails, 0), b"one\0");
    assert_eq!(left(&tails, 1), b"two\0");
    assert_eq!(left(&tails, 2), b"");
    let (section, offset) = at(&tails, 2, 0);
    assert_eq!(left(&tails, section)[offset as usize], 0);
    assert_eq!(at(&tails, 0, 0), (section, offset));
    assert_eq!(left(&merged(all(), false), 0), b"\0one\0");
    let alone = merged(vec![strings(0, 1, b"\0\0")], true);
    assert_eq!(left(&alone, 0), b"\0");
}

#[test]
fn the_last_string_may_lack_its_zero() {
    let all = vec![strings(0, 1, b"one\0two"), strings(1, 1, b"two\0")];
    let merged = merged(all, false);
    assert_eq!(left(&merged, 0), b"one\0two\0");
    assert_eq!(left(&merged, 1), b"");
    assert_eq!(at(&merged, 1, 1), (0, 5));
}

#[test]
fn constants_are_merged_by_their_size() {
    let words =
        |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
    let (a, b) = (words(&[3, 1, 2, 1]), words(&[7, 2, 5]));
    let all = vec![section(0, 4, 4, false, &a), section(1, 4, 4, false, &b)];
    let merged = merged(all, true);
    assert_eq!(left(&merged, 0), words(&[3, 1, 2]));
    assert_eq!(left(&merged, 1), words(&[7, 5]));
    assert_eq!(at(&merged, 0, 12), (0, 4));
    assert_eq!(at(&merged, 1, 6), (0, 10));
    assert_eq!(at(&merged, 1, 8), (1, 4));
}

#[test]
fn strings_keep_the_alignment_that_they_had() {
    // GNU ld gives the same for these.
    let mut data = b"y\0of\0\0\0\0of\0toof\0".to_vec();
    data.resize(32, 0);
    data.extend(b"zz\0\0");
    let all = vec![strings(0, 8, &data)];
    let merged = merged(all, false);
    let mut expected = b"y\0\0\0\0\0\0\0of\0toof\0".to_vec();
    expected.resize(24, 0);
    expected.extend(b"zz\0");
    assert_eq!(left(&merged, 0), expected);
    assert_eq!(at(&merged, 0, 2), (0, 8));
    assert_eq!(at(&merged, 0, 8), (0, 8));
    assert_eq!(at(&merged, 0, 24), (0, 16));
}

#[test]
fn tails_are_aligned_too() {
    let all = vec![strings(0, 8, b"long string a\0\0\0"), strings(1, 8, b"ng string a\0")];
    let merged = merged(all, true);
    assert_eq!(left(&merged, 0), b"long string a\0");
    assert_eq!(left(&merged, 1), b"ng string a\0");
}

#[test]
fn wide_strings_end_with_a_wide_zero() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let data = wide("AB\0\u{100}\0AB\0B\0");
    let all = vec![section(0, 2, 2, true, &data)];
    let merged = merged(all, true);
    assert_eq!(left(&merged, 0), wide("AB\0\u{100}\0"));
    assert_eq!(at(&merged, 0, 16), (0, 2));
}

#[test]
fn sections_that_are_split_in_parts_give_the_same() {
    // Strings over the borders of parts, one longer than a part, and zeros at the border.
    let mut data = Vec::new();
    let mut expected = Vec::new();
    let mut starts = Vec::new();
    for number in 0..60_000_u32 {
        starts.push(data.len());
        let text = match number {
            30_000 => "x".repeat(3 * split::PART as usize / 2),
            number if number % 3 == 0 => (number / 2).to_string(),
            number => number.to_string(),
        };
        data.extend(text.as_bytes());
        data.push(0);
        expected.push(text);
    }
    let merged = merged(vec![strings(0, 1, &data)], false);
    let left = left(&merged, 0);
    let mut seen = HashSet::new();
    let once: Vec<u8> = expected
        .iter()
        .filter(|text| seen.insert(text.as_str()))
        .flat_map(|text| text.bytes().chain([0]))
        .collect();
    assert!(left == once);
    for (start, text) in starts.into_iter().zip(&expected) {
        let (_, offset) = at(&merged, 0, start as u64);
        assert!(left[offset as usize..].starts_with(text.as_bytes()), "{text:.10}");
        let (_, offset) = at(&merged, 0, (start + text.len()) as u64);
        assert_eq!(left[offset as usize], 0);
    }
}

#[test]
fn shards_and_threads_have_no_part_in_the_result() {
    let data: Vec<u8> = (0..90_000_u32)
        .flat_map(|n| format!("string {}\0", n.wrapping_mul(n) % 40_000).into_bytes())
        .collect();
    let all = || data.chunks(50_000).map(|chunk| (chunk.len(), chunk)).enumerate();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let sections = all().map(|(n, (_, chunk))| strings(n as u32, 1, chunk)).collect();
            let merged = merged(sections, threads == 3);
            (0..all().count() as u32).map(|n| left(&merged, n)).collect::<Vec<_>>()
        })
    };
    assert!(run(1) == run(4));
    assert!(run(3).concat().len() < run(1).concat().len());
}
