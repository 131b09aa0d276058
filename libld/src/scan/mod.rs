//! What the relocations of all kept sections ask for: slots, entries, copies, dynamic relocations.
//!
//! Sections are looked at in parallel. What global symbols need goes to one table of atomic words;
//! what local symbols need, and how many dynamic relocations a section brings, is gathered by file
//! and section, so that it does not depend on threads.

mod effect;
mod facts;
mod lost;
mod needs;
mod strong_names;

pub use effect::{Effect, Loader};
pub use facts::{Binding, Facts, collect, settle_adopted, settle_weak};
pub use lost::may_refer_to_lost;
pub use needs::{NeedTable, Needs};
pub use strong_names::use_strong_names;

use std::sync::atomic::{AtomicU8, Ordering};

use libelf::raw::{SHF_ALLOC, SHF_WRITE, SHT_NOBITS, STT_FUNC, STT_GNU_IFUNC, STT_TLS};
use libelf::section::SectionHeader;
use rayon::prelude::*;

use crate::arch::Arch;
use crate::eh_frame::Frames;
use crate::form::Form;
use crate::ids::{FileId, SectionId, SymbolId};
use crate::input::Object;
use crate::input::object::Place;
use crate::input::relocs::{Reloc, RelocTable};
use crate::live::Live;
use crate::resolve::Resolved;

/// What a relocation refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// Nothing: the address is 0.
    None,
    /// A global symbol.
    Global(SymbolId),
    /// A local symbol of a file, by its index.
    Local(FileId, u32),
}

/// What stands in the way of a relocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The symbol index is past the end of the table.
    NoSymbol,
    /// Nothing defines the symbol.
    Undefined,
    /// The machine has no such relocation.
    UnknownType,
    /// The code cannot be part of such an output: found before anything has its place.
    NeedsPic,
    /// The same, found where the relocation is applied.
    CannotReach,
    /// The same, of a distance from the global offset table.
    NotFromGot,
    /// The code names a slot of the global offset table by its address, which the output does not
    /// know.
    NeedsBase,
    /// The offset in thread-local storage is not known, as a library defines the symbol.
    Unresolvable,
    /// What it refers to is in a section that the output does not have.
    Lost,
    /// The variable is copied though its library wants the only one.
    ProtectedCopy,
    /// The distance to an absolute symbol depends on where the output is loaded.
    ToAbsolute,
    /// The value does not fit the field.
    Overflow,
    /// The address does not fit the code that was made simpler.
    NotRelaxed,
    /// The field lies outside the section.
    Outside,
    /// The section that it applies to cannot be unpacked.
    Packed,
}

/// A relocation in trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The section that it applies to.
    pub section: SectionId,
    /// The relocation.
    pub reloc: Reloc,
    /// What is wrong.
    pub trouble: Trouble,
}

/// What the scan reads.
pub struct ScanInput<'a, 'data> {
    /// Files and symbols.
    pub resolved: &'a Resolved<'data>,
    /// What is kept.
    pub live: &'a Live,
    /// What is left of `.eh_frame`.
    pub frames: &'a Frames<'data>,
    /// What is true of each symbol.
    pub facts: &'a [Facts],
    /// The machine.
    pub arch: &'a dyn Arch,
    /// The kind of output.
    pub form: Form,
    /// Whether relative relocations are packed (`-z pack-relative-relocs`).
    pub packs_relative: bool,
}

/// What the scan found.
pub struct Scanned {
    /// What global symbols need.
    pub needs: NeedTable,
    /// What each file asks for.
    pub files: Vec<FileScan>,
    /// Whether somebody needs the slots for the output's own module.
    pub needs_module_slot: bool,
    /// Whether somebody refers to the table's address.
    pub needs_got_base: bool,
    /// Whether the output needs room in the static block (`DF_STATIC_TLS`).
    pub has_static_tls: bool,
}

impl Scanned {
    /// The sections that the loader has to change though the program may not write to them, each
    /// with a symbol that relocations refer to.
    pub fn changed_text(&self) -> impl Iterator<Item = (SectionId, Target)> {
        (0_u32..).zip(&self.files).flat_map(|(number, file)| {
            let file_id = FileId(number);
            file.sections.iter().filter_map(move |section| {
                Some((SectionId { file: file_id, index: section.section }, section.read_only?))
            })
        })
    }
}

/// What the sections of one file ask for.
#[derive(Debug, Default)]
pub struct FileScan {
    /// What its local symbols need, in the order of their indexes.
    pub locals: Vec<(u32, Needs)>,
    /// Its sections with dynamic relocations.
    pub sections: Vec<SectionDynamic>,
    /// What is wrong.
    pub reports: Vec<Report>,
}

/// The dynamic relocations of a section.
#[derive(Debug, Default)]
pub struct SectionDynamic {
    /// The section's index.
    pub section: u32,
    /// How many relocations there are in all that are not packed.
    pub count: u32,
    /// How many of them are relative.
    pub relative: u32,
    /// How many of them are for IFUNCs of the output.
    pub ifuncs: u32,
    /// If the program may not write to the section: the first symbol that a relocation refers to,
    /// a local one before all others.
    pub read_only: Option<Target>,
    /// Where packed ones apply, in bytes from the section's start.
    pub packed: Vec<u64>,
}

/// What is true of the output as a whole, gathered by all threads.
#[derive(Default)]
struct Whole(AtomicU8);

const MODULE_SLOT: u8 = 1;
const GOT_BASE: u8 = 2;
const STATIC_TLS: u8 = 4;

impl Whole {
    fn set(&self, bit: u8) {
        self.0.fetch_or(bit, Ordering::Relaxed);
    }
}

/// Runs the pass.
pub fn scan(input: &ScanInput<'_, '_>) -> Scanned {
    let needs = NeedTable::new(input.resolved.symbols.len());
    let whole = Whole::default();
    let misses_any = lost::misses_any(input.facts);
    let files: Vec<_> = (0..input.resolved.files.len() as u32)
        .into_par_iter()
        .map(|number| scan_file(input, misses_any, FileId(number), &needs, &whole))
        .collect();
    let whole = whole.0.into_inner();
    Scanned {
        needs,
        files,
        needs_module_slot: whole & MODULE_SLOT != 0,
        needs_got_base: whole & GOT_BASE != 0,
        has_static_tls: whole & STATIC_TLS != 0,
    }
}

fn scan_file(
    input: &ScanInput<'_, '_>,
    misses_any: bool,
    file: FileId,
    needs: &NeedTable,
    whole: &Whole,
) -> FileScan {
    let mut found = FileScan::default();
    let Some(object) = input.resolved.object(file) else { return found };
    for section in 0..object.sections.len() as u32 {
        if object.relocs.get(section as usize).is_none_or(|&relocs| relocs == 0)
            || !input.live.contains(SectionId { file, index: section })
        {
            continue;
        }
        let Some(header) = object.sections.get(section as usize) else { continue };
        if header.flags & SHF_ALLOC.0 == 0 {
            let id = SectionId { file, index: section };
            lost::look(input, misses_any, id, object, &mut found.reports);
            continue;
        }
        if header.kind == SHT_NOBITS {
            continue;
        }
        // What dropped records refer to is not needed.
        let kept = input.frames.relocs(SectionId { file, index: section });
        let relocs = kept.as_ref().map_or_else(|| object.relocs_of(section), |kept| kept.table());
        let mut scan = SectionScan {
            input,
            needs,
            whole,
            file,
            object,
            header,
            relocs,
            may_lose: !may_refer_to_lost(object, section, &header),
            bytes: object.section_data(&header),
            found: &mut found,
            dynamic: SectionDynamic { section, ..SectionDynamic::default() },
        };
        input.arch.scan(&mut scan);
        let dynamic = scan.dynamic;
        if dynamic.count != 0 || !dynamic.packed.is_empty() || dynamic.read_only.is_some() {
            found.sections.push(dynamic);
        }
    }
    found.locals.sort_unstable_by_key(|&(index, _)| index);
    found.locals.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = kept.1.and(next.1);
        }
        same
    });
    found
}

/// One section while it is looked at.
pub struct SectionScan<'a, 'data> {
    input: &'a ScanInput<'a, 'data>,
    needs: &'a NeedTable,
    whole: &'a Whole,
    file: FileId,
    object: &'a Object<'data>,
    header: SectionHeader,
    relocs: RelocTable<'a>,
    /// Whether references to what the output does not have are wrong.
    may_lose: bool,
    bytes: &'data [u8],
    found: &'a mut FileScan,
    dynamic: SectionDynamic,
}

impl<'data> SectionScan<'_, 'data> {
    /// The contents.
    pub fn bytes(&self) -> &'data [u8] {
        self.bytes
    }

    /// Whether the program may write to the section.
    pub fn is_writable(&self) -> bool {
        self.header.flags & SHF_WRITE.0 != 0
    }

    /// The kind of output.
    pub fn form(&self) -> Form {
        self.input.form
    }

    /// What a relocation refers to, and what is true of that. If it refers to no symbol, that is
    /// noted, and there is nothing more to do; references to what the output does not have are
    /// noted as well.
    #[inline]
    fn target(&mut self, reloc: &Reloc) -> Option<(Target, Facts)> {
        let Some(target) = target(self.file, self.object, reloc.symbol) else {
            self.trouble(reloc, Trouble::NoSymbol);
            return None;
        };
        let (facts, is_lost) = if let Target::Local(_, index) = target {
            let facts = facts_of_local(self.object, index);
            (facts, self.may_lose && lost::is_lost_local(self.object, target, self.input.live))
        } else {
            let facts = facts_of(self.input.resolved, self.input.facts, target);
            (facts, self.may_lose && facts.has_any(Facts::LOST))
        };
        if is_lost && reloc.kind != NO_RELOCATION {
            self.trouble(reloc, Trouble::Lost);
        }
        Some((target, facts))
    }

    /// Notes what a target needs.
    fn need(&mut self, target: Target, needs: Needs) {
        match target {
            Target::Global(id) => self.needs.add(id, needs),
            // That it is used is of interest for global symbols alone.
            Target::Local(_, index) if !needs.is_none() => {
                self.found.locals.push((index, needs));
            }
            Target::Local(..) | Target::None => {}
        }
    }

    /// Notes a dynamic relocation that adds the load bias to the word at `offset`.
    fn relative(&mut self, offset: u64) {
        let place = self.header.addralign | offset;
        if self.input.packs_relative && self.header.addralign > 1 && place.is_multiple_of(2) {
            self.dynamic.packed.push(offset);
        } else {
            self.dynamic.count = self.dynamic.count.saturating_add(1);
            self.dynamic.relative = self.dynamic.relative.saturating_add(1);
        }
    }

    /// Notes another dynamic relocation.
    fn dynamic(&mut self, facts: Facts) {
        self.dynamic.count = self.dynamic.count.saturating_add(1);
        let is_ifunc = facts.has(Facts::IFUNC);
        self.dynamic.ifuncs = self.dynamic.ifuncs.saturating_add(is_ifunc.into());
    }

    /// Notes that the loader has to change the section for this target.
    fn changes_text(&mut self, target: Target) {
        if self.is_writable() {
            return;
        }
        let is_local = !matches!(target, Target::Global(_));
        let had_global = matches!(self.dynamic.read_only, Some(Target::Global(_)));
        if self.dynamic.read_only.is_none() || is_local && had_global {
            self.dynamic.read_only = Some(target);
        }
    }

    /// Notes that the slots of the output's own module are needed.
    fn module_slot(&self) {
        self.whole.set(MODULE_SLOT);
    }

    /// Notes that the address of the global offset table is needed.
    fn got_base(&self) {
        self.whole.set(GOT_BASE);
    }

    /// Notes that the output needs room in the static block of thread-local storage.
    fn static_tls(&self) {
        self.whole.set(STATIC_TLS);
    }

    /// Notes that something is wrong.
    fn trouble(&mut self, reloc: &Reloc, trouble: Trouble) {
        let section = SectionId { file: self.file, index: self.dynamic.section };
        self.found.reports.push(Report { section, reloc: *reloc, trouble });
    }
}

/// The type of a relocation that does nothing, which is 0 for every machine.
const NO_RELOCATION: u32 = 0;

/// What the symbol with this index of an object is; `None` if there is no such symbol.
pub fn target(file: FileId, object: &Object<'_>, symbol: u32) -> Option<Target> {
    if symbol == 0 {
        return Some(Target::None);
    }
    if let Some(&id) = object.global(symbol) {
        return (id != SymbolId::NONE).then_some(Target::Global(id));
    }
    ((symbol as usize) < object.symbols.len()).then_some(Target::Local(file, symbol))
}

/// What is true of a target; `facts` are those of global symbols.
pub fn facts_of(resolved: &Resolved<'_>, facts: &[Facts], target: Target) -> Facts {
    match target {
        Target::None => Facts::default().with(Facts::ABSOLUTE, true),
        Target::Global(id) => facts.get(id.index()).copied().unwrap_or_default(),
        Target::Local(file, index) => {
            resolved.object(file).map_or(Facts::default(), |object| facts_of_local(object, index))
        }
    }
}

/// What is true of a local symbol.
#[inline]
pub fn facts_of_local(object: &Object<'_>, index: u32) -> Facts {
    let Some(symbol) = object.symbols.get(index as usize) else { return Facts::default() };
    let kind = symbol.kind();
    Facts::default()
        .with(Facts::IFUNC, kind == STT_GNU_IFUNC)
        .with(Facts::FUNCTION, kind == STT_FUNC || kind == STT_GNU_IFUNC)
        .with(Facts::TLS, kind == STT_TLS)
        .with(Facts::ABSOLUTE, object.place(index, &symbol) == Place::Absolute)
}
