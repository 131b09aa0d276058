//! GNU build attributes: how the code of a region was compiled, as annobin records it. "Watermark",
//! the Fedora wiki's specification of `.gnu.build.attributes`.
//!
//! The attribute is in the name of the note: `GA`, the kind of the value, the attribute (a number
//! below 32 or a text), and the value. The descriptor is the region of code that it holds for:
//!
//! ```text
//! GA$<version>3p12     a text:   attribute 1, "3p12"
//! GA*<PIC>pic          a number: attribute 7, 1
//! GA+<short enum>true  a switch: attribute 8, on
//! GA!omit_frame_pointer:false
//! ```
//!
//! A note without a descriptor holds for the region of the note of its type before it.

use common::{Output, out};
use libelf::raw::{SHT_SYMTAB, STB_GLOBAL, STT_FUNC, STT_NOTYPE};
use libelf::{StringTable, Symbol};

use super::{Context, Entry, OWNER_WIDTH, c_string};
use crate::symbol_table::{Hex, Symbols};
use crate::text;

/// The type of notes about a range of addresses (`NT_GNU_BUILD_ATTRIBUTE_OPEN`).
const OPEN: u32 = 0x100;
/// The type of notes about a function (`NT_GNU_BUILD_ATTRIBUTE_FUNC`).
const FUNC: u32 = 0x101;
/// How most names start.
const PREFIX: &[u8] = b"GA";
/// What functions are aligned to, in bytes.
const CODE_ALIGNMENT: u64 = 16;
/// How far behind the start of a region annobin puts its symbol, where another name has the start.
const ANNOBIN_BIAS: u64 = 2;
/// The width of the column with the owner under `-W`.
const WIDE_OWNER_WIDTH: usize = 28;

const NUMBER: u8 = b'*';
const TEXT: u8 = b'$';
const TRUE: u8 = b'+';
const FALSE: u8 = b'!';

/// An attribute with a number: its text, and the kinds its value may have.
const ATTRIBUTES: [(&str, &[u8]); 8] = [
    ("<version>", &[TEXT]),
    ("<stack prot>", &[FALSE, TRUE, NUMBER]),
    ("<relro>", &[FALSE, TRUE]),
    ("<stack size>", &[NUMBER]),
    ("<tool>", &[TEXT]),
    ("<ABI>", &[TEXT, NUMBER]),
    ("<PIC>", &[NUMBER]),
    ("<short enum>", &[FALSE, TRUE]),
];
const STACK_PROTECTOR: u8 = 2;
const POSITION_INDEPENDENT: u8 = 7;
const STACK_PROTECTOR_VALUES: [&str; 5] = ["off", "on", "all", "strong", "explicit"];
const POSITION_INDEPENDENT_VALUES: [&str; 5] = ["static", "pic", "PIC", "pie", "PIE"];

/// Whether a note is a build attribute.
pub(super) fn is_one(entry: &Entry<'_>) -> bool {
    // A name that is not closed ends where its size says; readelf reads on behind any other, even
    // behind one without a byte.
    let name = match entry.stored_name {
        [.., 0] | [] => entry.name_tail,
        name => name,
    };
    let kind = name.get(kind_at(name)).copied().unwrap_or(0);
    // A name that ends before its kind counts as well, and is reported when it is shown.
    matches!(entry.kind, OPEN | FUNC) && matches!(kind, NUMBER | TEXT | TRUE | FALSE | 0)
}

/// Where in the name the kind of the value lies.
fn kind_at(name: &[u8]) -> usize {
    if name.starts_with(PREFIX) { PREFIX.len() } else { 0 }
}

/// Shows the name of a note, padded to its column.
pub(super) fn show_name(out: &mut Output, context: &Context<'_, '_>, entry: &Entry<'_>) {
    let name = entry.stored_name;
    let kind_at = kind_at(name);
    let (Some(&kind), Some(&attribute)) = (name.get(kind_at), name.get(kind_at + 1)) else {
        out!(out, "  ");
        out.error(format_args!(
            "corrupt name field in GNU build attribute note: size = {}",
            name.len()
        ));
        context.style.push_padded(out.buf(), b"  <corrupt name>", OWNER_WIDTH);
        return;
    };
    let prefix = String::from_utf8_lossy(name.get(..kind_at).unwrap_or_default());
    if kind == 0 {
        out!(out, "  {prefix}");
        out.error(format_args!("unrecognised attribute type in name field: {kind}"));
        out!(out, "<unknown name type> ");
        return;
    }
    out!(out, "  {prefix}{}", char::from(kind));
    let column = if context.wide { WIDE_OWNER_WIDTH } else { OWNER_WIDTH };
    let mut line = NameLine { context, left: (column - kind_at - 1).cast_signed() };
    let Some(value_at) = line.show_attribute(out, name, kind, kind_at + 1, attribute) else {
        return;
    };
    match kind {
        NUMBER => line.show_number(out, attribute, name.get(value_at..).unwrap_or_default()),
        TEXT => {
            let text = if name.ends_with(&[0]) { entry.name_tail } else { name };
            line.show_text(out, c_string(text.get(value_at..).unwrap_or_default()));
        }
        TRUE => line.show_text(out, b"true"),
        _ => line.show_text(out, b"false"),
    }
}

/// The rest of the column while a name is shown.
struct NameLine<'a, 'b, 'data> {
    context: &'a Context<'b, 'data>,
    left: isize,
}

impl NameLine<'_, '_, '_> {
    /// Shows the attribute `at` an offset of the name. Returns where its value starts; `None` if
    /// nothing more is to be shown.
    fn show_attribute(
        &mut self,
        out: &mut Output,
        name: &[u8],
        kind: u8,
        at: usize,
        attribute: u8,
    ) -> Option<usize> {
        let known = usize::from(attribute).checked_sub(1).and_then(|index| ATTRIBUTES.get(index));
        if let Some(&(title, kinds)) = known {
            self.show_title(out, title);
            if !kinds.contains(&kind) {
                out.warn(format_args!(
                    "attribute does not have an expected type ({})",
                    char::from(kind)
                ));
            }
            return Some(at + 1);
        }
        if !matches!(attribute, b' '..=b'~') {
            // Bytes are signed here.
            let number = attribute.cast_signed();
            out.error(format_args!("unrecognised byte in name field: {number}"));
            self.show_title(out, &format!("<unknown:_{number}>"));
            return Some(at + 1);
        }
        self.show_named_attribute(out, name, at)
    }

    fn show_title(&mut self, out: &mut Output, title: &str) {
        out!(out, "{title}");
        self.left -= title.len().cast_signed();
    }

    fn show_named_attribute(&mut self, out: &mut Output, name: &[u8], at: usize) -> Option<usize> {
        let title = c_string(name.get(at..).unwrap_or_default());
        let room = self.left.max(0).unsigned_abs();
        if !self.context.wide && title.len() >= room {
            out.put(&text::printable(title.get(..room).unwrap_or(title)));
            out!(out, ":");
            return None;
        }
        out.put(&text::printable(title));
        out!(out, ":");
        self.left -= title.len().cast_signed() + 1;
        let end = at + title.len() + 1;
        if end > name.len() {
            out.error(format_args!(
                "corrupt name field: namesz: {} but parsing gets to {end}",
                name.len()
            ));
            return None;
        }
        if self.left < 1 && !self.context.wide {
            return None;
        }
        Some(end)
    }

    fn show_number(&self, out: &mut Output, attribute: u8, value: &[u8]) {
        // The last byte of the name closes it.
        let bytes = value.split_last().map_or(&[][..], |(_, bytes)| bytes);
        if bytes.len() > size_of::<u64>() {
            out.error(format_args!(
                "corrupt numeric name field: too many bytes in the value: {:x}",
                bytes.len()
            ));
        }
        let bytes = bytes.get(..size_of::<u64>()).unwrap_or(bytes);
        let number = bytes.iter().rev().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        let values: &[&str] = match attribute {
            STACK_PROTECTOR => &STACK_PROTECTOR_VALUES,
            POSITION_INDEPENDENT => &POSITION_INDEPENDENT_VALUES,
            _ => &[],
        };
        if let Some(text) = usize::try_from(number).ok().and_then(|index| values.get(index)) {
            self.show_text(out, text.as_bytes());
            return;
        }
        let width = self.left.max(0).unsigned_abs();
        if self.context.wide {
            out!(out, "0x{number:<0$x}", width.saturating_sub(2));
        } else if number == 0 {
            out!(out, "0x0");
        } else {
            out!(out, "0x{number:0width$x}");
        }
    }

    fn show_text(&self, out: &mut Output, text: &[u8]) {
        // Without room nothing is shown; beyond the column, which only `-W` allows, all of it.
        if self.left != 0 {
            let width = self.left.max(0).unsigned_abs();
            self.context.style.push_padded(out.buf(), text, width);
        }
    }
}

/// A region of code.
#[derive(Clone, Copy, Default)]
struct Region {
    start: u64,
    end: u64,
}

/// The regions that notes without a descriptor hold for, and the symbols that name regions.
#[derive(Default)]
pub(super) struct Regions<'data> {
    open: Region,
    func: Region,
    symbols: Option<SymbolTable<'data>>,
}

/// The file's symbols; without any while it has none.
#[derive(Clone, Copy)]
struct SymbolTable<'data>(Option<(Symbols<'data>, StringTable<'data>)>);

impl<'data> Regions<'data> {
    /// Shows the descriptor of a note; returns whether its size is one of a region.
    pub(super) fn show(
        &mut self,
        out: &mut Output,
        context: &Context<'_, 'data>,
        entry: &Entry<'_>,
    ) -> bool {
        let is_func = entry.kind == FUNC;
        let (desc, encoding) = (entry.desc, context.encoding);
        let half = |at: usize| encoding.u32(desc, at).map(u64::from).unwrap_or_default();
        let word = |at: usize| encoding.u64(desc, at).unwrap_or_default();
        let mut region = match desc.len() {
            0 => {
                let region = if is_func { self.func } else { self.open };
                out!(out, "    Applies to region from {}", Hex(region.start));
                if region.end > region.start {
                    out!(out, " to {}", Hex(region.end));
                }
                out!(out, "\n");
                return true;
            }
            4 => Region { start: half(0), end: 0 },
            8 => Region { start: half(0), end: half(4) },
            16 => Region { start: word(0), end: word(8) },
            size => {
                out.error(format_args!("    <invalid description size: {size:x}>"));
                out!(out, "    <invalid descsz>");
                return false;
            }
        };
        if !is_func {
            self.report_gap(out, context, region.start);
        }
        let symbol = self.symbol_at(out, context, region.start, is_func);
        if let Some((_, size)) = symbol
            && region.end == 0
            && size > 0
        {
            region.end = region.start.wrapping_add(size);
        }
        out!(out, "    Applies to region from {}", Hex(region.start));
        if region.end > 0 {
            out!(out, " to {}", Hex(region.end));
        }
        if let Some((name, _)) = symbol {
            out!(out, " (");
            out.put(&text::printable(name));
            out!(out, ")");
        }
        out!(out, "\n");
        let kept = if is_func { &mut self.func } else { &mut self.open };
        kept.start = region.start;
        if region.end > 0 {
            kept.end = region.end;
        }
        true
    }

    /// Warns of code that no note holds for: between the end of the last region and the start of
    /// the next, if both lie in one section and no alignment explains the distance.
    fn report_gap(&self, out: &mut Output, context: &Context<'_, 'data>, start: u64) {
        let end = self.open.end;
        if end == 0 || start <= end.saturating_add(CODE_ALIGNMENT - 1) & !(CODE_ALIGNMENT - 1) {
            return;
        }
        let section_at = |address: u64| {
            context.object.sections.iter().position(|section| {
                // As in readelf, a section whose end overflows holds nothing.
                address >= section.addr && address < section.addr.wrapping_add(section.size)
            })
        };
        let section = section_at(end);
        if section.is_some() && section == section_at(start) {
            out.warn(format_args!(
                "Gap in build notes detected from {} to {}",
                Hex(end.wrapping_add(1)),
                Hex(start.wrapping_sub(1))
            ));
        }
    }

    /// Name and size of the symbol that names the region from `address` on.
    fn symbol_at(
        &mut self,
        out: &mut Output,
        context: &Context<'_, 'data>,
        address: u64,
        is_func: bool,
    ) -> Option<(&'data [u8], u64)> {
        let table = *self.symbols.get_or_insert_with(|| SymbolTable::read(out, context));
        let (symbols, strings) = table.0?;
        let biased = address.checked_add(ANNOBIN_BIAS).filter(|_| !is_func);
        let mut nearby = None;
        for symbol in symbols.symbols.iter() {
            let is_exact = symbol.value == address;
            if !is_exact && (nearby.is_some() || Some(symbol.value) != biased)
                || !names_region(&symbol, is_func)
            {
                continue;
            }
            let Some(name) = strings.get_cut(symbol.name.into()) else { continue };
            if name.is_empty() || is_mapping_symbol(name) {
                continue;
            }
            if is_exact {
                return Some((name, symbol.size));
            }
            nearby = Some((name, symbol.size));
        }
        nearby
    }
}

impl<'data> SymbolTable<'data> {
    fn read(out: &mut Output, context: &Context<'_, 'data>) -> Self {
        let object = context.object;
        let found = object.section_by_kind(SHT_SYMTAB).and_then(|(index, section)| {
            let symbols = object.read_symbols(out, index as u32)?;
            let strings = object.section(section.link)?;
            let strings = object.section_data(out, strings, "string table")?;
            Some((symbols, StringTable::new(strings)))
        });
        Self(found)
    }
}

/// Whether a symbol is of the kind that names regions of a note's type.
fn names_region(symbol: &Symbol, is_func: bool) -> bool {
    if is_func {
        return symbol.kind() == STT_FUNC;
    }
    symbol.kind() != STT_FUNC && !(symbol.kind() == STT_NOTYPE && symbol.binding() > STB_GLOBAL)
}

/// Whether a symbol tells code from data, as on ARM: `$d`.
fn is_mapping_symbol(name: &[u8]) -> bool {
    matches!(name, [b'$', _])
}
