//! Wildcards, as fnmatch(3) reads them: `*`, `?`, `[…]` and `\` before a sign that is to be itself.
//!
//! `*` also matches a leading dot and a `/`.

/// What a pattern is, as far as it makes matching quick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// No wildcard: the name itself.
    Exact,
    /// `*`
    Anything,
    /// `text*`
    Prefix,
    /// `*text`
    Suffix,
    /// `text*text`; the number is where the star is.
    Around(usize),
    /// Anything else.
    General,
}

/// A pattern, ready to be matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glob<'p> {
    pattern: &'p [u8],
    shape: Shape,
}

/// Whether a pattern has wildcards at all. Without any, it is a plain name, `\` included.
pub fn is_wild(pattern: &[u8]) -> bool {
    memchr::memchr3(b'*', b'?', b'[', pattern).is_some()
}

impl<'p> Glob<'p> {
    /// A pattern with wildcards, or a plain name.
    pub fn new(pattern: &'p [u8]) -> Self {
        let plain = |text: &[u8]| !is_wild(text) && !text.contains(&b'\\');
        let shape = match pattern {
            [b'*'] => Shape::Anything,
            _ if !is_wild(pattern) => Shape::Exact,
            [b'*', rest @ ..] if plain(rest) => Shape::Suffix,
            [rest @ .., b'*'] if plain(rest) => Shape::Prefix,
            _ => around(pattern).map_or(Shape::General, Shape::Around),
        };
        Self { pattern, shape }
    }

    /// A plain name, whatever signs it has.
    pub fn literal(name: &'p [u8]) -> Self {
        Self { pattern: name, shape: Shape::Exact }
    }

    /// The pattern as it is written.
    pub fn text(&self) -> &'p [u8] {
        self.pattern
    }

    /// Whether it is a plain name.
    pub fn is_exact(&self) -> bool {
        self.shape == Shape::Exact
    }

    /// Whether it matches everything.
    pub fn is_anything(&self) -> bool {
        self.shape == Shape::Anything
    }

    /// What every name that it matches begins with, and whether all that begins so matches.
    pub fn prefix(&self) -> (&'p [u8], bool) {
        match self.shape {
            Shape::Exact => (self.pattern, false),
            Shape::Anything => (&[], true),
            Shape::Prefix => {
                (self.pattern.get(..self.pattern.len().saturating_sub(1)).unwrap_or(&[]), true)
            }
            Shape::Suffix => (&[], false),
            Shape::Around(star) => (self.pattern.get(..star).unwrap_or(&[]), false),
            Shape::General => {
                let is_special = |byte: &u8| matches!(byte, b'*' | b'?' | b'[' | b'\\');
                let end = self.pattern.iter().position(is_special).unwrap_or(self.pattern.len());
                (self.pattern.get(..end).unwrap_or(&[]), false)
            }
        }
    }

    /// Whether it matches all of a name.
    pub fn matches(&self, name: &[u8]) -> bool {
        match self.shape {
            Shape::Exact => self.pattern == name,
            Shape::Anything => true,
            Shape::Prefix => name.starts_with(self.prefix().0),
            Shape::Suffix => name.ends_with(self.pattern.get(1..).unwrap_or(&[])),
            Shape::Around(star) => {
                let (before, rest) = self.pattern.split_at_checked(star).unwrap_or_default();
                let behind = rest.get(1..).unwrap_or_default();
                name.len() >= before.len().saturating_add(behind.len())
                    && name.ends_with(behind)
                    && name.starts_with(before)
            }
            Shape::General => general(self.pattern, name),
        }
    }
}

/// Where the star is in a pattern whose only wildcard it is.
fn around(pattern: &[u8]) -> Option<usize> {
    let star = memchr::memchr(b'*', pattern)?;
    let behind = pattern.get(star.checked_add(1)?..)?;
    let is_plain = !is_wild(behind) && memchr::memchr3(b'?', b'[', b'\\', pattern).is_none();
    is_plain.then_some(star)
}

/// One step back to the last `*` is enough: what an earlier one could take, the last one can.
fn general(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut place) = (0usize, 0usize);
    let mut star: Option<(usize, usize)> = None;
    loop {
        let rest = pattern.get(at..).unwrap_or(&[]);
        let step = match (rest.first(), name.get(place)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                at = at.saturating_add(1);
                star = Some((at, place));
                continue;
            }
            (None, Some(_)) => None,
            (Some(_), None) => return false,
            (Some(b'?'), Some(_)) => Some(1),
            (Some(b'['), Some(byte)) => match bracket(rest, *byte) {
                Some((true, length)) => Some(length),
                Some((false, _)) => None,
                // It has no end: the sign itself.
                None => (*byte == b'[').then_some(1),
            },
            (Some(b'\\'), Some(byte)) => match rest.get(1) {
                Some(escaped) => (escaped == byte).then_some(2),
                None => return false,
            },
            (Some(sign), Some(byte)) => (sign == byte).then_some(1),
        };
        match (step, star) {
            (Some(length), _) => {
                at = at.saturating_add(length);
                place = place.saturating_add(1);
            }
            (None, Some((behind, taken))) => {
                let taken = taken.saturating_add(1);
                star = Some((behind, taken));
                at = behind;
                place = taken;
            }
            (None, None) => return false,
        }
    }
}

/// Whether a byte is in the brackets that a pattern begins with, and their length; none if they do
/// not end.
fn bracket(pattern: &[u8], byte: u8) -> Option<(bool, usize)> {
    let mut at = 1usize;
    let negated = matches!(pattern.get(at), Some(b'!' | b'^'));
    at = at.saturating_add(usize::from(negated));
    let mut found = false;
    let mut is_first = true;
    loop {
        let rest = pattern.get(at..)?;
        match rest {
            [] => return None,
            [b']', ..] if !is_first => break,
            [b'[', b':', inside @ ..] => {
                if let Some(end) = memchr::memmem::find(inside, b":]") {
                    found |= inside.get(..end).is_some_and(|class| is_in_class(class, byte));
                    at = at.saturating_add(end).saturating_add(4);
                    is_first = false;
                    continue;
                }
            }
            _ => {}
        }
        let (first, length) = member(rest)?;
        let rest = rest.get(length..)?;
        at = at.saturating_add(length);
        is_first = false;
        match rest {
            [b'-', last, ..] if *last != b']' => {
                let (last, length) = member(rest.get(1..)?)?;
                found |= (first..=last).contains(&byte);
                at = at.saturating_add(length).saturating_add(1);
            }
            _ => found |= first == byte,
        }
    }
    Some((found != negated, at.saturating_add(1)))
}

/// One sign in brackets, and its length.
fn member(rest: &[u8]) -> Option<(u8, usize)> {
    match rest {
        [b'\\', escaped, ..] => Some((*escaped, 2)),
        [sign, ..] => Some((*sign, 1)),
        [] => None,
    }
}

fn is_in_class(class: &[u8], byte: u8) -> bool {
    match class {
        b"alnum" => byte.is_ascii_alphanumeric(),
        b"alpha" => byte.is_ascii_alphabetic(),
        b"blank" => matches!(byte, b' ' | b'\t'),
        b"cntrl" => byte.is_ascii_control(),
        b"digit" => byte.is_ascii_digit(),
        b"graph" => byte.is_ascii_graphic(),
        b"lower" => byte.is_ascii_lowercase(),
        b"print" => byte.is_ascii_graphic() || byte == b' ',
        b"punct" => byte.is_ascii_punctuation(),
        b"space" => byte.is_ascii_whitespace() || byte == 0x0b,
        b"upper" => byte.is_ascii_uppercase(),
        b"xdigit" => byte.is_ascii_hexdigit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Glob::new(pattern.as_bytes()).matches(name.as_bytes())
    }

    #[test]
    fn shapes_match_as_the_general_way_does() {
        let patterns = [
            "*",
            ".text",
            ".text.*",
            "*.o",
            "*crt?.o",
            ".t[ea]xt*",
            "a*b*c",
            "[!.]*",
            "**",
            ".text*.a",
            ".te*xt",
        ];
        let names =
            ["", ".text", ".text.", ".text.a", "crt1.o", "/x/crti.o", "abc", "aXbYc", ".taxt.b"];
        for pattern in patterns {
            for name in names {
                let quick = matches(pattern, name);
                assert_eq!(quick, general(pattern.as_bytes(), name.as_bytes()), "{pattern} {name}");
            }
        }
    }

    #[test]
    fn brackets_and_escapes() {
        assert!(matches(".text.[0-9a-f]*", ".text.b1"));
        assert!(!matches(".text.[0-9a-f]*", ".text.z"));
        assert!(matches("[^a]b?", "xbc"));
        assert!(matches("[]a]*", "]"));
        assert!(matches("[a-]*", "-"));
        assert!(matches("[[:digit:]]?", "1x"));
        assert!(!matches("[[:digit:]]*", "x"));
        assert!(matches("a\\*b*", "a*bc"));
        assert!(!matches("a\\*b*", "axbc"));
        assert!(matches("[a*", "[ab"));
        assert!(!matches("a*\\", "ab"));
        // Without wildcards there are no escapes.
        assert!(matches("a\\b", "a\\b"));
    }

    #[test]
    fn many_stars_take_no_long_time() {
        let pattern = "*a".repeat(200);
        assert!(!matches(&format!("{pattern}b"), &"a".repeat(5000)));
    }
}
