//! Names of symbols, demangled as nm, objdump, readelf and addr2line print them.
//!
//! What a demangler knows is only the middle of a symbol's name. Around it stand things that
//! object files add, and that are printed as they are:
//!
//! ```text
//! ._ZN3foo3barEv@@VERSION_1.0     the name of a symbol
//! ^                               `.` of a function's code on some machines, `$`: any number
//!  ^^^^^^^^^^^^^^                 what is demangled
//!                ^^^^^^^^^^^^^^   from the first `@`: a version, or `@plt`
//! .foo::bar()@@VERSION_1.0        what is printed
//! ```

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use libdemangle::{Demangler, Limits, Options};
use memchr::{memchr, memchr2};

use crate::recent_names::{self, RecentNames};

pub use libdemangle::Style;

/// The styles by the names that `--demangle=STYLE` and `c++filt -s STYLE` know them by, in the
/// order in which GNU lists them. The first leaves every name as it is.
pub const STYLES: [(&str, Option<Style>); 7] = [
    ("none", None),
    ("auto", Some(Style::Auto)),
    ("gnu-v3", Some(Style::Itanium)),
    ("java", Some(Style::Java)),
    ("gnat", Some(Style::Gnat)),
    ("dlang", Some(Style::Dlang)),
    ("rust", Some(Style::Rust)),
];

/// The style that the value of `--demangle[=STYLE]` names: [`Style::Auto`] without a value,
/// `None` for "none".
///
/// # Errors
/// The message for a name that is none, to be printed after the program's name.
pub fn style_named(value: Option<&OsStr>) -> Result<Option<Style>, Vec<u8>> {
    let Some(value) = value else { return Ok(Some(Style::Auto)) };
    let known = STYLES.iter().find(|(name, _)| name.as_bytes() == value.as_bytes());
    match known {
        Some(&(_, style)) => Ok(style),
        None => Err([b"unknown demangling style `", value.as_bytes(), b"'"].concat()),
    }
}

/// Demangles the names of symbols, one after the other, and keeps its memory between them.
#[derive(Debug)]
pub struct SymbolNames {
    demangler: Demangler,
    printed: Vec<u8>,
    /// What was demangled before, if it is likely to come again.
    recent: Option<RecentNames>,
}

impl SymbolNames {
    /// Names of this style, within [`Limits::GNU`], or without those: `--no-recurse-limit`.
    pub fn new(style: Style, gnu_limits: bool) -> Self {
        let limits = if gnu_limits { Limits::GNU } else { Limits::DEFAULT };
        Self::with_options(Options { style, limits, ..Options::NM })
    }

    /// Names with options of the demangler other than those that the programs of GNU use.
    pub fn with_options(options: Options) -> Self {
        Self { demangler: Demangler::new(options), printed: Vec::new(), recent: None }
    }

    /// The same, but for names of which many come several times.
    #[must_use]
    pub fn with_repetitions(self) -> Self {
        Self { recent: Some(RecentNames::new()), ..self }
    }

    /// What to print for a symbol of this name: `name` itself if it is not mangled, or beyond a
    /// limit.
    pub fn demangle<'a>(&'a mut self, name: &'a [u8]) -> &'a [u8] {
        self.demangled(name).unwrap_or(name)
    }

    /// As [`Self::demangle`] for a name that a zero byte and anything may follow.
    pub fn demangle_and_rest<'a>(&'a mut self, name: &'a [u8]) -> &'a [u8] {
        let end = memchr2(0, b'@', name).unwrap_or(name.len());
        let length = match name.get(end..) {
            Some(version @ [b'@', ..]) => end + memchr(0, version).unwrap_or(version.len()),
            _ => end,
        };
        let name = name.get(..length).unwrap_or_default();
        self.demangled_up_to(name, end).unwrap_or(name)
    }

    /// The text of a mangled name, with all that stands around it; `None` if it is none.
    pub fn demangled(&mut self, name: &[u8]) -> Option<&[u8]> {
        self.demangled_up_to(name, memchr(b'@', name).unwrap_or(name.len()))
    }

    /// As [`Self::demangled`]; `end` is where the first `@` stands.
    fn demangled_up_to(&mut self, name: &[u8], end: usize) -> Option<&[u8]> {
        let start = name.iter().position(|&byte| byte != b'.' && byte != b'$')?;
        let (before, rest) = name.split_at_checked(start)?;
        let end = end.checked_sub(start)?;
        // Most symbols are not mangled, and two bytes tell.
        if !self.demangler.options().may_be_mangled(rest) {
            return None;
        }
        let (mangled, after) = rest.split_at_checked(end)?;
        let text = match &mut self.recent {
            Some(recent) => recently_demangled(recent, &mut self.demangler, mangled)?,
            None => self.demangler.demangle(mangled).ok()?,
        };
        if before.is_empty() && after.is_empty() {
            return Some(text);
        }
        self.printed.clear();
        self.printed.extend_from_slice(before);
        self.printed.extend_from_slice(text);
        self.printed.extend_from_slice(after);
        Some(&self.printed)
    }
}

fn recently_demangled<'a>(
    recent: &'a mut RecentNames,
    demangler: &'a mut Demangler,
    mangled: &[u8],
) -> Option<&'a [u8]> {
    let hash = recent_names::hash(mangled);
    if let Some(found) = recent.find(mangled, hash) {
        return Some(recent.text(found));
    }
    let text = demangler.demangle(mangled).ok()?;
    recent.add(mangled, hash, text);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_have_names() {
        assert_eq!(style_named(None), Ok(Some(Style::Auto)));
        assert_eq!(style_named(Some(OsStr::new("gnu-v3"))), Ok(Some(Style::Itanium)));
        assert_eq!(style_named(Some(OsStr::new("none"))), Ok(None));
        assert_eq!(
            style_named(Some(OsStr::new("arm"))),
            Err(b"unknown demangling style `arm'".to_vec())
        );
    }

    #[test]
    fn names_that_are_not_mangled_stay() {
        let mut names = SymbolNames::new(Style::Auto, true);
        for name in [&b"main"[..], b"", b".", b"$x", b".text@V", b"memcpy@@GLIBC_2.14", b"_Z", b"_"]
        {
            assert_eq!(names.demangle(name), name);
            assert_eq!(names.demangle_and_rest(&[name, b"\0@x"].concat()), name);
            assert_eq!(names.demangled(name), None);
        }
    }

    #[test]
    fn what_stands_around_a_mangled_name_stays() {
        let mut names = SymbolNames::new(Style::Auto, true).with_repetitions();
        for (name, shown) in [
            (&b"_Z1fv"[..], &b"f()"[..]),
            (b"._Z1fv@@V1", b".f()@@V1"),
            (b"$_Z1fv@plt", b"$f()@plt"),
        ] {
            assert_eq!(names.demangle(name), shown);
            assert_eq!(names.demangle_and_rest(name), shown);
            assert_eq!(names.demangle_and_rest(&[name, b"\0@x"].concat()), shown);
        }
    }
}
