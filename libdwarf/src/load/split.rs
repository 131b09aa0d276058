//! Split units: what a skeleton unit leaves to an object of its own. DWARF 5, sections 7.3.2 and
//! 7.3.5; GCC wiki, "DebugFission", for version 4.
//!
//! | where | found by |
//! |---|---|
//! | `PROGRAM.dwp`, a package of many split units | its index, by the unit's identifier |
//! | the file that the skeleton names | its name from the unit's folder, else beside the program |
//!
//! A file is the right one if it has a unit with the identifier of the skeleton.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gimli::{DwarfFileType, DwarfPackage, DwoId, EndianSlice};
use libelf::File;
use libelf::debugfile::{Found, Proof};

use super::{Backing, Debug, Dwarf, Sections, Slice, read_regular};
use crate::section::SectionId;

/// A unit as `gimli` reads it.
type Unit<'data> = gimli::Unit<Slice<'data>>;

/// The package beside a program.
type Package<'data> = DwarfPackage<Slice<'data>>;

/// Where the split units of a file are. Nothing is opened before it is asked for.
#[derive(Debug)]
pub(crate) struct Splits<'data> {
    /// Of the file that has the skeletons.
    path: PathBuf,
    backing: &'data Backing,
    package: OnceLock<Option<Box<Package<'data>>>>,
}

impl<'data> Debug<'data> {
    /// The split unit that `skeleton`, a unit of `parent`, stands for, with the file that it is in.
    /// `None` if it is no skeleton, or its object is not there. `parent` must have the sections
    /// `.debug_addr` and, before version 5, `.debug_ranges`.
    pub fn split_unit(
        &self,
        parent: &Dwarf<'data>,
        skeleton: &Unit<'data>,
    ) -> Option<(Dwarf<'data>, Unit<'data>)> {
        self.splits.unit(parent, skeleton)
    }
}

impl<'data> Splits<'data> {
    /// Of the file at `path`.
    pub(crate) fn new(path: &Path, backing: &'data Backing) -> Self {
        Self { path: path.to_path_buf(), backing, package: OnceLock::new() }
    }

    /// As [`Debug::split_unit`].
    pub(crate) fn unit(
        &self,
        parent: &Dwarf<'data>,
        skeleton: &Unit<'data>,
    ) -> Option<(Dwarf<'data>, Unit<'data>)> {
        // What a split unit names is itself.
        let id = skeleton.dwo_id.filter(|_| parent.file_type == DwarfFileType::Main)?;
        let name = skeleton.dwo_name().ok()??;
        let name = parent.attr_string(skeleton, name).ok()?;
        let packed = self.packed(parent, id);
        let (dwarf, mut unit) = packed.or_else(|| self.beside(parent, skeleton, id, &name))?;
        unit.copy_relocated_attributes(skeleton);
        Some((dwarf, unit))
    }

    /// How many type units the package has: their rows are counted from 1.
    pub(crate) fn type_rows(&self) -> u32 {
        self.package().map_or(0, |package| package.tu_index.unit_count())
    }

    /// The row of the package's type unit with this signature.
    pub(crate) fn type_row(&self, signature: u64) -> Option<u32> {
        self.package()?.tu_index.find(signature)
    }

    /// The type unit of the package in a row, as a file of its own.
    pub(crate) fn type_unit(&self, parent: &Dwarf<'data>, row: u32) -> Option<Dwarf<'data>> {
        self.package()?.tu_sections(row, parent).ok()
    }

    /// The unit of the package.
    fn packed(&self, parent: &Dwarf<'data>, id: DwoId) -> Option<(Dwarf<'data>, Unit<'data>)> {
        let dwarf = self.package()?.find_cu(id, parent).ok()??;
        let unit = unit_with_id(&dwarf, id)?;
        Some((dwarf, unit))
    }

    fn package(&self) -> Option<&Package<'data>> {
        self.package.get_or_init(|| self.find_package().map(Box::new)).as_deref()
    }

    fn find_package(&self) -> Option<Package<'data>> {
        let mut path = self.path.clone().into_os_string();
        path.push(".dwp");
        let sections = self.open(PathBuf::from(path))?;
        let empty = EndianSlice::new(&[], sections.endian());
        DwarfPackage::load(|id| Ok::<_, gimli::Error>(contents(&sections, id)), empty).ok()
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
            let sections = self.open(path)?;
            let load = |id| Ok::<_, Infallible>(contents(&sections, id));
            let mut dwarf = match Dwarf::load(load) {
                Ok(dwarf) => dwarf,
                Err(never) => match never {},
            };
            dwarf.file_type = DwarfFileType::Dwo;
            dwarf.make_dwo(parent);
            let unit = unit_with_id(&dwarf, id)?;
            Some((dwarf, unit))
        })
    }

    fn open(&self, path: PathBuf) -> Option<Sections<'data>> {
        let bytes = read_regular(&path)?;
        // What proves that it is the right one is the identifier of the unit, which is told later.
        let found = Found { path, bytes, proof: Proof::BuildId };
        let found = self.backing.keep_file(found);
        Some(Sections::new(File::parse(&found.bytes).ok()?, self.backing))
    }
}

/// The contents of the section of split units that `gimli` asks for; empty if there is none.
fn contents<'data>(sections: &Sections<'data>, id: gimli::SectionId) -> Slice<'data> {
    let id = id.dwo_name().and_then(|name| SectionId::of_name(name.as_bytes()));
    EndianSlice::new(id.map_or(&[], |id| sections.get(id)), sections.endian())
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
