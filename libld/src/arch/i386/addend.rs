//! What fields hold before they are relocated.

use libelf::raw::*;

use crate::input::relocs::Reloc;

/// The relocation with the addend that its field in `bytes` holds.
pub fn with_addend(mut reloc: Reloc, bytes: &[u8]) -> Reloc {
    let field = usize::try_from(reloc.offset).ok().and_then(|start| bytes.get(start..));
    let addend = field.and_then(|field| match RelocationType(reloc.kind) {
        R_386_8 | R_386_PC8 => field.first().map(|&byte| i64::from(byte as i8)),
        R_386_16 | R_386_PC16 => {
            let half = field.first_chunk::<2>()?;
            Some(i64::from(i16::from_le_bytes(*half)))
        }
        // The instruction is marked, not a field.
        R_386_NONE | R_386_TLS_DESC_CALL => None,
        _ => {
            let word = field.first_chunk::<4>()?;
            Some(i64::from(i32::from_le_bytes(*word)))
        }
    });
    reloc.addend = addend.unwrap_or(0);
    reloc
}

/// Adds to the field at `offset` of `bytes`.
pub fn add(kind: u32, offset: u64, delta: u64, bytes: &mut [u8]) {
    let field = usize::try_from(offset).ok().and_then(|start| bytes.get_mut(start..));
    let Some(field) = field else { return };
    match RelocationType(kind) {
        R_386_8 | R_386_PC8 => {
            if let Some(byte) = field.first_mut() {
                *byte = byte.wrapping_add(delta as u8);
            }
        }
        R_386_16 | R_386_PC16 => {
            if let Some(half) = field.first_chunk_mut::<2>() {
                *half = u16::from_le_bytes(*half).wrapping_add(delta as u16).to_le_bytes();
            }
        }
        R_386_NONE | R_386_TLS_DESC_CALL => {}
        _ => {
            if let Some(word) = field.first_chunk_mut::<4>() {
                *word = u32::from_le_bytes(*word).wrapping_add(delta as u32).to_le_bytes();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_grow() {
        let mut bytes = [0xfc, 0xff, 0xff, 0xff, 0x12];
        add(R_386_PC32.0, 0, 8, &mut bytes);
        add(R_386_8.0, 4, 1, &mut bytes);
        add(R_386_16.0, 1, 0x201, &mut bytes);
        add(R_386_32.0, 2, 7, &mut bytes[..4]);
        add(R_386_NONE.0, 0, 7, &mut bytes);
        assert_eq!(bytes, [4, 1, 2, 0, 0x13]);
    }

    #[test]
    fn fields_hold_signed_addends() {
        let bytes = [0xfc, 0xff, 0xff, 0xff, 0x12];
        let reloc = |kind: RelocationType, offset| {
            let reloc = Reloc { offset, kind: kind.0, symbol: 0, addend: 0 };
            with_addend(reloc, &bytes).addend
        };
        assert_eq!(reloc(R_386_PC32, 0), -4);
        assert_eq!(reloc(R_386_16, 0), -4);
        assert_eq!(reloc(R_386_8, 4), 0x12);
        assert_eq!(reloc(R_386_32, 2), 0);
        assert_eq!(reloc(R_386_TLS_DESC_CALL, 0), 0);
    }
}
