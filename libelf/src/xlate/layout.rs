//! The fields of each structure, in both classes. gABI, chapter 4; for `Move`, `Syminfo` and
//! `Cap` the Linker and Libraries Guide of Solaris.

use super::Type;
use crate::ident::Class;

/// A structure: its size in bytes in 32-bit and in 64-bit files, and its fields.
pub(super) struct Layout {
    narrow_size: usize,
    wide_size: usize,
    pub fields: &'static [Field],
}

impl Layout {
    /// The size in bytes.
    pub const fn size(&self, class: Class) -> usize {
        match class {
            Class::Elf32 => self.narrow_size,
            Class::Elf64 => self.wide_size,
        }
    }
}

/// A field of a structure.
pub(super) struct Field {
    pub name: &'static str,
    narrow: Span,
    wide: Span,
    pub sort: Sort,
}

impl Field {
    /// Where it lies.
    pub const fn span(&self, class: Class) -> Span {
        match class {
            Class::Elf32 => self.narrow,
            Class::Elf64 => self.wide,
        }
    }
}

/// Where a field lies in its structure, in bytes.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub start: usize,
    pub size: usize,
}

/// How a field changes with the class.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// An integer that is widened with zeros.
    Unsigned,
    /// An integer that is widened with its sign.
    Signed,
    /// Bytes without an order.
    Bytes,
    /// `r_info`, which packs symbol and type.
    RelocInfo,
    /// There in the 64-bit structure alone; must be zero to leave it out.
    Reserved,
}

const fn field(
    name: &'static str,
    narrow: (usize, usize),
    wide: (usize, usize),
    sort: Sort,
) -> Field {
    Field {
        name,
        narrow: Span { start: narrow.0, size: narrow.1 },
        wide: Span { start: wide.0, size: wide.1 },
        sort,
    }
}

use Sort::{Bytes, RelocInfo, Reserved, Signed, Unsigned};

/// A structure of one integer.
macro_rules! integer {
    ($name:literal, $narrow:literal, $wide:literal, $sort:ident) => {
        Layout {
            narrow_size: $narrow,
            wide_size: $wide,
            fields: &[field($name, (0, $narrow), (0, $wide), $sort)],
        }
    };
}

/// A structure of several fields: `name: (start, size) (start, size)`, unsigned if nothing else
/// is said.
macro_rules! structure {
    (@sort) => { Unsigned };
    (@sort $sort:ident) => { $sort };
    ($narrow:literal, $wide:literal; $($name:ident: $at32:tt $at64:tt $($sort:ident)?;)*) => {
        Layout {
            narrow_size: $narrow,
            wide_size: $wide,
            fields: &[$(field(stringify!($name), $at32, $at64, structure!(@sort $($sort)?))),*],
        }
    };
}

static ADDR: Layout = integer!("address", 4, 8, Unsigned);
static BYTE: Layout = integer!("byte", 1, 1, Bytes);
static HALF: Layout = integer!("half", 2, 2, Unsigned);
static WORD: Layout = integer!("word", 4, 4, Unsigned);
static SWORD: Layout = integer!("sword", 4, 4, Signed);
static XWORD: Layout = integer!("xword", 8, 8, Unsigned);
static SXWORD: Layout = integer!("sxword", 8, 8, Signed);

static CAP: Layout = structure! { 8, 16;
    c_tag: (0, 4) (0, 8);
    c_val: (4, 4) (8, 8);
};
static CHDR: Layout = structure! { 12, 24;
    ch_type: (0, 4) (0, 4);
    ch_reserved: (4, 0) (4, 4) Reserved;
    ch_size: (4, 4) (8, 8);
    ch_addralign: (8, 4) (16, 8);
};
static DYN: Layout = structure! { 8, 16;
    d_tag: (0, 4) (0, 8) Signed;
    d_val: (4, 4) (8, 8);
};
static EHDR: Layout = structure! { 52, 64;
    e_ident: (0, 16) (0, 16) Bytes;
    e_type: (16, 2) (16, 2);
    e_machine: (18, 2) (18, 2);
    e_version: (20, 4) (20, 4);
    e_entry: (24, 4) (24, 8);
    e_phoff: (28, 4) (32, 8);
    e_shoff: (32, 4) (40, 8);
    e_flags: (36, 4) (48, 4);
    e_ehsize: (40, 2) (52, 2);
    e_phentsize: (42, 2) (54, 2);
    e_phnum: (44, 2) (56, 2);
    e_shentsize: (46, 2) (58, 2);
    e_shnum: (48, 2) (60, 2);
    e_shstrndx: (50, 2) (62, 2);
};
static MOVE: Layout = structure! { 20, 28;
    m_value: (0, 8) (0, 8);
    m_info: (8, 4) (8, 8);
    m_poffset: (12, 4) (16, 8);
    m_repeat: (16, 2) (24, 2);
    m_stride: (18, 2) (26, 2);
};
static PHDR: Layout = structure! { 32, 56;
    p_type: (0, 4) (0, 4);
    p_offset: (4, 4) (8, 8);
    p_vaddr: (8, 4) (16, 8);
    p_paddr: (12, 4) (24, 8);
    p_filesz: (16, 4) (32, 8);
    p_memsz: (20, 4) (40, 8);
    p_flags: (24, 4) (4, 4);
    p_align: (28, 4) (48, 8);
};
static REL: Layout = structure! { 8, 16;
    r_offset: (0, 4) (0, 8);
    r_info: (4, 4) (8, 8) RelocInfo;
};
static RELA: Layout = structure! { 12, 24;
    r_offset: (0, 4) (0, 8);
    r_info: (4, 4) (8, 8) RelocInfo;
    r_addend: (8, 4) (16, 8) Signed;
};
static SHDR: Layout = structure! { 40, 64;
    sh_name: (0, 4) (0, 4);
    sh_type: (4, 4) (4, 4);
    sh_flags: (8, 4) (8, 8);
    sh_addr: (12, 4) (16, 8);
    sh_offset: (16, 4) (24, 8);
    sh_size: (20, 4) (32, 8);
    sh_link: (24, 4) (40, 4);
    sh_info: (28, 4) (44, 4);
    sh_addralign: (32, 4) (48, 8);
    sh_entsize: (36, 4) (56, 8);
};
static SYM: Layout = structure! { 16, 24;
    st_name: (0, 4) (0, 4);
    st_value: (4, 4) (8, 8);
    st_size: (8, 4) (16, 8);
    st_info: (12, 1) (4, 1);
    st_other: (13, 1) (5, 1);
    st_shndx: (14, 2) (6, 2);
};
static SYMINFO: Layout = structure! { 4, 4;
    si_boundto: (0, 2) (0, 2);
    si_flags: (2, 2) (2, 2);
};

pub(super) static VERDEF: Layout = structure! { 20, 20;
    vd_version: (0, 2) (0, 2);
    vd_flags: (2, 2) (2, 2);
    vd_ndx: (4, 2) (4, 2);
    vd_cnt: (6, 2) (6, 2);
    vd_hash: (8, 4) (8, 4);
    vd_aux: (12, 4) (12, 4);
    vd_next: (16, 4) (16, 4);
};
pub(super) static VERDAUX: Layout = structure! { 8, 8;
    vda_name: (0, 4) (0, 4);
    vda_next: (4, 4) (4, 4);
};
pub(super) static VERNEED: Layout = structure! { 16, 16;
    vn_version: (0, 2) (0, 2);
    vn_cnt: (2, 2) (2, 2);
    vn_file: (4, 4) (4, 4);
    vn_aux: (8, 4) (8, 4);
    vn_next: (12, 4) (12, 4);
};
pub(super) static VERNAUX: Layout = structure! { 16, 16;
    vna_hash: (0, 4) (0, 4);
    vna_flags: (4, 2) (4, 2);
    vna_other: (6, 2) (6, 2);
    vna_name: (8, 4) (8, 4);
    vna_next: (12, 4) (12, 4);
};
pub(super) static NOTE_HEADER: Layout = structure! { 12, 12;
    n_namesz: (0, 4) (0, 4);
    n_descsz: (4, 4) (4, 4);
    n_type: (8, 4) (8, 4);
};
pub(super) static GNU_HASH_HEADER: Layout = structure! { 16, 16;
    nbuckets: (0, 4) (0, 4);
    symoffset: (4, 4) (4, 4);
    bloom_size: (8, 4) (8, 4);
    bloom_shift: (12, 4) (12, 4);
};

/// A word of a Bloom filter, as wide as the class.
pub(super) static BLOOM_WORD: &Layout = &ADDR;
/// A 32-bit word.
pub(super) static PLAIN_WORD: &Layout = &WORD;

/// The layout of a type; `None` for those whose size is not fixed.
pub(super) const fn of(kind: Type) -> Option<&'static Layout> {
    Some(match kind {
        Type::Addr | Type::Off | Type::Relr => &ADDR,
        Type::Byte => &BYTE,
        Type::Cap => &CAP,
        Type::Chdr => &CHDR,
        Type::Dyn => &DYN,
        Type::Ehdr => &EHDR,
        Type::Half => &HALF,
        Type::Lword | Type::Xword => &XWORD,
        Type::Move => &MOVE,
        Type::Phdr => &PHDR,
        Type::Rel => &REL,
        Type::Rela => &RELA,
        Type::Shdr => &SHDR,
        Type::Sword => &SWORD,
        Type::Sxword => &SXWORD,
        Type::Sym => &SYM,
        Type::Syminfo => &SYMINFO,
        Type::Word => &WORD,
        Type::GnuHash | Type::Note | Type::Note8 | Type::Vdef | Type::Vneed => return None,
    })
}
