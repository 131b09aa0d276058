use std::path::Path;

use gimli::write::{self, AttributeValue as W, EndianVec, LineProgram, Sections, UnitEntryId};
use gimli::{Encoding, EndianSlice, Format, LittleEndian, RunTimeEndian};

use super::side::Side;
use super::*;
use crate::load::Backing;

const ENCODING: Encoding = Encoding { format: Format::Dwarf32, version: 5, address_size: 8 };

/// A unit that is being made.
struct Maker {
    dwarf: write::Dwarf,
    unit: write::UnitId,
}

impl Maker {
    fn new() -> Self {
        let mut dwarf = write::Dwarf::new();
        let unit = dwarf.units.add(write::Unit::new(ENCODING, LineProgram::none()));
        Self { dwarf, unit }
    }

    fn unit(&mut self) -> &mut write::Unit {
        self.dwarf.units.get_mut(self.unit)
    }

    fn add(&mut self, parent: Option<UnitEntryId>, tag: DwTag) -> UnitEntryId {
        let unit = self.unit();
        let parent = parent.unwrap_or_else(|| unit.root());
        unit.add(parent, tag)
    }

    fn set(&mut self, entry: UnitEntryId, name: DwAt, value: W) {
        self.unit().get_mut(entry).set(name, value);
    }

    /// An entry with a name, a type and numbers.
    fn entry(
        &mut self,
        parent: Option<UnitEntryId>,
        tag: DwTag,
        name: &str,
        of: Option<UnitEntryId>,
        numbers: &[(DwAt, u64)],
    ) -> UnitEntryId {
        let entry = self.add(parent, tag);
        if !name.is_empty() {
            self.set(entry, DW_AT_name, W::String(name.into()));
        }
        if let Some(of) = of {
            self.set(entry, DW_AT_type, W::UnitRef(of));
        }
        for &(attribute, number) in numbers {
            self.set(entry, attribute, W::Udata(number));
        }
        entry
    }

    /// Calls `test` with what was made.
    fn read(mut self, test: impl FnOnce(&Walk<'_>)) {
        let mut sections = Sections::new(EndianVec::new(LittleEndian));
        self.dwarf.write(&mut sections).unwrap();
        let mut kept = Vec::new();
        sections
            .for_each(|id, bytes| {
                kept.push((id, bytes.slice().to_vec()));
                Ok::<_, write::Error>(())
            })
            .unwrap();
        let load = |id: gimli::SectionId| -> std::result::Result<_, std::convert::Infallible> {
            let bytes = kept.iter().find(|(other, _)| *other == id);
            let bytes = bytes.map_or(&[][..], |(_, bytes)| bytes.as_slice());
            Ok(EndianSlice::new(bytes, RunTimeEndian::Little))
        };
        let dwarf = gimli::Dwarf::load(load).unwrap();
        let backing = Backing::new();
        let splits = Splits::new(Path::new("/nonexistent/file"), &backing);
        test(&Walk::of(Side::new(dwarf).unwrap(), None, Arc::new(splits)));
    }
}

/// All entries of the first unit that have a name, and the root.
fn named<'w, 'data>(walk: &'w Walk<'data>, name: &str) -> Entry<'w, 'data> {
    let mut entries = walk.units().next().unwrap().entries().unwrap();
    while let Some(entry) = entries.next().unwrap() {
        if entry.name().unwrap() == Some(name.as_bytes()) {
            return entry;
        }
    }
    panic!("no entry {name}");
}

#[test]
fn declarations_are_written_from_the_inside_out() {
    let mut maker = Maker::new();
    let char_type = maker.entry(None, DW_TAG_base_type, "char", None, &[(DW_AT_byte_size, 1)]);
    let constant = maker.entry(None, DW_TAG_const_type, "", Some(char_type), &[]);
    let text = maker.entry(None, DW_TAG_pointer_type, "", Some(constant), &[]);
    let function =
        maker.entry(None, DW_TAG_subroutine_type, "", Some(text), &[(DW_AT_prototyped, 1)]);
    let pointer = maker.entry(None, DW_TAG_pointer_type, "", Some(function), &[]);
    let array = maker.entry(None, DW_TAG_array_type, "", Some(pointer), &[]);
    maker.entry(Some(array), DW_TAG_subrange_type, "", None, &[(DW_AT_upper_bound, 2)]);
    maker.entry(Some(array), DW_TAG_subrange_type, "", None, &[(DW_AT_count, 7)]);
    maker.entry(None, DW_TAG_variable, "names", Some(array), &[]);
    let fixed = maker.entry(None, DW_TAG_const_type, "", Some(text), &[]);
    maker.entry(None, DW_TAG_variable, "fixed", Some(fixed), &[]);
    let taking = maker.entry(None, DW_TAG_subprogram, "take", None, &[(DW_AT_prototyped, 1)]);
    maker.entry(Some(taking), DW_TAG_formal_parameter, "first", Some(pointer), &[]);
    maker.entry(Some(taking), DW_TAG_unspecified_parameters, "", None, &[]);
    let class = maker.entry(None, DW_TAG_class_type, "Box", None, &[]);
    let member = maker.entry(None, DW_TAG_ptr_to_member_type, "", Some(char_type), &[]);
    maker.set(member, DW_AT_containing_type, W::UnitRef(class));
    let reference = maker.entry(None, DW_TAG_rvalue_reference_type, "", Some(class), &[]);
    maker.entry(None, DW_TAG_variable, "member", Some(member), &[]);
    maker.entry(None, DW_TAG_variable, "taken", Some(reference), &[]);
    let untyped = maker.entry(None, DW_TAG_pointer_type, "", None, &[]);
    maker.entry(None, DW_TAG_variable, "untyped", Some(untyped), &[]);
    maker.read(|walk| {
        for (name, expected) in [
            ("names", "const char *(*names[3][7])(void)"),
            ("fixed", "const char *const fixed"),
            ("take", "void take(const char *(*first)(void), ...)"),
            ("member", "char class Box::*member"),
            ("taken", "class Box &&taken"),
            ("untyped", "void *untyped"),
        ] {
            assert_eq!(named(walk, name).own_declaration().unwrap(), expected);
        }
        let of = named(walk, "names").type_entry().unwrap().unwrap();
        assert_eq!(of.declaration(b"").unwrap(), "const char *(*[3][7])(void)");
    });
}

#[test]
fn layouts_tell_bytes_and_bits() {
    let mut maker = Maker::new();
    let int = maker.entry(None, DW_TAG_base_type, "int", None, &[(DW_AT_byte_size, 4)]);
    let array = maker.entry(None, DW_TAG_array_type, "", Some(int), &[]);
    maker.entry(Some(array), DW_TAG_subrange_type, "", None, &[(DW_AT_count, 5)]);
    let node = maker.entry(None, DW_TAG_structure_type, "node", None, &[(DW_AT_byte_size, 40)]);
    let pointer = maker.entry(None, DW_TAG_pointer_type, "", Some(node), &[]);
    let at = DW_AT_data_member_location;
    maker.entry(Some(node), DW_TAG_member, "next", Some(pointer), &[(at, 0)]);
    maker.entry(Some(node), DW_TAG_member, "all", Some(array), &[(at, 8)]);
    let bits = [(DW_AT_bit_size, 3), (DW_AT_data_bit_offset, 28 * 8 + 5)];
    maker.entry(Some(node), DW_TAG_member, "flag", Some(int), &bits);
    let older = [(DW_AT_bit_size, 3), (DW_AT_bit_offset, 25), (DW_AT_byte_size, 4), (at, 32)];
    maker.entry(Some(node), DW_TAG_member, "older", Some(int), &older);
    maker.entry(Some(node), DW_TAG_member, "shared", Some(int), &[(DW_AT_declaration, 1)]);
    maker.read(|walk| {
        let layout = named(walk, "node").layout().unwrap();
        let member = |offset, size, bits, declaration: &str| Member {
            offset,
            size,
            bits,
            declaration: declaration.to_owned(),
        };
        assert_eq!(layout.size, 40);
        assert_eq!(
            layout.members,
            [
                member(0, 8, None, "struct node *next"),
                member(8, 20, None, "int all[5]"),
                member(28, 4, Some((5, 3)), "int flag : 3"),
                member(32, 4, Some((4, 3)), "int older : 3"),
            ]
        );
    });
}

#[test]
fn types_without_end_are_told() {
    let mut maker = Maker::new();
    let one = maker.add(None, DW_TAG_pointer_type);
    let other = maker.entry(None, DW_TAG_pointer_type, "", Some(one), &[]);
    maker.set(one, DW_AT_type, W::UnitRef(other));
    maker.entry(None, DW_TAG_variable, "endless", Some(one), &[]);
    let origin = maker.entry(None, DW_TAG_variable, "own", None, &[]);
    maker.set(origin, DW_AT_abstract_origin, W::UnitRef(origin));
    maker.read(|walk| {
        let declared = named(walk, "endless").own_declaration();
        assert!(matches!(declared, Err(Error::TooDeep { .. })), "{declared:?}");
        assert!(matches!(named(walk, "own").type_entry(), Err(Error::TooDeep { .. })));
    });
}

#[test]
fn entries_are_found_by_offset_and_children_in_order() {
    let mut maker = Maker::new();
    let space = maker.entry(None, DW_TAG_namespace, "space", None, &[]);
    for name in ["first", "second"] {
        let inner = maker.entry(Some(space), DW_TAG_structure_type, name, None, &[]);
        maker.entry(Some(inner), DW_TAG_member, "deep", None, &[]);
    }
    maker.read(|walk| {
        let space = named(walk, "space");
        let mut children = space.children().unwrap();
        let mut names = Vec::new();
        while let Some(child) = children.next().unwrap() {
            names.push(child.name().unwrap().unwrap());
            assert_eq!(walk.entry_at(child.offset()).unwrap().name(), child.name());
        }
        assert!(children.next().unwrap().is_none());
        assert_eq!(names, [b"first".as_slice(), b"second"]);
        assert!(matches!(walk.entry_at(0xffff), Err(Error::NoUnit { offset: 0xffff })));
    });
}
