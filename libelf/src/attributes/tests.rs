//! Attributes of made sections, sound and not.

use super::*;
use object::elf::{EM_ARM, EM_RISCV};

/// A section with one vendor and one subsection of file scope.
fn section(vendor: &str, body: &[u8]) -> Vec<u8> {
    let subsection = u32::try_from(body.len() + SUBSECTION_HEADER).unwrap();
    let whole = subsection + u32::try_from(vendor.len() + 1 + LENGTH).unwrap();
    let mut bytes = vec![VERSION];
    bytes.extend(whole.to_be_bytes());
    bytes.extend(vendor.bytes());
    bytes.extend([0, 1]);
    bytes.extend(subsection.to_be_bytes());
    bytes.extend(body);
    bytes
}

fn read<'a>(bytes: &'a [u8], dictionary: &'static Dictionary) -> Vec<Attribute<'a>> {
    let attributes = Attributes::parse(bytes, Endianness::Big).unwrap();
    let vendor = attributes.vendors().next().unwrap().unwrap();
    let subsection = vendor.subsections().next().unwrap().unwrap();
    subsection.attributes(dictionary).map(|attribute| attribute.unwrap()).collect()
}

#[test]
fn values_have_the_form_of_their_tags() {
    let bytes = section("aeabi", b"\x05abc\0\x06\x0a\x20\x01gnu\0\x40\0");
    let values: Vec<_> =
        read(&bytes, &arm::AEABI).iter().map(|attribute| attribute.value).collect();
    assert_eq!(
        values,
        [Value::Text(b"abc"), Value::Integer(10), Value::IntegerAndText(1, b"gnu"), Value::Nothing]
    );
    assert_eq!(arm::AEABI.name(6), Some("Tag_CPU_arch"));
    assert_eq!(arm::AEABI.value_name(6, 10), Some("v7"));
}

#[test]
fn lengths_past_the_end_are_cut() {
    let mut bytes = section("riscv", b"\x04\x10");
    bytes[4] = 0xff;
    let vendor =
        Attributes::parse(&bytes, Endianness::Big).unwrap().vendors().next().unwrap().unwrap();
    assert!(vendor.is_cut());
    assert_eq!(vendor.available_size(), bytes.len() - 1);
    assert_eq!(read(&bytes, &riscv::RISCV).len(), 1);
}

#[test]
fn an_unterminated_name_is_an_error() {
    let bytes = b"A\0\0\0\x09riscv";
    let attributes = Attributes::parse(bytes, Endianness::Big).unwrap();
    let vendor = attributes.vendors().next().unwrap().unwrap();
    assert!(vendor.name().is_err());
    assert!(vendor.subsections().next().is_none());
}

#[test]
fn indexes_end_at_zero() {
    let mut bytes = section("aeabi", b"\x01\x83\x01\0\x06\x0a");
    bytes[11] = 2;
    let attributes = Attributes::parse(&bytes, Endianness::Big).unwrap();
    let vendor = attributes.vendors().next().unwrap().unwrap();
    let subsection = vendor.subsections().next().unwrap().unwrap();
    assert_eq!(subsection.scope, Scope::Section);
    let indexes: Result<Vec<_>> = subsection.indexes().collect();
    assert_eq!(indexes.unwrap(), [1, 131]);
    assert_eq!(subsection.attributes(&arm::AEABI).count(), 1);
}

#[test]
fn dictionaries_go_by_machine_and_vendor() {
    assert_eq!(dictionary(EM_RISCV, b"riscv").map(|found| found.vendor), Some("riscv"));
    assert!(dictionary(EM_RISCV, b"aeabi").is_none());
    assert!(dictionary(EM_ARM, b"gnu").is_some());
}

#[test]
fn another_version_is_refused() {
    assert!(Attributes::parse(b"B", Endianness::Big).is_err());
    assert!(Attributes::parse(b"", Endianness::Big).is_err());
}

/// Reads all there is and returns how many items that were.
fn walk(bytes: &[u8], dictionary: &'static Dictionary) -> usize {
    let Ok(attributes) = Attributes::parse(bytes, Endianness::Little) else { return 0 };
    let mut items = 0;
    for vendor in attributes.vendors().flatten() {
        items += 1;
        for subsection in vendor.subsections().flatten() {
            items += 1 + subsection.indexes().count() + subsection.attributes(dictionary).count();
        }
    }
    items
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_to_an_end(mut bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        if let Some(first) = bytes.first_mut() {
            *first = VERSION;
        }
        proptest::prop_assert!(walk(&bytes, &arm::AEABI) <= bytes.len() * 2);
    }

    #[test]
    fn any_change_of_a_sound_section_is_read_to_an_end(
        body in proptest::collection::vec(proptest::num::u8::ANY, 1..60),
        at in 0usize..80,
        value in proptest::num::u8::ANY,
    ) {
        let mut bytes = section("aeabi", &body);
        if let Some(byte) = bytes.get_mut(at) {
            *byte = value;
        }
        bytes[0] = VERSION;
        proptest::prop_assert!(walk(&bytes, &csky::CSKY) <= bytes.len() * 2);
    }
}
