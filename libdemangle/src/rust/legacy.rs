//! The legacy mangling: a nested name of C++ whose last part is a hash.
//!
//! ```text
//! _ZN4core3fmt9Formatter3new17h0123456789abcdefE.llvm.1234
//!    ^^^^^^^^^^^^^^^^^^^^^^^^                               parts: their length and text
//!                            ^^^^^^^^^^^^^^^^^^^           the hash
//!                                               ^^^^^^^^^^ a suffix
//! ```

use crate::text::Text;
use crate::{Error, Options};

/// How many hexadecimal digits a hash has.
const HASH_DIGITS: usize = 16;

/// A hash has so many distinct digits, so that a name of C++ is not taken for one.
const DISTINCT_DIGITS: u32 = 5;

/// Prints the name whose part after `_ZN` is `name`.
pub(super) fn demangle(name: &[u8], options: &Options, text: &mut Text) -> Result<(), Error> {
    if name.last() != Some(&b'E') && !has_dot(name) {
        return Err(Error::NotMangled);
    }
    // The last `E` that a suffix or nothing follows ends the name.
    let mut end = name.len();
    let nested = loop {
        let before = name.get(..end).unwrap_or_default();
        end = before.iter().rposition(|&byte| byte == b'E').ok_or(Error::NotMangled)?;
        if let (nested, [b'E'] | [b'E', b'.', ..]) = name.split_at(end) {
            break nested;
        }
    };
    if !may_end_in_hash(nested) {
        return Err(Error::NotMangled);
    }
    // All of a name is looked at before anything is printed: most of those that start with `_ZN`
    // are of C++.
    let mut parts = Parts(nested);
    let mut last: &[u8] = &[];
    let mut count: usize = 0;
    while let Some(part) = parts.next()? {
        last = part;
        count = count.saturating_add(1);
    }
    let is_rust = count > 1 && is_hash(last) && may_be_name(name);
    if !is_rust {
        return Err(Error::NotMangled);
    }
    let printed = if options.verbose { count } else { count.saturating_sub(1) };
    let mut parts = Parts(nested);
    for index in 0..printed {
        if index > 0 {
            text.put(b"::")?;
        }
        print_part(parts.next()?.unwrap_or_default(), text)?;
    }
    Ok(())
}

fn has_dot(name: &[u8]) -> bool {
    // Without an early end: there is none in most names.
    name.iter().fold(0, |found, &byte| found | u8::from(byte == b'.')) != 0
}

/// Whether what ends a name has the length of a hash: of most names of C++, a look at three bytes
/// tells that they are none of Rust.
fn may_end_in_hash(nested: &[u8]) -> bool {
    const HEAD: &[u8] = b"17h";
    let at = nested.len().checked_sub(HEAD.len() + HASH_DIGITS);
    at.and_then(|at| nested.get(at..)).is_some_and(|end| end.starts_with(HEAD))
}

/// Whether all bytes are such that a name may have: letters, digits and `_.:$@`.
fn may_be_name(name: &[u8]) -> bool {
    // Without an early end, so that many bytes are tested at once.
    name.iter().fold(true, |all, &byte| all & may_stand_in_name(byte))
}

#[inline]
fn may_stand_in_name(byte: u8) -> bool {
    // `@` stands before the capital letters, `:` behind the digits.
    matches!(byte, b'a'..=b'z' | b'@'..=b'Z' | b'0'..=b':' | b'_' | b'.' | b'$')
}

/// The parts of a nested name that are not read yet.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    /// The next part.
    fn next(&mut self) -> Result<Option<&'a [u8]>, Error> {
        let mut rest = self.0;
        match rest {
            [] => return Ok(None),
            [b'1'..=b'9', ..] => {}
            _ => return Err(Error::NotMangled),
        }
        let mut length: u64 = 0;
        while let [digit @ b'0'..=b'9', after @ ..] = rest {
            length = length.wrapping_mul(10).wrapping_add(u64::from(digit.wrapping_sub(b'0')));
            rest = after;
        }
        let length = usize::try_from(length).map_err(|_| Error::NotMangled)?;
        let (part, after) = rest.split_at_checked(length).ok_or(Error::NotMangled)?;
        self.0 = after;
        Ok(Some(part))
    }
}

/// Whether a part is the hash that ends a name of Rust.
fn is_hash(part: &[u8]) -> bool {
    let [b'h', digits @ ..] = part else { return false };
    if digits.len() != HASH_DIGITS {
        return false;
    }
    let mut seen: u16 = 0;
    for digit in digits {
        match digit {
            b'0'..=b'9' => seen |= 1 << (digit & 0xf),
            b'a'..=b'f' => seen |= 0x200 << (digit & 0xf),
            _ => return false,
        }
    }
    seen.count_ones() >= DISTINCT_DIGITS
}

/// Prints a part with its escapes undone. What is no escape ends them.
fn print_part(part: &[u8], text: &mut Text) -> Result<(), Error> {
    let part = match part {
        // A part must not start with `$`.
        [b'_', after @ ..] if after.first() == Some(&b'$') => after,
        _ => part,
    };
    // No escape is shorter than what it stands for; and a word may be written for one byte of it.
    text.put_with(part.len() + WORD, |room| {
        let mut unescaped = Unescaped { room, length: 0 };
        unescaped.add(part);
        unescaped.length
    })
}

/// Text with its escapes undone.
struct Unescaped<'a> {
    room: &'a mut [u8],
    /// The bytes of the text.
    length: usize,
}

impl Unescaped<'_> {
    fn add(&mut self, part: &[u8]) {
        let mut rest = part;
        loop {
            rest = self.add_plain(rest);
            rest = match rest {
                [] => return,
                [b'.', b'.', after @ ..] => {
                    self.put(*b"::");
                    after
                }
                [b'.', after @ ..] => {
                    self.put(*b".");
                    after
                }
                [_, after @ ..] => {
                    let Some((character, after)) = unescape(after) else { break };
                    self.put([character]);
                    after
                }
            };
        }
        for &byte in rest {
            self.put([byte]);
        }
    }

    /// Adds what comes before the first `$` or `.`, and gives the rest.
    #[inline]
    fn add_plain<'r>(&mut self, mut rest: &'r [u8]) -> &'r [u8] {
        // Eight bytes at a time: most of a name is plain.
        while let Some((word, after)) = rest.split_first_chunk::<WORD>() {
            let bytes = u64::from_le_bytes(*word);
            let special = zero_bytes(bytes ^ DOLLARS) | zero_bytes(bytes ^ DOTS);
            self.put(*word);
            if special != 0 {
                let length = special.trailing_zeros() as usize / 8;
                self.length = self.length.wrapping_sub(WORD).wrapping_add(length);
                return rest.get(length..).unwrap_or_default();
            }
            rest = after;
        }
        while let [byte, after @ ..] = rest
            && !matches!(byte, b'$' | b'.')
        {
            self.put([*byte]);
            rest = after;
        }
        rest
    }

    #[inline]
    fn put<const COUNT: usize>(&mut self, bytes: [u8; COUNT]) {
        let room = self.room.get_mut(self.length..).unwrap_or_default();
        if let Some(room) = room.first_chunk_mut() {
            *room = bytes;
            self.length = self.length.wrapping_add(COUNT);
        }
    }
}

/// The bytes of a word.
const WORD: usize = 8;
/// A one in each byte of a word.
const ONES: u64 = 0x0101_0101_0101_0101;
const DOLLARS: u64 = ONES * b'$' as u64;
const DOTS: u64 = ONES * b'.' as u64;

/// Bits of which the lowest is in the lowest byte that is zero; none if no byte is.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & (ONES << 7)
}

/// The character that an escape stands for, and what follows it: `escape` starts behind its first
/// `$`. `None` if it is none.
#[inline]
fn unescape(escape: &[u8]) -> Option<(u8, &[u8])> {
    match escape {
        [b'C', b'$', after @ ..] => Some((b',', after)),
        [first, second, b'$', after @ ..] => {
            let character = match [*first, *second] {
                [b'L', b'T'] => b'<',
                [b'G', b'T'] => b'>',
                [b'R', b'F'] => b'&',
                [b'L', b'P'] => b'(',
                [b'R', b'P'] => b')',
                [b'B', b'P'] => b'*',
                [b'S', b'P'] => b'@',
                _ => return None,
            };
            Some((character, after))
        }
        [b'u', high @ b'2'..=b'7', low @ (b'0'..=b'9' | b'a'..=b'f'), b'$', after @ ..] => {
            let low = if *low <= b'9' { low & 0xf } else { (low & 0xf).wrapping_add(9) };
            Some(((high & 0xf) << 4 | low, after))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{short, verbose};
    use crate::Error;

    #[test]
    fn the_hash_is_printed_if_asked_for() {
        let name = "_ZN3foo3bar17h0123456789abcdefE";
        assert_eq!(verbose(name).unwrap(), "foo::bar::h0123456789abcdef");
        assert_eq!(short(name).unwrap(), "foo::bar");
        assert_eq!(short(&[name, ".llvm.12@@V"].concat()).unwrap(), "foo::bar");
    }

    #[test]
    fn names_of_cxx_are_none() {
        for name in [
            "_ZN3foo3barE",
            "_ZN17h0123456789abcdefE",
            "_ZN3foo17h0123456789abcdefEv",
            "_ZN3foo17h0000000000000123E",
            "_ZN3foo17h0123456789ABCDEFE",
            "_ZN3foo17h0123456789abcdefE x",
            "_ZN03foo17h0123456789abcdefE",
        ] {
            assert_eq!(short(name), Err(Error::NotMangled), "{name}");
        }
        assert!(short("_ZN3foo17h0000000000001234E").is_ok());
    }

    #[test]
    fn escapes_are_undone() {
        let part = |text: &str| {
            let name = std::format!("_ZN{}{text}17h0123456789abcdefE", text.len());
            short(&name).unwrap()
        };
        assert_eq!(part("_$LT$a..b$u20$as$u20$$RF$c$GT$"), "<a::b as &c>");
        assert_eq!(part("$SP$$BP$$RF$$LP$$RP$$C$$u7e$$u5b$."), "@*&(),~[.");
        assert_eq!(part("a...b"), "a::.b");
        assert_eq!(part("__$LT$"), "__<");
        assert_eq!(part("$u1f$..$LT$"), "$u1f$..$LT$");
        assert_eq!(part("$u2A$"), "$u2A$");
        assert_eq!(part("a$LT"), "a$LT");
    }
}
