//! Numbers into bytes that may be too short: what does not fit is left out. Whether a field lies
//! in its section is checked by the caller who can name it.

/// Writes a byte.
pub fn put_u8(bytes: &mut [u8], at: usize, value: u8) {
    put(bytes, at, &[value]);
}

/// Writes 2 bytes, the lowest first.
pub fn put_u16(bytes: &mut [u8], at: usize, value: u16) {
    put(bytes, at, &value.to_le_bytes());
}

/// Writes 4 bytes, the lowest first.
pub fn put_u32(bytes: &mut [u8], at: usize, value: u32) {
    put(bytes, at, &value.to_le_bytes());
}

/// Writes 8 bytes, the lowest first.
pub fn put_u64(bytes: &mut [u8], at: usize, value: u64) {
    put(bytes, at, &value.to_le_bytes());
}

/// Writes `value` at `at`.
pub fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    let end = at.checked_add(value.len());
    if let Some(field) = end.and_then(|end| bytes.get_mut(at..end)) {
        field.copy_from_slice(value);
    }
}
