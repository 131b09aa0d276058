//! Section groups (gABI, chapter 4, "Section Groups"): a group and its members must know each
//! other.

use object::elf::{SHF_GROUP, SHT_GROUP, SHT_SYMTAB};

use super::{Builder, Checked, Notice, Refused, State};
use crate::file::File;
use crate::section::SectionHeader;
use crate::table::Table;

/// Which group each section belongs to.
pub(super) struct Groups {
    /// The headers of groups, in order.
    headers: Vec<u32>,
    /// For each section header the index of its group's header, 0 for none.
    of_section: Vec<u32>,
    /// Groups that became sections ahead of their turn, for the first member of any: GNU's tools
    /// do not ask these for a member of their own. In order.
    made_for_member: Vec<usize>,
}

impl Builder<'_, '_> {
    /// Whether the group's table lies in the file, and so does the symbol that names the group.
    pub(super) fn group_is_readable(&self, header: &SectionHeader) -> bool {
        let Some(link) = self.headers.get(header.link as usize) else {
            return false;
        };
        let symbol = u64::from(header.info)
            .checked_mul(link.entsize)
            .and_then(|skip| link.offset.checked_add(skip));
        link.kind == SHT_SYMTAB
            && self.file.section_data(header).is_ok()
            && symbol.is_some_and(|at| self.file.bytes(at, link.entsize, "symbol").is_ok())
    }

    /// The headers of groups, in order.
    fn group_headers(&self) -> Checked<Vec<u32>> {
        let mut total = 0u64;
        // A group has a member at least, mostly with relocations.
        let mut found = Vec::with_capacity(self.headers.len() / 2);
        for (index, header) in (0..).zip(&self.headers).skip(1) {
            if header.kind == SHT_GROUP {
                found.push(index);
                total = total.saturating_add(header.size);
            }
        }
        // Groups of a sound file do not share a byte.
        if total > self.file.data().len() as u64 { Err(Refused) } else { Ok(found) }
    }

    /// Notes if no group lists a section that has the flag of a member.
    pub(super) fn join_group(&mut self, index: usize, header: &SectionHeader) -> Checked<()> {
        if self.groups.is_none() {
            let groups = self.load_groups()?;
            self.groups = Some(groups);
            let mut number = 0;
            while let Some(group) = self.group_of_number(number) {
                number += 1;
                if self.state(group) == State::Untouched
                    && let Some(groups) = &mut self.groups
                {
                    groups.made_for_member.push(group);
                }
                self.visit(group)?;
            }
        }
        let groups = self.groups.as_ref();
        let is_listed =
            groups.and_then(|groups| groups.of_section.get(index)).is_some_and(|&group| group != 0);
        if !is_listed {
            let names = self.names.unwrap_or_default();
            let section = names.get_cut(header.name.into()).unwrap_or_default().to_vec();
            self.notices.push(Notice::NoGroup { section });
        }
        Ok(())
    }

    /// The header of the first, second, … group, once they are loaded.
    fn group_of_number(&self, number: usize) -> Option<usize> {
        self.groups.as_ref()?.headers.get(number).map(|&group| group as usize)
    }

    fn load_groups(&mut self) -> Checked<Groups> {
        if let Some(groups) = self.groups.take() {
            return Ok(groups);
        }
        let mut of_section = vec![0; self.headers.len()];
        let headers = self.group_headers()?;
        for &group in &headers {
            let Some(header) = self.headers.get(group as usize) else { continue };
            if header.entsize != 4 || !self.group_is_readable(header) {
                continue;
            }
            for member in members(self.file, header) {
                match of_section.get_mut(member as usize) {
                    Some(place) if member != 0 && *place == 0 => *place = group,
                    Some(_) => {}
                    None => self.notices.push(Notice::BadGroupEntry { group: group as usize }),
                }
            }
        }
        Ok(Groups { headers, of_section, made_for_member: Vec::new() })
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
        let loaded = self.load_groups()?;
        for &group in &loaded.headers {
            let Some(header) = self.headers.get(group as usize) else { continue };
            let mut has_member = false;
            for member in members(self.file, header) {
                let Some(member_header) = self.headers.get(member as usize) else {
                    continue;
                };
                match self.state(member as usize) {
                    State::Section { .. } => {
                        has_member |= member_header.flags & SHF_GROUP.0 != 0
                            && loaded.of_section.get(member as usize) == Some(&group);
                    }
                    _ if is_reloc(member_header) => {}
                    _ => return Err(Refused),
                }
            }
            let group = group as usize;
            if !has_member && loaded.made_for_member.binary_search(&group).is_err() {
                self.notices.push(Notice::EmptyGroup { group });
                return Err(Refused);
            }
        }
        Ok(())
    }
}

/// The members of a group: what follows the flag word.
fn members<'data>(
    file: &File<'data>,
    header: &SectionHeader,
) -> impl Iterator<Item = u32> + use<'data> {
    let bytes = file.section_data(header).unwrap_or_default();
    Table::<u32>::new(bytes, file.encoding()).iter().skip(1)
}

/// Relocations go with their section, whether the group lists them or not.
fn is_reloc(header: &SectionHeader) -> bool {
    matches!(header.kind, object::elf::SHT_REL | object::elf::SHT_RELA)
}
