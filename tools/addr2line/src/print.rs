//! Answers as text.

use common::demangle::{Style, SymbolNames};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::options::Options;
use crate::session::{Answer, Frame, Path};

/// What stands for a name that is not known.
const UNKNOWN: &[u8] = b"??";
/// What stands for a file whose number is of none.
const NO_FILE: &[u8] = b"<unknown>";

/// Prints answers, and keeps what names mean.
#[derive(Debug)]
pub struct Printer<'o> {
    options: &'o Options,
    /// The digits of addresses.
    digits: usize,
    names: Option<Names>,
    path: Vec<u8>,
}

impl<'o> Printer<'o> {
    pub fn new(options: &'o Options, is_64: bool) -> Self {
        let names = options.demangle.map(|style| Names::new(style, options.recurse_limit));
        Self { options, digits: if is_64 { 16 } else { 8 }, names, path: Vec::new() }
    }

    /// Prints what is at an address.
    pub fn print(&mut self, out: &mut Vec<u8>, answer: &Answer<'_>) {
        let options = self.options;
        if options.addresses {
            out.extend_from_slice(b"0x");
            push_hex(out, answer.address, self.digits);
            out.extend_from_slice(if options.pretty { b": " } else { b"\n" });
        }
        if answer.frames.is_empty() {
            if options.functions {
                out.extend_from_slice(UNKNOWN);
                out.push(if options.pretty { b' ' } else { b'\n' });
            }
            out.extend_from_slice(b"??:0\n");
            return;
        }
        let count = if options.inlines { answer.frames.len() } else { 1 };
        for (number, frame) in answer.frames.iter().take(count).enumerate() {
            if number > 0 && options.pretty {
                out.extend_from_slice(b" (inlined by) ");
            }
            self.frame(out, frame);
        }
    }

    fn frame(&mut self, out: &mut Vec<u8>, frame: &Frame<'_>) {
        let options = self.options;
        if options.functions {
            let name = frame.function.filter(|name| !name.is_empty()).unwrap_or(UNKNOWN);
            let start = out.len();
            match &mut self.names {
                Some(names) => names.push(out, name),
                None => out.extend_from_slice(name),
            }
            neutralise(out, start);
            out.extend_from_slice(if options.pretty { b" at " } else { b"\n" });
        }
        let start = out.len();
        match frame.path {
            Path::None => out.extend_from_slice(UNKNOWN),
            Path::Unknown => out.extend_from_slice(NO_FILE),
            Path::Name(name) => self.base(out, name),
            Path::File(file) if options.basenames => {
                self.path.clear();
                file.write_path(&mut self.path);
                let path = std::mem::take(&mut self.path);
                self.base(out, &path);
                self.path = path;
            }
            Path::File(file) => file.write_path(out),
        }
        neutralise(out, start);
        out.push(b':');
        if frame.line == 0 {
            out.extend_from_slice(b"?\n");
            return;
        }
        push_decimal(out, frame.line);
        if frame.discriminator != 0 {
            out.extend_from_slice(b" (discriminator ");
            push_decimal(out, frame.discriminator.into());
            out.push(b')');
        }
        out.push(b'\n');
    }

    /// A path, without its folders if those are left out.
    fn base(&self, out: &mut Vec<u8>, path: &[u8]) {
        let after = memchr::memrchr(b'/', path).filter(|_| self.options.basenames);
        let start = after.map_or(0, |slash| slash.saturating_add(1));
        out.extend_from_slice(path.get(start..).unwrap_or_default());
    }
}

/// Replaces control characters of a name, from `start` on: they would steer the terminal.
fn neutralise(out: &mut Vec<u8>, start: usize) {
    let name = out.get(start..).unwrap_or_default();
    // Without a way out of the loop it takes many bytes at once.
    let has_any = name.iter().fold(false, |any, byte| any | byte.is_ascii_control());
    if has_any {
        let name = out.split_off(start);
        common::input::put_name(out, &name);
    }
}

fn push_hex(out: &mut Vec<u8>, value: u64, digits: usize) {
    for digit in (0..digits).rev() {
        let nibble = (value >> (4 * digit)) & 0xf;
        out.push(b"0123456789abcdef".get(nibble as usize).copied().unwrap_or(b'0'));
    }
}

fn push_decimal(out: &mut Vec<u8>, mut value: u64) {
    let start = out.len();
    loop {
        out.push(b'0' + (value % 10) as u8);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    if let Some(digits) = out.get_mut(start..) {
        digits.reverse();
    }
}

/// Demangled names. Most are asked for again: copies of one function are inlined in many places.
#[derive(Debug)]
struct Names {
    demangler: SymbolNames,
    /// Where texts are, by where names are.
    known: HashMap<(usize, usize), (usize, usize), FixedState>,
    texts: Vec<u8>,
}

/// So many bytes of texts are kept; beyond, all are forgotten.
const MOST_TEXTS: usize = 8 << 20;

impl Names {
    fn new(style: Style, gnu_limits: bool) -> Self {
        Self {
            demangler: SymbolNames::new(style, gnu_limits),
            known: HashMap::default(),
            texts: Vec::new(),
        }
    }

    /// Adds the text of a name. The name must stay where it is.
    fn push(&mut self, out: &mut Vec<u8>, name: &[u8]) {
        let key = (name.as_ptr() as usize, name.len());
        let (start, end) = if let Some(known) = self.known.get(&key) {
            *known
        } else {
            if self.texts.len() > MOST_TEXTS {
                self.known.clear();
                self.texts.clear();
            }
            let start = self.texts.len();
            self.texts.extend_from_slice(self.demangler.demangle(name));
            let place = (start, self.texts.len());
            self.known.insert(key, place);
            place
        };
        out.extend_from_slice(self.texts.get(start..end).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_all_their_digits() {
        let mut out = Vec::new();
        push_hex(&mut out, 0x1f, 8);
        push_decimal(&mut out, 0);
        push_decimal(&mut out, 1234567890);
        assert_eq!(out, b"0000001f01234567890");
    }

    #[test]
    fn nothing_known_has_a_line_of_its_own() {
        for (pretty, functions, text) in
            [(false, false, "??:0\n"), (false, true, "??\n??:0\n"), (true, true, "?? ??:0\n")]
        {
            let options = Options { functions, pretty, ..Options::default() };
            let mut out = Vec::new();
            Printer::new(&options, true).print(&mut out, &Answer::default());
            assert_eq!(out, text.as_bytes());
        }
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let mut out = b"at ".to_vec();
        out.extend_from_slice(b"a\x1b[2Jb");
        neutralise(&mut out, 3);
        assert_eq!(out, b"at a^[[2Jb");
    }
}
