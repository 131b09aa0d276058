//! `.debug_addr`: addresses by index, for each unit. DWARF 5, section 7.27.

use super::info::unit::Hex;
use super::number::{push_decimal, push_hex, push_hex_padded};
use super::{Cursor, Dump, Level, Loaded};

/// The sizes of headers of tables, of 32 and 64 bits.
const HEADER_SIZES: [i64; 2] = [8, 16];
/// Addresses are at most this wide, in bytes.
const MAX_ADDRESS_SIZE: u32 = 8;
/// The version of the tables.
const VERSION: u16 = 5;

/// What a unit has in the section.
struct Part {
    unit: u64,
    version: u16,
    address_size: u8,
    base: u64,
}

/// Shows the section.
pub fn display(dump: &mut Dump<'_, '_>, section: &Loaded<'_>) -> bool {
    if section.data.is_empty() {
        dump.put_empty(section);
        return false;
    }
    let name = String::from_utf8_lossy(&section.name).into_owned();
    let Some(scan) = dump.info_units() else {
        let what = "Unable to load/parse the .debug_info section";
        dump.text.warn(format_args!("{what}, so cannot interpret the {name} section."));
        return false;
    };
    dump.heading(section);
    let size = section.data.len() as u64;
    let mut parts = Vec::new();
    for (index, unit) in scan.units.iter().flatten().enumerate() {
        let Some(base) = unit.found.addr_base_given else { continue };
        if base > size {
            let base = Hex(base);
            let what = "Corrupt address base";
            dump.text.warn(format_args!("{what} ({base}) found in debug section {index}"));
            continue;
        }
        parts.push(Part {
            unit: unit.header.offset as u64,
            version: unit.header.version,
            address_size: unit.header.address_size,
            base,
        });
    }
    parts.sort_by_key(|part| part.base);
    let mut header = 0;
    for (index, part) in parts.iter().enumerate() {
        let next = parts.get(index.saturating_add(1)).map_or(size, |next| next.base);
        let Some(end) = show_part(dump, section, &name, part, header, next) else { return false };
        header = end;
        dump.relieve();
    }
    dump.text.put(b"\n");
    true
}

/// Shows the addresses of a unit. `header` is where its table may start, and `next` where that of
/// the next one does. Returns where it ends; `None`, if nothing can follow.
fn show_part(
    dump: &mut Dump<'_, '_>,
    section: &Loaded<'_>,
    name: &str,
    part: &Part,
    header: u64,
    next: u64,
) -> Option<u64> {
    let text = &mut dump.text;
    text.put(b"  For compilation unit at offset ");
    push_hex(&mut text.buf, part.unit);
    text.put(b":\n\tIndex\tAddress\n");
    let corrupt = format!("Corrupt {name} section");
    let mut end = next;
    let mut address_size = u32::from(part.address_size);
    let mut cursor = Cursor::new(&section.data, dump.target.encoding);
    if part.version >= VERSION {
        let size = (part.base as i64).saturating_sub(header as i64);
        if !HEADER_SIZES.contains(&size) {
            let expected = "expecting header size of 8 or 16, but found";
            text.warn(format_args!("{corrupt}: {expected} {size} instead"));
            return None;
        }
        cursor.seek(header as usize);
        let (length, _) = cursor.initial_length();
        if length > cursor.remaining() as u64 {
            let length = Hex(length);
            text.warn(format_args!("{corrupt}: unit_length field of {length} is invalid"));
            return None;
        }
        end = (cursor.position() as u64).saturating_add(length);
        let version = cursor.u16();
        if version != VERSION {
            let expected = "expecting version number 5 in header but found";
            text.warn(format_args!("{corrupt}: {expected} {version} instead"));
        }
        address_size = u32::from(cursor.u8()).saturating_add(cursor.u8().into());
        if !(1..=MAX_ADDRESS_SIZE).contains(&address_size) {
            let message = format!("{corrupt}: address size ({address_size:x}) is wrong");
            text.say(Level::OpenWarning, message.into_bytes());
            return None;
        }
    }
    cursor.seek(part.base as usize);
    let size = address_size as usize;
    let mut index = 0u64;
    while end.saturating_sub(cursor.position() as u64) >= u64::from(address_size) {
        let address = cursor.uint(size);
        text.put(b"\t");
        push_decimal(&mut text.buf, index);
        text.put(b":\t");
        push_hex_padded(&mut text.buf, address, size.saturating_mul(2));
        text.put(b"\n");
        index = index.saturating_add(1);
    }
    Some(end)
}
