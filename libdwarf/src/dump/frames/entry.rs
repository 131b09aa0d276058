//! Entries: where they are, and what stands before their instructions.

use std::collections::HashMap;

use libelf::raw::{self};

use crate::dump::expression::Expressions;
use crate::dump::number::{push_address, push_hex_padded};
use crate::dump::{Cursor, Loaded, Options, Target, Text, leb, pointer};
use crate::put;
use crate::registers::Registers;
use crate::section::SectionId;

use super::row::State;
use super::run::{Code, TOO_MUCH};

/// What a length of 64 bits is announced with.
const LENGTH_64: u64 = 0xffff_ffff;
/// What stands for the CIE in a CIE of `.debug_frame`.
const CIE_ID_32: u64 = 0xffff_ffff;
/// The same where lengths have 64 bits.
const CIE_ID_64: u64 = u64::MAX;
/// The first version with sizes of addresses and segments.
const VERSION_WITH_SIZES: u8 = 4;
/// The augmentation of GCC 2: an address follows, of a table for exceptions.
const OLD_GCC: &[u8] = b"eh";
/// The columns that a CIE has at most, if it is none that makes trouble.
const USUAL_WIDTH: usize = 64;
/// Columns of CIEs beyond these, summed up over the FDEs, that are shown.
const MAX_SURPLUS: usize = 1 << 23;
/// Bytes of augmentation data that stand behind their title.
const AUGMENTATION_IN_LINE: usize = 17;
/// Bytes of augmentation data in a line, where there are more.
const AUGMENTATION_LINE: usize = 26;
/// The largest address.
const MAX_SIZE: u8 = 8;

/// What is known of the section.
pub struct Frames<'s> {
    section: &'s Loaded<'s>,
    target: &'s Target,
    data: &'s [u8],
    /// `.eh_frame`, not `.debug_frame`.
    is_eh: bool,
    /// Frames are shown as rows.
    pub as_rows: bool,
    /// The names of registers.
    pub registers: Registers,
    /// An instruction of vendors is another one there.
    pub is_aarch64: bool,
    /// The width of addresses that CIEs do not say.
    address_size: usize,
    cies: Vec<Cie<'s>>,
}

/// What a CIE says, and what its instructions come to.
#[derive(Clone, Default)]
pub struct Cie<'s> {
    offset: usize,
    version: u8,
    augmentation: &'s [u8],
    augmentation_data: &'s [u8],
    /// What advances of the location are multiples of.
    pub code_factor: u32,
    /// What offsets are multiples of.
    pub data_factor: i32,
    /// The column of the return address.
    pub ra: u32,
    /// How addresses are encoded in FDEs.
    pub encoding: u8,
    /// The bytes of an address.
    pub address_size: usize,
    segment_size: usize,
    /// What an FDE starts with.
    pub state: State,
}

/// An FDE that is to be shown.
pub struct Fde {
    offset: usize,
    /// Its bytes.
    pub size: usize,
    /// The length that is shown.
    length: u64,
    cie: Option<usize>,
}

/// What comes next.
pub enum Found {
    /// An FDE, of which nothing is said yet.
    Fde(Fde),
    /// Something that is said already.
    Said,
    /// The end, or nothing that can be made sense of.
    Nothing,
}

/// The start of an entry.
struct Head<'s> {
    offset: usize,
    length: u64,
    /// The bytes of offsets: 4 or 8.
    offset_size: usize,
    id: u64,
    /// Where the id ends.
    id_end: usize,
    is_cie: bool,
    /// Whether the length leads out of the section.
    is_cut: bool,
    /// From behind the id to the end of the entry.
    cursor: Cursor<'s>,
    end: usize,
}

/// The place in the section.
#[derive(Default)]
pub struct Finder {
    position: usize,
    /// CIEs by their offsets.
    known: HashMap<usize, usize>,
    /// CIEs that were read ahead, for FDEs before them.
    ahead: HashMap<usize, usize>,
    last: Option<(usize, usize)>,
    /// The columns, beyond some, that the FDEs take over from their CIEs.
    surplus: usize,
}

impl Finder {
    /// Finds the next entry; CIEs are shown to `text`.
    pub fn next(&mut self, frames: &mut Frames<'_>, text: &mut Text) -> Found {
        let rest = frames.data.get(self.position..).unwrap_or_default();
        if rest.is_empty() {
            return Found::Nothing;
        }
        let Some(head) = frames.head(self.position) else {
            return self.terminator(frames, text);
        };
        self.position = head.end;
        if head.is_cie {
            head.warn_of_length(text);
            return match frames.read_cie(text, &head) {
                Some((mut cie, cursor)) => {
                    frames.show_cie(text, &head, &mut cie, cursor);
                    self.known.insert(cie.offset, frames.cies.len());
                    frames.cies.push(cie);
                    Found::Said
                }
                None => Found::Nothing,
            };
        }
        let mut fde = Fde {
            offset: head.offset,
            size: head.end.saturating_sub(head.offset),
            length: head.length,
            cie: None,
        };
        fde.cie = self.cie_of(frames, &head, &mut fde.length);
        let cie = fde.cie.and_then(|index| frames.cies.get(index));
        let width = cie.map_or(0, |cie| cie.state.width());
        self.surplus = self.surplus.saturating_add(width.saturating_sub(USUAL_WIDTH));
        if self.surplus > MAX_SURPLUS {
            text.warn(format_args!("{TOO_MUCH}"));
            return Found::Nothing;
        }
        Found::Fde(fde)
    }

    /// A length of 0; the zeros behind it are nothing.
    fn terminator(&mut self, frames: &Frames<'_>, text: &mut Text) -> Found {
        text.put(b"\n");
        push_hex_padded(&mut text.buf, self.position as u64, 8);
        text.put(b" ZERO terminator\n\n");
        let rest = frames.data.get(self.position..).unwrap_or_default();
        let zeros = rest.iter().position(|&byte| byte != 0).unwrap_or(rest.len());
        self.position = self.position.saturating_add(zeros.max(1));
        Found::Said
    }

    /// The CIE that an FDE names. Where one is looked for behind the FDE, GNU shows the length of
    /// that instead of the FDE's.
    fn cie_of(
        &mut self,
        frames: &mut Frames<'_>,
        head: &Head<'_>,
        length: &mut u64,
    ) -> Option<usize> {
        let offset = frames.cie_offset(head);
        if let Some((last, index)) = self.last
            && last == offset
        {
            return Some(index);
        }
        let known = self.known.get(&offset).or_else(|| self.ahead.get(&offset));
        let index = if let Some(&index) = known {
            index
        } else if offset <= head.offset {
            return None;
        } else {
            let cie = frames.read_ahead(offset, length)?;
            let index = frames.cies.len();
            frames.cies.push(cie);
            self.ahead.insert(offset, index);
            index
        };
        self.last = Some((offset, index));
        Some(index)
    }
}

impl Head<'_> {
    fn warn_of_length(&self, text: &mut Text) {
        if self.is_cut {
            let Self { length, offset, .. } = self;
            text.warn(format_args!("Invalid length {length:#x} in FDE at {}", Hex(*offset as u64)));
        }
    }

    /// The line of an entry up to its id.
    fn show(&self, text: &mut Text, length: u64, address_size: usize) {
        let buf = &mut text.buf;
        buf.push(b'\n');
        push_hex_padded(buf, self.offset as u64, 8);
        buf.push(b' ');
        push_address(buf, length, address_size);
        buf.push(b' ');
        push_address(buf, self.id, self.offset_size);
    }
}

/// As `%#lx` shows it.
struct Hex(u64);

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 { f.write_str("0") } else { write!(f, "{:#x}", self.0) }
    }
}

impl<'s> Frames<'s> {
    /// Of a section.
    pub fn new(target: &'s Target, options: &Options, section: &'s Loaded<'s>) -> Self {
        Self {
            section,
            target,
            data: &section.data,
            is_eh: section.id == SectionId::EhFrame,
            as_rows: options.frames_interp,
            registers: Registers::of(target.machine),
            is_aarch64: target.machine == raw::EM_AARCH64,
            address_size: target.address_size().into(),
            cies: Vec::new(),
        }
    }

    fn cursor(&self, from: usize, end: usize) -> Cursor<'s> {
        let data = self.data.get(..end).unwrap_or(self.data);
        let mut cursor = Cursor::new(data, self.target.encoding);
        cursor.seek(from);
        cursor
    }

    /// The start of the entry at `offset`; `None` where its length is 0.
    fn head(&self, offset: usize) -> Option<Head<'s>> {
        let mut cursor = self.cursor(offset, self.data.len());
        let mut length = cursor.uint_so_far(4);
        let mut offset_size = 4;
        if length == 0 {
            return None;
        }
        if length == LENGTH_64 {
            length = cursor.uint_so_far(8);
            offset_size = 8;
        }
        let id_offset = cursor.position();
        let is_cut = length > cursor.remaining() as u64;
        let end = if is_cut { self.data.len() } else { id_offset.saturating_add(length as usize) };
        let mut cursor = self.cursor(id_offset, end);
        let id = cursor.uint_so_far(offset_size);
        let cie_id = match (self.is_eh, offset_size) {
            (true, _) => 0,
            (false, 4) => CIE_ID_32,
            (false, _) => CIE_ID_64,
        };
        Some(Head {
            offset,
            length,
            offset_size,
            id,
            id_end: cursor.position(),
            is_cie: id == cie_id,
            is_cut,
            cursor,
            end,
        })
    }

    /// Where the CIE of an FDE is.
    fn cie_offset(&self, head: &Head<'_>) -> usize {
        if self.is_eh {
            // GNU takes the id for four bytes, whatever the length's form.
            let back = if head.offset_size == 4 {
                i64::from(head.id as i32).cast_unsigned()
            } else {
                head.id
            };
            (head.id_end as u64).wrapping_sub(4).wrapping_sub(back) as usize
        } else {
            head.id as usize
        }
    }

    /// The CIE at `offset`, which is not shown yet.
    fn read_ahead(&self, offset: usize, length: &mut u64) -> Option<Cie<'s>> {
        if offset >= self.data.len() {
            return None;
        }
        let Some(head) = self.head(offset) else {
            *length = 0;
            return None;
        };
        *length = head.length;
        if !head.is_cie || head.is_cut {
            return None;
        }
        let mut unsaid = Text::default();
        self.read_cie(&mut unsaid, &head).map(|(cie, _)| cie)
    }

    /// Reads a CIE up to its instructions. What cannot be made sense of ends the dump.
    fn read_cie(&self, text: &mut Text, head: &Head<'s>) -> Option<(Cie<'s>, Cursor<'s>)> {
        let mut cursor = head.cursor;
        if cursor.is_at_end() {
            return None;
        }
        let version = cursor.u8();
        let augmentation = cursor.string();
        if cursor.is_short() || cursor.is_at_end() {
            text.warn(format_args!("No terminator for augmentation name"));
            return None;
        }
        let mut cie = Cie {
            offset: head.offset,
            version,
            augmentation,
            address_size: self.address_size,
            ..Cie::default()
        };
        if augmentation == OLD_GCC {
            cursor.bytes(self.address_size);
            if cursor.is_short() {
                return None;
            }
        }
        if version >= VERSION_WITH_SIZES {
            let address_size = cursor.u8();
            if cursor.is_at_end() {
                return None;
            }
            let segment_size = cursor.u8();
            if !(1..=MAX_SIZE).contains(&address_size) {
                text.warn(format_args!("Invalid pointer size ({address_size}) in CIE data"));
                return None;
            }
            if segment_size.saturating_add(address_size) > MAX_SIZE {
                text.warn(format_args!("Invalid segment size ({segment_size}) in CIE data"));
                return None;
            }
            cie.address_size = address_size.into();
            cie.segment_size = segment_size.into();
        }
        cie.code_factor = leb::unsigned_32(text, &mut cursor);
        cie.data_factor = leb::signed_32(text, &mut cursor);
        if cursor.is_at_end() {
            return None;
        }
        cie.ra =
            if version == 1 { cursor.u8().into() } else { leb::unsigned_32(text, &mut cursor) };
        if augmentation.first() == Some(&b'z') {
            if cursor.is_at_end() {
                return None;
            }
            cie.augmentation_data = augmentation_data(text, &mut cursor)?;
            cie.encoding = self.fde_encoding(augmentation, cie.augmentation_data);
        }
        if !cie.state.make_room(text, self.registers, cie.ra) {
            return None;
        }
        Some((cie, cursor))
    }

    /// How FDEs encode addresses: what stands for `R` of the augmentation.
    fn fde_encoding(&self, augmentation: &[u8], data: &[u8]) -> u8 {
        let mut data = data.iter();
        for letter in augmentation.iter().skip(1) {
            match letter {
                b'L' => _ = data.next(),
                b'P' => {
                    let Some(&encoding) = data.next() else { return 0 };
                    data.nth(pointer::size(encoding, self.address_size).saturating_sub(1));
                }
                b'R' => return data.next().copied().unwrap_or(0),
                b'S' | b'B' => (),
                _ => break,
            }
        }
        0
    }

    /// An address as the CIE says they are encoded.
    pub fn encoded(&self, text: &mut Text, cursor: &mut Cursor<'_>, cie: &Cie<'_>) -> u64 {
        let place = self.section.address.wrapping_add(cursor.position() as u64);
        pointer::read(text, cursor, cie.encoding, cie.address_size, place)
    }

    /// Shows an expression.
    pub fn put_expression(&self, text: &mut Text, bytes: &[u8], place: usize, address_size: usize) {
        let &Self { target: &Target { encoding, .. }, registers, .. } = self;
        let address = self.section.address.wrapping_add(place as u64);
        Expressions { encoding, registers, address_size, unit: None }.put(text, bytes, address);
    }

    fn show_cie(
        &self,
        text: &mut Text,
        head: &Head<'_>,
        cie: &mut Cie<'s>,
        instructions: Cursor<'s>,
    ) {
        head.show(text, head.length, cie.address_size);
        let Cie { version, code_factor, data_factor, ra, .. } = *cie;
        if self.as_rows {
            text.put(b" CIE \"");
            put_augmentation(text, cie.augmentation);
            put!(text, "\" cf={} df={data_factor} ra={}\n", code_factor as i32, ra as i32);
        } else {
            put!(text, " CIE\n  Version:               {version}\n  Augmentation:          \"");
            put_augmentation(text, cie.augmentation);
            text.put(b"\"\n");
            if version >= VERSION_WITH_SIZES {
                put!(text, "  Pointer Size:          {}\n", cie.address_size);
                put!(text, "  Segment Size:          {}\n", cie.segment_size);
            }
            put!(text, "  Code alignment factor: {code_factor}\n");
            put!(text, "  Data alignment factor: {data_factor}\n");
            put!(text, "  Return address column: {}\n", ra as i32);
            show_augmentation_data(text, cie.augmentation_data);
            text.put(b"\n");
        }
        let mut state = cie.state.clone();
        Code { frames: self, cie, instructions, pc: 0, is_cie: true }.run(text, &mut state);
        cie.state = state;
    }

    /// Shows an FDE.
    pub fn show_fde(&self, text: &mut Text, fde: &Fde) {
        let Some(head) = self.head(fde.offset) else { return };
        head.warn_of_length(text);
        let none = Cie { address_size: self.address_size, ..Cie::default() };
        let cie = fde.cie.and_then(|index| self.cies.get(index)).unwrap_or(&none);
        let mut cursor = head.cursor;
        let segment = cursor.uint_so_far(cie.segment_size);
        let start = self.encoded(text, &mut cursor, cie);
        // Of an address that is not encoded, GNU takes the file's width, whatever the CIE's.
        let size_size = if cie.encoding == 0 {
            self.address_size
        } else {
            pointer::size(cie.encoding, cie.address_size)
        };
        let size = cursor.uint_so_far(size_size);
        let mut augmentation = &[][..];
        if cie.augmentation.first() == Some(&b'z') {
            match augmentation_data(text, &mut cursor) {
                Some(data) => augmentation = data,
                None => cursor.seek(usize::MAX),
            }
        }
        head.show(text, fde.length, cie.address_size);
        let buf = &mut text.buf;
        if fde.cie.is_some() {
            buf.extend_from_slice(b" FDE cie=");
            push_hex_padded(buf, cie.offset as u64, 8);
        } else {
            buf.extend_from_slice(b" FDE cie=invalid ");
        }
        buf.extend_from_slice(b" pc=");
        if cie.segment_size > 0 {
            push_hex_padded(buf, segment, 4);
            buf.push(b':');
        }
        push_address(buf, start, cie.address_size);
        buf.extend_from_slice(b"..");
        push_address(buf, start.wrapping_add(size), cie.address_size);
        buf.push(b'\n');
        if !self.as_rows && !augmentation.is_empty() {
            show_augmentation_data(text, augmentation);
            text.put(b"\n");
        }
        // A CFA that is an expression in the CIE is none here: GNU has it so.
        let mut state = cie.state.clone();
        state.cfa_is_expression = false;
        Code { frames: self, cie, instructions: cursor, pc: start, is_cie: fde.cie.is_none() }
            .run(text, &mut state);
    }
}

/// Control characters are shown as `^X`.
fn put_augmentation(text: &mut Text, augmentation: &[u8]) {
    for &byte in augmentation {
        if byte.is_ascii_control() {
            text.put(&[b'^', byte ^ 0x40]);
        } else {
            text.put(&[byte]);
        }
    }
}

fn show_augmentation_data(text: &mut Text, data: &[u8]) {
    if data.is_empty() {
        return;
    }
    text.put(b"  Augmentation data:    ");
    if data.len() > AUGMENTATION_IN_LINE {
        text.put(b"\n");
    }
    for (at, &byte) in data.iter().enumerate() {
        if at > 0 && at % AUGMENTATION_LINE == 0 {
            text.put(b"\n");
        }
        text.put(b" ");
        push_address(&mut text.buf, byte.into(), 1);
    }
}

/// What stands behind its length, for an augmentation that starts with `z`.
fn augmentation_data<'s>(text: &mut Text, cursor: &mut Cursor<'s>) -> Option<&'s [u8]> {
    let size = leb::unsigned(text, cursor);
    let left = cursor.remaining();
    if size > left as u64 {
        text.warn(format_args!(
            "Augmentation data too long: {}, expected at most {}",
            Hex(size),
            Hex(left as u64)
        ));
        return None;
    }
    Some(cursor.bytes(size as usize))
}
