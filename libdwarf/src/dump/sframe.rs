//! `.sframe`: call frames in a simple form, for stack traces alone (`--sframe`). The SFrame Format,
//! version 1.
//!
//! A header is followed by a table of functions, and by the rows of all functions. A row has the
//! address from which on it holds, and up to three offsets: of the CFA from a register, of the
//! return address and of the frame pointer from the CFA. Where they are at the same place in all
//! frames, the header says so, and rows do not.
//!
//! The order of bytes is the one in which the magic number is right.

use libelf::ident::{Class, Encoding};
use libelf::raw::Endianness;

use crate::put;

use super::{Cursor, Text};

/// What a section starts with.
const MAGIC: u16 = 0xdee2;
/// The only version of GNU 2.40.
const VERSION: u8 = 1;
/// The ABIs of AArch64, of both byte orders.
const AARCH64: [u8; 2] = [1, 2];
/// The bytes of the header.
const HEADER: usize = 28;
/// The bytes of a function.
const FUNCTION: usize = 17;

/// Functions are sorted by address.
const SORTED: u8 = 1;
/// All functions keep the frame pointer.
const FRAME_POINTER: u8 = 2;
/// All flags that are known.
const FLAGS: u8 = SORTED | FRAME_POINTER;

/// Functions: how wide addresses of rows are.
const ROW_KIND: u8 = 0xf;
/// Functions: rows are of blocks that repeat, as those of a PLT.
const BLOCKS: u8 = 0x10;
/// Functions: the return address is signed with the second key.
const KEY_B: u8 = 0x20;

/// Rows: the CFA is relative to the stack pointer, not to the frame pointer.
const FROM_SP: u8 = 1;
/// Rows: how many offsets there are at most.
const MAX_OFFSETS: u8 = 3;
/// Rows: the return address is signed.
const SIGNED: u8 = 0x80;

/// Rows that are shown, whatever their number: functions may share them.
const MIN_ROWS: usize = 1 << 16;
/// How often a byte of rows may be shown.
const SHARED: usize = 4;

/// What GNU says of a section that it cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// There is nothing in it, or rows are missing.
    Corrupt,
    /// It starts with something else.
    NoSframe,
    /// It has another version or unknown flags.
    Unknown,
}

impl Fault {
    fn text(self) -> &'static str {
        match self {
            Self::Corrupt => "Corrupt SFrame.",
            Self::NoSframe => "Buffer does not contain SFrame data.",
            Self::Unknown => "Out of Memory.",
        }
    }
}

/// Shows the section `data` with this name and address. Returns whether it can be read.
pub fn display(text: &mut Text, name: &[u8], data: &[u8], address: u64) -> bool {
    match Section::open(data).map(|section| section.show(text, name, address)) {
        Ok(true) => true,
        Ok(false) => fail(text, Fault::Corrupt),
        Err(fault) => fail(text, fault),
    }
}

fn fail(text: &mut Text, fault: Fault) -> bool {
    text.error(format_args!("SFrame decode failure: {}", fault.text()));
    false
}

/// What the header says.
struct Section<'s> {
    encoding: Encoding,
    flags: u8,
    functions: u32,
    rows: u32,
    is_aarch64: bool,
    /// The frame pointer is at the same place in all frames.
    has_fixed_fp: bool,
    /// The return address is.
    has_fixed_ra: bool,
    function_table: &'s [u8],
    row_data: &'s [u8],
}

impl<'s> Section<'s> {
    fn open(data: &'s [u8]) -> Result<Self, Fault> {
        if data.is_empty() {
            return Err(Fault::Corrupt);
        }
        let endian = match data.first_chunk() {
            Some(&magic) if u16::from_le_bytes(magic) == MAGIC => Endianness::Little,
            Some(&magic) if u16::from_be_bytes(magic) == MAGIC => Endianness::Big,
            _ => return Err(Fault::NoSframe),
        };
        if data.len() < HEADER {
            return Err(Fault::NoSframe);
        }
        let encoding = Encoding { class: Class::Elf64, endian };
        let mut cursor = Cursor::new(data, encoding);
        cursor.u16();
        let version = cursor.u8();
        let flags = cursor.u8();
        if version != VERSION || flags & !FLAGS != 0 {
            return Err(Fault::Unknown);
        }
        let is_aarch64 = AARCH64.contains(&cursor.u8());
        let has_fixed_fp = cursor.u8() != 0;
        let has_fixed_ra = cursor.u8() != 0;
        let more_header = cursor.u8();
        let functions = cursor.u32();
        let rows = cursor.u32();
        let row_bytes = cursor.u32();
        // Where the tables are is said, too, but GNU takes them one after the other.
        cursor.u64();
        cursor.bytes(more_header.into());
        let table_bytes = (functions as usize).saturating_mul(FUNCTION);
        if table_bytes > cursor.remaining() {
            return Err(Fault::Corrupt);
        }
        Ok(Self {
            encoding,
            flags,
            functions,
            rows,
            is_aarch64,
            has_fixed_fp,
            has_fixed_ra,
            function_table: cursor.bytes(table_bytes),
            row_data: cursor.bytes(row_bytes as usize),
        })
    }

    /// Returns whether all rows are there.
    fn show(&self, text: &mut Text, name: &[u8], address: u64) -> bool {
        text.put(b"Contents of the SFrame section ");
        text.put(name);
        text.put(b":\n  Header :\n\n    Version: SFRAME_VERSION_1\n    Flags: ");
        text.put(if self.flags & FRAME_POINTER != 0 {
            b"SFRAME_F_FRAME_POINTER"
        } else if self.flags & SORTED != 0 {
            b"SFRAME_F_FDE_SORTED"
        } else {
            b"NONE"
        });
        put!(text, "\n    Num FDEs: {}\n    Num FREs: {}\n", self.functions, self.rows);
        text.put(b"\n  Function Index :\n");
        let mut cursor = Cursor::new(self.function_table, self.encoding);
        let mut index = 0u32;
        let mut rows_left = self.row_data.len().saturating_mul(SHARED).saturating_add(MIN_ROWS);
        while !cursor.is_at_end() {
            let function = Function {
                start: address.wrapping_add(cursor.int(4).cast_unsigned()),
                size: cursor.u32(),
                first_row: cursor.u32(),
                rows: cursor.u32(),
                info: cursor.u8(),
            };
            put!(text, "\n    func idx [{index}]: pc = 0x{:x}, ", function.start);
            put!(text, "size = {} bytes", function.size.cast_signed());
            if self.is_aarch64 && function.info & KEY_B != 0 {
                text.put(b", pauth = B key");
            }
            let mark = if function.is_block() { "[m]" } else { "   " };
            put!(text, "\n    STARTPC{mark}      CFA       FP        RA           \n");
            let shown = rows_left.min(function.rows as usize);
            rows_left = rows_left.saturating_sub(shown);
            if self.show_rows(text, &function, shown).is_none() || shown < function.rows as usize {
                return false;
            }
            index = index.saturating_add(1);
        }
        true
    }

    fn show_rows(&self, text: &mut Text, function: &Function, count: usize) -> Option<()> {
        let rows = self.row_data.get(function.first_row as usize..)?;
        let mut cursor = Cursor::new(rows, self.encoding);
        let start = if function.is_block() { 0 } else { function.start };
        for _ in 0..count {
            let row = read_row(&mut cursor, function)?;
            put!(text, "    {:016x}  ", start.wrapping_add(row.start.into()));
            let base = if row.info & FROM_SP != 0 { "sp" } else { "fp" };
            put!(text, "{:<10}", format!("{base}+{}", row.offset(0).unwrap_or(-1)));
            let fp = if self.has_fixed_ra { 1 } else { 2 };
            let fp = row.offset(fp).filter(|_| !self.has_fixed_fp);
            put!(text, "{:<10}", fp.map_or_else(|| "u".into(), |fp| format!("c{fp:+}")));
            let ra = row.offset(1).filter(|_| !self.has_fixed_ra);
            let signed = if row.info & SIGNED != 0 { "[s]" } else { "" };
            let ra = ra.map_or_else(|| "u".into(), |ra| format!("c{ra:+}"));
            put!(text, "{:<13}\n", format!("{ra}{signed}"));
        }
        Some(())
    }
}

/// The next row of a function; `None` if there can be none like it.
fn read_row(cursor: &mut Cursor<'_>, function: &Function) -> Option<Row> {
    let start_size = match function.info & ROW_KIND {
        0 => 1,
        1 => 2,
        2 => 4,
        _ => return None,
    };
    let start = cursor.uint(start_size) as u32;
    let info = cursor.u8();
    let count = (info >> 1) & 0xf;
    let offset_size = match (info >> 5) & 3 {
        0 => 1,
        1 => 2,
        2 => 4,
        _ => return None,
    };
    if count > MAX_OFFSETS || start >= function.size {
        return None;
    }
    let mut offsets = [None; MAX_OFFSETS as usize];
    for offset in offsets.iter_mut().take(count.into()) {
        *offset = Some(cursor.int(offset_size) as i32);
    }
    (!cursor.is_short()).then_some(Row { start, info, offsets })
}

/// A function of the table.
struct Function {
    /// Its address.
    start: u64,
    size: u32,
    /// Where its rows start.
    first_row: u32,
    rows: u32,
    info: u8,
}

impl Function {
    fn is_block(&self) -> bool {
        self.info & BLOCKS != 0
    }
}

/// A row of a function.
struct Row {
    /// From where on it holds, from the function's start.
    start: u32,
    info: u8,
    offsets: [Option<i32>; MAX_OFFSETS as usize],
}

impl Row {
    fn offset(&self, index: usize) -> Option<i32> {
        self.offsets.get(index).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One function of three rows, and what is at fixed places.
    fn section(fixed_ra: i8, magic: [u8; 2]) -> Vec<u8> {
        let mut data = magic.to_vec();
        data.extend([VERSION, SORTED, 3, 0, fixed_ra.cast_unsigned(), 0]);
        for word in [1u32, 3, 11, 0, 17] {
            data.extend(word.to_le_bytes());
        }
        for word in [0x100u32, 0x20, 0, 3] {
            data.extend(word.to_le_bytes());
        }
        data.push(0);
        data.extend([0, 3, 8, 1, 5, 16, 0xf0, 4, 4, 16, 0xf0]);
        data
    }

    fn shown(data: &[u8]) -> (String, bool) {
        let mut text = Text::default();
        let good = display(&mut text, b".sframe", data, 0x1000);
        (String::from_utf8(std::mem::take(&mut text.buf)).unwrap(), good)
    }

    #[test]
    fn rows_have_what_is_at_no_fixed_place() {
        let (text, good) = shown(&section(-8, [0xe2, 0xde]));
        assert!(good);
        assert!(text.contains("    Flags: SFRAME_F_FDE_SORTED\n"));
        assert!(text.contains("    func idx [0]: pc = 0x1100, size = 32 bytes\n"));
        let row = "    0000000000001104  fp+16     c-16      u            \n";
        assert!(text.contains(row));
        let (text, _) = shown(&section(0, [0xe2, 0xde]));
        assert!(text.contains("    0000000000001104  fp+16     u         c-16         \n"));
    }

    #[test]
    fn what_is_missing_is_told() {
        let data = section(-8, [0xe2, 0xde]);
        assert!(!shown(&data[..data.len() - 1]).1);
        assert_eq!(shown(&data[..20]), (String::new(), false));
        assert_eq!(shown(&[]), (String::new(), false));
        assert_eq!(shown(&section(-8, [0, 0])), (String::new(), false));
        let mut strange = data;
        strange[2] = 2;
        assert_eq!(shown(&strange), (String::new(), false));
    }
}
