//! Split units: what a skeleton unit leaves to an object of its own. DWARF 5, sections 7.3.2 and
//! 7.3.5; GCC wiki, "DebugFission", for version 4.
//!
//! | where | found by |
//! |---|---|
//! | `PROGRAM.dwp`, a package of many split units | its index, by the unit's identifier |
//! | the file that the skeleton names | its name from the unit's folder, else beside the program |
//!
//! A file is the right one if it has a unit with the identifier of the skeleton.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use gimli::{DwarfFileType, DwarfPackage, DwoId, EndianSlice};
use libelf::File;
use libelf::debugfile::{Found, Proof};

use super::{Debug, Dwarf, Sections, Slice, read_regular};
use crate::section::SectionId;

/// A unit as `gimli` reads it.
type Unit<'data> = gimli::Unit<Slice<'data>>;

/// The sections of the package beside a program.
#[derive(Debug)]
pub(super) struct Package<'data>(Sections<'data>);

impl<'data> Debug<'data> {
    /// The split unit that `skeleton`, a unit of `parent`, stands for, with the file that it is in.
    /// `None` if it is no skeleton, or its object is not there. `parent` must have the sections
    /// `.debug_addr` and, before version 5, `.debug_ranges`.
    pub fn split_unit(
        &self,
        parent: &Dwarf<'data>,
        skeleton: &Unit<'data>,
    ) -> Option<(Dwarf<'data>, Unit<'data>)> {
        let id = skeleton.dwo_id?;
        let name = skeleton.dwo_name().ok()??;
        let name = parent.attr_string(skeleton, name).ok()?;
        let packed = self.packed(parent, id);
        let (dwarf, mut unit) = packed.or_else(|| self.beside(parent, skeleton, id, &name))?;
        unit.copy_relocated_attributes(skeleton);
        Some((dwarf, unit))
    }

    /// The unit of the package.
    fn packed(&self, parent: &Dwarf<'data>, id: DwoId) -> Option<(Dwarf<'data>, Unit<'data>)> {
        let package = self.package.get_or_init(|| self.find_package()).as_ref()?;
        let sections = &package.0;
        let endian = sections.endian();
        let load = |id: gimli::SectionId| -> Result<Slice<'data>, gimli::Error> {
            Ok(EndianSlice::new(contents(sections, id.dwo_name()), endian))
        };
        let package = DwarfPackage::load(load, EndianSlice::new(&[], endian)).ok()?;
        let dwarf = package.find_cu(id, parent).ok()??;
        let unit = unit_with_id(&dwarf, id)?;
        Some((dwarf, unit))
    }

    fn find_package(&self) -> Option<Package<'data>> {
        let mut path = self.path.clone().into_os_string();
        path.push(".dwp");
        let path = PathBuf::from(path);
        let bytes = read_regular(&path)?;
        let found = Found { path, bytes, proof: Proof::BuildId };
        let found = self.backing.keep_file(found);
        Some(Package(Sections::new(File::parse(&found.bytes).ok()?, self.backing)))
    }

    /// The unit of a file of its own.
    fn beside(
        &self,
        parent: &Dwarf<'data>,
        skeleton: &Unit<'data>,
        id: DwoId,
        name: &[u8],
    ) -> Option<(Dwarf<'data>, Unit<'data>)> {
        let name = Path::new(OsStr::from_bytes(name));
        let folder = skeleton.comp_dir.map(|folder| folder.slice());
        let folder = Path::new(OsStr::from_bytes(folder.unwrap_or_default()));
        let beside = self.path.parent().unwrap_or(Path::new(""));
        let candidates = [Some(folder.join(name)), name.file_name().map(|name| beside.join(name))];
        candidates.into_iter().flatten().find_map(|path| {
            let bytes = read_regular(&path)?;
            let found = Found { path, bytes, proof: Proof::BuildId };
            let found = self.backing.keep_file(found);
            let sections = Sections::new(File::parse(&found.bytes).ok()?, self.backing);
            let endian = sections.endian();
            let load = |id: gimli::SectionId| -> Result<Slice<'data>, gimli::Error> {
                Ok(EndianSlice::new(contents(&sections, id.dwo_name()), endian))
            };
            let mut dwarf = Dwarf::load(load).ok()?;
            dwarf.file_type = DwarfFileType::Dwo;
            dwarf.make_dwo(parent);
            let unit = unit_with_id(&dwarf, id)?;
            Some((dwarf, unit))
        })
    }
}

/// The contents of the section with this name; empty if nobody knows one.
fn contents<'data>(sections: &Sections<'data>, name: Option<&str>) -> &'data [u8] {
    let id = name.and_then(|name| SectionId::of_name(name.as_bytes()));
    id.map_or(&[], |id| sections.get(id))
}

/// The unit with this identifier, among the few of a file.
fn unit_with_id<'data>(dwarf: &Dwarf<'data>, id: DwoId) -> Option<Unit<'data>> {
    let mut headers = dwarf.units();
    while let Some(header) = headers.next().ok()? {
        let Ok(unit) = dwarf.unit(header) else { continue };
        if unit.dwo_id == Some(id) {
            return Some(unit);
        }
    }
    None
}
