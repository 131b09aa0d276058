//! `.debug_abbrev`: the shapes of entries, each once. DWARF 5, section 7.5.3.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use gimli::{DwAt, DwForm, DwTag, constants as dw};
use libelf::leb128;

/// An attribute of a shape.
#[derive(Clone, Copy)]
pub(super) struct Specification {
    pub(super) name: DwAt,
    pub(super) form: DwForm,
    /// The value, for `DW_FORM_implicit_const`.
    pub(super) constant: i64,
}

/// A table of abbreviations, which all units of a file share.
#[derive(Default)]
pub(super) struct Abbreviations {
    /// Codes by what follows them in the table.
    codes: HashMap<Vec<u8>, u64, FixedState>,
    bytes: Vec<u8>,
}

impl Abbreviations {
    /// The code of a shape.
    pub(super) fn code(
        &mut self,
        tag: DwTag,
        has_children: bool,
        attributes: impl Iterator<Item = Specification>,
    ) -> u64 {
        let mut shape = Vec::new();
        leb128::write_unsigned(&mut shape, tag.0.into());
        let children = if has_children { dw::DW_CHILDREN_yes } else { dw::DW_CHILDREN_no };
        shape.push(children.0);
        for attribute in attributes {
            leb128::write_unsigned(&mut shape, attribute.name.0.into());
            leb128::write_unsigned(&mut shape, attribute.form.0.into());
            if attribute.form == dw::DW_FORM_implicit_const {
                leb128::write_signed(&mut shape, attribute.constant);
            }
        }
        shape.extend([0, 0]);
        if let Some(&code) = self.codes.get(&shape) {
            return code;
        }
        let code = self.codes.len() as u64 + 1;
        leb128::write_unsigned(&mut self.bytes, code);
        self.bytes.extend_from_slice(&shape);
        self.codes.insert(shape, code);
        code
    }

    /// The table with its end.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }
}
