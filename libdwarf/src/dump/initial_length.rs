//! What units of tables start with: how long they are. DWARF 5, section 7.4.

use super::number::Hex;
use super::{Cursor, Loaded, Text};

/// A unit by its length.
#[derive(Clone, Copy, Debug)]
pub struct Initial<'a> {
    /// How many bytes follow the length.
    pub length: u64,
    /// How many bytes the length itself takes.
    pub own_size: usize,
    /// 4 in DWARF32, 8 in DWARF64.
    pub offset_size: usize,
    /// What follows the length, to the end of the unit.
    pub contents: Cursor<'a>,
    /// What is behind the unit.
    pub beyond: Cursor<'a>,
}

/// Reads the length of a unit; the cursor is behind the unit then. `None` if the section ends
/// before the unit does, which is said.
pub fn read<'a>(
    text: &mut Text,
    cursor: &mut Cursor<'a>,
    section: &Loaded<'_>,
) -> Option<Initial<'a>> {
    let offset = cursor.position();
    let (length, offset_size) = cursor.initial_length();
    let own_size = cursor.position().saturating_sub(offset);
    let fits = usize::try_from(length).ok().filter(|&length| length <= cursor.remaining());
    let Some(size) = fits else {
        text.warn(format_args!(
            "Debug info is corrupted, {} header at {} has length {}",
            String::from_utf8_lossy(&section.name),
            Hex(offset as u64),
            Hex(length)
        ));
        return None;
    };
    let contents = cursor.part(size);
    Some(Initial { length, own_size, offset_size, contents, beyond: *cursor })
}
