use std::borrow::Cow;

use object::elf::*;
use proptest::prelude::*;

use super::super::Contents;
use super::super::test_support::{encodings, object, round_trip, section, with_context};
use super::*;
use crate::edit::Object;
use crate::edit::reloc::{RelocForm, Relocation};

const STRINGS: &[u8] = b"\0libc.so.6\0libm.so.6\0$ORIGIN\0";
/// The dynamic section of [`example`].
const DYNAMIC: u32 = 8;

fn bytes(size: usize) -> Contents<'static> {
    Contents::Bytes(Cow::Owned(vec![0; size]))
}

/// Two relative relocations, then another.
fn relocations() -> Contents<'static> {
    let relocation = |kind| Relocation { kind, ..Relocation::default() };
    let list = [R_X86_64_RELATIVE, R_X86_64_RELATIVE, R_X86_64_64, R_X86_64_RELATIVE];
    Contents::Relocations(RelocForm::Rela, list.map(|kind| relocation(kind.0)).to_vec())
}

fn example(encoding: Encoding) -> Object<'static> {
    let strings = Contents::Bytes(Cow::Borrowed(STRINGS));
    let sections = vec![
        section(".dynstr", SHT_STRTAB, 0, 0x300, strings),
        section(".dynsym", SHT_DYNSYM, 1, 0x200, bytes(0x48)),
        section(".rela.dyn", SHT_RELA, 2, 0x400, relocations()),
        section(".rela.plt", SHT_RELA, 2, 0x430, bytes(0x18)),
        section(".init", SHT_PROGBITS, 0, 0x1000, bytes(0x10)),
        section(".mark", SHT_PROGBITS, 0, 0x1010, Contents::Empty),
        section(".data", SHT_PROGBITS, 0, 0x1010, bytes(0x20)),
        section(".dynamic", SHT_DYNAMIC, 1, 0x2000, Contents::Empty),
    ];
    object(encoding, EM_X86_64, sections)
}

fn stored(pairs: &[(u64, u64)], encoding: Encoding) -> Vec<u8> {
    let mut writer = Writer::new(encoding, "pair");
    for &(tag, value) in pairs {
        writer.word("tag", tag).unwrap();
        writer.word("value", value).unwrap();
    }
    writer.finish()
}

#[test]
fn values_that_follow_from_the_file_are_left_to_it() {
    for encoding in encodings() {
        let entry_size = if encoding.is_64() { 24 } else { 12 };
        let pairs = [
            (1, 11),
            (0xc, 0x1000),
            (5, 0x300),
            (10, STRINGS.len() as u64),
            (6, 0x200),
            (7, 0x400),
            (8, 4 * entry_size),
            (9, entry_size),
            (0x6fff_fff9, 2),
            (20, 7),
            (23, 0x430),
            (2, 0x18),
            (0x6fff_ffff, 0),
            (3, 0x1010),
            (0x1d, 25),
            (30, 8),
            (0, 0),
            (0, 0),
        ];
        let object = example(encoding);
        let read = round_trip(&object, DYNAMIC, SHT_DYNAMIC, &stored(&pairs, encoding));
        let Some(Contents::Dynamic(dynamic)) = read else { panic!("{read:?}") };
        assert_eq!(dynamic.nulls, 2);
        let value = |at: usize| dynamic.entries[at].value.clone();
        assert_eq!(value(0), DynamicValue::Name(Name::from("libm.so.6")));
        for at in 1..13 {
            assert_eq!(value(at), DynamicValue::Auto, "{at}");
        }
        // The section with contents, not the empty one before it.
        assert_eq!(value(13), DynamicValue::Address(SectionId(7)));
        // The end of another string.
        assert_eq!(value(14), DynamicValue::Name(Name::from("GIN")));
        assert_eq!(value(15), DynamicValue::Number(8));
        assert_eq!(dynamic.names().next(), Some(&b"libm.so.6"[..]));
    }
}

#[test]
fn wide_values_are_errors_in_narrow_files_unless_raw() {
    let mut dynamic = Dynamic {
        entries: vec![DynamicEntry { tag: 30, value: DynamicValue::Raw(0x1_0000_0002) }],
        nulls: 0,
    };
    with_context(&example(encodings()[0]), DYNAMIC, |context| {
        assert_eq!(dynamic.encode(context).unwrap(), [30, 0, 0, 0, 2, 0, 0, 0]);
        dynamic.entries[0].value = DynamicValue::Number(0x1_0000_0002);
        let error = dynamic.encode(context).unwrap_err().to_string();
        assert!(error.contains("dynamic entry 0") && error.contains("d_un"), "{error}");
        dynamic.entries[0].value = DynamicValue::Address(SectionId(77));
        assert!(matches!(dynamic.encode(context), Err(Error::Dangling { .. })));
        dynamic.entries[0].value = DynamicValue::Name(Name::from("none"));
        assert!(matches!(dynamic.encode(context), Err(Error::NoName { .. })));
    });
}

proptest! {
    #[test]
    fn what_is_decoded_is_encoded_alike(
        pairs in prop::collection::vec(
            (prop_oneof![0_u64..40, any::<u32>().prop_map(u64::from), 0x6fff_fdf0_u64..0x7000_0000],
             prop_oneof![Just(0_u64), 0_u64..40, 0x200_u64..0x440, any::<u32>().prop_map(u64::from)]),
            0..20),
        which in 0_usize..4,
        extra in 1_usize..8,
    ) {
        let object = example(encodings()[which]);
        let mut stored = stored(&pairs, encodings()[which]);
        prop_assert!(round_trip(&object, DYNAMIC, SHT_DYNAMIC, &stored).is_some());
        stored.resize(stored.len() + extra, 1);
        let read = round_trip(&object, DYNAMIC, SHT_DYNAMIC, &stored);
        prop_assert!(read.is_none());
    }
}
