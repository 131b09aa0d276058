//! `-w` and `--debug-dump`: letters and words for what of debugging information is shown.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use common::Output;
use libdwarf::dump::Options as Shown;

use crate::options::Options;

/// What a letter or a word switches on.
type Switch = fn(&mut Options);

/// A letter, the words that mean the same, and what they switch on.
struct Selection {
    letter: u8,
    words: &'static [&'static str],
    switch: Switch,
}

const fn selection(letter: u8, words: &'static [&'static str], switch: Switch) -> Selection {
    Selection { letter, words, switch }
}

const SELECTIONS: &[Selection] = &[
    selection(b'a', &["abbrev"], |options| options.debug.abbrev = true),
    selection(b'A', &["addr"], |options| options.debug.addr = true),
    selection(b'c', &["cu_index"], |options| options.debug.cu_index = true),
    selection(b'f', &["frames"], |options| options.debug.frames = true),
    selection(b'F', &["frames-interp"], |options| {
        (options.debug.frames, options.debug.frames_interp) = (true, true);
    }),
    selection(b'g', &["gdb_index"], |options| options.debug.gdb_index = true),
    selection(b'i', &["info"], |options| options.debug.info = true),
    selection(b'K', &["follow-links"], |options| {
        (options.follow_links, options.asks_for_links) = (true, true);
    }),
    selection(b'N', &["no-follow-links"], |options| options.follow_links = false),
    selection(b'k', &["links"], |options| options.debug.links = true),
    selection(b'l', &["rawline", "line"], |options| options.debug.raw_lines = true),
    selection(b'L', &["decodedline"], |options| options.debug.decoded_lines = true),
    selection(b'm', &["macro"], |options| options.debug.macinfo = true),
    selection(b'o', &["loc"], |options| options.debug.loc = true),
    selection(b'O', &["str-offsets"], |options| options.debug.str_offsets = true),
    selection(b'p', &["pubnames"], |options| options.debug.pubnames = true),
    selection(b'r', &["aranges", "ranges"], |options| options.debug.aranges = true),
    selection(b'R', &["Ranges"], |options| options.debug.ranges = true),
    selection(b's', &["str"], |options| options.debug.str = true),
    selection(b't', &["pubtypes"], |options| options.debug.pubtypes = true),
    selection(b'u', &["trace_abbrev"], |options| options.debug.trace_abbrevs = true),
    selection(b'T', &["trace_aranges"], |options| options.debug.trace_aranges = true),
    selection(b'U', &["trace_info"], |options| options.debug.trace_info = true),
];

/// `-w`; without letters everything.
pub fn select_letters(out: &mut Output, options: &mut Options, value: Option<&OsStr>) {
    let letters = value.unwrap_or_default().as_bytes();
    if letters.is_empty() {
        everything(&mut options.debug);
        return;
    }
    options.debug.everything = false;
    for &letter in letters {
        match SELECTIONS.iter().find(|selection| selection.letter == letter) {
            Some(found) => (found.switch)(options),
            None => out.warn_bytes(&[b"Unrecognized debug letter option '", &[letter], b"'"]),
        }
    }
}

/// `--debug-dump`; without words everything. Of an unknown word, all that follows it is named.
pub fn select_words(out: &mut Output, options: &mut Options, value: Option<&OsStr>) {
    let Some(value) = value else {
        everything(&mut options.debug);
        return;
    };
    let mut rest = value.as_bytes();
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == b',').unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        let named =
            |selection: &&Selection| selection.words.iter().any(|&known| known.as_bytes() == word);
        match SELECTIONS.iter().find(named) {
            Some(found) => (found.switch)(options),
            None => out.warn_bytes(&[b"Unrecognized debug option '", rest, b"'"]),
        }
        rest = after.get(1..).unwrap_or_default();
    }
}

/// The number of `--dwarf-start`, as far as it is one.
pub fn number(value: Option<&OsStr>) -> u64 {
    let text = value.unwrap_or_default().to_string_lossy();
    let text = text.trim_start_matches(|character: char| {
        character == ' ' || ('\t'..='\r').contains(&character)
    });
    let (text, is_negative) = match text.strip_prefix('-') {
        Some(text) => (text, true),
        None => (text.strip_prefix('+').unwrap_or(text), false),
    };
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None if text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    let end = digits.find(|digit: char| !digit.is_digit(radix)).unwrap_or(digits.len());
    let digits = digits.get(..end).filter(|digits| !digits.is_empty());
    let Some(digits) = digits else { return 0 };
    // What is too large is the largest number there is, whatever its sign.
    match u64::from_str_radix(digits, radix) {
        Ok(number) if is_negative => number.wrapping_neg(),
        Ok(number) => number,
        Err(_) => u64::MAX,
    }
}

/// The number of `--dwarf-depth`: its lower 32 bits, of which -1 is none.
pub fn depth(value: Option<&OsStr>) -> Option<u64> {
    match (number(value) as u32).cast_signed() {
        -1 => None,
        depth => Some(u64::try_from(depth).unwrap_or(0)),
    }
}

/// `-w` alone.
fn everything(shown: &mut Shown) {
    *shown = Shown {
        decoded_lines: shown.decoded_lines,
        frames_interp: shown.frames_interp,
        sframe: shown.sframe,
        depth: shown.depth,
        start: shown.start,
        check: shown.check,
        wide: shown.wide,
        ..Shown::everything()
    };
}

/// Whether anything is to be shown.
pub fn shows_something(shown: &Shown) -> bool {
    names_sections(shown)
        || shown.gdb_index
        || shown.trace_abbrevs
        || shown.trace_aranges
        || shown.trace_info
        || shown.sframe
}

/// Whether sections are asked for whose names start with `.debug`.
pub fn names_sections(shown: &Shown) -> bool {
    shown.abbrev
        || shown.addr
        || shown.aranges
        || shown.cu_index
        || shown.raw_lines
        || shown.decoded_lines
        || shown.frames
        || shown.info
        || shown.loc
        || shown.macinfo
        || shown.pubnames
        || shown.pubtypes
        || shown.ranges
        || shown.str
        || shown.str_offsets
        || shown.links
}
