//! Leaves fields to the writer that it would give the values they have.

use super::error::{Owner, Result};
use super::plan::Plan;
use super::section::Link;
use super::{Contents, Field, Object, SectionId, SegmentId, contents};
use crate::compress::Limits;

/// Makes a field [`Field::Auto`] if its value is that.
fn simplify<T: Copy + Into<u64>>(field: &mut Field<T>, auto: u64) {
    if matches!(field, Field::Is(value) if (*value).into() == auto) {
        *field = Field::Auto;
    }
}

impl Object<'_> {
    /// Makes every field [`Field::Auto`] that has the value it would get then. What is written
    /// stays the same.
    ///
    /// # Errors
    /// Those of [`Self::layout`]; then nothing is changed.
    pub fn simplify(&mut self) -> Result<()> {
        let plan = Plan::of(self)?;
        self.simplify_contents(&plan);
        self.simplify_sections(&plan);
        self.simplify_segments(&plan);
        self.simplify_header(&plan);
        Ok(())
    }

    fn simplify_contents(&mut self, plan: &Plan) {
        let sections = self.sections.keys().iter().map(|&key| Owner::Section(SectionId(key)));
        let segments = self.segments.keys().iter().map(|&key| Owner::Segment(SegmentId(key)));
        let owners: Vec<Owner> = sections.chain(segments).collect();
        // A file of many small sections that unpack to much would keep it busy for hours.
        let packed = self.sections.iter().map(|(_, section)| match &section.contents {
            Contents::Compressed(compressed) => compressed.payload.len(),
            _ => 0,
        });
        let mut room = Limits::for_input(packed.fold(0, usize::saturating_add)).size;
        for owner in owners {
            let Some(place) = self.contents_mut(owner) else { continue };
            if matches!(place, Contents::Bytes(_) | Contents::Empty | Contents::NoBits(_)) {
                continue;
            }
            let mut contents = std::mem::take(place);
            contents::simplify(&mut contents, &plan.context(self, owner), &mut room);
            self.set_contents(owner, contents);
        }
    }

    fn simplify_sections(&mut self, plan: &Plan) {
        for (key, section) in self.sections.iter_mut() {
            let id = SectionId(key);
            let Some(auto) = plan.autos.sections.get(key as usize) else { continue };
            if auto.name != u32::MAX {
                simplify(&mut section.name.offset, auto.name.into());
            }
            simplify(&mut section.address, auto.addr);
            simplify(&mut section.offset, auto.offset);
            simplify(&mut section.size, auto.size);
            simplify(&mut section.align, auto.addralign);
            simplify(&mut section.entry_size, auto.entsize);
            simplify(
                &mut section.placed_at,
                plan.autos.placed_at.get(key as usize).copied().unwrap_or(u64::MAX),
            );
            if plan.links.link(id).value == plan.links.link(id).auto {
                section.link = Link::Auto;
            }
            if plan.links.info(id).value == plan.links.info(id).auto {
                section.info = Link::Auto;
            }
        }
    }

    fn simplify_segments(&mut self, plan: &Plan) {
        for (key, segment) in self.segments.iter_mut() {
            let Some(auto) = plan.autos.segments.get(key as usize) else { continue };
            simplify(&mut segment.flags, auto.flags.into());
            simplify(&mut segment.offset, auto.offset);
            simplify(&mut segment.address, auto.vaddr);
            simplify(&mut segment.physical, auto.paddr);
            simplify(&mut segment.file_size, auto.filesz);
            simplify(&mut segment.memory_size, auto.memsz);
            simplify(&mut segment.align, auto.align);
        }
    }

    fn simplify_header(&mut self, plan: &Plan) {
        let auto = &plan.autos.header;
        let header = &mut self.header;
        if header.section_names == plan.links.auto_section_names() {
            header.section_names = None;
        }
        simplify(&mut header.class, auto.class.into());
        simplify(&mut header.data, auto.data.into());
        simplify(&mut header.ident_version, auto.ident_version.into());
        simplify(&mut header.version, auto.version.into());
        simplify(&mut header.entry, auto.entry);
        simplify(&mut header.phoff, auto.phoff);
        simplify(&mut header.shoff, auto.shoff);
        simplify(&mut header.ehsize, auto.ehsize.into());
        simplify(&mut header.phentsize, auto.phentsize.into());
        simplify(&mut header.phnum, auto.phnum.into());
        simplify(&mut header.shentsize, auto.shentsize.into());
        simplify(&mut header.shnum, auto.shnum.into());
        simplify(&mut header.shstrndx, auto.shstrndx.into());
        simplify(&mut header.segment_table, plan.autos.segment_table);
        simplify(&mut header.section_table, plan.autos.section_table);
        simplify(&mut self.length, plan.autos.length);
    }
}
