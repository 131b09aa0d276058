//! Notes of NetBSD's programs and libraries, whose lines have a form of their own.

use common::{Output, out};
use libelf::note::owner::netbsd::{
    ARCH, IDENT, OWNER, OWNER_CORE, OWNER_PAX, PAX, PAX_FLAGS, Version,
};

use super::{Context, Entry, put_text};

/// Whether notes with this name are shown here.
pub(super) fn owns(name: &[u8]) -> bool {
    (name.starts_with(OWNER) && !name.starts_with(OWNER_CORE)) || name.starts_with(OWNER_PAX)
}

/// Shows a note; returns whether its type is known.
pub(super) fn show(out: &mut Output, context: &Context<'_, '_>, entry: &Entry<'_>) -> bool {
    let size = entry.desc.len();
    // A number is read whole even if its descriptor is shorter: padding follows.
    let number = (size > 0).then(|| context.encoding.u32(entry.tail, 0)).flatten();
    let kind = |known: libelf::raw::NoteType| entry.stored_kind == u64::from(known.0);
    match number {
        Some(number) if kind(IDENT) => {
            out!(out, "  NetBSD\t\t0x{size:08x}\tIDENT {number} ({})\n", version(Version(number)));
        }
        Some(number) if kind(PAX) => {
            out!(out, "  NetBSD\t\t0x{size:08x}\tPaX <");
            for (bit, flag) in PAX_FLAGS.iter().enumerate() {
                if number >> bit & 1 != 0 {
                    out!(out, "{flag}");
                }
            }
            out!(out, ">\n");
        }
        _ if kind(ARCH) => {
            out!(out, "  NetBSD\t\t0x{size:08x}\tMARCH <");
            // Like readelf up to the next zero byte, wherever the descriptor ends.
            put_text(out, entry.tail);
            out!(out, ">\n");
        }
        _ => {
            let kind = entry.stored_kind;
            out!(out, "  NetBSD\t0x{size:08x}\tUnknown note type: (0x{kind:08x})\n");
            return false;
        }
    }
    true
}

/// A version as NetBSD writes it: `1.5X`, `9.99.56`.
fn version(version: Version) -> String {
    const LETTERS: u32 = 26;
    let (major, minor) = (version.major(), version.minor());
    let release = version.release();
    if release == 0 {
        return format!("{major}.{minor}.{}", version.patch());
    }
    let prefix = if release > LETTERS { "Z" } else { "" };
    // readelf counts letters from the whole number, not from the release.
    let letter = char::from(b'A' + (version.0 / 10_000 % LETTERS) as u8);
    format!("{major}.{minor}{prefix}{letter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_or_letters() {
        let cases = [
            (999_005_600, "9.99.56"),
            (105_010_000, "1.5X"),
            (299_995_400, "2.99ZV"),
            (100_260_000, "1.0Q"),
            (100_270_000, "1.0ZR"),
        ];
        for (number, text) in cases {
            assert_eq!(version(Version(number)), text);
        }
    }

    #[test]
    fn core_files_of_netbsd_are_shown_like_others() {
        assert!(owns(b"NetBSD") && owns(b"PaX"));
        assert!(!owns(b"NetBSD-CORE@1"));
    }
}
