//! Section groups (gABI, chapter 4, "Section Groups"): a group and its members must know each
//! other.
//!
//! Groups are read when the first section that says it is in one becomes a section. Reading them
//! tells their members, too: whatever a group lists and comes later is taken as a member,
//! whether its own header says so or not.

use std::ops::Range;

use object::elf::{SHF_GROUP, SHT_GROUP, SHT_NULL, SHT_REL, SHT_RELA, SHT_SYMTAB};

use super::{Builder, Checked, Notice, Refused, State};
use crate::section::SectionHeader;
use crate::table::Table;

/// The size of an entry of a group, in bytes.
const ENTRY_SIZE: u64 = 4;

/// A group that was read.
struct Group {
    /// The index of its section header.
    header: usize,
    /// The section headers that it lists: a part of `Groups::members`.
    members: Range<usize>,
    /// Whether a section has joined it.
    has_member: bool,
}

/// What groups list which sections.
pub(super) struct Groups {
    /// In the order of their headers.
    list: Vec<Group>,
    /// What they list, one group after the other.
    members: Vec<u32>,
    /// For each section header one more than the place in `list` of the first group that lists it,
    /// 0 for none.
    of_section: Vec<u32>,
}

impl Builder<'_, '_> {
    /// Whether a header may be that of a group: a word of flags, and indexes of sections.
    pub(super) fn is_group(header: &SectionHeader) -> bool {
        header.kind == SHT_GROUP
            && header.entsize == ENTRY_SIZE
            && header.size >= ENTRY_SIZE
            && header.size.is_multiple_of(ENTRY_SIZE)
    }

    /// Notes if no group lists a section that has the flag of a member.
    pub(super) fn join_group(&mut self, index: usize, header: &SectionHeader) -> Checked<()> {
        if self.groups.is_none() {
            self.load_groups()?;
        }
        let group = self.groups.as_mut().and_then(|groups| {
            let place = groups.of_section.get(index)?.checked_sub(1)?;
            groups.list.get_mut(place as usize)
        });
        let Some(group) = group else {
            let section = self.name_at(header.name).unwrap_or_default();
            self.notices.push(Notice::NoGroup { section });
            return Ok(());
        };
        let is_first = !std::mem::replace(&mut group.has_member, true);
        let group = group.header;
        if is_first { self.check_signature(group) } else { Ok(()) }
    }

    /// The symbol that names a group must lie in the file.
    fn check_signature(&mut self, group: usize) -> Checked<()> {
        let header = self.header(group)?;
        let link = self.header(header.link as usize)?;
        let at = u64::from(header.info)
            .checked_mul(link.entsize)
            .and_then(|skip| link.offset.checked_add(skip))
            .ok_or(Refused)?;
        let symbol = self.file.bytes(at, link.entsize, "symbol").map_err(|_| Refused)?;
        if link.kind != SHT_SYMTAB {
            return Err(Refused);
        }
        let name = self.file.encoding().u32(symbol, 0).ok_or(Refused)?;
        // The name itself is of no use here.
        let _ = self.string(link.link as usize, name);
        Ok(())
    }

    /// Reads all groups, and makes their sections ahead of their turn.
    fn load_groups(&mut self) -> Checked<()> {
        let of_section = vec![0; self.headers.len()];
        self.groups = Some(Groups { list: Vec::new(), members: Vec::new(), of_section });
        let mut has_any = false;
        let mut has_read = false;
        let mut total = 0u64;
        for index in 1..self.headers.len() {
            let header = self.header(index)?;
            if !Self::is_group(&header) {
                continue;
            }
            has_any = true;
            self.visit(index)?;
            let Ok(bytes) = self.file.section_data(&header) else {
                self.notices.push(Notice::GroupOfSize { size: header.size });
                continue;
            };
            has_read = true;
            // Groups of a sound file do not share a byte.
            total = total.saturating_add(header.size);
            if total > self.file.data().len() as u64 {
                return Err(Refused);
            }
            self.load_group(index, bytes);
        }
        if has_any && !has_read {
            self.notices.push(Notice::NoValidGroup);
        }
        Ok(())
    }

    fn load_group(&mut self, index: usize, bytes: &[u8]) {
        let Some(groups) = &mut self.groups else { return };
        let entries = Table::<u32>::new(bytes, self.file.encoding());
        // One more than the place of the group to come.
        let number = groups.list.len() as u32 + 1;
        let start = groups.members.len();
        for member in entries.iter().skip(1) {
            let kind = self.headers.get_mut(member as usize).map(|header| {
                header.flags |= SHF_GROUP.0;
                header.kind
            });
            if kind.is_none() || kind == Some(SHT_GROUP) {
                self.notices.push(Notice::BadGroupEntry { group: index });
                continue;
            }
            groups.members.push(member);
            let first = groups.of_section.get_mut(member as usize);
            if let Some(first) = first.filter(|first| **first == 0) {
                *first = number;
            }
        }
        let members = start..groups.members.len();
        groups.list.push(Group { header: index, members, has_member: false });
    }

    /// The last look: each group must have a member that agrees, and none that is no section.
    /// So must each section that says which one it follows.
    pub(super) fn check_ties(&mut self) -> Checked<()> {
        if !self.has_ties {
            return Ok(());
        }
        for (index, header) in self.headers.iter().enumerate() {
            let is_section = || matches!(self.state(index), State::Section { .. });
            if !self.order_is_sound(header) && is_section() {
                return Err(Refused);
            }
        }
        let (list, members) =
            self.groups.take().map(|groups| (groups.list, groups.members)).unwrap_or_default();
        let mut loaded = list.into_iter().peekable();
        let mut is_sound = true;
        for index in 1..self.headers.len() {
            if self.header(index)?.kind != SHT_GROUP {
                continue;
            }
            let group = loaded.next_if(|group| group.header == index);
            if !group.as_ref().is_some_and(|group| group.has_member) {
                self.notices.push(Notice::EmptyGroup { group: index });
                is_sound = false;
            }
            let members = group.and_then(|group| members.get(group.members)).unwrap_or_default();
            for &member in members {
                is_sound &= self.check_member(index, member as usize)?;
            }
        }
        if is_sound { Ok(()) } else { Err(Refused) }
    }

    /// Whether what a group lists is a section, or goes with one.
    fn check_member(&mut self, group: usize, member: usize) -> Checked<bool> {
        if matches!(self.state(member), State::Section { .. }) {
            return Ok(true);
        }
        let header = self.header(member)?;
        if is_reloc(&header) {
            return Ok(true);
        }
        let group = self.header(group)?.name;
        let kind = if member == 0 { SHT_NULL } else { header.kind };
        let section = self.name_at(header.name).unwrap_or_default();
        let group = self.name_at(group).unwrap_or_default();
        self.notices.push(Notice::BadGroupMember { kind: kind.0, section, group });
        Ok(false)
    }
}

/// Relocations go with their section, whether the group lists them or not.
fn is_reloc(header: &SectionHeader) -> bool {
    matches!(header.kind, SHT_REL | SHT_RELA)
}
