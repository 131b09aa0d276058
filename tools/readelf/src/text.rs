//! Names of a file as text that a terminal can bear: never a control character, and other
//! characters as `-U` says.

use std::borrow::Cow;

/// `name` with each control character shown as `^` and a letter, as section names are printed.
pub fn printable(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.iter().any(u8::is_ascii_control) {
        return Cow::Borrowed(name);
    }
    let mut shown = Vec::with_capacity(name.len() + 8);
    for &byte in name {
        if byte.is_ascii_control() {
            shown.extend([b'^', byte ^ 0x40]);
        } else {
            shown.push(byte);
        }
    }
    Cow::Owned(shown)
}
