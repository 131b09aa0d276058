//! Build attributes (`.gnu.attributes`, `.ARM.attributes`, `.riscv.attributes`, …), to be written.
//! [`crate::attributes`] tells how they lie in a section, and what the tags mean.
//!
//! ```text
//! vendor "aeabi" { file { Tag_CPU_name = "7-A"; Tag_CPU_arch = 10; } }
//! ```

use std::borrow::Cow;

use object::elf::Machine;

use super::writer::{Result, Writer};
use crate::attributes::{self, Dictionary, Scope};
use crate::edit::Field;
use crate::edit::context::Source;
use crate::ident::Encoding;

/// A section of build attributes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes<'data> {
    /// The vendors, in order.
    pub vendors: Vec<Vendor<'data>>,
}

/// The attributes that one vendor defines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vendor<'data> {
    /// The size in bytes, that of the field included.
    pub length: Field<u32>,
    /// The name, without its closing zero byte.
    pub name: Cow<'data, [u8]>,
    /// The subsections, in order.
    pub subsections: Vec<Subsection<'data>>,
}

/// Attributes with one scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subsection<'data> {
    /// What they are said of: 1 the file, 2 sections, 3 symbols.
    pub scope: u8,
    /// The size in bytes, scope and field included.
    pub length: Field<u32>,
    /// The indexes of the sections or symbols, without the closing 0; of no effect in another
    /// scope.
    pub indexes: Vec<u64>,
    /// The attributes, in order.
    pub attributes: Vec<Attribute<'data>>,
}

/// A tag and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute<'data> {
    /// The tag, by vendor.
    pub tag: u64,
    /// The value.
    pub value: AttributeValue<'data>,
}

/// The value of an attribute; how a tag's value is stored, the vendor's dictionary says.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue<'data> {
    /// A number.
    Integer(u64),
    /// A string, without its closing zero byte.
    Text(Cow<'data, [u8]>),
    /// A number, then a string.
    IntegerAndText(u64, Cow<'data, [u8]>),
    /// A zero byte without a meaning.
    Nothing,
}

/// Tags of a vendor that is not known: their number says how the value is stored.
static UNKNOWN: Dictionary = Dictionary { vendor: "", tags: &[] };

/// Whether a subsection of this scope starts with indexes.
const fn has_indexes(scope: u8) -> bool {
    matches!(scope, 2 | 3)
}

impl<'data> Attributes<'data> {
    /// Reads a section. `None` if a length or value does not lie within what holds it.
    pub fn decode(source: &Source<'_, 'data>, bytes: &'data [u8]) -> Option<Self> {
        let section = attributes::Attributes::parse(bytes, source.encoding.endian).ok()?;
        let mut vendors = Vec::new();
        for vendor in section.vendors() {
            let vendor = vendor.ok().filter(|vendor| !vendor.is_cut())?;
            let name = vendor.name().ok()?;
            let known = attributes::dictionary(Machine(source.machine), name);
            let mut subsections = Vec::new();
            for subsection in vendor.subsections() {
                let subsection = subsection.ok().filter(|subsection| !subsection.is_cut())?;
                subsections.push(Subsection::decode(&subsection, known.unwrap_or(&UNKNOWN))?);
            }
            vendors.push(Vendor { length: Field::Auto, name: Cow::Borrowed(name), subsections });
        }
        Some(Self { vendors })
    }

    /// The bytes of the section.
    ///
    /// # Errors
    /// A value that does not fit.
    pub fn encode(&self, encoding: Encoding) -> Result<Vec<u8>> {
        let mut writer = Writer::new(encoding, "vendor of attributes");
        writer.u8(attributes::VERSION);
        for (index, vendor) in self.vendors.iter().enumerate() {
            let mut body = Writer::new(encoding, "subsection of attributes");
            for (index, subsection) in vendor.subsections.iter().enumerate() {
                body.entry(index);
                subsection.encode(&mut body)?;
            }
            let body = body.finish();
            let length = 4 + vendor.name.len() as u64 + 1 + body.len() as u64;
            writer.entry(index);
            writer.field("length", vendor.length, length, 4)?;
            writer.text(&vendor.name);
            writer.bytes(&body);
        }
        Ok(writer.finish())
    }
}

impl<'data> Subsection<'data> {
    fn decode(
        subsection: &attributes::Subsection<'data>,
        dictionary: &'static Dictionary,
    ) -> Option<Self> {
        let scope = match subsection.scope {
            Scope::File => 1,
            Scope::Section => 2,
            Scope::Symbol => 3,
            Scope::Other(scope) => scope,
        };
        let indexes = subsection.indexes().collect::<std::result::Result<_, _>>().ok()?;
        let attributes = subsection.attributes(dictionary).map(|attribute| {
            let attribute = attribute.ok()?;
            let value = match attribute.value {
                attributes::Value::Integer(number) => AttributeValue::Integer(number),
                attributes::Value::Text(text) => AttributeValue::Text(Cow::Borrowed(text)),
                attributes::Value::IntegerAndText(number, text) => {
                    AttributeValue::IntegerAndText(number, Cow::Borrowed(text))
                }
                attributes::Value::Nothing => AttributeValue::Nothing,
            };
            Some(Attribute { tag: attribute.tag, value })
        });
        Some(Self {
            scope,
            length: Field::Auto,
            indexes,
            attributes: attributes.collect::<Option<_>>()?,
        })
    }

    fn encode(&self, writer: &mut Writer) -> Result<()> {
        let mut body = Writer::new(writer.encoding(), "attribute");
        if has_indexes(self.scope) {
            for &index in self.indexes.iter().chain(&[0]) {
                body.uleb128(index);
            }
        }
        for attribute in &self.attributes {
            body.uleb128(attribute.tag);
            match &attribute.value {
                AttributeValue::Integer(number) => body.uleb128(*number),
                AttributeValue::Text(text) => body.text(text),
                AttributeValue::IntegerAndText(number, text) => {
                    body.uleb128(*number);
                    body.text(text);
                }
                AttributeValue::Nothing => body.u8(0),
            }
        }
        let body = body.finish();
        writer.u8(self.scope);
        writer.field("length", self.length, 5 + body.len() as u64, 4)?;
        writer.bytes(&body);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use object::elf::{EM_ARM, SHT_ARM_ATTRIBUTES};
    use proptest::prelude::*;

    use super::super::Contents;
    use super::super::test_support::{decode, encodings, object, round_trip, section};
    use super::*;

    fn example() -> Attributes<'static> {
        let text = |text: &'static str| Cow::Borrowed(text.as_bytes());
        let attribute = |tag, value| Attribute { tag, value };
        let aeabi = vec![
            attribute(5, AttributeValue::Text(text("7-A"))),
            attribute(6, AttributeValue::Integer(10)),
            attribute(32, AttributeValue::IntegerAndText(1, text("gnu"))),
            attribute(300, AttributeValue::Integer(300)),
        ];
        let of_sections = vec![attribute(9, AttributeValue::Integer(2))];
        Attributes {
            vendors: vec![
                Vendor {
                    name: text("aeabi"),
                    subsections: vec![
                        Subsection { scope: 1, attributes: aeabi, ..Subsection::default() },
                        Subsection {
                            scope: 2,
                            indexes: vec![1, 200],
                            attributes: of_sections,
                            ..Subsection::default()
                        },
                    ],
                    ..Vendor::default()
                },
                Vendor {
                    name: text("unheard-of"),
                    subsections: vec![Subsection {
                        scope: 1,
                        attributes: vec![
                            attribute(4, AttributeValue::Integer(7)),
                            attribute(5, AttributeValue::Text(text("x"))),
                        ],
                        ..Subsection::default()
                    }],
                    ..Vendor::default()
                },
            ],
        }
    }

    #[test]
    fn attributes_come_back_in_all_encodings() {
        for encoding in encodings() {
            let own = section(".ARM.attributes", SHT_ARM_ATTRIBUTES, 0, 0, Contents::Empty);
            let object = object(encoding, EM_ARM, vec![own]);
            let bytes = example().encode(encoding).unwrap();
            let read = round_trip(&object, 1, SHT_ARM_ATTRIBUTES, &bytes);
            assert_eq!(read, Some(Contents::Attributes(example())));
            for cut in 1..bytes.len() {
                let cut = Vec::leak(bytes[..cut].to_vec());
                if let Some(Contents::Attributes(read)) =
                    decode(&object, 1, SHT_ARM_ATTRIBUTES, cut)
                {
                    assert_eq!(read.encode(encoding).unwrap(), cut);
                }
            }
        }
    }

    #[test]
    fn false_lengths_are_written() {
        let mut attributes = example();
        attributes.vendors[0].length = Field::Is(0xffff_ffff);
        attributes.vendors[0].subsections[0].length = Field::Raw(0x1_0000_0000);
        let bytes = attributes.encode(encodings()[0]).unwrap();
        assert_eq!(bytes[..5], [b'A', 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(bytes[11..16], [1, 0, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn any_bytes_decode_without_panic(
            bytes in prop::collection::vec(prop_oneof![3 => 0_u8..9, 1 => any::<u8>()], 0..60),
        ) {
            let own = section(".ARM.attributes", SHT_ARM_ATTRIBUTES, 0, 0, Contents::Empty);
            let object = object(encodings()[0], EM_ARM, vec![own]);
            let mut section = vec![b'A'];
            section.extend(bytes);
            let read = decode(&object, 1, SHT_ARM_ATTRIBUTES, Vec::leak(section));
            if let Some(Contents::Attributes(read)) = read {
                prop_assert!(read.encode(encodings()[0]).is_ok());
            }
        }
    }
}
