//! Version sections: `-V`.
//!
//! Definitions and needs are shown as their sections hold them, with names from the strings of the
//! dynamic section. The table of the symbols' version
//! indexes is shown with the names that a dynamic linker would find: its contents and the chains
//! of names are taken from where the dynamic section says.

use common::{Output, format, out};
use libelf::raw::{
    DT_VERSYM, SHT_GNU_VERDEF, SHT_GNU_VERNEED, SHT_GNU_VERSYM, VER_FLG_BASE, VER_FLG_WEAK,
    VER_NDX_GLOBAL,
};
use libelf::version::{VERSYM_HIDDEN, VERSYM_INDEX, Verdaux, Verdef, Vernaux, Verneed};
use libelf::{Encoding, Record, SectionHeader, StringTable, Table};

use crate::object::{CORRUPT, Object};
use crate::options::Options;
use crate::text;
use crate::version_chain::{self, Chain, Definition, NO_DEFINITION_NAME};

/// A version that is there for information only (`VER_FLG_INFO` of Solaris).
const VER_FLG_INFO: u16 = 4;
/// How many version indexes stand in a line.
const COLUMNS: usize = 4;
/// How wide each is.
const COLUMN: usize = 18;
/// How wide the name in a column is, without its parentheses.
const NAME: usize = 12;
/// Shown for a name outside the string table.
const INVALID: &[u8] = b"*invalid*";
/// Shown for an index that is both defined and needed.
const BOTH: &[u8] = b"*both*";

/// Shows all version sections.
pub fn display(out: &mut Output, options: &Options, object: &mut Object<'_>) -> bool {
    if !options.versions {
        return true;
    }
    let mut found = false;
    for index in 0..object.sections.len() {
        let Some(section) = object.sections.get(index).copied() else { break };
        match section.kind {
            SHT_GNU_VERDEF => {
                heading(out, object, &section, "definition", section.info.into());
                display_definitions(out, object, &section);
            }
            SHT_GNU_VERNEED => {
                heading(out, object, &section, "needs", section.info.into());
                display_needs(out, object, &section);
            }
            // Without symbols and strings it does not count as found.
            SHT_GNU_VERSYM if !is_linked_to_strings(object, &section) => continue,
            SHT_GNU_VERSYM => {
                if let Some(strings) = symbol_strings(out, object, &section) {
                    heading(out, object, &section, "symbols", section.size / 2);
                    display_indexes(out, object, &section, strings);
                }
            }
            _ => continue,
        }
        found = true;
    }
    if !found {
        out!(out, "\nNo version information found in {}.\n", object.this_file());
    }
    true
}

fn heading(out: &mut Output, object: &Object<'_>, section: &SectionHeader, what: &str, count: u64) {
    let entries = if count == 1 { "entry" } else { "entries" };
    out!(out, "\n");
    object.put_title(out, "Version", " the version");
    out!(out, " {what} section '");
    out.put(&text::section_name(object.section_name(section)));
    out!(out, "' contains {count} {entries}:\n");
    out!(
        out,
        " Addr: 0x{:016x}  Offset: 0x{:08x}  Link: {} (",
        section.addr,
        section.offset,
        section.link
    );
    let link = object.section(section.link);
    out.put(&text::section_name(link.map_or(CORRUPT, |link| object.section_name(link))));
    out!(out, ")\n");
}

/// Words for version flags: `BASE | WEAK`.
fn flags(bits: u16) -> String {
    let mut words = Vec::new();
    for (flag, word) in [(VER_FLG_BASE.0, "BASE"), (VER_FLG_WEAK.0, "WEAK"), (VER_FLG_INFO, "INFO")]
    {
        if bits & flag != 0 {
            words.push(word);
        }
    }
    if bits & !(VER_FLG_BASE.0 | VER_FLG_WEAK.0 | VER_FLG_INFO) != 0 {
        words.push("<unknown>");
    }
    if words.is_empty() { "none".to_owned() } else { words.join(" | ") }
}

/// An offset in a version section as C's `%#06x` prints it.
fn put_offset(out: &mut Output, offset: usize) {
    if offset == 0 {
        out!(out, "  000000: ");
    } else {
        out!(out, "  {offset:#06x}: ");
    }
}

/// The structure `at` bytes into `data`.
fn record<R: Record>(data: &[u8], at: usize, encoding: Encoding) -> Option<R> {
    R::decode(data.get(at..)?, encoding)
}

/// The sum of `at` and `step` if it is at most `limit`.
fn advance(at: usize, step: u32, limit: usize) -> Option<usize> {
    at.checked_add(usize::try_from(step).ok()?).filter(|&next| next <= limit)
}

fn display_definitions(out: &mut Output, object: &Object<'_>, section: &SectionHeader) {
    let encoding = object.encoding();
    let Some(data) = object.section_data(out, section, "version definition section") else {
        return;
    };
    let strings = object.dynamic.strings.unwrap_or_default();
    let mut at = 0;
    let mut budget = Budget::of(data, encoding);
    for number in 1..=section.info {
        let Some(definition) = record::<Verdef>(data, at, encoding) else {
            out!(out, "  Version definition past end of section\n");
            return;
        };
        put_offset(out, at);
        out!(out, "Rev: {}  Flags: {}", definition.version, flags(definition.flags));
        out!(out, "  Index: {}  Cnt: {}  ", definition.index, definition.count);
        let aux_at = advance(at, definition.aux, data.len());
        let Some((aux_at, aux)) =
            aux_at.and_then(|at| Some((at, record::<Verdaux>(data, at, encoding)?)))
        else {
            out!(out, "  Version definition past end of section\n");
            return;
        };
        put_name(out, strings, aux.name, ("Name: ", "Name index: "));
        out!(out, "\n");
        display_parents(out, data, strings, (aux_at, aux, definition.count), &mut budget);
        let is_last = number == section.info;
        if (definition.next as usize) < Verdef::size(encoding.class)
            && !(is_last && definition.next == 0)
        {
            out.warn(format_args!("Invalid vd_next field of {:x}", definition.next));
            return;
        }
        let Some(next) = advance(at, definition.next, data.len()) else {
            out!(out, "  Version definition past end of section\n");
            return;
        };
        at = next;
    }
}

/// A name, or else its offset in decimal; each behind its own label.
fn put_name(out: &mut Output, strings: StringTable<'_>, offset: u32, labels: (&str, &str)) {
    match strings.get_cut(offset.into()) {
        Some(name) => {
            out!(out, "{}", labels.0);
            out.put(&text::printable(name));
        }
        None => out!(out, "{}{offset}", labels.1),
    }
}

/// How many names may still be shown. Structures may share names, so that those of a small hostile
/// section could have them shown without end.
struct Budget {
    left: usize,
    encoding: Encoding,
}

impl Budget {
    /// Enough for a section to be shown some times.
    fn of(data: &[u8], encoding: Encoding) -> Self {
        const LEAST: usize = 1 << 18;
        Self { left: data.len().saturating_add(LEAST), encoding }
    }

    /// Takes one name; says so when there are none left.
    fn take(&mut self, out: &mut Output) -> bool {
        if self.left == 1 {
            out.warn(format_args!("Version names repeat too often; no more are shown"));
        }
        self.left = self.left.saturating_sub(1);
        self.left != 0
    }
}

/// The names behind the first one: `first` is where that is, what it says, and how many there are
/// with it.
fn display_parents(
    out: &mut Output,
    data: &[u8],
    strings: StringTable<'_>,
    (mut at, mut aux, count): (usize, Verdaux, u16),
    budget: &mut Budget,
) {
    let encoding = budget.encoding;
    for number in 1..count {
        if !budget.take(out) {
            return;
        }
        let is_last = number.saturating_add(1) == count;
        if (aux.next as usize) < Verdaux::size(encoding.class) && !(is_last && aux.next == 0) {
            out.warn(format_args!("Invalid vda_next field of {:x}", aux.next));
            return;
        }
        let next = advance(at, aux.next, data.len());
        let Some((next_at, next)) =
            next.and_then(|at| Some((at, record::<Verdaux>(data, at, encoding)?)))
        else {
            out!(out, "  Version def aux past end of section\n");
            return;
        };
        (at, aux) = (next_at, next);
        put_offset(out, at);
        out!(out, "Parent {number}");
        put_name(out, strings, aux.name, (": ", ", name index: "));
        out!(out, "\n");
    }
}

fn display_needs(out: &mut Output, object: &Object<'_>, section: &SectionHeader) {
    let encoding = object.encoding();
    let Some(data) = object.section_data(out, section, "Version Needs section") else { return };
    let strings = object.dynamic.strings.unwrap_or_default();
    let mut at = Some(0);
    let mut budget = Budget::of(data, encoding);
    for number in 1..=section.info {
        let Some((start, need)) =
            at.and_then(|at| Some((at, record::<Verneed>(data, at, encoding)?)))
        else {
            out.warn(format_args!("Missing Version Needs information"));
            return;
        };
        put_offset(out, start);
        out!(out, "Version: {}", need.version);
        match strings.get_cut(need.file.into()) {
            Some(name) => {
                out!(out, "  File: ");
                out.put(&text::printable(name));
            }
            None => out!(out, "  File: {:x}", need.file),
        }
        out!(out, "  Cnt: {}\n", need.count);
        let Some(aux_at) = advance(start, need.aux, data.len()) else {
            out.warn(format_args!("Missing Version Needs information"));
            return;
        };
        display_needed_versions(out, data, strings, (aux_at, need.count), &mut budget);
        let is_last = number == section.info;
        if (need.next as usize) < Verneed::size(encoding.class) && !(is_last && need.next == 0) {
            out.warn(format_args!("Invalid vn_next field of {:x}", need.next));
            return;
        }
        at = advance(start, need.next, data.len());
        if is_last && at.is_none() {
            out.warn(format_args!("Missing Version Needs information"));
        }
    }
}

/// The `count` versions that are needed of one library, the first of which lies at `start`.
fn display_needed_versions(
    out: &mut Output,
    data: &[u8],
    strings: StringTable<'_>,
    (start, count): (usize, u16),
    budget: &mut Budget,
) {
    let encoding = budget.encoding;
    let mut at = Some(start);
    for number in 1..=count {
        if !budget.take(out) {
            return;
        }
        let Some((start, version)) =
            at.and_then(|at| Some((at, record::<Vernaux>(data, at, encoding)?)))
        else {
            out.warn(format_args!("Missing Version Needs auxiliary information"));
            return;
        };
        put_offset(out, start);
        match strings.get_cut(version.name.into()) {
            Some(name) => {
                out!(out, "  Name: ");
                out.put(&text::printable(name));
            }
            None => out!(out, "  Name index: {:x}", version.name),
        }
        out!(out, "  Flags: {}  Version: {}\n", flags(version.flags), version.other);
        let is_last = number == count;
        if (version.next as usize) < Vernaux::size(encoding.class)
            && !(is_last && version.next == 0)
        {
            out.warn(format_args!("Invalid vna_next field of {:x}", version.next));
            return;
        }
        at = advance(start, version.next, data.len());
        if is_last && at.is_none() {
            out.warn(format_args!("Missing Version Needs auxiliary information"));
        }
    }
}

/// What is known of the symbols that a table of version indexes belongs to.
struct SymbolStrings<'data> {
    /// How many symbols there are.
    count: usize,
    strings: StringTable<'data>,
}

/// Whether the section that this one is linked to exists, and has a link that exists.
fn is_linked_to_strings(object: &Object<'_>, section: &SectionHeader) -> bool {
    object.section(section.link).is_some_and(|symtab| object.section(symtab.link).is_some())
}

fn symbol_strings<'data>(
    out: &mut Output,
    object: &Object<'data>,
    section: &SectionHeader,
) -> Option<SymbolStrings<'data>> {
    let symtab = object.section(section.link)?;
    let count = object.read_symbols(out, section.link)?.symbols.len();
    let strings = object.section_data(out, object.section(symtab.link)?, "version string table")?;
    let strings = StringTable::new(strings);
    Some(SymbolStrings { count, strings })
}

fn display_indexes(
    out: &mut Output,
    object: &mut Object<'_>,
    section: &SectionHeader,
    symbols: SymbolStrings<'_>,
) {
    let count = section.size / 2;
    let addr = object.dynamic.value(DT_VERSYM).unwrap_or(0);
    let offset = object.offset_of_address(out, addr, count.saturating_mul(2));
    let Some(data) = object.get_data(out, offset, 2, count, Some("version symbol data")) else {
        return;
    };
    let names = Names {
        needed: version_chain::needs(object, "version need aux (2)"),
        defined: version_chain::definitions(object),
        symbols,
    };
    for (index, version) in Table::<u16>::new(data, object.encoding()).iter().enumerate() {
        if index % COLUMNS == 0 {
            if index != 0 {
                out.put(b"\n");
            }
            out.buf().extend_from_slice(b"  ");
            format::hex_padded(out.buf(), index as u64, 3);
            out.put(b":");
        }
        put_index(out, &names, index, version);
    }
    out.put(b"\n");
}

/// What version indexes are called.
struct Names<'data> {
    needed: Option<Chain<u32>>,
    defined: Option<Chain<Definition>>,
    symbols: SymbolStrings<'data>,
}

/// The name of a definition lies outside the file.
struct NoName;

impl<'data> Names<'data> {
    fn of(&self, out: &mut Output, version: u16) -> Result<Option<&'data [u8]>, NoName> {
        let strings = Some(self.symbols.strings);
        let needed = self.needed.as_ref().and_then(|chain| chain.find(out, version));
        let needed = needed.map(|name| version_chain::name_or(strings, name, INVALID));
        if version == VERSYM_HIDDEN | VER_NDX_GLOBAL.0 {
            return Ok(needed);
        }
        let defined =
            self.defined.as_ref().and_then(|chain| chain.find(out, version & VERSYM_INDEX));
        Ok(match defined {
            None | Some(Definition::Base) => needed,
            Some(Definition::OutOfFile) => {
                NO_DEFINITION_NAME.report(out);
                return Err(NoName);
            }
            Some(Definition::Named(name)) => {
                match (needed, version_chain::name_or(strings, name, INVALID)) {
                    (_, INVALID) => Some(INVALID),
                    (None | Some(INVALID), defined) => Some(defined),
                    (Some(_), _) => Some(BOTH),
                }
            }
        })
    }
}

fn put_index(out: &mut Output, names: &Names<'_>, symbol: usize, version: u16) {
    match version {
        0 => out.buf().extend_from_slice(b"   0 (*local*)    "),
        1 => out.buf().extend_from_slice(b"   1 (*global*)   "),
        _ => {
            let buf = out.buf();
            format::hex_right(buf, (version & VERSYM_INDEX).into(), 4);
            buf.push(if version & VERSYM_HIDDEN == 0 { b' ' } else { b'h' });
            if symbol >= names.symbols.count {
                out.warn(format_args!("invalid index into symbol array"));
                return;
            }
            let Ok(name) = names.of(out, version) else { return };
            let buf = out.buf();
            let Some(name) = name else {
                buf.resize(buf.len().saturating_add(COLUMN - 5), b' ');
                return;
            };
            buf.push(b'(');
            buf.extend_from_slice(&text::printable(name));
            // A name that is too long for its column is followed by as many spaces as it is too
            // long, less one: so GNU's padding works.
            format::left(buf, b")", name.len().abs_diff(NAME).max(1));
        }
    }
    out.relieve();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_words() {
        assert_eq!(flags(0), "none");
        assert_eq!(flags(3), "BASE | WEAK");
        assert_eq!(flags(0xffff), "BASE | WEAK | INFO | <unknown>");
    }
}
