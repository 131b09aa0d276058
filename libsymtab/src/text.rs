//! Symbol tables that are texts, one symbol a line: those of the Linux kernel, and those that
//! just-in-time compilers leave for profilers.
//!
//! ```text
//! kallsyms                                   perf map
//! ffffffff81000000 T startup_64              7f21c4000080 1c0 LazyCompile:~parse main.js:12
//! ffffffffc0801000 t probe   [e1000e]
//! address type name, module                  address size name
//! ```
//!
//! Numbers are hexadecimal. A text is looked through once for the lines that are symbols; each is
//! read again when it is asked for. Lines of another form are left out.

use libelf::raw::{
    STB_GLOBAL, STB_GNU_UNIQUE, STB_LOCAL, STB_WEAK, STT_FUNC, STT_GNU_IFUNC, STT_NOTYPE,
    STT_OBJECT, SymbolBind, SymbolType,
};

use crate::symbol::{Section, Source, Symbol};
use crate::table::SymbolTable;

/// The lines of a text that are symbols.
#[derive(Clone, Debug)]
pub(crate) struct Lines<'data> {
    text: &'data [u8],
    /// Where each line starts, in bytes.
    starts: Vec<u32>,
    form: Form,
}

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Kallsyms,
    PerfMap,
}

impl<'data> SymbolTable<'data> {
    /// The symbols of a text in the form of `/proc/kallsyms`, and of `System.map` as well.
    ///
    /// Types are those of nm: `t` and `T` are functions, in lower case local. The module of a
    /// symbol is its [`Symbol::group`]. Sizes are not known. Of a text over 4 GiB the first 4 GiB
    /// are read.
    ///
    /// ```
    /// use libsymtab::SymbolTable;
    ///
    /// let text = b"ffffffff81000000 T startup_64\nffffffffc0801000 t probe\t[e1000e]\n";
    /// let table = SymbolTable::of_kallsyms(text);
    /// let probe = table.get(1).unwrap();
    /// assert_eq!((probe.name, probe.group), (&b"probe"[..], Some(&b"e1000e"[..])));
    /// ```
    pub fn of_kallsyms(text: &'data [u8]) -> Self {
        Self::of_lines(Source::Kallsyms, Lines::new(text, Form::Kallsyms))
    }

    /// The symbols of a perf map, as just-in-time compilers write it to `/tmp/perf-PID.map`. Names
    /// may contain spaces. Of a text over 4 GiB the first 4 GiB are read.
    ///
    /// ```
    /// use libsymtab::SymbolTable;
    ///
    /// let table = SymbolTable::of_perf_map(b"7f21c4000080 1c0 Builtin:Array push\n");
    /// let push = table.get(0).unwrap();
    /// assert_eq!((push.name, push.size), (&b"Builtin:Array push"[..], 0x1c0));
    /// ```
    pub fn of_perf_map(text: &'data [u8]) -> Self {
        Self::of_lines(Source::PerfMap, Lines::new(text, Form::PerfMap))
    }
}

impl<'data> Lines<'data> {
    fn new(text: &'data [u8], form: Form) -> Self {
        let mut lines = Self { text, starts: Vec::new(), form };
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', text).chain([text.len()]) {
            let Ok(place) = u32::try_from(start) else { break };
            if lines.symbol(0, text.get(start..end).unwrap_or_default()).is_some() {
                lines.starts.push(place);
            }
            start = end.saturating_add(1);
        }
        lines
    }

    pub(crate) fn text(&self) -> &'data [u8] {
        self.text
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn get(&self, index: u32) -> Option<Symbol<'data>> {
        let start = *self.starts.get(index as usize)? as usize;
        let rest = self.text.get(start..)?;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.symbol(index, rest.get(..end)?)
    }

    fn symbol(&self, index: u32, line: &'data [u8]) -> Option<Symbol<'data>> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match self.form {
            Form::Kallsyms => kallsyms_line(index, line),
            Form::PerfMap => perf_map_line(index, line),
        }
    }
}

fn kallsyms_line(index: u32, line: &[u8]) -> Option<Symbol<'_>> {
    let (value, rest) = hexadecimal(line)?;
    let [b' ', letter, b' ', rest @ ..] = rest else { return None };
    let end = rest.iter().position(|byte| matches!(byte, b'\t' | b' ')).unwrap_or(rest.len());
    let (name, behind) = rest.split_at_checked(end)?;
    if name.is_empty() {
        return None;
    }
    let module = behind.trim_ascii().strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]"));
    let (kind, bind, section) = meaning(*letter)?;
    Some(Symbol {
        name,
        value,
        size: 0,
        kind,
        bind,
        other: 0,
        section,
        version: None,
        group: module,
        index,
        source: Source::Kallsyms,
    })
}

/// What a class letter of nm says of a symbol; `None` if it is none.
fn meaning(letter: u8) -> Option<(SymbolType, SymbolBind, Section)> {
    let bind = if letter.is_ascii_lowercase() { STB_LOCAL } else { STB_GLOBAL };
    Some(match letter {
        b't' | b'T' => (STT_FUNC, bind, Section::Unknown),
        b'i' => (STT_GNU_IFUNC, STB_GLOBAL, Section::Unknown),
        b'W' => (STT_FUNC, STB_WEAK, Section::Unknown),
        b'V' => (STT_OBJECT, STB_WEAK, Section::Unknown),
        b'w' => (STT_NOTYPE, STB_WEAK, Section::Undefined),
        b'v' => (STT_OBJECT, STB_WEAK, Section::Undefined),
        b'U' => (STT_NOTYPE, STB_GLOBAL, Section::Undefined),
        b'u' => (STT_OBJECT, STB_GNU_UNIQUE, Section::Unknown),
        b'a' | b'A' => (STT_NOTYPE, bind, Section::Absolute),
        b'C' | b'c' => (STT_OBJECT, STB_GLOBAL, Section::Common),
        b'b' | b'B' | b'd' | b'D' | b'g' | b'G' | b'r' | b'R' | b's' | b'S' => {
            (STT_OBJECT, bind, Section::Unknown)
        }
        b'n' | b'N' | b'p' | b'?' => (STT_NOTYPE, bind, Section::Unknown),
        _ => return None,
    })
}

fn perf_map_line(index: u32, line: &[u8]) -> Option<Symbol<'_>> {
    let (value, rest) = hexadecimal(line)?;
    let (size, rest) = hexadecimal(rest.strip_prefix(b" ")?)?;
    let name = rest.strip_prefix(b" ")?;
    if name.is_empty() {
        return None;
    }
    Some(Symbol {
        name,
        value,
        size,
        kind: STT_FUNC,
        bind: STB_LOCAL,
        other: 0,
        section: Section::Unknown,
        version: None,
        group: None,
        index,
        source: Source::PerfMap,
    })
}

/// The number at the start of `text`, with or without `0x`, and what follows it.
fn hexadecimal(text: &[u8]) -> Option<(u64, &[u8])> {
    let text = text.strip_prefix(b"0x").unwrap_or(text);
    let mut value = 0_u64;
    let mut digits = 0;
    for &byte in text {
        let Some(digit) = char::from(byte).to_digit(16) else { break };
        if value >> 60 != 0 {
            return None;
        }
        value = value << 4 | u64::from(digit);
        digits += 1;
    }
    (digits > 0).then(|| (value, text.get(digits..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_kallsyms_are_symbols() {
        let text = b"0000000000000000 A fixed_percpu_data\nffffffff81000000 T _stext\n\
            not a line\n\nffffffffc0801000 t probe\t[e1000e]\r\nffffffffc0801010 d data [mod]\n\
            ffffffff81000010 T\nffffffff81000010 T \nffffffff81000020 W weak";
        let table = SymbolTable::of_kallsyms(text);
        let found: Vec<_> = table.iter().collect();
        let names: Vec<_> = found.iter().map(|symbol| symbol.name).collect();
        assert_eq!(names, [&b"fixed_percpu_data"[..], b"_stext", b"probe", b"data", b"weak"]);
        assert_eq!(found[0].section, Section::Absolute);
        assert_eq!((found[1].value, found[1].bind), (0xffff_ffff_8100_0000, STB_GLOBAL));
        assert_eq!((found[2].group, found[2].bind), (Some(&b"e1000e"[..]), STB_LOCAL));
        assert_eq!((found[3].group, found[3].kind), (Some(&b"mod"[..]), STT_OBJECT));
        assert_eq!((found[4].bind, found[4].index), (STB_WEAK, 4));
        assert_eq!(table.get(5), None);
    }

    #[test]
    fn lines_of_perf_maps_are_symbols() {
        let text = b"0x10 8 a b\n18 10 c\nzz 1 d\n20 e\n1ffffffffffffffff 1 wide\n30 1 ";
        let table = SymbolTable::of_perf_map(text);
        let found: Vec<_> = table.iter().map(|s| (s.value, s.size, s.name)).collect();
        assert_eq!(found, [(0x10, 8, &b"a b"[..]), (0x18, 0x10, b"c")]);
    }
}
