//! The character encoding of the environment, as far as GNU readelf heeds it.
//!
//! In a UTF-8 locale GNU readelf 2.40 prints the first byte of a character beyond ASCII and steps
//! over the others; in any other locale it prints every byte. What it prints is compared byte for
//! byte by scripts, so the same is done here; `-U` has better notations.

use std::path::Path;
use std::sync::OnceLock;

/// Folders of compiled locales, one folder or archive each.
const LOCALE_FOLDERS: [&str; 2] = ["/usr/lib/locale", "/usr/share/locale"];
/// All locales of a GNU system in one file.
const LOCALE_ARCHIVE: &str = "/usr/lib/locale/locale-archive";
/// The surrogates, which are no characters.
const SURROGATES: std::ops::RangeInclusive<u32> = 0xd800..=0xdfff;

/// The encoding of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// Characters of one or more bytes.
    Utf8,
    /// Each byte by itself.
    Bytes,
}

impl Locale {
    /// The locale that the environment names; one that the system does not have is that of C.
    /// Looked up once, as every table asks for it.
    pub fn of_environment() -> Self {
        static LOCALE: OnceLock<Locale> = OnceLock::new();
        *LOCALE.get_or_init(Self::look_up)
    }

    fn look_up() -> Self {
        let name = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .filter_map(std::env::var_os)
            .find(|value| !value.is_empty())
            .unwrap_or_default();
        let name = name.to_string_lossy();
        let encoding = name.split('@').next().unwrap_or_default().rsplit('.').next();
        let encoding = encoding.unwrap_or_default().to_ascii_lowercase();
        if matches!(encoding.as_str(), "utf-8" | "utf8") && is_installed(&name) {
            Self::Utf8
        } else {
            Self::Bytes
        }
    }

    /// The bytes of the character that `text` starts with; 1 if it starts none.
    pub fn character_length(self, text: &[u8]) -> usize {
        match self {
            Self::Utf8 => utf8_length(text).unwrap_or(1),
            Self::Bytes => 1,
        }
    }
}

/// Whether the system has this locale of UTF-8. That of C is always there.
fn is_installed(name: &str) -> bool {
    let language = name.split('.').next().unwrap_or_default();
    language == "C"
        || Path::new(LOCALE_ARCHIVE).exists()
        || LOCALE_FOLDERS.iter().any(|folder| {
            [name, &format!("{language}.utf8"), &format!("{language}.UTF-8")]
                .iter()
                .any(|name| Path::new(folder).join(name).join("LC_CTYPE").exists())
        })
}

/// The bytes of the UTF-8 sequence that `text` starts with, in the shortest form; also of one that
/// goes past the last character of Unicode, as C libraries take it.
fn utf8_length(text: &[u8]) -> Option<usize> {
    let &first = text.first()?;
    let (len, bits, lowest) = match first {
        0..=0x7f => return Some(1),
        0xc2..=0xdf => (2, first & 0x1f, 0x80),
        0xe0..=0xef => (3, first & 0x0f, 0x800),
        0xf0..=0xf7 => (4, first & 0x07, 0x1_0000),
        0xf8..=0xfb => (5, first & 0x03, 0x20_0000),
        0xfc..=0xfd => (6, first & 0x01, 0x400_0000),
        _ => return None,
    };
    let mut value = u32::from(bits);
    for &byte in text.get(1..len)? {
        if byte & 0xc0 != 0x80 {
            return None;
        }
        value = value << 6 | u32::from(byte & 0x3f);
    }
    (value >= lowest && !SURROGATES.contains(&value)).then_some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_shortest_forms() {
        let length = |text: &[u8]| Locale::Utf8.character_length(text);
        assert_eq!(length("é€".as_bytes()), 2);
        assert_eq!(length("€".as_bytes()), 3);
        assert_eq!(length("😀".as_bytes()), 4);
        assert_eq!(length(b"\xf5\x80\x80\x80"), 4);
        assert_eq!(length(b"\xf9\x9d\xa2\x8b\x9e"), 5);
        for broken in
            [&b"\xe2\x82"[..], b"\xe2\x82z", b"\xc0\x80", b"\xed\xa0\x80", b"\xff", b"\x80"]
        {
            assert_eq!(length(broken), 1, "{broken:x?}");
        }
        assert_eq!(Locale::Bytes.character_length("é".as_bytes()), 1);
    }
}
