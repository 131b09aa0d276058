//! From an object to the bytes of a file.

use std::borrow::Cow;
use std::io::Write;

use super::contents::writer::Writer;
use super::error::{Error, Owner, Result};
use super::layout::Layout;
use super::parts::{Filling, Piece, pieces};
use super::plan::Plan;
use super::{Map, Object, SectionId, SegmentId, contents};
use crate::ident::Class;
use crate::section::SectionHeader;
use crate::segment::ProgramHeader;

/// How many zero bytes are written at a time.
const ZEROS: [u8; 1 << 12] = [0; 1 << 12];

impl<'data> Object<'data> {
    /// Where everything lies in the file that [`Self::write`] makes.
    ///
    /// # Errors
    /// Those of [`Self::write`] that do not depend on the output or on single entries of tables.
    pub fn layout(&self) -> Result<Layout> {
        Ok(Plan::of(self)?.layout)
    }

    /// Writes the file from its start to its end. Bytes that are borrowed or owned by the object
    /// are written from where they are; other contents are encoded one at a time.
    ///
    /// # Errors
    /// A value that does not fit its field, a reference to what was removed, a name that its
    /// string table lacks, or an error of the output. Only the last leaves a part of the file
    /// written, and errors in single entries of tables.
    pub fn write(&self, out: &mut dyn Write) -> Result<()> {
        self.plan()?.write(out)
    }

    /// Settles everything once, for those who want to look at the layout and then write.
    ///
    /// # Errors
    /// Those of [`Self::layout`].
    pub fn plan(&self) -> Result<Planned<'_, 'data>> {
        Ok(Planned { object: self, plan: Plan::of(self)? })
    }

    fn stream_planned(&self, plan: &Plan<'data>, out: &mut dyn Write) -> Result<()> {
        let mut at = 0;
        Encoder::new(self, plan).pieces(|piece, bytes| {
            zeros(out, piece.range.start - at)?;
            out.write_all(bytes)?;
            at = piece.range.end;
            Ok(())
        })?;
        zeros(out, plan.layout.length.saturating_sub(at))
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// Those of [`Self::write`].
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let plan = Plan::of(self)?;
        let too_large = || Error::TooLarge { length: plan.layout.length };
        let length = usize::try_from(plan.layout.length).map_err(|_| too_large())?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(length).map_err(|_| too_large())?;
        self.stream_planned(&plan, &mut bytes)?;
        Ok(bytes)
    }

    /// Writes the file into `out`, which has as many bytes as [`Layout::length`] says, all zero:
    /// for outputs that are mapped. Bytes past its end are left out.
    ///
    /// # Errors
    /// Those of [`Self::write`].
    pub fn write_into(&self, out: &mut [u8]) -> Result<()> {
        self.write_planned(&Plan::of(self)?, out)
    }

    fn write_planned(&self, plan: &Plan<'data>, out: &mut [u8]) -> Result<()> {
        Encoder::new(self, plan).pieces(|piece, bytes| {
            let start = usize::try_from(piece.range.start).unwrap_or(usize::MAX);
            let room = out.get_mut(start..).unwrap_or_default();
            let count = room.len().min(bytes.len());
            if let (Some(room), Some(bytes)) = (room.get_mut(..count), bytes.get(..count)) {
                room.copy_from_slice(bytes);
            }
            Ok(())
        })
    }
}

/// An object of which everything is settled: see [`Object::plan`].
#[derive(Debug)]
pub struct Planned<'a, 'data> {
    object: &'a Object<'data>,
    plan: Plan<'data>,
}

impl Planned<'_, '_> {
    /// Where everything lies.
    pub fn layout(&self) -> &Layout {
        &self.plan.layout
    }

    /// As [`Object::write`].
    ///
    /// # Errors
    /// Those of [`Object::write`] that [`Object::layout`] does not have.
    pub fn write(&self, out: &mut dyn Write) -> Result<()> {
        self.object.stream_planned(&self.plan, out)
    }
}

fn zeros(out: &mut dyn Write, mut count: u64) -> Result<()> {
    while count != 0 {
        let now = count.min(ZEROS.len() as u64);
        out.write_all(ZEROS.get(..now as usize).unwrap_or(&ZEROS))?;
        count -= now;
    }
    Ok(())
}

/// Gives the bytes of each part of a planned object.
struct Encoder<'a, 'data> {
    object: &'a Object<'data>,
    plan: &'a Plan<'data>,
}

impl<'a, 'data> Encoder<'a, 'data> {
    fn new(object: &'a Object<'data>, plan: &'a Plan<'data>) -> Self {
        Self { object, plan }
    }

    /// Calls `write` with each piece and its bytes, in the order of the file.
    fn pieces(&self, mut write: impl FnMut(&Piece, &[u8]) -> Result<()>) -> Result<()> {
        // Other parts may lie within a part, which then is in pieces: it is encoded once all the same.
        let mut split: Map<Filling, (Cow<'a, [u8]>, usize)> = Map::default();
        for piece in pieces(self.object, self.plan) {
            let from = (piece.range.start - piece.start) as usize;
            let to = (piece.range.end - piece.start) as usize;
            let (bytes, written) = match split.remove(&piece.filling) {
                Some(found) => found,
                None => (self.encode(piece.filling)?, 0),
            };
            write(&piece, bytes.get(from..to).unwrap_or_default())?;
            if written + 1 < piece.siblings {
                split.insert(piece.filling, (bytes, written + 1));
            }
        }
        Ok(())
    }

    fn encode(&self, filling: Filling) -> Result<Cow<'a, [u8]>> {
        let contents = |owner, contents: &'a super::Contents<'data>| {
            contents::encode(contents, &self.plan.context(self.object, owner))
        };
        Ok(match filling {
            Filling::Header => self.header().into(),
            Filling::SegmentHeaders(first, count) => self.segment_headers(first, count).into(),
            Filling::SectionHeaders(first, count) => self.section_headers(first, count).into(),
            Filling::Section(id) => match self.object.sections.get(id.0) {
                Some(section) => contents(Owner::Section(id), &section.contents)?,
                None => Cow::default(),
            },
            Filling::Segment(id) => match self.object.segments.get(id.0) {
                Some(segment) => contents(Owner::Segment(id), &segment.contents)?,
                None => Cow::default(),
            },
            Filling::Filler(index) => match self.object.fillers.get(index) {
                Some(filler) => Cow::Borrowed(&*filler.bytes),
                None => Cow::default(),
            },
        })
    }

    fn header(&self) -> Vec<u8> {
        let given = &self.object.header;
        let header = &self.plan.layout.header;
        let mut out = Writer::with_capacity(given.encoding, "ELF header", 64);
        out.bytes(&given.magic);
        let ident =
            [header.class, header.data, header.ident_version, given.os_abi, given.abi_version];
        out.bytes(&ident);
        out.bytes(&given.padding);
        out.u16(given.kind);
        out.u16(given.machine);
        out.u32(header.version);
        out.cut_word(header.entry);
        out.cut_word(header.phoff);
        out.cut_word(header.shoff);
        out.u32(given.flags);
        out.u16(header.ehsize);
        out.u16(header.phentsize);
        out.u16(header.phnum);
        out.u16(header.shentsize);
        out.u16(header.shnum);
        out.u16(header.shstrndx);
        out.finish()
    }

    fn segment_headers(&self, first: u32, count: u32) -> Vec<u8> {
        let mut out = Writer::new(self.object.header.encoding, "segment");
        let keys = self.object.segments.keys().iter().skip(first as usize).take(count as usize);
        for &key in keys {
            if let Some(place) = self.plan.layout.segment(SegmentId(key)) {
                segment_header(&mut out, &place.header);
            }
        }
        out.finish()
    }

    fn section_headers(&self, first: u32, count: u32) -> Vec<u8> {
        let mut out = Writer::new(self.object.header.encoding, "section");
        let keys = self.object.sections.keys().iter().skip(first as usize).take(count as usize);
        for &key in keys {
            if let Some(place) = self.plan.layout.section(SectionId(key)) {
                section_header(&mut out, &place.header);
            }
        }
        out.finish()
    }
}

fn segment_header(out: &mut Writer, header: &ProgramHeader) {
    out.u32(header.kind.0);
    if out.encoding().class == Class::Elf64 {
        out.u32(header.flags);
    }
    out.cut_word(header.offset);
    out.cut_word(header.vaddr);
    out.cut_word(header.paddr);
    out.cut_word(header.filesz);
    out.cut_word(header.memsz);
    if out.encoding().class == Class::Elf32 {
        out.u32(header.flags);
    }
    out.cut_word(header.align);
}

fn section_header(out: &mut Writer, header: &SectionHeader) {
    out.u32(header.name);
    out.u32(header.kind.0);
    out.cut_word(header.flags);
    out.cut_word(header.addr);
    out.cut_word(header.offset);
    out.cut_word(header.size);
    out.u32(header.link);
    out.u32(header.info);
    out.cut_word(header.addralign);
    out.cut_word(header.entsize);
}
