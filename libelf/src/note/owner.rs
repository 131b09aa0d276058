//! Descriptors of the notes of other owners: Go, FreeBSD, NetBSD, OpenBSD, Xen, and distributions.

use object::elf::NoteType;

use super::Note;
use crate::ident::Encoding;

/// The note's owner and type for Go's build-id, whose descriptor is text (`ELF_NOTE_GOBUILDID_TAG`
/// of Go's linker).
pub const GO_BUILD_ID: (&[u8], NoteType) = (b"Go", NoteType(4));
/// The owner and type of the package that a file belongs to, whose descriptor is JSON text.
/// systemd, "Package Metadata for Executable Files".
pub const PACKAGE: (&[u8], NoteType) = (b"FDO", NoteType(0xcafe_1a7e));

/// Types of notes of the owner `FreeBSD` in programs and libraries. `<sys/elf_common.h>`.
pub mod freebsd {
    use object::elf::NoteType;

    /// The owner.
    pub const OWNER: &[u8] = b"FreeBSD";
    /// The `__FreeBSD_version` that the file was made for, as 32-bit number.
    pub const ABI_TAG: NoteType = NoteType(1);
    /// The file does without `_init` and `_fini`.
    pub const NO_INIT: NoteType = NoteType(2);
    /// The processor (`MACHINE_ARCH`), as text.
    pub const ARCH: NoteType = NoteType(3);
    /// What the file asks to be treated like, as 32 bits: no address randomization and so on.
    pub const FEATURE_CONTROL: NoteType = NoteType(4);
}

/// Types of notes of the owner `NetBSD` in programs and libraries. `<sys/exec_elf.h>`.
pub mod netbsd {
    use object::elf::NoteType;

    /// The owner.
    pub const OWNER: &[u8] = b"NetBSD";
    /// The owner of the notes with PaX flags.
    pub const OWNER_PAX: &[u8] = b"PaX";
    /// The start of the owner of notes in core files; `@` and a thread number follow in those of a
    /// thread.
    pub const OWNER_CORE: &[u8] = b"NetBSD-CORE";
    /// The version of the system: see [`Version`].
    pub const IDENT: NoteType = NoteType(1);
    /// The emulation, as text.
    pub const EMULATION: NoteType = NoteType(2);
    /// PaX flags: see [`PAX_FLAGS`].
    pub const PAX: NoteType = NoteType(3);
    /// The processor (`MACHINE_ARCH`), as text.
    pub const ARCH: NoteType = NoteType(5);

    /// The flags of a PaX note in order of their bits, with the sign that readers show.
    pub const PAX_FLAGS: [&str; 6] =
        ["+mprotect", "-mprotect", "+guard", "-guard", "+ASLR", "-ASLR"];

    /// A version of NetBSD (`__NetBSD_Version__`): `MMmmrrpp00` in decimal digits.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Version(pub u32);

    impl Version {
        /// The major number.
        pub const fn major(self) -> u32 {
            self.0 / 100_000_000
        }

        /// The minor number; 99 in versions under development.
        pub const fn minor(self) -> u32 {
            self.0 / 1_000_000 % 100
        }

        /// The release, which versions before 3 counted in letters.
        pub const fn release(self) -> u32 {
            self.0 / 10_000 % 100
        }

        /// The patch level.
        pub const fn patch(self) -> u32 {
            self.0 / 100 % 100
        }
    }
}

/// The note that marks programs of OpenBSD: its descriptor is the 32-bit number 0.
pub const OPENBSD_IDENT: (&[u8], NoteType) = (b"OpenBSD", NoteType(1));

/// What a guest's kernel tells Xen. `xen/include/public/elfnote.h`.
pub mod xen {
    /// The owner.
    pub const OWNER: &[u8] = b"Xen";

    /// The names of the types, from type 0 on (`XEN_ELFNOTE_`).
    pub const NAMES: [&str; 19] = [
        "INFO",
        "ENTRY",
        "HYPERCALL_PAGE",
        "VIRT_BASE",
        "PADDR_OFFSET",
        "XEN_VERSION",
        "GUEST_OS",
        "GUEST_VERSION",
        "LOADER",
        "PAE_MODE",
        "FEATURES",
        "BSD_SYMTAB",
        "HV_START_LOW",
        "L1_MFN_VALID",
        "SUSPEND_CANCEL",
        "INIT_P2M",
        "MOD_START_PFN",
        "SUPPORTED_FEATURES",
        "PHYS32_ENTRY",
    ];
}

/// What a note of this module says, borrowing from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View<'data> {
    /// [`GO_BUILD_ID`]
    GoBuildId(&'data [u8]),
    /// [`PACKAGE`]: JSON text, without the zero bytes that pad it.
    Package(&'data [u8]),
    /// [`freebsd::ABI_TAG`]
    FreeBsdVersion(u32),
    /// [`freebsd::ARCH`]
    FreeBsdArch(&'data [u8]),
    /// [`freebsd::FEATURE_CONTROL`]
    FreeBsdFeatures(u32),
    /// [`netbsd::IDENT`]
    NetBsdVersion(netbsd::Version),
    /// [`netbsd::PAX`]
    NetBsdPax(u32),
    /// [`netbsd::ARCH`]
    NetBsdArch(&'data [u8]),
    /// [`OPENBSD_IDENT`]
    OpenBsd,
    /// A note of Xen: its name in [`xen::NAMES`], and the descriptor, which is text or a number of
    /// the class's width.
    Xen(&'static str, &'data [u8]),
}

impl<'data> View<'data> {
    /// What `note` says; `None` if this module knows nothing of it or the descriptor is too short.
    pub fn of(note: &Note<'data>, encoding: Encoding) -> Option<Self> {
        let number = || encoding.u32(note.desc, 0);
        let text = || {
            let end = memchr::memchr(0, note.desc).unwrap_or(note.desc.len());
            note.desc.get(..end).unwrap_or_default()
        };
        match (note.name, note.kind) {
            GO_BUILD_ID => Some(Self::GoBuildId(text())),
            PACKAGE => Some(Self::Package(text())),
            OPENBSD_IDENT => Some(Self::OpenBsd),
            (freebsd::OWNER, freebsd::ABI_TAG) => number().map(Self::FreeBsdVersion),
            (freebsd::OWNER, freebsd::ARCH) => Some(Self::FreeBsdArch(text())),
            (freebsd::OWNER, freebsd::FEATURE_CONTROL) => number().map(Self::FreeBsdFeatures),
            (netbsd::OWNER, netbsd::IDENT) => {
                number().map(|version| Self::NetBsdVersion(netbsd::Version(version)))
            }
            (netbsd::OWNER_PAX, netbsd::PAX) => number().map(Self::NetBsdPax),
            (netbsd::OWNER, netbsd::ARCH) => Some(Self::NetBsdArch(text())),
            (xen::OWNER, kind) => {
                let name = xen::NAMES.get(kind.0 as usize)?;
                Some(Self::Xen(name, note.desc))
            }
            _ => None,
        }
    }
}

/// Reads `desc` as everything this module knows.
#[cfg(test)]
pub(crate) fn exercise(desc: &[u8], encoding: Encoding) {
    for name in [&b"Go"[..], b"FDO", b"FreeBSD", b"NetBSD", b"PaX", b"OpenBSD", b"Xen"] {
        for kind in [0, 1, 2, 3, 4, 5, 18, 19, 0xcafe_1a7e] {
            let note = Note { name, kind: NoteType(kind), desc, offset: 0 };
            let _ = View::of(&note, encoding);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::note::tests::LE;

    fn view<'a>(name: &'a [u8], kind: u32, desc: &'a [u8]) -> Option<View<'a>> {
        View::of(&Note { name, kind: NoteType(kind), desc, offset: 0 }, LE)
    }

    #[test]
    fn owners_give_types_their_meaning() {
        let number = 1_400_097_u32.to_le_bytes();
        assert_eq!(view(b"FreeBSD", 1, &number), Some(View::FreeBsdVersion(1_400_097)));
        assert_eq!(view(b"FreeBSD", 1, &number[..3]), None);
        assert_eq!(view(b"Go", 4, b"abc/def\0"), Some(View::GoBuildId(b"abc/def")));
        assert_eq!(view(b"OpenBSD", 1, &[0; 4]), Some(View::OpenBsd));
        assert_eq!(view(b"Xen", 6, b"linux\0"), Some(View::Xen("GUEST_OS", b"linux\0")));
        assert_eq!(view(b"Xen", 99, b""), None);
        assert_eq!(view(b"PaX", 3, &[1, 0, 0, 0]), Some(View::NetBsdPax(1)));
        assert_eq!(view(b"FDO", 0xcafe_1a7e, b"{}\0\0"), Some(View::Package(b"{}")));
    }

    #[test]
    fn netbsd_versions_have_decimal_fields() {
        let version = netbsd::Version(999_005_600);
        assert_eq!((version.major(), version.minor()), (9, 99));
        assert_eq!((version.release(), version.patch()), (0, 56));
    }
}
