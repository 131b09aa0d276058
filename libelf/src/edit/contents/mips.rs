//! What only MIPS files hold: `.MIPS.abiflags`, `.reginfo` and `.MIPS.options`, to be written.
//! [`crate::mips`] tells what the fields mean.

use std::borrow::Cow;

use super::writer::{Result, Writer};
use crate::edit::Field;
use crate::ident::{Class, Encoding};
use crate::mips::{AbiFlags, MipsOptions, ODK_REGINFO, RegInfo};
use crate::table::Record;

/// An entry of `.MIPS.options`.
#[derive(Clone, Debug, PartialEq)]
pub struct MipsOption<'data> {
    /// What it tells: an `ODK_` number.
    pub kind: u8,
    /// The size of the entry in bytes, header included.
    pub size: Field<u8>,
    /// The index of the section that it is about; 0 for the whole file.
    pub section: u16,
    /// Flags, by kind.
    pub info: u32,
    /// What follows the header.
    pub contents: OptionContents<'data>,
}

/// What an option says behind its header.
#[derive(Clone, Debug, PartialEq)]
pub enum OptionContents<'data> {
    /// The registers that are used ([`ODK_REGINFO`]), as wide as the class.
    RegInfo(RegInfo),
    /// Bytes.
    Bytes(Cow<'data, [u8]>),
}

/// Reads `.MIPS.abiflags`. `None` if it has another size.
pub fn decode_abi_flags(bytes: &[u8], encoding: Encoding) -> Option<AbiFlags> {
    (bytes.len() == AbiFlags::size(encoding.class)).then(|| AbiFlags::decode(bytes, encoding))?
}

/// The bytes of `.MIPS.abiflags`.
pub fn encode_abi_flags(flags: &AbiFlags, encoding: Encoding) -> Vec<u8> {
    let mut writer = Writer::new(encoding, "MIPS ABI flags");
    writer.u16(flags.version);
    writer.bytes(&[
        flags.isa_level,
        flags.isa_rev,
        flags.gpr_size,
        flags.cpr1_size,
        flags.cpr2_size,
        flags.fp_abi,
    ]);
    for word in [flags.isa_ext, flags.ases, flags.flags1, flags.flags2] {
        writer.u32(word);
    }
    writer.finish()
}

/// Reads `.reginfo`, whose layout is that of 32-bit files in all. `None` if it has another size.
pub fn decode_reg_info(bytes: &[u8], encoding: Encoding) -> Option<RegInfo> {
    RegInfo::parse(bytes, Class::Elf32, encoding)
}

/// The bytes of `.reginfo`.
///
/// # Errors
/// A global pointer of more than 32 bits.
pub fn encode_reg_info(info: &RegInfo, encoding: Encoding) -> Result<Vec<u8>> {
    let mut writer = Writer::new(encoding, "register usage");
    write_reg_info(info, Class::Elf32, &mut writer)?;
    Ok(writer.finish())
}

fn write_reg_info(info: &RegInfo, class: Class, writer: &mut Writer) -> Result<()> {
    writer.u32(info.gpr_mask);
    if class == Class::Elf64 {
        writer.u32(0);
    }
    info.cpr_mask.iter().for_each(|&mask| writer.u32(mask));
    let size = if class == Class::Elf64 { 8 } else { 4 };
    writer.uint("ri_gp_value", info.gp_value, size)
}

/// Reads `.MIPS.options`. `None` if the entries do not fill it.
pub fn decode_options(bytes: &[u8], encoding: Encoding) -> Option<Vec<MipsOption<'_>>> {
    let mut used = 0_usize;
    let mut options = Vec::new();
    for option in MipsOptions::new(bytes, encoding) {
        let option = option.ok()?;
        used = used.checked_add(option.size.into())?;
        let info = (option.kind == ODK_REGINFO)
            .then(|| RegInfo::parse(option.contents, encoding.class, encoding))
            .flatten();
        options.push(MipsOption {
            kind: option.kind,
            size: Field::Auto,
            section: option.section,
            info: option.info,
            contents: match info {
                Some(info) => OptionContents::RegInfo(info),
                None => OptionContents::Bytes(Cow::Borrowed(option.contents)),
            },
        });
    }
    (used == bytes.len()).then_some(options)
}

/// The bytes of `.MIPS.options`.
///
/// # Errors
/// A value that does not fit: the size has 8 bits.
pub fn encode_options(options: &[MipsOption<'_>], encoding: Encoding) -> Result<Vec<u8>> {
    let mut writer = Writer::new(encoding, "MIPS option");
    for (index, option) in options.iter().enumerate() {
        writer.entry(index);
        let mut body = Writer::new(encoding, "register usage");
        body.entry(index);
        match &option.contents {
            OptionContents::RegInfo(info) => write_reg_info(info, encoding.class, &mut body)?,
            OptionContents::Bytes(bytes) => body.bytes(bytes),
        }
        let body = body.finish();
        writer.u8(option.kind);
        writer.field("size", option.size, 8 + body.len() as u64, 1)?;
        writer.u16(option.section);
        writer.u32(option.info);
        writer.bytes(&body);
    }
    Ok(writer.finish())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::test_support::encodings;
    use super::*;

    #[test]
    fn everything_comes_back_in_all_encodings() {
        let info = RegInfo { gpr_mask: 5, cpr_mask: [1, 2, 3, 4], gp_value: 0x7ff0 };
        let flags = AbiFlags { isa_level: 32, isa_rev: 2, ases: 0x2000, ..AbiFlags::default() };
        let option =
            |kind, contents| MipsOption { kind, size: Field::Auto, section: 3, info: 9, contents };
        let options = vec![
            option(1, OptionContents::RegInfo(info)),
            option(3, OptionContents::Bytes(Cow::Borrowed(b"12345678"))),
        ];
        for encoding in encodings() {
            let bytes = encode_abi_flags(&flags, encoding);
            assert_eq!(decode_abi_flags(&bytes, encoding), Some(flags));
            let bytes = encode_reg_info(&info, encoding).unwrap();
            assert_eq!((bytes.len(), decode_reg_info(&bytes, encoding)), (24, Some(info)));
            let bytes = encode_options(&options, encoding).unwrap();
            assert_eq!(decode_options(&bytes, encoding), Some(options.clone()));
            assert_eq!(decode_options(&bytes[..bytes.len() - 1], encoding), None);
        }
        let wide = RegInfo { gp_value: 1 << 32, ..info };
        assert!(encode_reg_info(&wide, encodings()[3]).is_err());
        let long = option(3, OptionContents::Bytes(Cow::Owned(vec![0; 300])));
        assert!(encode_options(&[long], encodings()[3]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_decode_without_panic(
            bytes in prop::collection::vec(prop_oneof![2 => 0_u8..9, 1 => Just(40_u8)], 0..90),
            which in 0_usize..4,
        ) {
            let encoding = encodings()[which];
            if let Some(options) = decode_options(&bytes, encoding) {
                prop_assert!(encode_options(&options, encoding).is_ok());
            }
            let _ = (decode_abi_flags(&bytes, encoding), decode_reg_info(&bytes, encoding));
        }
    }
}
