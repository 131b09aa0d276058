//! The columns of a map.

use std::fmt::Write as _;

use crate::diagnostics::visible;

/// Where addresses start.
const ADDRESS: usize = 16;
/// Where what belongs to an address starts.
const TEXT: usize = 50;
/// How wide sizes are.
const SIZE: usize = 10;
/// Where the second column starts in lists of symbols and files.
const SECOND: usize = 30;
/// Where sizes of common symbols start.
const COMMON_SIZE: usize = 20;
/// Where the files of common symbols start.
const COMMON_FILE: usize = 38;

/// The text of a map so far.
pub struct Lines {
    pub out: Vec<u8>,
    is_64: bool,
    /// Where the line starts.
    start: usize,
}

impl Lines {
    /// Nothing.
    pub fn new(is_64: bool) -> Self {
        Self { out: Vec::new(), is_64, start: 0 }
    }

    /// Text that is known to be harmless.
    pub fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// A name: what would move the cursor of a terminal is made visible.
    pub fn name(&mut self, name: &[u8]) {
        visible(&mut self.out, name);
    }

    pub fn end(&mut self) {
        self.out.push(b'\n');
        self.start = self.out.len();
    }

    /// The next text starts a line.
    pub fn restart(&mut self) {
        self.start = self.out.len();
    }

    fn column(&self) -> usize {
        self.out.len().saturating_sub(self.start)
    }

    /// Blanks up to a column.
    fn pad(&mut self, column: usize) {
        let missing = column.saturating_sub(self.column());
        self.out.resize(self.out.len().saturating_add(missing), b' ');
    }

    /// Goes to a column; on a line of its own, if there would be fewer than two blanks before it.
    fn go_to(&mut self, column: usize) {
        if self.column() + 1 >= column {
            self.end();
        }
        self.pad(column);
    }

    /// An address with all its digits.
    pub fn address(&mut self, address: u64) {
        let mut text = String::with_capacity(18);
        let width = if self.is_64 { 16 } else { 8 };
        let address = if self.is_64 { address } else { address & u64::from(u32::MAX) };
        let _ = write!(text, "0x{address:0width$x}");
        self.text(&text);
    }

    /// A number of bytes, at the right of its column.
    fn size(&mut self, size: u64) {
        let mut text = String::with_capacity(18);
        let _ = write!(text, "{size:#x}");
        let blanks = SIZE.saturating_sub(text.len()).saturating_add(1);
        self.out.resize(self.out.len().saturating_add(blanks), b' ');
        self.text(&text);
    }

    /// A name, then an address and a size in their columns.
    pub fn extent(&mut self, name: &[u8], address: u64, size: u64) {
        self.name(name);
        self.go_to(ADDRESS);
        self.address(address);
        self.size(size);
    }

    /// An address and a size without a name.
    pub fn unnamed(&mut self, address: u64, size: u64) {
        self.extent(b"", address, size);
    }

    /// `(size before relaxing)`, on a line of its own.
    pub fn size_before(&mut self, size: u64) {
        let width = if self.is_64 { 18 } else { 10 };
        self.pad(ADDRESS + width);
        self.size(size);
        self.text(" (size before relaxing)");
        self.end();
    }

    /// What stands where an address would stand, before a text.
    pub fn value(&mut self, value: Option<u64>, otherwise: &str) {
        self.pad(ADDRESS);
        match value {
            Some(value) => self.address(value),
            None => self.text(otherwise),
        }
        self.pad(TEXT);
    }

    /// A symbol at an address: a line.
    pub fn symbol(&mut self, address: u64, name: &[u8]) {
        self.pad(ADDRESS);
        self.address(address);
        self.text("                ");
        self.name(name);
        self.end();
    }

    /// Two columns of a list of files: what follows the first goes on.
    pub fn second(&mut self) {
        self.go_to(SECOND);
    }

    /// A common symbol, its size and its file: a line or two.
    pub fn common(&mut self, name: &[u8], size: u64, file: &str) {
        self.name(name);
        self.go_to(COMMON_SIZE);
        let mut text = String::with_capacity(18);
        let _ = write!(text, "{size:#x}");
        self.text(&text);
        self.pad(COMMON_FILE);
        self.text(file);
        self.end();
    }

    /// The row of a memory region.
    pub fn region(&mut self, name: &[u8], origin: u64, length: u64, attributes: &str) {
        /// Where lengths start.
        const LENGTH: usize = 36;
        /// Where attributes start.
        const ATTRIBUTES: usize = 55;
        self.name(name);
        self.pad(ADDRESS);
        self.out.push(b' ');
        self.address(origin);
        self.pad(LENGTH);
        self.address(length);
        if !attributes.is_empty() {
            self.pad(ATTRIBUTES);
            self.text(attributes);
        }
        self.end();
    }
}
