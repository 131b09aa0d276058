//! NDS32: the section of flags.

use common::{Output, out};

use crate::object::Object;

/// The section of flags; its first word holds what is shown.
const FLAGS_SECTION: &[u8] = b".nds32_e_flags";
/// The bytes of a word.
const WORD: u64 = 4;
/// The bits of the word that tell the size of vectors.
const VECTOR_SIZE: u32 = 3;

/// Displays the flags.
pub fn display(out: &mut Output, object: &Object<'_>) -> bool {
    let Some((_, section)) = object.section_by_name(FLAGS_SECTION) else { return true };
    if section.size < WORD {
        return true;
    }
    out!(out, "\nNDS32 elf flags section:\n");
    let bytes = object.get_data(out, section.offset, 1, WORD, Some("NDS32 elf flags section"));
    let Some(flags) = bytes.and_then(|bytes| object.encoding().u32(bytes, 0)) else {
        return false;
    };
    out!(out, "(VEC_SIZE):\t");
    match flags & VECTOR_SIZE {
        0 => out!(out, "No entry.\n"),
        1 => out!(out, "4 bytes\n"),
        2 => out!(out, "16 bytes\n"),
        _ => out!(out, "reserved\n"),
    }
    true
}
