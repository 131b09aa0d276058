//! Strings on standard output: the file's name, the offset, the text, the separator.

use common::{Output, format};

use crate::options::{Options, Radix};

/// The least width of an offset.
const OFFSET_WIDTH: usize = 7;

/// Prints the strings of one file.
pub struct Printer<'a> {
    out: &'a mut Output,
    /// The name and what parts it from the string, or nothing.
    prefix: Vec<u8>,
    radix: Option<Radix>,
    separator: &'a [u8],
}

impl<'a> Printer<'a> {
    /// A printer for the file that is called `name`.
    pub fn new(out: &'a mut Output, options: &'a Options, name: &[u8]) -> Self {
        let prefix = if options.prints_name { [name, b": "].concat() } else { Vec::new() };
        Self { out, prefix, radix: options.radix, separator: &options.separator }
    }

    /// Prints a string: its characters are `text`, the first at `offset` bytes of the file.
    pub fn whole(&mut self, offset: u64, text: &[u8]) {
        self.start(offset);
        self.text(text);
        self.end();
    }

    /// Prints what stands before a string.
    pub fn start(&mut self, offset: u64) {
        let buf = self.out.buf();
        if !self.prefix.is_empty() {
            buf.extend_from_slice(&self.prefix);
        }
        match self.radix {
            None => return,
            Some(Radix::Octal) => format::octal_right(buf, offset, OFFSET_WIDTH),
            Some(Radix::Decimal) => format::dec_right(buf, offset, OFFSET_WIDTH),
            Some(Radix::Hex) => format::hex_right(buf, offset, OFFSET_WIDTH),
        }
        buf.push(b' ');
    }

    /// Prints characters of a string.
    pub fn text(&mut self, text: &[u8]) {
        self.out.put(text);
    }

    /// Prints what stands after a string.
    pub fn end(&mut self) {
        if let [byte] = self.separator {
            self.out.buf().push(*byte);
        } else {
            self.out.put(self.separator);
        }
    }
}
