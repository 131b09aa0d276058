//! Section groups. gABI, chapter 4, "Section Groups".

use super::Contents;
use super::writer::Writer;
use crate::edit::SectionId;
use crate::edit::context::{Context, Source};
use crate::edit::error::Result;
use crate::group::Group;

/// A member of a section group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupMember {
    /// A section.
    Section(SectionId),
    /// An index that no section has.
    Index(u32),
}

pub(super) fn decode<'data>(
    source: &Source<'_, 'data>,
    bytes: &'data [u8],
) -> Option<Contents<'data>> {
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let group = Group::parse(bytes, source.encoding)?;
    let member = |index| match source.section(index) {
        Some(id) => GroupMember::Section(id),
        None => GroupMember::Index(index),
    };
    Some(Contents::Group {
        flags: group.flags,
        members: group.members.iter().map(member).collect(),
    })
}

pub(super) fn encode(flags: u32, members: &[GroupMember], context: &Context) -> Result<Vec<u8>> {
    let mut out = Writer::with_capacity(context.encoding, "entry", 4 + 4 * members.len());
    out.u32(flags);
    for member in members {
        out.u32(match member {
            GroupMember::Section(id) => context.section_index(*id, "member")?,
            GroupMember::Index(index) => *index,
        });
    }
    Ok(out.finish())
}
