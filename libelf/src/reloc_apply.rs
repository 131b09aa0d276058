//! Simple relocations: what of a relocatable file can be applied without a linker.
//!
//! Debug sections of relocatable files refer to each other and to code by relocations that store
//! an address or an offset, and little else. A reader that is to show such sections applies them
//! itself. The table here knows, for each machine, the types that store a whole value; all others
//! are instructions' business.
//!
//! With S the symbol's value, A the addend, P the place and V what is stored there:
//!
//! | action | value |
//! |---|---|
//! | [`Action::Absolute`] | S + A |
//! | [`Action::Relative`] | S + A − P |
//! | [`Action::Add`] | V + S + A |
//! | [`Action::Subtract`] | V − S + A |
//! | [`Action::Stored`], [`Action::StoredRelative`] | S + V, S + V − P, whatever A is |
//!
//! Relocations without an addend (`SHT_REL`) take V for A, or 0 where V has a part of its own.
//!
//! ```
//! use libelf::ident::{Class, Encoding};
//! use libelf::raw::{EM_X86_64, Endianness};
//! use libelf::reloc_apply::{Action, Actions};
//!
//! let action = Actions::of(EM_X86_64).and_then(|actions| actions.of_type(10)).unwrap();
//! assert_eq!(action, Action::Absolute(4)); // R_X86_64_32
//! let mut section = [0; 8];
//! let encoding = Encoding { class: Class::Elf64, endian: Endianness::Little };
//! action.apply(&mut section, encoding, 4, 0x1000, Some(2)).unwrap();
//! assert_eq!(section, [0, 0, 0, 0, 2, 0x10, 0, 0]);
//! ```

use object::elf::{ELFOSABI_STANDALONE, EM_MSP430, EM_PARISC, EM_SPARCV9, Machine};

use crate::header::Header;
use crate::ident::Encoding;

/// What a relocation does to the bytes at its place. Sizes are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing: a mark, or the value of a pair whose other half does the work.
    Nothing,
    /// Stores an address.
    Absolute(u8),
    /// Stores a distance from the place.
    Relative(u8),
    /// Adds to what is stored.
    Add(u8),
    /// Subtracts from what is stored.
    Subtract(u8),
    /// Stores the lower six bits of an address.
    Set6,
    /// Subtracts from the lower six bits of what is stored.
    Subtract6,
    /// Stores an address whose addend is what is stored.
    Stored(u8),
    /// Stores a distance whose addend is what is stored.
    StoredRelative(u8),
    /// As [`Self::Relative`], from the place eight bytes on: PA-RISC counts from the instruction
    /// after the next.
    RelativeToDelaySlot(u8),
}

use Action::{
    Absolute, Add, Nothing, Relative, RelativeToDelaySlot, Set6, Stored, StoredRelative, Subtract,
    Subtract6,
};

/// The place does not lie in the section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the place of the relocation is not in the section")]
pub struct OutsideSection;

impl Action {
    /// How many bytes change; 0 for [`Action::Nothing`].
    pub fn size(self) -> usize {
        match self {
            Nothing => 0,
            Set6 | Subtract6 => 1,
            Absolute(size)
            | Relative(size)
            | RelativeToDelaySlot(size)
            | Add(size)
            | Subtract(size)
            | Stored(size)
            | StoredRelative(size) => size.into(),
        }
    }

    /// Applies it at `offset` of a section, for a symbol of this value. `addend` is `None` for
    /// relocations that have none of their own. All arithmetic wraps.
    ///
    /// # Errors
    /// [`OutsideSection`]
    pub fn apply(
        self,
        section: &mut [u8],
        encoding: Encoding,
        offset: u64,
        symbol: u64,
        addend: Option<i64>,
    ) -> Result<(), OutsideSection> {
        let start = usize::try_from(offset).map_err(|_| OutsideSection)?;
        let end = start.checked_add(self.size()).ok_or(OutsideSection)?;
        let place = section.get_mut(start..end).ok_or(OutsideSection)?;
        let stored = encoding.uint(place, 0, place.len()).unwrap_or(0);
        // What these change is an operand, not an addend.
        let unset =
            if matches!(self, Add(_) | Subtract(_) | Set6 | Subtract6) { 0 } else { stored };
        let addend = addend.map_or(unset, i64::cast_unsigned);
        let target = symbol.wrapping_add(addend);
        let value = match self {
            Nothing => return Ok(()),
            Absolute(_) => target,
            Relative(_) => target.wrapping_sub(offset),
            RelativeToDelaySlot(_) => target.wrapping_sub(offset).wrapping_sub(8),
            Stored(_) => symbol.wrapping_add(stored),
            StoredRelative(_) => symbol.wrapping_add(stored).wrapping_sub(offset),
            Add(_) => stored.wrapping_add(target),
            Subtract(_) => stored.wrapping_sub(symbol).wrapping_add(addend),
            Set6 => stored & !LOW_SIX | target & LOW_SIX,
            Subtract6 => {
                let difference = stored.wrapping_sub(symbol).wrapping_add(addend);
                stored & !LOW_SIX | difference & LOW_SIX
            }
        };
        store(place, encoding, value);
        Ok(())
    }
}

const LOW_SIX: u64 = 0x3f;

/// Stores the low bytes of `value`.
fn store(place: &mut [u8], encoding: Encoding, value: u64) {
    let bytes = value.to_le_bytes();
    if encoding.is_big_endian() {
        place.iter_mut().rev().zip(bytes).for_each(|(to, byte)| *to = byte);
    } else {
        place.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
    }
}

/// The simple relocations of a machine.
#[derive(Clone, Copy, Debug)]
pub struct Actions {
    machine: Machine,
    list: &'static [(Action, &'static [u16])],
}

impl Actions {
    /// The simple relocations of `machine`, or `None` if they are not known here.
    pub fn of(machine: Machine) -> Option<Self> {
        let (_, list) = TABLE.iter().find(|(machines, _)| machines.contains(&machine.0))?;
        Some(Self { machine, list })
    }

    /// As [`Self::of`], for a file with this header: MSP430 has two sets of types.
    pub fn of_file(header: &Header) -> Option<Self> {
        let is_old = header.machine == EM_MSP430 && header.os_abi() == ELFOSABI_STANDALONE;
        Self::of(if is_old { EM_MSP430_OLD } else { header.machine })
    }

    /// The type without what the machine stores along with it: on 64-bit SPARC a second addend
    /// (`R_SPARC_OLO10`).
    pub fn plain_type(&self, kind: u32) -> u32 {
        if self.machine == EM_SPARCV9 { kind & 0xff } else { kind }
    }

    /// What a relocation of this type does, or `None` if it is not simple.
    pub fn of_type(&self, kind: u32) -> Option<Action> {
        let kind = u16::try_from(self.plain_type(kind)).ok()?;
        if kind == 0 && WITHOUT_NONE.contains(&self.machine.0) {
            return None;
        }
        let (action, _) = self.list.iter().find(|(_, kinds)| kinds.contains(&kind))?;
        Some(match *action {
            Relative(size) if self.machine == EM_PARISC => RelativeToDelaySlot(size),
            action => action,
        })
    }
}

/// `EM_MSP430` before it had an official number.
const EM_MSP430_OLD: Machine = Machine(0x1059);

/// Machines of which readers do not know that type 0 asks for nothing.
const WITHOUT_NONE: &[u16] = &[
    0, 6, 7, 9, 19, 23, 36, 39, 46, 47, 48, 53, 70, 75, 80, 84, 85, 86, 87, 90, 91, 99, 101, 105,
    106, 114, 115, 120, 135, 138, 173, 174, 177, 189, 197, 221, 247, 252, 258, 0x1059, 0x3330,
    0x4def, 0x5441, 0x7650, 0x8217, 0x9080, 0xad45, 0xdead, 0xf00d, 0xfeb0, 0xfeba, 0x2530, 0x5aa5,
    0xbeef, 0x7676,
];

/// A row: numbers of machines (`EM_`) that share their types, and for each action the types.
type Row = (&'static [u16], &'static [(Action, &'static [u16])]);

#[rustfmt::skip] // One machine a line.
const TABLE: &[Row] = &[
    (&[0], &[(Nothing, &[0])]),
    (&[2, 18, 43], &[(Nothing, &[0]), (Absolute(4), &[3, 23]), (Relative(4), &[6]), (Absolute(8), &[32, 54]), (Relative(8), &[46])]),
    (&[3, 6, 189], &[(Nothing, &[0]), (Absolute(4), &[1]), (Relative(4), &[2])]),
    (&[4, 75, 188], &[(Nothing, &[0]), (Absolute(4), &[1]), (Relative(4), &[4])]),
    (&[7, 39, 173, 223, 252, 0x4157, 0x5441, 0xad45, 9], &[(Nothing, &[0]), (Absolute(4), &[1])]),
    (&[8], &[(Nothing, &[0]), (Absolute(4), &[2]), (Absolute(8), &[18])]),
    (&[15], &[(Nothing, &[0]), (Absolute(4), &[1, 2, 41]), (Relative(4), &[9]), (Relative(8), &[72]), (Absolute(8), &[80])]),
    (&[19, 0x2530, 0xfeba], &[(Nothing, &[0]), (Absolute(4), &[2])]),
    (&[20], &[(Nothing, &[0]), (Absolute(4), &[1]), (Relative(4), &[26])]),
    (&[21], &[(Nothing, &[0]), (Absolute(4), &[1]), (Relative(4), &[26]), (Absolute(8), &[38]), (Relative(8), &[44])]),
    (&[22, 0xa390], &[(Nothing, &[0]), (Absolute(4), &[4]), (Relative(4), &[5]), (Absolute(8), &[22]), (Relative(8), &[23])]),
    (&[23], &[(Nothing, &[0]), (Absolute(4), &[6]), (Relative(4), &[13])]),
    (&[36], &[(Nothing, &[0]), (Absolute(4), &[51])]),
    (&[40], &[(Nothing, &[0]), (Absolute(4), &[2]), (Relative(4), &[3])]),
    (&[42], &[(Nothing, &[0]), (Stored(4), &[1]), (StoredRelative(4), &[2])]),
    (&[45, 140], &[(Nothing, &[0]), (Absolute(4), &[1]), (Absolute(2), &[2])]),
    (&[46, 47, 48], &[(Nothing, &[0]), (Absolute(4), &[1]), (Absolute(2), &[17])]),
    (&[50], &[(Nothing, &[0]), (Absolute(4), &[36, 37, 100, 101]), (Absolute(8), &[38, 39]), (Relative(8), &[78, 79])]),
    (&[53, 87, 0x9080, 70], &[(Nothing, &[0]), (Absolute(4), &[6])]),
    (&[62, 180, 181], &[(Nothing, &[0]), (Absolute(8), &[1]), (Relative(4), &[2]), (Absolute(4), &[10]), (Relative(8), &[24])]),
    (&[76, 84, 138, 0x3330, 0x5aa5, 177], &[(Nothing, &[0]), (Absolute(4), &[3])]),
    (&[80, 0xf00d], &[(Nothing, &[0]), (Absolute(4), &[4])]),
    (&[83, 0x1057], &[(Nothing, &[0, 30, 31, 32]), (Absolute(4), &[1]), (Absolute(2), &[4]), (Relative(4), &[36])]),
    (&[85, 0x7650], &[(Nothing, &[0]), (Absolute(2), &[3]), (Absolute(4), &[6])]),
    (&[88], &[(Nothing, &[0]), (Absolute(4), &[34])]),
    (&[89, 0xbeef], &[(Nothing, &[0, 33, 34]), (Absolute(4), &[1]), (Absolute(2), &[2])]),
    (&[90, 0xdead], &[(Nothing, &[0]), (Absolute(4), &[1]), (Absolute(2), &[2]), (Absolute(3), &[4])]),
    (&[91, 99], &[(Nothing, &[0]), (Add(4), &[1])]),
    (&[92], &[(Nothing, &[0]), (Absolute(4), &[1]), (Absolute(2), &[2]), (Relative(4), &[9])]),
    (&[93, 195], &[(Nothing, &[0]), (Absolute(2), &[2]), (Absolute(4), &[4]), (Relative(4), &[49])]),
    (&[94], &[(Nothing, &[0, 17, 18, 19, 57, 58, 59, 60, 61, 62]), (Add(4), &[1]), (Relative(4), &[14])]),
    (&[101, 0x8217], &[(Nothing, &[0]), (Absolute(2), &[1]), (Absolute(4), &[2])]),
    (&[105], &[(Nothing, &[0, 21, 23]), (Absolute(4), &[1]), (Absolute(2), &[2])]),
    (&[106], &[(Nothing, &[0]), (Absolute(4), &[18])]),
    (&[113], &[(Nothing, &[0]), (Absolute(4), &[12]), (Absolute(2), &[13])]),
    (&[114], &[(Nothing, &[0]), (Absolute(4), &[15])]),
    (&[115], &[(Nothing, &[0]), (Absolute(2), &[3]), (Absolute(4), &[4])]),
    (&[120, 0xfeb0], &[(Nothing, &[0]), (Absolute(2), &[1]), (Absolute(4), &[3])]),
    (&[135], &[(Nothing, &[0]), (Absolute(4), &[8])]),
    (&[144], &[(Nothing, &[0, 65, 66, 67]), (Absolute(2), &[8]), (Absolute(4), &[11])]),
    (&[167], &[(Nothing, &[0, 205, 206, 207, 208]), (Absolute(2), &[19]), (Absolute(4), &[20])]),
    (&[174], &[(Nothing, &[0, 3]), (Absolute(4), &[2])]),
    (&[183], &[(Nothing, &[0, 256]), (Absolute(4), &[1, 258]), (Absolute(8), &[257]), (Relative(8), &[260]), (Relative(4), &[261])]),
    (&[191], &[(Nothing, &[0]), (Absolute(8), &[1]), (Absolute(4), &[2]), (Relative(8), &[5]), (Relative(4), &[6])]),
    (&[197], &[(Nothing, &[0, 128, 131]), (Absolute(4), &[1])]),
    (&[220], &[(Nothing, &[0]), (Absolute(1), &[1]), (Absolute(2), &[4]), (Absolute(3), &[5]), (Absolute(4), &[6])]),
    (&[221], &[(Nothing, &[0]), (Absolute(2), &[2]), (Absolute(4), &[3]), (Relative(4), &[6])]),
    (&[222], &[(Nothing, &[0]), (Absolute(4), &[1]), (Absolute(2), &[2]), (Absolute(3), &[5])]),
    (&[243], &[(Nothing, &[0]), (Absolute(4), &[1]), (Absolute(8), &[2]), (Add(1), &[33]), (Add(2), &[34]), (Add(4), &[35]), (Add(8), &[36]), (Subtract(1), &[37]), (Subtract(2), &[38]), (Subtract(4), &[39]), (Subtract(8), &[40]), (Subtract6, &[52]), (Set6, &[53]), (Absolute(1), &[54]), (Absolute(2), &[55]), (Relative(4), &[57])]),
    (&[247], &[(Nothing, &[0]), (Absolute(4), &[11])]),
    (&[258], &[(Nothing, &[0]), (Absolute(4), &[1]), (Absolute(8), &[2]), (Relative(4), &[99])]),
    (&[0x1059], &[(Nothing, &[0, 10, 12, 21, 23]), (Absolute(4), &[1]), (Absolute(2), &[5])]),
    (&[0x1223], &[(Nothing, &[0]), (Absolute(4), &[3]), (Absolute(2), &[5]), (Relative(4), &[6])]),
    (&[0x4def], &[(Nothing, &[0]), (Absolute(4), &[6, 7])]),
    (&[0x7676, 86], &[(Nothing, &[0]), (Add(4), &[12])]),
    (&[0x9026], &[(Nothing, &[0]), (Absolute(4), &[1]), (Absolute(8), &[2]), (Relative(4), &[10]), (Relative(8), &[11])]),
    (&[0xabc7], &[(Nothing, &[0, 17, 18, 19, 57, 58, 59, 60, 61, 62]), (Absolute(4), &[1]), (Relative(4), &[14])]),
    (&[0xfebb], &[(Nothing, &[0]), (Absolute(4), &[1]), (Absolute(2), &[9])]),
];

#[cfg(test)]
mod tests {
    use object::elf::{EM_AARCH64, EM_MIPS, EM_RISCV, EM_X86_64};
    use object::endian::Endianness;

    use super::*;
    use crate::ident::Class;

    fn encoding(endian: Endianness) -> Encoding {
        Encoding { class: Class::Elf64, endian }
    }

    fn applied(machine: Machine, kind: u32, stored: &[u8], addend: Option<i64>) -> Vec<u8> {
        let mut section = [&[0; 4], stored].concat();
        let action = Actions::of(machine).unwrap().of_type(kind).unwrap();
        let order = encoding(if machine == EM_MIPS { Endianness::Big } else { Endianness::Little });
        action.apply(&mut section, order, 4, 0x1020, addend).unwrap();
        section.split_off(4)
    }

    #[test]
    fn values_follow_the_action() {
        assert_eq!(applied(EM_X86_64, 10, &[9; 5], Some(4)), [0x24, 0x10, 0, 0, 9]);
        assert_eq!(applied(EM_X86_64, 2, &[9; 5], Some(4)), [0x20, 0x10, 0, 0, 9]);
        assert_eq!(applied(EM_MIPS, 2, &[0, 0, 0, 4], None), [0, 0, 0x10, 0x24]);
        assert_eq!(applied(EM_RISCV, 35, &[1, 0, 0, 0], Some(2)), [0x23, 0x10, 0, 0]);
        assert_eq!(applied(EM_RISCV, 39, &[0x21, 0x10, 0, 0], Some(0)), [1, 0, 0, 0]);
        assert_eq!(applied(EM_RISCV, 53, &[0xc0], Some(1)), [0xe1]);
        assert_eq!(applied(EM_PARISC, 9, &[0; 4], Some(0)), [0x14, 0x10, 0, 0]);
    }

    #[test]
    fn other_types_and_machines_are_not_simple() {
        let actions = Actions::of(EM_AARCH64).unwrap();
        assert_eq!(actions.of_type(257), Some(Absolute(8)));
        assert_eq!(actions.of_type(275), None);
        assert_eq!(actions.of_type(0x1_0001), None);
        assert!(Actions::of(Machine(1)).is_none());
        assert_eq!(Actions::of(EM_SPARCV9).unwrap().of_type(0x1203), Some(Absolute(4)));
    }

    #[test]
    fn places_outside_are_errors() {
        let mut section = [0; 8];
        for offset in [5, 8, u64::MAX] {
            let order = encoding(Endianness::Little);
            assert_eq!(
                Absolute(4).apply(&mut section, order, offset, 1, None),
                Err(OutsideSection)
            );
        }
    }
}
