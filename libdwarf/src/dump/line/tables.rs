//! The tables of directories and files of line number programs, as they are stored.

use super::form::{self, Shown};
use super::{Header, Strings};
use crate::dump::number::{push_decimal, push_hex};
use crate::dump::{Cursor, Stop, Text, leb};
use crate::put;

/// What a column of a table is. DWARF 5, section 6.2.4.1.
pub mod content {
    pub const PATH: u64 = 1;
    pub const DIRECTORY_INDEX: u64 = 2;
    pub const TIMESTAMP: u64 = 3;
    pub const SIZE: u64 = 4;
    pub const MD5: u64 = 5;
}

/// A column: what it is, and its form.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub content: u64,
    pub form: u64,
}

/// How many entries without a byte are shown; GNU shows any number of them.
const EMPTY_ENTRIES: u64 = 1 << 16;

/// Shows both tables. The cursor is at the first, and behind the second then. Returns how many
/// files a program can add to.
pub(super) fn show(
    text: &mut Text,
    cursor: &mut Cursor<'_>,
    unit: &Header,
    strings: Strings<'_>,
) -> Result<u64, Stop> {
    if unit.version < 5 {
        show_directories(text, cursor)?;
        return Ok(show_files(text, cursor));
    }
    for name in ["Directory Table", "File Name Table"] {
        if show_columns(text, cursor, strings, name).is_none() {
            cursor.seek(usize::MAX);
        }
    }
    Ok(0)
}

/// The table of directories up to version 4.
fn show_directories(text: &mut Text, cursor: &mut Cursor<'_>) -> Result<(), Stop> {
    if cursor.rest().first() == Some(&0) {
        text.put(b"\n The Directory Table is empty.\n");
    } else {
        text.put(b"\n The Directory Table (offset ");
        push_hex(&mut text.buf, cursor.position() as u64);
        text.put(b"):\n");
        let mut index = 1u64;
        while cursor.rest().first().is_some_and(|&byte| byte != 0) {
            show_number(text, index);
            text.put(b"\t");
            text.put_name(cursor.string());
            text.put(b"\n");
            index = index.wrapping_add(1);
        }
        if cursor.is_at_end() {
            return Err(Stop::Ended);
        }
    }
    cursor.u8();
    Ok(())
}

/// The table of files up to version 4.
fn show_files(text: &mut Text, cursor: &mut Cursor<'_>) -> u64 {
    let mut count = 0u64;
    if cursor.rest().first() == Some(&0) {
        text.put(b"\n The File Name Table is empty.\n");
    } else {
        text.put(b"\n The File Name Table (offset ");
        push_hex(&mut text.buf, cursor.position() as u64);
        text.put(b"):\n  Entry\tDir\tTime\tSize\tName\n");
        while cursor.rest().first().is_some_and(|&byte| byte != 0) {
            count = count.wrapping_add(1);
            show_number(text, count);
            let name = cursor.string();
            for _ in 0..3 {
                text.put(b"\t");
                let number = leb::unsigned(text, cursor);
                push_decimal(&mut text.buf, number);
            }
            text.put(b"\t");
            text.put_name(name);
            text.put(b"\n");
            if cursor.is_at_end() {
                text.warn(format_args!("Corrupt file name table entry"));
                break;
            }
        }
    }
    cursor.u8();
    count
}

/// The number of an entry, at the start of its line.
fn show_number(text: &mut Text, index: u64) {
    text.put(b"  ");
    push_decimal(&mut text.buf, index);
}

/// Shows a table of version 5, that says itself which columns it has. `None` if it is so damaged
/// that nothing behind it can be found.
fn show_columns(
    text: &mut Text,
    cursor: &mut Cursor<'_>,
    strings: Strings<'_>,
    name: &str,
) -> Option<()> {
    let count = cursor.u8();
    let mut columns = Vec::with_capacity(count.into());
    for _ in 0..count {
        // GNU says nothing of those that are damaged.
        let (content, form) = (cursor.unsigned().value, cursor.unsigned().value);
        columns.push(Column { content, form });
        if cursor.is_at_end() {
            text.warn(format_args!("{name}: Corrupt format description entry"));
            return None;
        }
    }
    let entries = leb::unsigned(text, cursor);
    if entries == 0 {
        put!(text, "\n The {name} is empty.\n");
        return Some(());
    }
    if cursor.is_at_end() {
        text.warn(format_args!(
            "{name}: Corrupt entry count - expected {entries:#x} but none found"
        ));
        return None;
    }
    if columns.is_empty() {
        text.warn(format_args!("{name}: format count is zero, but the table is not empty"));
        return None;
    }
    put!(text, "\n The {name} (offset {:#x}, lines {}, ", cursor.position(), entries.cast_signed());
    put!(text, "columns {count}):\n  Entry");
    // Names stand last: they are long.
    let is_path = |column: &&Column| column.content == content::PATH;
    for column in columns.iter().filter(|column| !is_path(column)) {
        show_title(text, column.content);
    }
    for _ in columns.iter().filter(is_path) {
        text.put(b"\tName");
    }
    text.put(b"\n");
    for index in 0..entries {
        show_number(text, index);
        let start = cursor.position();
        for column in &columns {
            let shown = if is_path(&column) { Shown::Nothing } else { Shown::Value };
            form::show(text, cursor, column.form, strings, shown);
        }
        cursor.seek(start);
        for column in &columns {
            let shown = if is_path(&column) { Shown::Value } else { Shown::Nothing };
            form::show(text, cursor, column.form, strings, shown);
        }
        // Entries that take no bytes could be repeated for ever.
        let is_stuck = cursor.position() == start && index >= EMPTY_ENTRIES;
        if (cursor.is_at_end() || is_stuck) && index != entries.wrapping_sub(1) {
            text.warn(format_args!("\n{name}: Corrupt entries list"));
            return None;
        }
        text.put(b"\n");
    }
    Some(())
}

/// The title of a column.
fn show_title(text: &mut Text, content: u64) {
    match content {
        content::DIRECTORY_INDEX => text.put(b"\tDir"),
        content::TIMESTAMP => text.put(b"\tTime"),
        content::SIZE => text.put(b"\tSize"),
        content::MD5 => text.put(b"\tMD5\t\t\t"),
        _ => put!(text, "\t(Unknown format content type {content})"),
    }
}
