//! Words of scripts: which are keywords where, and what numbers are worth.

/// Where a word stands; the same text is a keyword in one place and a name in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Between commands, and names of sections, files, regions.
    Command,
    /// Inside of an output section.
    Body,
    /// In an expression.
    Expression,
}

/// Whether a word without quotes is a keyword there.
pub fn is_keyword(place: Place, name: &[u8]) -> bool {
    // Most names are not in capitals.
    match name.first() {
        Some(b'A'..=b'Z') => {}
        Some(b'o' | b'l') => return place == Place::Command && is_short_keyword(name),
        _ => return false,
    }
    match place {
        Place::Command => {
            is_general_keyword(name) || is_value_keyword(name) || is_command_keyword(name)
        }
        Place::Body => is_general_keyword(name) || is_body_keyword(name),
        Place::Expression => {
            is_general_keyword(name) || is_value_keyword(name) || is_type_keyword(name)
        }
    }
}

/// In MEMORY.
fn is_short_keyword(name: &[u8]) -> bool {
    matches!(name, b"o" | b"org" | b"l" | b"len")
}

fn is_general_keyword(name: &[u8]) -> bool {
    matches!(name, b"ASSERT" | b"AT" | b"HIDDEN" | b"INCLUDE" | b"PROVIDE" | b"PROVIDE_HIDDEN")
}

fn is_command_keyword(name: &[u8]) -> bool {
    matches!(
        name,
        b"AFTER"
            | b"BEFORE"
            | b"ENTRY"
            | b"EXTERN"
            | b"FLOAT"
            | b"FORCE_COMMON_ALLOCATION"
            | b"FORCE_GROUP_ALLOCATION"
            | b"GROUP"
            | b"HLL"
            | b"INHIBIT_COMMON_ALLOCATION"
            | b"INPUT"
            | b"INSERT"
            | b"LD_FEATURE"
            | b"MAP"
            | b"MEMORY"
            | b"NOFLOAT"
            | b"OUTPUT"
            | b"OUTPUT_ARCH"
            | b"OUTPUT_FORMAT"
            | b"PHDRS"
            | b"REGION_ALIAS"
            | b"SEARCH_DIR"
            | b"SECTIONS"
            | b"STARTUP"
            | b"SYSLIB"
            | b"TARGET"
            | b"VERSION"
    )
}

/// Keywords between commands and in expressions.
fn is_value_keyword(name: &[u8]) -> bool {
    matches!(
        name,
        b"ABSOLUTE"
            | b"ADDR"
            | b"ALIGN"
            | b"ALIGNOF"
            | b"ALIGN_WITH_INPUT"
            | b"BIND"
            | b"BLOCK"
            | b"CONSTANT"
            | b"DATA_SEGMENT_ALIGN"
            | b"DATA_SEGMENT_END"
            | b"DATA_SEGMENT_RELRO_END"
            | b"DEFINED"
            | b"LENGTH"
            | b"LOADADDR"
            | b"LOG2CEIL"
            | b"MAX"
            | b"MIN"
            | b"NEXT"
            | b"NOCROSSREFS"
            | b"NOCROSSREFS_TO"
            | b"ONLY_IF_RO"
            | b"ONLY_IF_RW"
            | b"ORIGIN"
            | b"OVERLAY"
            | b"SEGMENT_START"
            | b"SIZEOF"
            | b"SIZEOF_HEADERS"
            | b"SPECIAL"
            | b"SUBALIGN"
    )
}

/// Types of output sections, which stand where an expression could.
fn is_type_keyword(name: &[u8]) -> bool {
    matches!(name, b"COPY" | b"DSECT" | b"INFO" | b"NOLOAD" | b"READONLY" | b"TYPE")
}

fn is_body_keyword(name: &[u8]) -> bool {
    matches!(
        name,
        b"BYTE"
            | b"CONSTRUCTORS"
            | b"CREATE_OBJECT_SYMBOLS"
            | b"EXCLUDE_FILE"
            | b"FILL"
            | b"INPUT_SECTION_FLAGS"
            | b"KEEP"
            | b"LONG"
            | b"QUAD"
            | b"SHORT"
            | b"SORT"
            | b"SORT_BY_ALIGNMENT"
            | b"SORT_BY_INIT_PRIORITY"
            | b"SORT_BY_NAME"
            | b"SORT_NONE"
            | b"SQUAD"
    )
}

/// The value of a number, cut to 64 bits where it is larger; `None` if it is none.
pub fn number(text: &[u8]) -> Option<u64> {
    if let Some(digits) = text.strip_prefix(b"$") {
        return with_unit(digits, 16);
    }
    if let Some(digits) = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X")) {
        return with_unit(digits, 16);
    }
    let (last, digits) = text.split_last()?;
    let base = match last {
        b'h' | b'H' | b'x' | b'X' => 16,
        b'o' | b'O' => 8,
        b'b' | b'B' => 2,
        b'd' | b'D' => 10,
        _ => {
            let base = if text.starts_with(b"0") { 8 } else { 10 };
            let (digits, unit) = split_unit(text);
            let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
            return is_number.then(|| leading_value(digits, base).wrapping_mul(unit));
        }
    };
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    is_number.then(|| leading_value(digits, base))
}

/// Digits, with K or M behind them. None at all are 0.
fn with_unit(text: &[u8], base: u32) -> Option<u64> {
    let (digits, unit) = split_unit(text);
    let is_number = digits.iter().all(u8::is_ascii_hexdigit);
    is_number.then(|| leading_value(digits, base).wrapping_mul(unit))
}

fn split_unit(text: &[u8]) -> (&[u8], u64) {
    match text.split_last() {
        Some((b'k' | b'K', digits)) => (digits, 1 << 10),
        Some((b'm' | b'M', digits)) => (digits, 1 << 20),
        _ => (text, 1),
    }
}

/// The value of the digits up to the first that the base does not have, as strtoul(3) reads them.
fn leading_value(digits: &[u8], base: u32) -> u64 {
    let mut value = 0u64;
    for &digit in digits {
        let Some(digit) = char::from(digit).to_digit(base) else { break };
        let next = value.checked_mul(u64::from(base));
        match next.and_then(|next| next.checked_add(u64::from(digit))) {
            Some(next) => value = next,
            None => return u64::MAX,
        }
    }
    value
}

/// The bytes of a single hexadecimal number with `0x` before it, which is a pattern to fill with.
pub fn fill_bytes(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X"))?;
    if digits.is_empty() {
        return None;
    }
    let digit = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let mut bytes = Vec::new();
    let (odd, pairs) = if digits.len().is_multiple_of(2) {
        (None, digits)
    } else {
        digits.split_first().map(|(first, rest)| (Some(*first), rest))?
    };
    if let Some(odd) = odd {
        bytes.push(digit(odd)?);
    }
    for pair in pairs.chunks_exact(2) {
        let [high, low] = pair else { return None };
        bytes.push((digit(*high)? << 4) | digit(*low)?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_bases_and_units() {
        let cases: [(&str, Option<u64>); 22] = [
            ("10", Some(10)),
            ("010", Some(8)),
            ("099", Some(0)),
            ("0x", Some(0)),
            ("0X1f", Some(31)),
            ("0x10K", Some(16 << 10)),
            ("1m", Some(1 << 20)),
            ("$1fK", Some(31 << 10)),
            ("10h", Some(16)),
            ("10x", Some(16)),
            ("0ffH", Some(255)),
            ("17o", Some(15)),
            ("19d", Some(19)),
            ("11b", Some(3)),
            ("2b", Some(0)),
            ("9o", Some(0)),
            ("12abc", None),
            ("10HK", None),
            ("0b11", None),
            ("0d10", None),
            ("0xg", None),
            ("0xfffffffffffffffff", Some(u64::MAX)),
        ];
        for (text, value) in cases {
            assert_eq!(number(text.as_bytes()), value, "{text}");
        }
        assert_eq!(number(b"99999999999999999999"), Some(u64::MAX));
        assert_eq!(number(b"0xfffffffffffffffM"), Some(0xffff_ffff_fff0_0000));
    }

    #[test]
    fn fills_keep_their_width() {
        assert_eq!(fill_bytes(b"0x90"), Some(vec![0x90]));
        assert_eq!(fill_bytes(b"0X0090"), Some(vec![0, 0x90]));
        assert_eq!(fill_bytes(b"0x123"), Some(vec![1, 0x23]));
        assert_eq!(fill_bytes(b"90"), None);
        assert_eq!(fill_bytes(b"0x90K"), None);
        assert_eq!(fill_bytes(b"0x"), None);
    }

    #[test]
    fn a_keyword_is_one_only_in_its_place() {
        assert!(is_keyword(Place::Command, b"SECTIONS"));
        assert!(!is_keyword(Place::Expression, b"SECTIONS"));
        assert!(!is_keyword(Place::Body, b"ALIGN"));
        assert!(is_keyword(Place::Body, b"KEEP"));
        assert!(!is_keyword(Place::Command, b"KEEP"));
        assert!(is_keyword(Place::Command, b"len"));
        assert!(!is_keyword(Place::Expression, b"len"));
        assert!(is_keyword(Place::Expression, b"NOLOAD"));
    }
}
