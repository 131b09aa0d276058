//! Scanners against a model that looks at each character by itself.

use common::Output;
use common::targets::Target;
use proptest::prelude::*;

use super::{Scanner, Source};
use crate::options::{Encoding, Options, Radix, Unicode};
use crate::print::Printer;

fn options(encoding: Encoding, unicode: Unicode, takes_whitespace: bool, min: usize) -> Options {
    Options {
        min_length: min,
        encoding,
        unicode,
        takes_whitespace,
        radix: Some(Radix::Decimal),
        prints_name: false,
        separator: b"|".to_vec(),
        target: Target::Any,
        files: Vec::new(),
    }
}

/// What is printed for bytes that come in blocks of these sizes, in turn, of a stream that starts
/// at `offset`.
fn found(options: &Options, bytes: &[u8], sizes: &[usize], source: Source) -> String {
    let mut out = Output::process("strings").recorder();
    let mut printer = Printer::new(&mut out, options, b"");
    let mut scanner = Scanner::new(options, source, 0);
    let mut sizes = sizes.iter().cycle();
    let (mut start, mut end) = (0, 0);
    while end < bytes.len() {
        end = bytes.len().min(end + sizes.next().unwrap());
        start += scanner.scan(&bytes[start..end], &mut printer);
    }
    assert!(end - start < 4, "{} bytes are left", end - start);
    scanner.finish(&mut printer);
    String::from_utf8_lossy(&out.recorded_text()).into_owned()
}

/// The model: the character at the start of `bytes`, as text and size, or how much else there is.
fn character(options: &Options, bytes: &[u8]) -> Result<(Vec<u8>, usize), usize> {
    let is_ascii = |byte: u8| {
        matches!(byte, b' '..=b'~' | b'\t')
            || options.takes_whitespace && matches!(byte, b'\n' | b'\r' | 0x0b | 0x0c)
    };
    let first = bytes[0];
    if options.unicode != Unicode::Bytes {
        if first < 0xc0 {
            return if is_ascii(first) { Ok((vec![first], 1)) } else { Err(1) };
        }
        let size = if first < 0xe0 { 2 } else { 4 - usize::from(first < 0xf0) };
        for at in 1..size {
            match bytes.get(at) {
                Some(byte) if byte & 0xc0 == 0x80 => {}
                _ => return Err(at),
            }
        }
        return match options.unicode {
            Unicode::Invalid => Err(size),
            Unicode::Hex => {
                let digits: Vec<_> = bytes[..size].iter().map(|b| format!("{b:02x}")).collect();
                Ok((format!("<0x{}>", digits.concat()).into_bytes(), size))
            }
            _ => Ok((vec![first], size)),
        };
    }
    match options.encoding {
        Encoding::SevenBit if is_ascii(first) => Ok((vec![first], 1)),
        Encoding::EightBit if is_ascii(first) || first >= 0x80 => Ok((vec![first], 1)),
        Encoding::Wide { width, is_big_endian } if bytes.len() >= width => {
            let mut value = bytes[..width].to_vec();
            if is_big_endian {
                value.reverse();
            }
            let is_narrow = value[1..].iter().all(|byte| *byte == 0);
            if is_narrow && is_ascii(value[0]) { Ok((vec![value[0]], width)) } else { Err(1) }
        }
        _ => Err(1),
    }
}

/// What the model prints.
fn wanted(options: &Options, bytes: &[u8]) -> String {
    let mut text = Vec::new();
    let mut string = Vec::new();
    let (mut start, mut length) = (0, 0);
    let mut end_string = |start: usize, length: &mut usize, string: &mut Vec<u8>| {
        if *length >= options.min_length {
            text.extend_from_slice(format!("{start:7} ").as_bytes());
            text.extend_from_slice(string);
            text.push(b'|');
        }
        *length = 0;
        string.clear();
    };
    let mut at = 0;
    while at < bytes.len() {
        match character(options, &bytes[at..]) {
            Ok((shown, size)) => {
                if length == 0 {
                    start = at;
                }
                length += 1;
                string.extend(shown);
                at += size;
            }
            Err(size) => {
                end_string(start, &mut length, &mut string);
                at += size;
            }
        }
    }
    end_string(start, &mut length, &mut string);
    String::from_utf8_lossy(&text).into_owned()
}

fn encodings() -> impl Strategy<Value = (Encoding, Unicode)> {
    let wide = |width, is_big_endian| (Encoding::Wide { width, is_big_endian }, Unicode::Bytes);
    prop_oneof![
        Just((Encoding::SevenBit, Unicode::Bytes)),
        Just((Encoding::EightBit, Unicode::Bytes)),
        Just(wide(2, false)),
        Just(wide(2, true)),
        Just(wide(4, false)),
        Just(wide(4, true)),
        Just((Encoding::SevenBit, Unicode::Hex)),
        Just((Encoding::EightBit, Unicode::Invalid)),
        Just((Encoding::SevenBit, Unicode::Locale)),
    ]
}

/// Bytes with strings of all kinds among them.
fn inputs() -> impl Strategy<Value = Vec<u8>> {
    let text = "[ -~\t\n]{0,90}";
    let widened = |width: usize, place: usize| {
        move |text: String| {
            let wide = |byte: u8| {
                let mut character = vec![0; width];
                character[place] = byte;
                character
            };
            text.bytes().flat_map(wide).collect::<Vec<u8>>()
        }
    };
    let piece = prop_oneof![
        text.prop_map(String::into_bytes),
        "[a-zé€😀]{0,20}".prop_map(String::into_bytes),
        "[ -~]{0,40}".prop_map(widened(2, 0)),
        "[ -~]{0,40}".prop_map(widened(2, 1)),
        "[ -~]{0,40}".prop_map(widened(4, 0)),
        "[ -~]{0,40}".prop_map(widened(4, 3)),
        prop::collection::vec(any::<u8>(), 0..80),
        prop::collection::vec(prop::sample::select(&b"ab\0\xc3\xa9\xe2\x82\xf0\x80"[..]), 0..40),
        Just(vec![0]),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn blocks_of_any_size_give_what_the_model_gives(
        bytes in inputs(),
        (encoding, unicode) in encodings(),
        takes_whitespace in any::<bool>(),
        min in prop_oneof![1..9usize, 60..70usize, Just(200), Just(u32::MAX as usize)],
        sizes in prop::collection::vec(1..200usize, 1..4),
    ) {
        let options = options(encoding, unicode, takes_whitespace, min);
        // The offsets of a section are counted right in UTF-8, too.
        let found = found(&options, &bytes, &sizes, Source::Section);
        prop_assert_eq!(found, wanted(&options, &bytes));
    }
}

#[test]
fn a_broken_sequence_makes_the_next_offset_wrong_in_a_stream() {
    let hex = options(Encoding::SevenBit, Unicode::Hex, false, 4);
    let text = |bytes, source| found(&hex, bytes, &[3], source);
    let bytes = b"abcd\xc3cdef\xff\0ghij\0";
    assert_eq!(text(bytes, Source::Section), "      0 abcd|      5 cdef|     11 ghij|");
    assert_eq!(text(bytes, Source::Stream), "      0 abcd|4294967301 cdef|     11 ghij|");
    // What is too short ends the mistake.
    let bytes = b"abcd\xe2\x82abc\xc3cdef";
    assert_eq!(text(bytes, Source::Stream), "      0 abcd|     10 cdef|");
}

#[test]
fn characters_beyond_ascii_are_shown_as_asked() {
    let bytes = "ab\u{e9}\u{20ac}\u{1f600}".as_bytes();
    for (unicode, wanted) in [
        (Unicode::Hex, "      0 ab<0xc3a9><0xe282ac><0xf09f9880>|"),
        (Unicode::Escape, "      0 ab\\u00e9\\u20ac\\u07c600|"),
        (Unicode::Invalid, ""),
        (Unicode::Bytes, ""),
    ] {
        let options = options(Encoding::SevenBit, unicode, false, 3);
        assert_eq!(found(&options, bytes, &[1], Source::Stream), wanted);
    }
}
