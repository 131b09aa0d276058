//! Version definitions and needs. LSB Core, chapter 10, "Symbol Versioning"; the structures are
//! the same in both classes.
//!
//! ```text
//! definition 1 BASE "libx.so.1"              Verdef, Verdaux
//! definition 2 "X_1"                         Verdef, Verdaux
//! definition 3 "X_2", child of "X_1"         Verdef, Verdaux, Verdaux
//!
//! needed from "libc.so.6":                   Verneed
//!   "GLIBC_2.2.5" as version 4                 Vernaux
//!   "GLIBC_2.34" as version 5                  Vernaux
//! ```
//!
//! Structure versions, counts, hashes and the distances between structures follow from what is
//! there, unless they are given. A library's structures lie one behind the other; LLVM's linker
//! puts all `Vernaux` behind all `Verneed` ([`Order`]).

use super::name::Name;
use super::writer::Writer;
use crate::edit::Field;
use crate::edit::context::{Context, Source};
use crate::edit::error::Result;
use crate::hash::sysv_hash;
use crate::ident::{Class, Encoding};
use crate::table::Record;
use crate::version::{Verdaux, Verdef, Vernaux, Verneed};

/// The structure version of definitions and needs (`VER_DEF_CURRENT`, `VER_NEED_CURRENT`).
const CURRENT: u16 = 1;
/// The bytes of a [`Verdef`].
const VERDEF: usize = 20;
/// The bytes of a [`Verdaux`].
const VERDAUX: usize = 8;
/// The bytes of a [`Verneed`].
const VERNEED: usize = 16;
/// The bytes of a [`Vernaux`].
const VERNAUX: usize = 16;

/// How the structures of a section lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Each definition or library with its names behind it.
    #[default]
    Nested,
    /// All definitions or libraries, then all names.
    HeadersFirst,
}

/// `SHT_GNU_verdef`: the versions that a file defines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definitions<'data> {
    /// How the structures lie.
    pub order: Order,
    /// The definitions, in order.
    pub definitions: Vec<Definition<'data>>,
}

/// A version that a file defines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition<'data> {
    /// `vd_version`: 1.
    pub version: Field<u16>,
    /// `vd_flags`: `VER_FLG_` bits.
    pub flags: u16,
    /// `vd_ndx`: what `versym` entries call it. Without a value, its position from 1 on.
    pub index: Field<u16>,
    /// `vd_cnt`: how many names it has.
    pub count: Field<u16>,
    /// `vd_hash`: the SysV hash of the first name.
    pub hash: Field<u32>,
    /// `vd_aux`: from here to the first name, in bytes.
    pub aux: Field<u32>,
    /// `vd_next`: from here to the next definition, in bytes; 0 at the last.
    pub next: Field<u32>,
    /// Its name, then those of its parents.
    pub names: Vec<DefinitionName<'data>>,
}

/// A name of a definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefinitionName<'data> {
    /// `vda_name`
    pub name: Name<'data>,
    /// `vda_next`: from here to the definition's next name, in bytes; 0 at the last.
    pub next: Field<u32>,
}

/// `SHT_GNU_verneed`: the versions that a file needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs<'data> {
    /// How the structures lie.
    pub order: Order,
    /// The libraries, in order.
    pub needs: Vec<Need<'data>>,
}

/// The versions needed from one library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need<'data> {
    /// `vn_version`: 1.
    pub version: Field<u16>,
    /// `vn_cnt`: how many versions there are.
    pub count: Field<u16>,
    /// `vn_file`: the library.
    pub file: Name<'data>,
    /// `vn_aux`: from here to the first version, in bytes.
    pub aux: Field<u32>,
    /// `vn_next`: from here to the next library, in bytes; 0 at the last.
    pub next: Field<u32>,
    /// The versions.
    pub versions: Vec<NeededVersion<'data>>,
}

/// A needed version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NeededVersion<'data> {
    /// `vna_hash`: the SysV hash of the name.
    pub hash: Field<u32>,
    /// `vna_flags`: `VER_FLG_` bits.
    pub flags: u16,
    /// `vna_other`: what `versym` entries call it.
    pub index: u16,
    /// `vna_name`
    pub name: Name<'data>,
    /// `vna_next`: from here to the library's next version, in bytes; 0 at the last.
    pub next: Field<u32>,
}

/// Where the structures of a section lie, by how many names each of its heads has.
struct Layout {
    /// The offset of each head and of its first name, in bytes.
    places: Vec<(usize, usize)>,
    /// The size of the section in bytes.
    size: usize,
}

impl Layout {
    fn new(order: Order, head: usize, aux: usize, counts: impl Iterator<Item = usize>) -> Self {
        let counts: Vec<usize> = counts.collect();
        let mut names = counts.len().saturating_mul(head);
        let mut at = 0_usize;
        let mut places = Vec::with_capacity(counts.len());
        for &count in &counts {
            let size = count.saturating_mul(aux);
            match order {
                Order::Nested => {
                    let first = at.saturating_add(head);
                    places.push((at, first));
                    at = first.saturating_add(size);
                }
                Order::HeadersFirst => {
                    places.push((at, names));
                    at = at.saturating_add(head);
                    names = names.saturating_add(size);
                }
            }
        }
        let size = match order {
            Order::Nested => at,
            Order::HeadersFirst => names,
        };
        Self { places, size }
    }

    /// What the distances of head `index` should be: to its names, and to the next head.
    fn distances(&self, index: usize) -> (u64, u64) {
        let Some(&(at, names)) = self.places.get(index) else { return (0, 0) };
        let next = self.places.get(index + 1).map_or(0, |next| next.0 - at);
        ((names - at) as u64, next as u64)
    }
}

/// What the distance of name `index` of `count` should be.
const fn distance(index: usize, count: usize, size: usize) -> u64 {
    if index + 1 < count { size as u64 } else { 0 }
}

/// A field that is left to the writer where it has the usual value.
fn unless<T: Copy + Into<u64>>(value: T, usual: u64) -> Field<T> {
    if value.into() == usual { Field::Auto } else { Field::Is(value) }
}

/// The heads of a section by their counts of names; `None` if they do not lie in `order`, or do
/// not fill the section.
fn counts(
    bytes: &[u8],
    order: Order,
    head: usize,
    aux: usize,
    count_at: impl Fn(usize) -> Option<u16>,
    next_at: impl Fn(usize) -> Option<u32>,
) -> Option<Vec<usize>> {
    let mut counts = Vec::new();
    let mut at = 0_usize;
    let mut used = 0_usize;
    while used < bytes.len() {
        let count = usize::from(count_at(at)?);
        counts.push(count);
        used = used.checked_add(head)?.checked_add(count.checked_mul(aux)?)?;
        match order {
            Order::Nested => at = used,
            // Here alone the last head must say that it is the last.
            Order::HeadersFirst => {
                if next_at(at)? == 0 {
                    break;
                }
                at = at.checked_add(head)?;
            }
        }
    }
    (used == bytes.len()).then_some(counts)
}

impl<'data> Definitions<'data> {
    /// Reads a section. `None` if its structures do not fill it in one of the orders.
    pub fn decode(source: &Source<'_, 'data>, bytes: &'data [u8]) -> Option<Self> {
        Self::decode_in(Order::Nested, source, bytes)
            .or_else(|| Self::decode_in(Order::HeadersFirst, source, bytes))
    }

    fn decode_in(order: Order, source: &Source<'_, 'data>, bytes: &'data [u8]) -> Option<Self> {
        let read = |at| read::<Verdef>(bytes, at, source.encoding);
        let counts = counts(
            bytes,
            order,
            VERDEF,
            VERDAUX,
            |at| Some(read(at)?.count),
            |at| Some(read(at)?.next),
        )?;
        let layout = Layout::new(order, VERDEF, VERDAUX, counts.iter().copied());
        let mut definitions = Vec::with_capacity(counts.len());
        for (index, (&count, &(at, first))) in counts.iter().zip(&layout.places).enumerate() {
            let head = read(at)?;
            let mut names = Vec::with_capacity(count);
            for number in 0..count {
                let aux: Verdaux = self::read(bytes, first + number * VERDAUX, source.encoding)?;
                names.push(DefinitionName {
                    name: source.name(aux.name),
                    next: unless(aux.next, distance(number, count, VERDAUX)),
                });
            }
            let (aux, next) = layout.distances(index);
            let hash = names.first().map_or(0, |name| sysv_hash(&name.name.text));
            definitions.push(Definition {
                version: unless(head.version, CURRENT.into()),
                flags: head.flags,
                index: unless(head.index, index as u64 + 1),
                count: Field::Auto,
                hash: unless(head.hash, hash.into()),
                aux: unless(head.aux, aux),
                next: unless(head.next, next),
                names,
            });
        }
        Some(Self { order, definitions })
    }

    fn layout(&self) -> Layout {
        let counts = self.definitions.iter().map(|definition| definition.names.len());
        Layout::new(self.order, VERDEF, VERDAUX, counts)
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        self.layout().size as u64
    }

    /// The bytes of the section.
    ///
    /// # Errors
    /// A value that does not fit, or a name that the string table does not hold.
    pub fn encode(&self, context: &Context) -> Result<Vec<u8>> {
        let layout = self.layout();
        let mut heads = Writer::with_capacity(context.encoding, "version definition", layout.size);
        let mut names = Writer::new(context.encoding, "name of version definition");
        for (index, definition) in self.definitions.iter().enumerate() {
            heads.entry(index);
            names.entry(index);
            definition
                .encode_head(&mut heads, index, layout.distances(index))
                .map_err(|unfit| unfit.at(context.place()))?;
            let target = if self.order == Order::Nested { &mut heads } else { &mut names };
            definition.encode_names(target, context, index)?;
        }
        let mut bytes = heads.finish();
        bytes.append(&mut names.finish());
        Ok(bytes)
    }

    /// The names that the linked string table must hold.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        let names = self.definitions.iter().flat_map(|definition| &definition.names);
        names.map(|name| &*name.name.text)
    }

    /// Leaves the offsets of names to the writer where it finds them.
    pub fn simplify(&mut self, context: &Context) {
        for name in self.definitions.iter_mut().flat_map(|definition| &mut definition.names) {
            context.simplify_name(&mut name.name);
        }
    }
}

impl Definition<'_> {
    fn encode_head(
        &self,
        writer: &mut Writer,
        index: usize,
        (aux, next): (u64, u64),
    ) -> super::writer::Result<()> {
        let hash = self.names.first().map_or(0, |name| sysv_hash(&name.name.text));
        writer.field("vd_version", self.version, CURRENT.into(), 2)?;
        writer.u16(self.flags);
        writer.field("vd_ndx", self.index, index as u64 + 1, 2)?;
        writer.field("vd_cnt", self.count, self.names.len() as u64, 2)?;
        writer.field("vd_hash", self.hash, hash.into(), 4)?;
        writer.field("vd_aux", self.aux, aux, 4)?;
        writer.field("vd_next", self.next, next, 4)
    }

    fn encode_names(&self, writer: &mut Writer, context: &Context, index: usize) -> Result<()> {
        for (number, name) in self.names.iter().enumerate() {
            let place = || context.entry("version definition", index);
            writer.u32(context.name_offset(&name.name, place)?);
            let next = distance(number, self.names.len(), VERDAUX);
            writer
                .field("vda_next", name.next, next, 4)
                .map_err(|unfit| unfit.at(context.place()))?;
        }
        Ok(())
    }
}

impl<'data> Needs<'data> {
    /// Reads a section. `None` if its structures do not fill it in one of the orders.
    pub fn decode(source: &Source<'_, 'data>, bytes: &'data [u8]) -> Option<Self> {
        Self::decode_in(Order::Nested, source, bytes)
            .or_else(|| Self::decode_in(Order::HeadersFirst, source, bytes))
    }

    fn decode_in(order: Order, source: &Source<'_, 'data>, bytes: &'data [u8]) -> Option<Self> {
        let read = |at| read::<Verneed>(bytes, at, source.encoding);
        let counts = counts(
            bytes,
            order,
            VERNEED,
            VERNAUX,
            |at| Some(read(at)?.count),
            |at| Some(read(at)?.next),
        )?;
        let layout = Layout::new(order, VERNEED, VERNAUX, counts.iter().copied());
        let mut needs = Vec::with_capacity(counts.len());
        for (index, (&count, &(at, first))) in counts.iter().zip(&layout.places).enumerate() {
            let head = read(at)?;
            let (aux, next) = layout.distances(index);
            // Structures that are not where the head says are in another order.
            if count != 0 && u64::from(head.aux) != aux {
                return None;
            }
            let mut versions = Vec::with_capacity(count);
            for number in 0..count {
                let aux: Vernaux = self::read(bytes, first + number * VERNAUX, source.encoding)?;
                let name = source.name(aux.name);
                versions.push(NeededVersion {
                    hash: unless(aux.hash, sysv_hash(&name.text).into()),
                    flags: aux.flags,
                    index: aux.other,
                    name,
                    next: unless(aux.next, distance(number, count, VERNAUX)),
                });
            }
            needs.push(Need {
                version: unless(head.version, CURRENT.into()),
                count: Field::Auto,
                file: source.name(head.file),
                aux: unless(head.aux, aux),
                next: unless(head.next, next),
                versions,
            });
        }
        Some(Self { order, needs })
    }

    fn layout(&self) -> Layout {
        let counts = self.needs.iter().map(|need| need.versions.len());
        Layout::new(self.order, VERNEED, VERNAUX, counts)
    }

    /// The size in bytes.
    pub fn size(&self) -> u64 {
        self.layout().size as u64
    }

    /// The bytes of the section.
    ///
    /// # Errors
    /// A value that does not fit, or a name that the string table does not hold.
    pub fn encode(&self, context: &Context) -> Result<Vec<u8>> {
        let layout = self.layout();
        let mut heads = Writer::with_capacity(context.encoding, "version need", layout.size);
        let mut versions = Writer::new(context.encoding, "version of version need");
        for (index, need) in self.needs.iter().enumerate() {
            heads.entry(index);
            versions.entry(index);
            let place = || context.entry("version need", index);
            let file = context.name_offset(&need.file, place)?;
            need.encode_head(&mut heads, file, layout.distances(index))
                .map_err(|unfit| unfit.at(context.place()))?;
            let target = if self.order == Order::Nested { &mut heads } else { &mut versions };
            need.encode_versions(target, context, index)?;
        }
        let mut bytes = heads.finish();
        bytes.append(&mut versions.finish());
        Ok(bytes)
    }

    /// The names that the linked string table must hold.
    pub fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.needs.iter().flat_map(|need| {
            let versions = need.versions.iter().map(|version| &*version.name.text);
            std::iter::once(&*need.file.text).chain(versions)
        })
    }

    /// Leaves the offsets of names to the writer where it finds them.
    pub fn simplify(&mut self, context: &Context) {
        for need in &mut self.needs {
            context.simplify_name(&mut need.file);
            for version in &mut need.versions {
                context.simplify_name(&mut version.name);
            }
        }
    }
}

impl Need<'_> {
    fn encode_head(
        &self,
        writer: &mut Writer,
        file: u32,
        (aux, next): (u64, u64),
    ) -> super::writer::Result<()> {
        writer.field("vn_version", self.version, CURRENT.into(), 2)?;
        writer.field("vn_cnt", self.count, self.versions.len() as u64, 2)?;
        writer.u32(file);
        writer.field("vn_aux", self.aux, aux, 4)?;
        writer.field("vn_next", self.next, next, 4)
    }

    fn encode_versions(&self, writer: &mut Writer, context: &Context, index: usize) -> Result<()> {
        let unfit = |unfit: super::writer::Unfit| unfit.at(context.place());
        for (number, version) in self.versions.iter().enumerate() {
            let place = || context.entry("version need", index);
            let hash = sysv_hash(&version.name.text);
            writer.field("vna_hash", version.hash, hash.into(), 4).map_err(unfit)?;
            writer.u16(version.flags);
            writer.u16(version.index);
            writer.u32(context.name_offset(&version.name, place)?);
            let next = distance(number, self.versions.len(), VERNAUX);
            writer.field("vna_next", version.next, next, 4).map_err(unfit)?;
        }
        Ok(())
    }
}

/// The structure at `at`.
fn read<R: Record>(bytes: &[u8], at: usize, encoding: Encoding) -> Option<R> {
    let size = R::size(Class::Elf32);
    R::decode(bytes.get(at..at.checked_add(size)?)?, encoding)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use object::elf::{EM_X86_64, SHT_GNU_VERDEF, SHT_GNU_VERNEED, SHT_STRTAB};
    use proptest::prelude::*;

    use super::super::Contents;
    use super::super::test_support::{encodings, object, round_trip, section, with_context};
    use super::*;
    use crate::edit::Object;

    const STRINGS: &[u8] = b"\0libc.so.6\0GLIBC_2.34\0GLIBC_2.2.5\0X_1\0libx.so\0";

    fn example(encoding: Encoding) -> Object<'static> {
        let strings = Contents::Bytes(Cow::Borrowed(STRINGS));
        let sections = vec![
            section(".dynstr", SHT_STRTAB, 0, 0, strings),
            section(".gnu.version_d", SHT_GNU_VERDEF, 1, 0, Contents::Empty),
            section(".gnu.version_r", SHT_GNU_VERNEED, 1, 0, Contents::Empty),
        ];
        object(encoding, EM_X86_64, sections)
    }

    fn definitions(order: Order) -> Definitions<'static> {
        let name =
            |text: &'static str| DefinitionName { name: Name::from(text), next: Field::Auto };
        let definitions = vec![
            Definition { flags: 1, names: vec![name("libx.so")], ..Definition::default() },
            Definition {
                index: Field::Is(7),
                names: vec![name("X_1"), name("libx.so")],
                ..Definition::default()
            },
        ];
        Definitions { order, definitions }
    }

    fn needs(order: Order) -> Needs<'static> {
        let version = |text: &'static str, index| NeededVersion {
            index,
            name: Name::from(text),
            ..NeededVersion::default()
        };
        let needs = vec![
            Need {
                file: Name::from("libc.so.6"),
                versions: vec![version("GLIBC_2.34", 2), version("GLIBC_2.2.5", 3)],
                ..Need::default()
            },
            Need {
                file: Name::from("libx.so"),
                versions: vec![version("X_1", 4)],
                ..Need::default()
            },
        ];
        Needs { order, needs }
    }

    #[test]
    fn both_orders_come_back_without_a_given_field() {
        for encoding in encodings() {
            let object = example(encoding);
            for order in [Order::Nested, Order::HeadersFirst] {
                let (given, wanted) = (definitions(order), needs(order));
                let bytes = with_context(&object, 2, |context| given.encode(context)).unwrap();
                assert_eq!(bytes.len() as u64, given.size());
                let read = round_trip(&object, 2, SHT_GNU_VERDEF, &bytes);
                assert_eq!(read, Some(Contents::Definitions(given)), "{order:?}");
                let bytes = with_context(&object, 3, |context| wanted.encode(context)).unwrap();
                let read = round_trip(&object, 3, SHT_GNU_VERNEED, &bytes);
                assert_eq!(read, Some(Contents::Needs(wanted)), "{order:?}");
            }
        }
    }

    #[test]
    fn given_fields_are_written() {
        let mut wanted = needs(Order::Nested);
        wanted.needs[0].next = Field::Is(0);
        wanted.needs[0].versions[1].hash = Field::Raw(0x1_0000_0005);
        wanted.needs[1].count = Field::Is(9);
        let object = example(encodings()[0]);
        with_context(&object, 3, |context| {
            let bytes = wanted.encode(context).unwrap();
            assert_eq!(bytes[12..16], [0; 4]);
            assert_eq!(bytes[32..36], [5, 0, 0, 0]);
            assert_eq!(bytes[50], 9);
            wanted.needs[0].aux = Field::Raw(u64::MAX);
            assert_eq!(wanted.encode(context).unwrap()[8..12], [0xff; 4]);
            wanted.needs[0].file = Name::from("lost");
            assert!(wanted.encode(context).is_err());
        });
    }

    proptest! {
        #[test]
        fn what_is_decoded_is_encoded_alike(
            halves in prop::collection::vec(prop_oneof![3 => 0_u16..4, 2 => Just(16_u16), 1 => any::<u16>()], 0..120),
            which in 0_usize..4,
        ) {
            let encoding = encodings()[which];
            let object = example(encoding);
            let mut writer = Writer::new(encoding, "half");
            for &half in &halves {
                writer.u16(half);
            }
            let bytes = writer.finish();
            let _ = round_trip(&object, 2, SHT_GNU_VERDEF, &bytes);
            let _ = round_trip(&object, 3, SHT_GNU_VERNEED, &bytes);
        }
    }
}
