//! DWARF expressions: operations on a stack that compute a value or describe a location. DWARF 5,
//! sections 2.5 and 2.6.
//!
//! Where the standard has several encodings of one operation, the shortest is taken. Operations
//! that version 5 took over from GNU are written as GNU's in older versions.

use gimli::{DwOp, Encoding, Register, constants as dw};
use libelf::leb128;

use super::distance::Address;
use super::error::{Error, Result};
use super::section::Section;
use super::{EntryId, UnitId};
use crate::section::SectionId;

/// How deep expressions may lie in each other (`DW_OP_entry_value`).
const DEPTH: u32 = 8;
/// Registers and small constants that have operations of their own.
const SHORT: u64 = 32;

/// An expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Expression {
    operations: Vec<Operation>,
    depth: u32,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// One without operands.
    Plain(DwOp),
    /// Bytes of operations as they are, without references.
    Raw(Vec<u8>),
    /// `DW_OP_addr`
    Address(Address),
    /// `DW_OP_addrx`: an address of the unit's table.
    AddressIndex(Address),
    /// `DW_OP_constx`: a constant of the unit's table of addresses.
    ConstantIndex(Address),
    /// `DW_OP_const4u` or `8u`: an offset in the thread-local data, for
    /// `DW_OP_form_tls_address`.
    TlsOffset(Address),
    /// Pushes an unsigned constant: `DW_OP_lit0`, `const1u`, `constu` …
    Unsigned(u64),
    /// Pushes a signed constant: `DW_OP_const1s`, `consts` …
    Signed(i64),
    /// `DW_OP_fbreg`: bytes from the frame base.
    FrameOffset(i64),
    /// `DW_OP_reg0` to `31`, `regx`
    Register(Register),
    /// `DW_OP_breg0` to `31`, `bregx`: bytes from what a register holds.
    RegisterOffset(Register, i64),
    /// `DW_OP_pick`, `dup`, `over`
    Pick(u8),
    /// `DW_OP_plus_uconst`
    PlusUnsigned(u64),
    /// `DW_OP_deref_size`, in bytes.
    DerefSize(u8),
    /// `DW_OP_xderef_size`, in bytes.
    XderefSize(u8),
    /// `DW_OP_piece`, in bytes.
    Piece(u64),
    /// `DW_OP_bit_piece`: size and offset in bits.
    BitPiece(u64, u64),
    /// `DW_OP_skip` to the operation with this index; the number of operations is the end.
    Skip(usize),
    /// `DW_OP_bra`, likewise.
    Branch(usize),
    /// `DW_OP_call2` of an entry of the unit.
    Call2(EntryId),
    /// `DW_OP_call4` of an entry of the unit.
    Call4(EntryId),
    /// `DW_OP_call_ref` of an entry of any unit.
    CallRef(UnitId, EntryId),
    /// `DW_OP_GNU_variable_value` of an entry of any unit.
    VariableValue(UnitId, EntryId),
    /// `DW_OP_implicit_pointer`: into what an entry describes, an offset in bytes.
    ImplicitPointer(UnitId, EntryId, i64),
    /// `DW_OP_GNU_parameter_ref`
    ParameterRef(EntryId),
    /// `DW_OP_implicit_value`
    ImplicitValue(Vec<u8>),
    /// `DW_OP_const_type`: bytes of a base type.
    ConstType(EntryId, Vec<u8>),
    /// `DW_OP_regval_type`: a register as a base type.
    RegvalType(Register, EntryId),
    /// `DW_OP_deref_type`: its size in bytes.
    DerefType(u8, EntryId),
    /// `DW_OP_xderef_type`: its size in bytes.
    XderefType(u8, EntryId),
    /// `DW_OP_convert` to a base type, or to the generic one.
    Convert(Option<EntryId>),
    /// `DW_OP_reinterpret` as a base type, or as the generic one.
    Reinterpret(Option<EntryId>),
    /// `DW_OP_entry_value`: what an expression was at the start of the function. Made by
    /// [`Expression::entry_value`].
    EntryValue(Expression),
}

/// What expressions refer to, as far as it is known where they are written.
pub(super) trait References {
    /// Where an entry of the same unit lies, in bytes from the start of the unit.
    fn entry(&self, entry: EntryId) -> Result<u64>;
    /// Where an entry lies, in bytes from the start of `.debug_info`.
    fn entry_of(&self, unit: UnitId, entry: EntryId) -> Result<u64>;
    /// The section that the entries lie in.
    fn section(&self) -> SectionId;
    /// The index of an address in the table of the unit.
    fn address_index(&self, address: Address) -> Result<u64>;
}

/// Where there are no units: in call frames.
pub(super) struct NoReferences;

impl References for NoReferences {
    fn entry(&self, _: EntryId) -> Result<u64> {
        Err(Error::Dangling("an entry"))
    }

    fn entry_of(&self, _: UnitId, _: EntryId) -> Result<u64> {
        Err(Error::Dangling("an entry"))
    }

    fn section(&self) -> SectionId {
        SectionId::Info
    }

    fn address_index(&self, _: Address) -> Result<u64> {
        Err(Error::Dangling("an index of an address"))
    }
}

impl Expression {
    /// An empty expression.
    pub fn new() -> Self {
        Self::default()
    }

    /// An expression of bytes as they are.
    pub fn raw(bytes: Vec<u8>) -> Self {
        Self { operations: vec![Operation::Raw(bytes)], depth: 0 }
    }

    /// Adds an operation and tells its index, which branches go to.
    ///
    /// # Errors
    /// If expressions would lie in each other too deep.
    pub fn push(&mut self, operation: Operation) -> Result<usize> {
        if let Operation::EntryValue(inner) = &operation {
            let depth = inner.depth.saturating_add(1);
            if depth > DEPTH {
                return Err(Error::TooDeep);
            }
            self.depth = self.depth.max(depth);
        }
        self.operations.push(operation);
        Ok(self.operations.len() - 1)
    }

    /// Lets a branch that was added before go to the operation with index `target`.
    ///
    /// # Errors
    /// If there is no branch with this index.
    pub fn set_target(&mut self, branch: usize, target: usize) -> Result<()> {
        match self.operations.get_mut(branch) {
            Some(Operation::Skip(place) | Operation::Branch(place)) => *place = target,
            _ => return Err(Error::Dangling("a branch of an expression")),
        }
        Ok(())
    }

    /// The operations.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Appends the bytes, without their length.
    pub(super) fn write(
        &self,
        section: &mut Section,
        encoding: Encoding,
        references: &dyn References,
    ) -> Result<()> {
        if self.depth > DEPTH {
            return Err(Error::TooDeep);
        }
        let mut starts = Vec::with_capacity(self.operations.len() + 1);
        let mut branches = Vec::new();
        for operation in &self.operations {
            starts.push(section.len());
            if let Operation::Skip(target) | Operation::Branch(target) = operation {
                let is_skip = matches!(operation, Operation::Skip(_));
                section.byte(if is_skip { dw::DW_OP_skip.0 } else { dw::DW_OP_bra.0 });
                branches.push((section.len(), *target));
                section.number(0, 2)?;
            } else {
                Writer { section: &mut *section, encoding, references }.write(operation)?;
            }
        }
        starts.push(section.len());
        for (at, target) in branches {
            let target = *starts.get(target).ok_or(Error::Dangling("a target of a branch"))?;
            let distance = target as i64 - (at as i64 + 2);
            section.patch(at, super::section::cut_signed(distance, 2)?, 2)?;
        }
        Ok(())
    }

    /// Appends the bytes after their length: in LEB128, or of `size` bytes.
    pub(super) fn write_counted(
        &self,
        section: &mut Section,
        encoding: Encoding,
        references: &dyn References,
        size: Option<u8>,
    ) -> Result<()> {
        let mut bytes = Section::new(section.endian());
        self.write(&mut bytes, encoding, references)?;
        section.number_or_uleb(bytes.len() as u64, size)?;
        section.append(&bytes);
        Ok(())
    }

    /// Calls `see` with each address that is to be in the table of the unit.
    pub(super) fn each_index(&self, see: &mut dyn FnMut(Address)) {
        for operation in &self.operations {
            match operation {
                Operation::AddressIndex(address) | Operation::ConstantIndex(address) => {
                    see(*address);
                }
                Operation::EntryValue(inner) => inner.each_index(see),
                _ => {}
            }
        }
    }
}

impl FromIterator<Operation> for Expression {
    /// Operations that would lie too deep in each other are left out, and writing fails.
    fn from_iter<I: IntoIterator<Item = Operation>>(operations: I) -> Self {
        let mut expression = Self::new();
        for operation in operations {
            if expression.push(operation).is_err() {
                expression.depth = u32::MAX;
            }
        }
        expression
    }
}

impl From<Operation> for Expression {
    fn from(operation: Operation) -> Self {
        std::iter::once(operation).collect()
    }
}

/// Whether an operation is a byte alone.
fn has_no_operands(op: DwOp) -> bool {
    match op {
        dw::DW_OP_pick | dw::DW_OP_plus_uconst | dw::DW_OP_bra | dw::DW_OP_skip => false,
        dw::DW_OP_deref
        | dw::DW_OP_nop
        | dw::DW_OP_push_object_address
        | dw::DW_OP_form_tls_address
        | dw::DW_OP_call_frame_cfa
        | dw::DW_OP_stack_value
        | dw::DW_OP_GNU_push_tls_address
        | dw::DW_OP_GNU_uninit => true,
        _ => (dw::DW_OP_dup.0..=dw::DW_OP_reg31.0).contains(&op.0),
    }
}

/// Writes operations.
struct Writer<'a> {
    section: &'a mut Section,
    encoding: Encoding,
    references: &'a dyn References,
}

impl Writer<'_> {
    fn op(&mut self, op: DwOp) {
        self.section.byte(op.0);
    }

    /// The operation of version 5, or what GNU had for it before.
    fn op_since_5(&mut self, op: DwOp, gnu: DwOp) {
        self.op(if self.encoding.version >= 5 { op } else { gnu });
    }

    /// One of 32 operations that have a number in them, or the general one.
    fn numbered(&mut self, first: DwOp, general: DwOp, number: u64) {
        if number < SHORT {
            self.section.byte(first.0.wrapping_add(number as u8));
        } else {
            self.op(general);
            self.section.uleb(number);
        }
    }

    fn op_uleb(&mut self, op: DwOp, value: u64) {
        self.op(op);
        self.section.uleb(value);
    }

    fn base_type(&mut self, entry: Option<EntryId>) -> Result<()> {
        let offset = entry.map_or(Ok(0), |entry| self.references.entry(entry))?;
        self.section.uleb(offset);
        Ok(())
    }

    fn counted(&mut self, bytes: &[u8]) {
        self.section.uleb(bytes.len() as u64);
        self.section.extend(bytes);
    }

    /// An entry of any unit.
    fn entry_of(&mut self, unit: UnitId, entry: EntryId) -> Result<()> {
        let offset = self.references.entry_of(unit, entry)?;
        let target = self.references.section();
        // As DW_FORM_ref_addr, it has the size of an address in version 2.
        let size = super::reference_size(self.encoding);
        let kind = super::RelocationKind::Absolute;
        self.section.relocated(kind, super::Target::Section(target), offset as i64, size)
    }

    fn write(&mut self, operation: &Operation) -> Result<()> {
        match operation {
            Operation::Plain(op) if has_no_operands(*op) => self.op(*op),
            Operation::Plain(_) => return Err(Error::Parameters("an operation without operands")),
            Operation::Raw(bytes) => self.section.extend(bytes),
            Operation::Address(address) => {
                self.op(dw::DW_OP_addr);
                self.section.address(*address, self.encoding.address_size)?;
            }
            Operation::AddressIndex(address) => {
                let index = self.references.address_index(*address)?;
                self.op_since_5(dw::DW_OP_addrx, dw::DW_OP_GNU_addr_index);
                self.section.uleb(index);
            }
            Operation::ConstantIndex(address) => {
                let index = self.references.address_index(*address)?;
                self.op_since_5(dw::DW_OP_constx, dw::DW_OP_GNU_const_index);
                self.section.uleb(index);
            }
            Operation::TlsOffset(address) => {
                let size = self.encoding.address_size;
                self.op(match size {
                    2 => dw::DW_OP_const2u,
                    4 => dw::DW_OP_const4u,
                    _ => dw::DW_OP_const8u,
                });
                self.section.tls_offset(*address, size)?;
            }
            Operation::Unsigned(value) => self.unsigned(*value)?,
            Operation::Signed(value) => self.signed(*value)?,
            Operation::FrameOffset(offset) => {
                self.op(dw::DW_OP_fbreg);
                self.section.sleb(*offset);
            }
            Operation::Register(register) => {
                self.numbered(dw::DW_OP_reg0, dw::DW_OP_regx, register.0.into());
            }
            Operation::RegisterOffset(register, offset) => {
                self.numbered(dw::DW_OP_breg0, dw::DW_OP_bregx, register.0.into());
                self.section.sleb(*offset);
            }
            Operation::Pick(0) => self.op(dw::DW_OP_dup),
            Operation::Pick(1) => self.op(dw::DW_OP_over),
            Operation::Pick(index) => self.sized(dw::DW_OP_pick, *index),
            Operation::PlusUnsigned(value) => self.op_uleb(dw::DW_OP_plus_uconst, *value),
            Operation::DerefSize(size) => self.sized(dw::DW_OP_deref_size, *size),
            Operation::XderefSize(size) => self.sized(dw::DW_OP_xderef_size, *size),
            Operation::Piece(size) => self.op_uleb(dw::DW_OP_piece, *size),
            Operation::BitPiece(size, offset) => {
                self.op_uleb(dw::DW_OP_bit_piece, *size);
                self.section.uleb(*offset);
            }
            Operation::ImplicitValue(bytes) => {
                self.op(dw::DW_OP_implicit_value);
                self.counted(bytes);
            }
            // Written by the expression, which knows where its operations lie.
            Operation::Skip(_) | Operation::Branch(_) => {}
            _ => self.write_reference(operation)?,
        }
        Ok(())
    }

    fn sized(&mut self, op: DwOp, size: u8) {
        self.op(op);
        self.section.byte(size);
    }

    /// Operations on entries and on other expressions.
    fn write_reference(&mut self, operation: &Operation) -> Result<()> {
        match operation {
            Operation::Call2(entry) => {
                let offset = self.references.entry(*entry)?;
                self.op(dw::DW_OP_call2);
                self.section.number(offset, 2)?;
            }
            Operation::Call4(entry) => {
                let offset = self.references.entry(*entry)?;
                self.op(dw::DW_OP_call4);
                self.section.number(offset, 4)?;
            }
            Operation::ParameterRef(entry) => {
                let offset = self.references.entry(*entry)?;
                self.op(dw::DW_OP_GNU_parameter_ref);
                self.section.number(offset, 4)?;
            }
            Operation::CallRef(unit, entry) => {
                self.op(dw::DW_OP_call_ref);
                self.entry_of(*unit, *entry)?;
            }
            Operation::VariableValue(unit, entry) => {
                self.op(dw::DW_OP_GNU_variable_value);
                self.entry_of(*unit, *entry)?;
            }
            Operation::ImplicitPointer(unit, entry, offset) => {
                self.op_since_5(dw::DW_OP_implicit_pointer, dw::DW_OP_GNU_implicit_pointer);
                self.entry_of(*unit, *entry)?;
                self.section.sleb(*offset);
            }
            Operation::ConstType(base, value) => {
                self.op_since_5(dw::DW_OP_const_type, dw::DW_OP_GNU_const_type);
                self.base_type(Some(*base))?;
                self.section.number(value.len() as u64, 1)?;
                self.section.extend(value);
            }
            Operation::RegvalType(register, base) => {
                self.op_since_5(dw::DW_OP_regval_type, dw::DW_OP_GNU_regval_type);
                self.section.uleb(register.0.into());
                self.base_type(Some(*base))?;
            }
            Operation::DerefType(size, base) => {
                self.op_since_5(dw::DW_OP_deref_type, dw::DW_OP_GNU_deref_type);
                self.section.byte(*size);
                self.base_type(Some(*base))?;
            }
            Operation::XderefType(size, base) => {
                if self.encoding.version < 5 {
                    let what = "DW_OP_xderef_type";
                    return Err(Error::NeedsVersion { what, version: 5 });
                }
                self.sized(dw::DW_OP_xderef_type, *size);
                self.base_type(Some(*base))?;
            }
            Operation::Convert(base) => {
                self.op_since_5(dw::DW_OP_convert, dw::DW_OP_GNU_convert);
                self.base_type(*base)?;
            }
            Operation::Reinterpret(base) => {
                self.op_since_5(dw::DW_OP_reinterpret, dw::DW_OP_GNU_reinterpret);
                self.base_type(*base)?;
            }
            Operation::EntryValue(inner) => {
                self.op_since_5(dw::DW_OP_entry_value, dw::DW_OP_GNU_entry_value);
                inner.write_counted(self.section, self.encoding, self.references, None)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn unsigned(&mut self, value: u64) -> Result<()> {
        let mut leb = Vec::new();
        leb128::write_unsigned(&mut leb, value);
        let (op, size) = match value {
            0..SHORT => {
                self.section.byte(dw::DW_OP_lit0.0.wrapping_add(value as u8));
                return Ok(());
            }
            SHORT..=0xff => (dw::DW_OP_const1u, 1),
            0x100..=0xffff => (dw::DW_OP_const2u, 2),
            // Small ones in LEB128 are shorter.
            0x20_0000..=0xffff_ffff => (dw::DW_OP_const4u, 4),
            _ if leb.len() >= 8 => (dw::DW_OP_const8u, 8),
            _ => {
                self.op(dw::DW_OP_constu);
                self.section.extend(&leb);
                return Ok(());
            }
        };
        self.op(op);
        self.section.number(value, size)
    }

    fn signed(&mut self, value: i64) -> Result<()> {
        let (op, size) = match value {
            -0x80..=0x7f => (dw::DW_OP_const1s, 1),
            -0x8000..=0x7fff => (dw::DW_OP_const2s, 2),
            -0x8000_0000..=0x7fff_ffff => (dw::DW_OP_const4s, 4),
            _ => {
                self.op(dw::DW_OP_consts);
                self.section.sleb(value);
                return Ok(());
            }
        };
        self.op(op);
        self.section.signed(value, size)
    }
}
