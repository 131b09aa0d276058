//! Build attributes as GNU readelf shows them. It reads on where a number or a string is damaged,
//! so values are taken from the cursor as they come, each problem reported where it is met.

use common::{Output, out};
use libelf::attributes::{Attributes, Cursor, Scope, Subsection, Tag, VERSION, Vendor};
use libelf::error::Problem;
use libelf::raw::{SHT_GNU_ATTRIBUTES, SectionType};

use super::gnu;
use crate::object::Object;
use crate::options::Options;
use crate::text::{self, Style};

/// Shows one attribute and goes past it.
pub type Display = fn(&mut Printer<'_>, &mut Cursor<'_>);

/// Which vendors' attributes are understood in files for a processor.
pub struct Vendors {
    /// The type of the processor's own attribute sections.
    pub section: Option<SectionType>,
    /// The processor's own vendor.
    pub public: Option<(&'static str, Display)>,
    /// How attributes of vendor `gnu` are shown, if they are understood.
    pub gnu: Option<Gnu>,
}

/// Attributes of vendor `gnu`: some all processors have in common, the others are shown by the
/// function, if the processor has such. Its second argument is the tag.
pub struct Gnu(pub Option<fn(&mut Printer<'_>, u32, &mut Cursor<'_>)>);

impl Vendors {
    /// A processor without attributes.
    pub const NONE: Self = Self {
        section: None,
        public: Some(("gnu", |printer, cursor| printer.unknown_gnu(cursor))),
        gnu: Some(Gnu(None)),
    };
}

/// Where attributes are printed to, and how.
pub struct Printer<'a> {
    pub out: &'a mut Output,
    style: Style,
}

impl Printer<'_> {
    /// Reads a number; reports what is wrong with it.
    pub fn number(&mut self, cursor: &mut Cursor<'_>) -> u64 {
        let number = cursor.number();
        if !number.terminated {
            self.out.error(format_args!("end of data encountered whilst reading LEB"));
        } else if !number.fits {
            self.report_large_number();
        }
        number.value
    }

    /// Reads a number of which the lowest 32 bits are used; reports what is wrong with it.
    pub fn number32(&mut self, cursor: &mut Cursor<'_>) -> u32 {
        let number = cursor.number();
        let fits = number.fits && u32::try_from(number.value).is_ok();
        if !number.terminated {
            self.out.error(format_args!("end of data encountered whilst reading LEB"));
        } else if !fits {
            self.report_large_number();
        }
        number.value as u32
    }

    fn report_large_number(&mut self) {
        self.out
            .error(format_args!("read LEB value is too large to store in destination variable"));
    }

    /// Shows the value of a tag by the tag's parity, after the tag's number where it is positive.
    pub fn tag_value(&mut self, tag: i32, cursor: &mut Cursor<'_>) {
        if tag > 0 {
            out!(self.out, "  Tag_unknown_{tag}: ");
        }
        if cursor.is_at_end() {
            self.out.warn(format_args!("<corrupt tag>"));
        } else if tag & 1 != 0 {
            self.quoted(cursor, "<corrupt string tag>");
        } else {
            let value = self.number(cursor);
            out!(self.out, "{} ({value:#x})\n", value as i64);
        }
    }

    /// Shows a string without a tag's number; see [`Self::tag_value`].
    pub fn text_value(&mut self, cursor: &mut Cursor<'_>) {
        self.tag_value(-1, cursor);
    }

    /// Shows a string in quotes, or `corrupt` if there is no room for one.
    pub fn quoted(&mut self, cursor: &mut Cursor<'_>, corrupt: &str) {
        out!(self.out, "\"");
        self.text(cursor, corrupt);
        out!(self.out, "\"\n");
    }

    /// Shows a string, or `corrupt` if there is no room for one.
    pub fn text(&mut self, cursor: &mut Cursor<'_>, corrupt: &str) {
        let rest = cursor.rest();
        let longest = rest.len().saturating_sub(1);
        if longest == 0 {
            out!(self.out, "{corrupt}");
            cursor.finish();
            return;
        }
        // In wide lines GNU readelf prints an unterminated string past the end of the subsection.
        self.style.push_cut(self.out.buf(), until_zero(cursor.rest_of_section()), longest);
        let within = rest.get(..longest).unwrap_or_default();
        cursor.skip(memchr::memchr(0, within).unwrap_or(longest) + 1);
    }

    /// Shows a tag and its number by the names of the tag's values.
    pub fn named_value(&mut self, tag: &Tag, cursor: &mut Cursor<'_>) {
        out!(self.out, "  {}: ", tag.name);
        let value = self.number32(cursor);
        self.name_of(tag, value);
    }

    /// Shows the name of a tag's value; `???` and the number if it has none.
    pub fn name_of(&mut self, tag: &Tag, value: u32) {
        match tag.values.get(value.into()) {
            Some(name) => out!(self.out, "{name}\n"),
            None => out!(self.out, "??? ({})\n", value as i32),
        }
    }

    /// Shows a claim of compatibility, after the tag's name.
    pub fn compatibility(&mut self, flag: i32, cursor: &mut Cursor<'_>) {
        out!(self.out, "flag = {flag}, vendor = ");
        self.text(cursor, "<corrupt>");
        out!(self.out, "\n");
    }

    /// Shows bytes that have no known meaning, as a hexadecimal dump of the rest.
    fn raw(&mut self, bytes: &[u8]) {
        for (line, chunk) in bytes.chunks(RAW_LINE).enumerate() {
            out!(self.out, "  0x{:08x} ", line * RAW_LINE);
            for column in 0..RAW_LINE {
                match chunk.get(column) {
                    Some(byte) => out!(self.out, "{byte:02x}"),
                    None => out!(self.out, "  "),
                }
                if column % 4 == 3 {
                    out!(self.out, " ");
                }
            }
            let shown = chunk.iter().map(|&byte| match byte {
                b' '..0x7f => byte,
                _ => b'.',
            });
            self.out.buf().extend(shown);
            out!(self.out, "\n");
        }
        out!(self.out, "\n");
    }
}

/// The string at the start of `bytes`, up to the first zero byte or all of them.
fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.get(..memchr::memchr(0, bytes).unwrap_or(bytes.len())).unwrap_or_default()
}

/// The bytes of one line of a hexadecimal dump.
const RAW_LINE: usize = 16;

/// Shows all sections of build attributes.
pub fn display_sections(
    out: &mut Output,
    options: &Options,
    object: &Object<'_>,
    vendors: &Vendors,
) -> bool {
    let mut good = true;
    for section in &object.sections {
        if section.kind != SHT_GNU_ATTRIBUTES && Some(section.kind) != vendors.section {
            continue;
        }
        let Some(bytes) = object.section_data(out, section, "attributes") else {
            good = false;
            continue;
        };
        let mut printer = Printer { out, style: Style::of(options) };
        if let Ok(attributes) = Attributes::parse(bytes, object.encoding().endian) {
            good &= display_section(&mut printer, &attributes, vendors);
        } else {
            good = false;
            report_version(out, bytes.first().copied().unwrap_or_default());
        }
    }
    good
}

fn report_version(out: &mut Output, version: u8) {
    out!(out, "Unknown attributes version '");
    out.put(&text::printable(&[version]));
    out!(out, "'({version}) - expecting '{}'\n", char::from(VERSION));
}

fn display_section(
    printer: &mut Printer<'_>,
    attributes: &Attributes<'_>,
    known: &Vendors,
) -> bool {
    let mut good = true;
    let mut vendors = attributes.vendors();
    let mut end = attributes.len();
    while let Some(vendor) = vendors.next() {
        let vendor = match vendor {
            Ok(vendor) => vendor,
            Err(error) => {
                report_vendor(printer.out, &error.problem);
                return false;
            }
        };
        if vendor.is_cut() {
            good = false;
            printer.out.error(format_args!(
                "Bad attribute length ({} > {})",
                vendor.declared_size(),
                vendor.available_size()
            ));
        }
        let Ok(name) = vendor.name() else {
            printer.out.error(format_args!("Corrupt attribute section name"));
            return false;
        };
        out!(printer.out, "Attribute Section: ");
        printer.style.push_cut(printer.out.buf(), name, usize::MAX);
        out!(printer.out, "\n");
        let mut lost = None;
        good &= match display_vendor(printer, &vendor, name, known, &mut lost) {
            Step::Sound => true,
            Step::Cut => false,
            Step::Stop => return false,
        };
        if let Some(at) = lost {
            let left = end.saturating_sub(vendor.end());
            end = at.saturating_add(left);
            vendors = attributes.vendors_within(at..end);
        }
    }
    good
}

fn report_vendor(out: &mut Output, problem: &Problem) {
    match problem {
        Problem::BadValue { value, .. } => {
            out.error(format_args!("Attribute length of {value} is too small"));
        }
        _ => out.error(format_args!("Tag section ends prematurely")),
    }
}

/// How it went with a vendor.
enum Step {
    /// Well.
    Sound,
    /// A subsection was cut.
    Cut,
    /// Nothing after it can be read.
    Stop,
}

fn display_vendor(
    printer: &mut Printer<'_>,
    vendor: &Vendor<'_>,
    name: &[u8],
    known: &Vendors,
    lost: &mut Option<usize>,
) -> Step {
    let mut public = known.public.filter(|(public, _)| public.as_bytes() == name);
    let gnu = known.gnu.as_ref().filter(|_| name == b"gnu");
    let mut step = Step::Sound;
    for subsection in vendor.subsections() {
        let subsection = match subsection {
            Ok(subsection) => subsection,
            Err(error) => {
                report_subsection(printer.out, &error.problem);
                return Step::Stop;
            }
        };
        if subsection.is_cut() {
            step = Step::Cut;
            printer.out.error(format_args!(
                "Bad subsection length ({} > {})",
                subsection.declared_size(),
                subsection.available_size()
            ));
        }
        let mut cursor = display_scope(printer, &subsection);
        if matches!(subsection.scope, Scope::Other(_)) {
            public = None;
        }
        if let Some((_, display)) = public {
            while !cursor.is_at_end() {
                display(printer, &mut cursor);
            }
        } else if let Some(gnu) = gnu {
            gnu::display(printer, gnu, &mut cursor);
        } else if cursor.is_at_end() {
            // GNU readelf takes what follows, as far as it counts for the vendors after this one,
            // for vendors.
            *lost = Some(cursor.offset());
            return step;
        } else {
            printer.unknown(&cursor);
        }
    }
    step
}

impl Printer<'_> {
    /// Shows attributes of a vendor that is not known.
    fn unknown(&mut self, cursor: &Cursor<'_>) {
        out!(self.out, "  Unknown attribute:\n");
        self.raw(cursor.rest());
    }

    /// Shows attributes of vendor `gnu` for a processor that has none.
    pub fn unknown_gnu(&mut self, cursor: &mut Cursor<'_>) {
        out!(self.out, "  Unknown GNU attribute: ");
        let rest = cursor.rest();
        self.out.put(&text::printable(until_zero(cursor.rest_of_section())));
        out!(self.out, "\n");
        cursor.skip(memchr::memchr(0, rest).unwrap_or(rest.len()));
        self.raw(cursor.rest());
        cursor.finish();
    }
}

fn report_subsection(out: &mut Output, problem: &Problem) {
    match problem {
        Problem::BadValue { value, .. } => {
            out.error(format_args!("Bad subsection length ({value} < 6)"));
        }
        _ => out.error(format_args!("Unused bytes at end of section")),
    }
}

/// Shows what a subsection is said of; returns the place of its first attribute.
fn display_scope<'data>(
    printer: &mut Printer<'_>,
    subsection: &Subsection<'data>,
) -> Cursor<'data> {
    let mut cursor = subsection.cursor();
    match subsection.scope {
        Scope::File => {
            out!(printer.out, "File Attributes\n");
            return cursor;
        }
        Scope::Section => out!(printer.out, "Section Attributes:"),
        Scope::Symbol => out!(printer.out, "Symbol Attributes:"),
        Scope::Other(tag) => {
            out!(printer.out, "Unknown tag: {tag}\n");
            return cursor;
        }
    }
    loop {
        let index = printer.number32(&mut cursor);
        if index == 0 {
            break;
        }
        out!(printer.out, " {}", index as i32);
    }
    out!(printer.out, "\n");
    cursor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::{arc, arm, csky, gnu as gnu_vendors, msp430, riscv};
    use libelf::raw::Endianness;

    /// A section with one vendor, and in it attributes of the file.
    fn section(vendor: &str, body: &[u8]) -> Vec<u8> {
        let inner = 5 + u32::try_from(body.len()).unwrap();
        let outer = 5 + u32::try_from(vendor.len()).unwrap() + inner;
        let mut bytes = vec![VERSION];
        bytes.extend(outer.to_le_bytes());
        bytes.extend(vendor.bytes());
        bytes.extend([0, 1]);
        bytes.extend(inner.to_le_bytes());
        bytes.extend(body);
        bytes
    }

    /// What is shown of a sound section, without its two headings.
    fn shown(vendors: &Vendors, vendor: &str, body: &[u8]) -> String {
        let bytes = section(vendor, body);
        let mut out = Output::process("readelf").recorder();
        let style = Style::of(&Options::default());
        let attributes = Attributes::parse(&bytes, Endianness::Little).unwrap();
        assert!(display_section(&mut Printer { out: &mut out, style }, &attributes, vendors));
        let text = String::from_utf8(out.buf().clone()).unwrap();
        let headings = format!("Attribute Section: {vendor}\nFile Attributes\n");
        text.strip_prefix(&headings).unwrap().to_owned()
    }

    #[test]
    fn arm_names_tags_and_values() {
        let text = shown(
            &arm::VENDORS,
            "aeabi",
            b"\x05Cortex\0\x06\x0a\x07A\x12\x04\x18\x05\x41\x06\x02\0",
        );
        assert_eq!(
            text,
            "  Tag_CPU_name: \"Cortex\"\n  Tag_CPU_arch: v7\n  Tag_CPU_arch_profile: Application\n  \
             Tag_ABI_PCS_wchar_t: 4\n  Tag_ABI_align_needed: 8-byte and up to 32-byte extended\n  \
             Tag_also_compatible_with: v4T\n"
        );
        assert_eq!(shown(&arm::VENDORS, "aeabi", b"\x06\x7f"), "  Tag_CPU_arch: ??? (127)\n");
    }

    #[test]
    fn unknown_tags_are_shown_by_parity() {
        assert_eq!(
            shown(&riscv::VENDORS, "riscv", b"\x10\x07\x11abc\0"),
            "  Tag_unknown_16: 7 (0x7)\n  Tag_unknown_17: \"abc\"\n"
        );
        assert_eq!(
            shown(&msp430::VENDORS, "mspabi", b"\x11abc\0\x04\x02"),
            "  <unknown tag 17>: \"abc\"\n  Tag_ISA: MSP430X\n"
        );
        assert_eq!(shown(&arc::VENDORS, "ARC", b"\x08\x09"), "  Tag_ARC_ABI_rf16: yes\n");
    }

    #[test]
    fn fields_of_numbers_are_shown_by_name() {
        assert_eq!(
            shown(&gnu_vendors::POWER, "gnu", b"\x04\x05\x0c\x03"),
            "  Tag_GNU_Power_ABI_FP: hard float, 128-bit IBM long double\n  \
             Tag_GNU_Power_ABI_Struct_Return: (0x3), ???\n"
        );
        assert_eq!(
            shown(&gnu_vendors::SPARC, "gnu", b"\x04\x05"),
            "  Tag_GNU_Sparc_HWCAPS: mul32|fsmuld\n"
        );
        assert_eq!(
            shown(&csky::VENDORS, "csky", b"\x16\x05"),
            "  Tag_CSKY_FPU_HARDFP:\t\t Half Double\n"
        );
    }

    #[test]
    fn other_vendors_are_dumped() {
        assert_eq!(
            shown(&arm::VENDORS, "foo", b"\x05a\0"),
            "  Unknown attribute:\n  0x00000000 056100                              .a.\n\n"
        );
        assert_eq!(shown(&Vendors::NONE, "gnu", b"\x04\x1b"), "  Unknown GNU attribute: ^D^[\n\n");
    }
}
