use object::elf::*;
use object::endian::Endianness;
use proptest::prelude::*;

use super::super::dynamic_auto::SectionIndex;
use super::*;
use crate::StringTable;
use crate::edit::Field;
use crate::ident::Class;

const STRINGS: &[u8] = b"\0libc.so.6\0libm.so.6\0$ORIGIN\0";

fn facts() -> SectionIndex<'static> {
    let section = |name: &'static [u8], kind: SectionType, address, size| SectionFacts {
        name,
        kind: kind.0,
        flags: SHF_ALLOC.0,
        address,
        size,
        entry_size: 8,
        info: 3,
    };
    let list = [
        section(b"", SHT_NULL, 0, 0),
        section(b".dynstr", SHT_STRTAB, 0x300, STRINGS.len() as u64),
        section(b".dynsym", SHT_DYNSYM, 0x200, 0x48),
        section(b".rela.dyn", SHT_RELA, 0x400, 0x30),
        section(b".rela.plt", SHT_RELA, 0x430, 0x18),
        section(b".init", SHT_PROGBITS, 0x1000, 0x10),
        section(b".mark", SHT_PROGBITS, 0x1010, 0),
        section(b".data", SHT_PROGBITS, 0x1010, 0x20),
    ];
    SectionIndex::new(list.into_iter().enumerate().map(|(at, facts)| (SectionId(at as u32), facts)))
}

fn with_context<R>(encoding: Encoding, call: impl FnOnce(&DynamicContext<'_, 'static>) -> R) -> R {
    let sections = facts();
    let strings = StringTable::new(STRINGS);
    call(&DynamicContext {
        encoding,
        machine: EM_X86_64,
        sections: &sections,
        link: Some(SectionId(1)),
        strings: &strings,
    })
}

fn encodings() -> [Encoding; 4] {
    [
        Encoding { class: Class::Elf32, endian: Endianness::Little },
        Encoding { class: Class::Elf32, endian: Endianness::Big },
        Encoding { class: Class::Elf64, endian: Endianness::Little },
        Encoding { class: Class::Elf64, endian: Endianness::Big },
    ]
}

fn bytes(pairs: &[(u64, u64)], encoding: Encoding) -> &'static [u8] {
    let mut writer = Writer::new(encoding, "pair");
    for &(tag, value) in pairs {
        writer.word("tag", tag).unwrap();
        writer.word("value", value).unwrap();
    }
    Vec::leak(writer.finish())
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
            (8, 0x30),
            (9, entry_size),
            (20, 7),
            (23, 0x430),
            (2, 0x18),
            (0x6fff_ffff, 0),
            (3, 0x1010),
            (0x1d, 4),
            (30, 8),
            (0, 0),
            (0, 0),
        ];
        let stored = bytes(&pairs, encoding);
        with_context(encoding, |context| {
            let dynamic = Dynamic::decode(stored, context).unwrap();
            assert_eq!(dynamic.nulls, 2);
            let value = |at: usize| dynamic.entries[at].value.clone();
            assert_eq!(value(0), DynamicValue::Name(Name::new(&b"libm.so.6"[..])));
            for at in 1..12 {
                assert_eq!(value(at), DynamicValue::Auto, "{at}");
            }
            // The section with contents, not the empty one before it.
            assert_eq!(value(12), DynamicValue::Address(SectionId(7)));
            let offset = Field::Is(4);
            assert!(matches!(value(13), DynamicValue::Name(name) if name.offset.is_auto()
                || name.offset == offset));
            assert_eq!(value(14), DynamicValue::Number(8));
            assert_eq!(dynamic.encode(context).unwrap(), stored);
            assert_eq!(dynamic.size(encoding), stored.len());
            assert_eq!(dynamic.names().next(), Some(&b"libm.so.6"[..]));
        });
    }
}

#[test]
fn wide_values_are_errors_in_narrow_files_unless_raw() {
    let mut dynamic = Dynamic {
        entries: vec![DynamicEntry { tag: 30, value: DynamicValue::Raw(0x1_0000_0002) }],
        nulls: 0,
    };
    with_context(encodings()[0], |context| {
        assert_eq!(dynamic.encode(context).unwrap(), [30, 0, 0, 0, 2, 0, 0, 0]);
        dynamic.entries[0].value = DynamicValue::Number(0x1_0000_0002);
        let error = dynamic.encode(context).unwrap_err().to_string();
        assert!(error.contains("dynamic entry 0") && error.contains("d_un"), "{error}");
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
        extra in 0_usize..9,
    ) {
        let encoding = encodings()[which];
        let stored = bytes(&pairs, encoding);
        with_context(encoding, |context| {
            let dynamic = Dynamic::decode(stored, context).unwrap();
            assert_eq!(dynamic.encode(context).unwrap(), stored);
            let again: &'static [u8] = Vec::leak(dynamic.encode(context).unwrap());
            assert_eq!(Dynamic::decode(again, context), Some(dynamic));
            let _ = Dynamic::decode(stored.get(extra..).unwrap_or_default(), context);
        });
    }
}
