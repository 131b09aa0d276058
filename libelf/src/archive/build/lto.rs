//! The symbols of GCC's intermediate code (`-flto`), as GCC's linker plugin tells them.
//!
//! A section `.gnu.lto_.symtab.` and a hash in hex is a table of entries without padding: the
//! name and the name of its group, each with a closing zero byte, a byte of kind (`LDPK_` of
//! plugin-api.h), a byte of visibility, the size in 8 bytes and a number in 4.

use crate::file::File;

/// What the names of the tables start with.
const TABLE: &[u8] = b".gnu.lto_.symtab.";
/// The bytes of an entry after its strings.
const NUMBERS: usize = 14;
/// `LDPK_UNDEF` and `LDPK_WEAKUNDEF`.
const UNDEFINED: [u8; 2] = [2, 3];

/// The tables of a file, in the order of its sections.
pub(super) fn tables<'data>(file: &File<'data>) -> impl Iterator<Item = &'data [u8]> {
    let names = file.section_names().unwrap_or_default();
    let headers = file.section_headers().ok();
    let file = *file;
    headers.into_iter().flat_map(|headers| headers.iter()).filter_map(move |header| {
        let name = names.get_up_to(header.name.into(), TABLE.len())?;
        (name == TABLE).then(|| file.section_data(&header).unwrap_or_default())
    })
}

/// The names of the symbols that a table defines; it ends where it is damaged.
pub(super) fn defined(table: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = table;
    let entries = std::iter::from_fn(move || {
        let (name, tail) = split_nul(rest)?;
        let (_, tail) = split_nul(tail)?;
        let (numbers, tail) = tail.split_at_checked(NUMBERS)?;
        rest = tail;
        Some((name, numbers.first().copied().unwrap_or_default()))
    });
    entries.filter(|(_, kind)| !UNDEFINED.contains(kind)).map(|(name, _)| name)
}

fn split_nul(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memchr(0, text)?;
    Some((text.get(..end)?, text.get(end.checked_add(1)?..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defined_symbols_of_a_table() {
        let mut table = Vec::new();
        for (name, group, kind) in
            [("f", "", 0), ("w", "g", 1), ("u", "", 2), ("x", "", 3), ("c", "", 4)]
        {
            table.extend(name.bytes());
            table.push(0);
            table.extend(group.bytes());
            table.push(0);
            table.push(kind);
            table.extend([0; NUMBERS - 1]);
        }
        assert_eq!(defined(&table).collect::<Vec<_>>(), [b"f", b"w", b"c"]);
        assert_eq!(defined(&table[..table.len() - 1]).count(), 2);
        assert_eq!(defined(b"").count(), 0);
    }
}
