//! The registers of the line number machine, as far as they are shown. DWARF 5, section 6.2.2.

use super::header::Header;

/// The registers, and how the header has them advance.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// `address`
    pub address: u64,
    /// `op_index`
    pub operation: u8,
    /// `line`
    pub line: i32,
    /// `is_stmt`
    pub is_stmt: bool,
    /// How many rows of the same address came before: the view number of GNU.
    pub view: u32,
    minimum_length: u64,
    maximum_operations: u64,
}

impl State {
    /// As at the start of a sequence.
    pub fn new(header: &Header) -> Self {
        Self {
            address: 0,
            operation: 0,
            line: 1,
            is_stmt: header.default_is_stmt != 0,
            view: 0,
            minimum_length: header.minimum_length.into(),
            maximum_operations: header.maximum_operations.into(),
        }
    }

    /// As at the start of a sequence again.
    pub fn reset(&mut self, header: &Header) {
        *self = Self::new(header);
    }

    /// Sets the address.
    pub fn set_address(&mut self, address: u64) {
        (self.address, self.operation, self.view) = (address, 0, 0);
    }

    /// Advances by so many bytes. The view number goes on: so compilers say that the next row may
    /// have the same address.
    pub fn advance_fixed(&mut self, bytes: u64) {
        self.address = self.address.wrapping_add(bytes);
        self.operation = 0;
    }

    /// Whether instructions hold several operations.
    pub fn has_operations(&self) -> bool {
        self.maximum_operations != 1
    }

    /// Advances by so many operations; returns how far that is, in the measure that is shown: bytes,
    /// or operations where instructions hold several.
    pub fn advance(&mut self, operations: u64) -> u64 {
        if !self.has_operations() {
            return self.advance_instructions(operations);
        }
        let sum = operations.wrapping_add(self.operation.into());
        let instructions = sum.checked_div(self.maximum_operations).unwrap_or(0);
        self.operation = sum.checked_rem(self.maximum_operations).unwrap_or(0) as u8;
        // GNU keeps so many bits of it.
        self.advance_bytes(u64::from(instructions.wrapping_mul(self.minimum_length) as u32));
        operations
    }

    /// Advances by so many instructions; returns by how many bytes.
    pub fn advance_instructions(&mut self, instructions: u64) -> u64 {
        let bytes = instructions.wrapping_mul(self.minimum_length);
        self.advance_bytes(bytes);
        bytes
    }

    fn advance_bytes(&mut self, bytes: u64) {
        self.address = self.address.wrapping_add(bytes);
        if bytes != 0 {
            self.view = 0;
        }
    }
}
