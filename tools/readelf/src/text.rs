//! Names of a file as text that a terminal can bear.
//!
//! A control character is never printed as it is: byte 1 becomes `^A`. What lies beyond ASCII is
//! printed as `-U` says:
//!
//! | mode | `é` | a byte that is no UTF-8 |
//! |---|---|---|
//! | default, locale | as GNU readelf prints it: see [`Locale`] | as it is |
//! | escape, highlight | `\u00e9` | `{0xff}` |
//! | hex | `<0xc3a9>` | `{0xff}` |
//! | invalid | `{0xc3a9}` | `{0xff}` |
//!
//! `-C` demangles what is printed through a [`Style`], whatever it is: names of symbols mostly, but
//! those of sections and owners of notes as well, as GNU readelf does. Whether a name is cut, and
//! so marked, is told by its length as it is in the file.
//!
//! Columns are counted as readelf counts them: a control character takes two, a character in a
//! UTF-8 locale one, and the texts of the other modes none.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::IsTerminal;

use common::unicode::{NORMAL, RED, push_escape, push_hex, sequence_length};

use libdemangle::Demangler;

use crate::locale::Locale;
use crate::object::LONGEST_NAME;
use crate::options::{Options, Unicode};

/// What stands for the end of a name that is cut.
const CUT_MARK: &[u8] = b"[...]";

/// How names are printed: settled once for a run.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    unicode: Unicode,
    /// Names are never cut.
    wide: bool,
    /// A cut name ends in [`CUT_MARK`].
    marks_cuts: bool,
    /// What a character is in the modes that print characters as they are.
    locale: Locale,
    /// Standard output shows colours.
    has_colour: bool,
    /// How names are demangled, if they are.
    demangling: Option<libdemangle::Options>,
}

thread_local! {
    /// What demangles the names that this thread prints: entries of large tables are printed on
    /// many. All have the options of the command line.
    static DEMANGLER: RefCell<Option<Demangler>> = const { RefCell::new(None) };
}

impl Style {
    /// The style that `options` and the environment ask for.
    pub fn of(options: &Options) -> Self {
        Self {
            unicode: options.unicode,
            wide: options.wide,
            marks_cuts: !options.no_truncation_mark,
            locale: Locale::of_environment(),
            has_colour: options.unicode == Unicode::Highlight && std::io::stdout().is_terminal(),
            demangling: options.demangling(),
        }
    }

    /// How many bytes of a name are looked at, at most.
    pub fn name_limit(self) -> usize {
        if self.wide || self.demangling.is_some() { usize::MAX } else { LONGEST_NAME }
    }

    /// Gives `print` what is to be printed for a name: its demangled form, if it has one.
    fn with_shown<R>(self, name: &[u8], print: impl FnOnce(&[u8]) -> R) -> R {
        let Some(options) = self.demangling else { return print(name) };
        if name.is_empty() || !options.may_be_mangled(name) {
            return print(name);
        }
        DEMANGLER.with_borrow_mut(|demangler| {
            let demangler = demangler.get_or_insert_with(|| Demangler::new(options));
            print(demangler.demangle(name).unwrap_or(name))
        })
    }

    /// Appends a name in at least `width` columns, to the left; in narrow mode cut to them.
    pub fn push_padded(self, line: &mut Vec<u8>, name: &[u8], width: usize) {
        let columns = self.push_cut(line, name, width);
        line.resize(line.len() + width.saturating_sub(columns), b' ');
    }

    /// Appends a name in narrow mode cut to `room` columns. When more is taken than there is, and
    /// `room` is negative, its size is the width, and the name is padded to it: so readelf prints
    /// names whose version takes most of the line.
    pub fn push_fitted(self, line: &mut Vec<u8>, name: &[u8], room: isize) {
        match (self.wide, room) {
            (true, _) => {
                self.push_within_all(line, name);
            }
            (false, 0) => {}
            (false, 1..) => {
                self.push_cut(line, name, room.unsigned_abs());
            }
            (false, _) => self.push_padded(line, name, room.unsigned_abs()),
        }
    }

    /// Appends a whole name.
    fn push_within_all(self, line: &mut Vec<u8>, name: &[u8]) {
        self.with_shown(name, |shown| {
            if is_plain(shown) {
                line.extend_from_slice(shown);
            } else {
                self.push_within(line, shown, usize::MAX);
            }
        });
    }

    /// Appends a name, in narrow mode cut to `width` columns. Returns the columns it takes.
    pub fn push_cut(self, line: &mut Vec<u8>, name: &[u8], width: usize) -> usize {
        let fits = self.wide || name.len() <= width;
        self.with_shown(name, |shown| self.push_shown(line, shown, width, fits))
    }

    /// Appends what is shown for a name that fits as it is in the file, or does not.
    fn push_shown(self, line: &mut Vec<u8>, shown: &[u8], width: usize, fits: bool) -> usize {
        if fits && (self.wide || shown.len() <= width) && is_plain(shown) {
            line.extend_from_slice(shown);
            return shown.len();
        }
        let marked = !fits && self.marks_cuts;
        let room = match (self.wide, marked) {
            (true, _) => usize::MAX,
            (false, true) => width.saturating_sub(CUT_MARK.len()),
            (false, false) => width,
        };
        let mut columns = self.push_within(line, shown, room);
        if marked {
            line.extend_from_slice(CUT_MARK);
            columns += CUT_MARK.len();
        }
        columns
    }

    /// Appends as much of a name as `room` columns hold. Returns the columns it takes.
    fn push_within(self, line: &mut Vec<u8>, name: &[u8], room: usize) -> usize {
        let mut left = room;
        let mut rest = name;
        while let Some((&byte, tail)) = rest.split_first() {
            if left == 0 {
                break;
            }
            if byte.is_ascii_control() {
                if left < 2 {
                    break;
                }
                push_control(line, byte);
                left -= 2;
                rest = tail;
            } else if byte.is_ascii() {
                line.push(byte);
                left -= 1;
                rest = tail;
            } else {
                let character = self.character_at(rest);
                let Some(columns) = self.push_character(line, character, left) else { break };
                left -= columns;
                rest = rest.get(character.len()..).unwrap_or_default();
            }
        }
        room - left
    }

    /// The character beyond ASCII that `text` starts with, or its first byte if it starts none.
    fn character_at(self, text: &[u8]) -> &[u8] {
        let len = match self.unicode {
            Unicode::Default | Unicode::Locale => self.locale.character_length(text),
            _ => sequence_length(text),
        };
        text.get(..len).unwrap_or(text)
    }

    /// Appends a character beyond ASCII, or a byte that is none. Returns the columns it takes, or
    /// `None` if nothing more is to be shown.
    ///
    /// In the modes of other notation no column is counted: GNU readelf asks whether there is
    /// room for the notation, but then does not take it.
    fn push_character(self, line: &mut Vec<u8>, character: &[u8], left: usize) -> Option<usize> {
        let escapes = match self.unicode {
            Unicode::Default | Unicode::Locale => {
                line.extend(character.first());
                return Some(1);
            }
            Unicode::Escape | Unicode::Highlight => true,
            Unicode::Hex | Unicode::Invalid => false,
        };
        let needed = match (character.len(), escapes) {
            (1, _) => 4,
            (2, _) | (3, true) => 6,
            (3, false) | (4, true) => 8,
            _ => 10,
        };
        if left < needed {
            return (escapes && character.len() > 1).then_some(0);
        }
        if character.len() == 1 {
            push_hex(line, character, b"{0x", b"}");
            return Some(0);
        }
        match self.unicode {
            Unicode::Hex => push_hex(line, character, b"<0x", b">"),
            Unicode::Highlight if self.has_colour => {
                line.extend_from_slice(RED);
                push_escape(line, character);
                line.extend_from_slice(NORMAL);
            }
            Unicode::Escape | Unicode::Highlight => push_escape(line, character),
            _ => push_hex(line, character, b"{0x", b"}"),
        }
        Some(0)
    }
}

/// Whether every byte can be printed as it is in any mode, one column each.
fn is_plain(name: &[u8]) -> bool {
    // Without an early end, so that many bytes are tested at once.
    name.iter().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
}

fn push_control(line: &mut Vec<u8>, byte: u8) {
    // As GNU readelf has it: DEL becomes 0xbf, no control character either.
    line.extend([b'^', byte.wrapping_add(0x40)]);
}

/// `name` with each control character as `^` and a letter, as names stand in headings, lists and
/// messages.
pub fn printable(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.iter().any(u8::is_ascii_control) {
        return Cow::Borrowed(name);
    }
    let mut shown = Vec::with_capacity(name.len() + 8);
    for &byte in name {
        if byte.is_ascii_control() {
            push_control(&mut shown, byte);
        } else {
            shown.push(byte);
        }
    }
    Cow::Owned(shown)
}

/// The most bytes of a section's name in headings, lists and messages.
const SECTION_NAME_LIMIT: usize = 256;

/// The name of a section as it stands in headings, lists and messages: beyond ASCII, each byte as
/// `<E9>`, and cut before the first character that would go past 256 bytes.
pub fn section_name(name: &[u8]) -> Cow<'_, [u8]> {
    // No more of a long name than can be shown.
    let name = name.get(..SECTION_NAME_LIMIT).unwrap_or(name);
    if is_plain(name) {
        return Cow::Borrowed(name);
    }
    let mut shown = Vec::with_capacity(SECTION_NAME_LIMIT);
    for &byte in name {
        let start = shown.len();
        if byte.is_ascii_control() {
            push_control(&mut shown, byte);
        } else if byte.is_ascii() {
            shown.push(byte);
        } else {
            shown.extend_from_slice(format!("<{byte:02X}>").as_bytes());
        }
        if shown.len() > SECTION_NAME_LIMIT {
            shown.truncate(start);
            break;
        }
    }
    Cow::Owned(shown)
}

/// As [`section_name`], for messages.
pub fn section_name_text(name: &[u8]) -> String {
    String::from_utf8_lossy(&section_name(name)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(unicode: Unicode, wide: bool) -> Style {
        Style {
            unicode,
            wide,
            marks_cuts: true,
            locale: Locale::Utf8,
            has_colour: false,
            demangling: None,
        }
    }

    fn padded(style: Style, name: &[u8], width: usize) -> String {
        let mut line = Vec::new();
        style.push_padded(&mut line, name, width);
        String::from_utf8_lossy(&line).into_owned()
    }

    #[test]
    fn long_names_are_cut_in_narrow_mode_only() {
        let narrow = style(Unicode::Default, false);
        assert_eq!(padded(narrow, b"0123456789abcdefgh", 17), "0123456789ab[...]");
        assert_eq!(padded(narrow, b"0123456789abcdefg", 17), "0123456789abcdefg");
        assert_eq!(padded(style(Unicode::Default, true), b"0123456789", 5), "0123456789");
        let unmarked = Style { marks_cuts: false, ..narrow };
        assert_eq!(padded(unmarked, b"0123456789", 5), "01234");
    }

    #[test]
    fn control_characters_take_two_columns() {
        let narrow = style(Unicode::Default, false);
        assert_eq!(padded(narrow, b"a\x01b\x1b", 8), "a^Ab^[  ");
        assert_eq!(padded(narrow, b"\x7f", 3), "^\u{fffd} ");
        assert_eq!(&*printable(b"a\n\xff"), b"a^J\xff");
        assert_eq!(section_name_text(b"\xe9\n"), "<E9>^J");
        assert_eq!(section_name(&[b'a'; 300]).len(), 256);
        let long = [&[b'a'; 253][..], b"\xe9bbb"].concat();
        assert_eq!(section_name(&long), &[b'a'; 253][..]);
    }

    #[test]
    fn names_are_cut_by_their_length_in_the_file() {
        let demangling = Some(libdemangle::Options::NM);
        let narrow = Style { demangling, ..style(Unicode::Default, false) };
        let long = b"_ZN1a1b17h0123456789abcdefE";
        assert_eq!(padded(narrow, long, 17), "a::b[...]        ");
        assert_eq!(padded(narrow, b"_RINvC1a1bhE", 12), "a::b::<u8>  ");
        assert_eq!(padded(narrow, b"_RINvC1a1boE", 10), "a::b:[...]");
        assert_eq!(padded(narrow, b"_RINvC1a1bTooEE", 15), "a::b::<(u128, u");
        assert_eq!(padded(Style { wide: true, ..narrow }, long, 2), "a::b");
    }

    #[test]
    fn characters_follow_the_mode() {
        let name = "é€x".as_bytes();
        let bytes = Style { locale: Locale::Bytes, ..style(Unicode::Default, true) };
        assert_eq!(padded(bytes, name, 8), "é€x  ");
        let mut line = Vec::new();
        style(Unicode::Default, true).push_padded(&mut line, name, 5);
        assert_eq!(line, b"\xc3\xe2x  ");
        assert_eq!(padded(style(Unicode::Escape, true), name, 3), "\\u00e9\\u20acx  ");
        assert_eq!(padded(style(Unicode::Hex, true), name, 1), "<0xc3a9><0xe282ac>x");
        assert_eq!(padded(style(Unicode::Invalid, true), name, 1), "{0xc3a9}{0xe282ac}x");
        assert_eq!(padded(style(Unicode::Hex, true), b"\xffx", 1), "{0xff}x");
    }
}
