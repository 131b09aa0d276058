//! From a model with every field given to one that gives only what the writer would not do.
//!
//! Each field is compared with what the writer would make of it. Names in a table and the index
//! hang on all members together: there the change is tried on the whole archive, and taken back
//! if other bytes come out.

use std::borrow::Cow;
use std::collections::HashMap;

use object::endian::Endianness;

use super::{
    Build, Contents, Entries, Flavour, Index, Member, MemberId, Plan, Text, index, name, plan,
};
use crate::archive::IndexKind;

impl<'data> Build<'data> {
    /// Leaves to the writer what it does anyway: the same bytes are written as before, and what
    /// is still given is what the flavour's defaults get wrong. An index that cannot be computed
    /// is given symbol by symbol where that keeps its bytes. A model that cannot be written is
    /// left as it is.
    pub fn simplify(&mut self) {
        let before = self.clone();
        let Ok(wanted) = before.plan() else { return };
        let is_same = self.keep_if_same(&wanted, |build| {
            build.simplify_numbers();
            build.simplify_names(&wanted);
            build.simplify_padding_and_size(&before, &wanted);
        });
        if !is_same {
            return;
        }
        self.keep_if_same(&wanted, Self::compute_table);
        self.keep_if_same(&wanted, Self::find_in_table);
        self.keep_if_same(&wanted, Self::imply_table);
        self.simplify_indexes(&wanted);
    }

    fn keep_if_same(&mut self, wanted: &Plan, change: impl FnOnce(&mut Self)) -> bool {
        let before = self.clone();
        change(self);
        let is_same = self.plan().is_ok_and(|plan| plan.writes_same(wanted));
        if !is_same {
            *self = before;
        }
        is_same
    }

    fn for_each(&mut self, mut change: impl FnMut(MemberId, &mut Member<'data>)) {
        for key in self.members.keys().to_vec() {
            if let Some(member) = self.members.get_mut(key) {
                change(MemberId(key), member);
            }
        }
    }

    /// The only member that `is_wanted`.
    fn only(&self, is_wanted: impl Fn(&Member) -> bool) -> Option<MemberId> {
        let mut found = self.members.iter().filter(|(_, member)| is_wanted(member));
        match (found.next(), found.next()) {
            (Some((key, _)), None) => Some(MemberId(key)),
            _ => None,
        }
    }

    /// The fields whose defaults hang on nothing else.
    fn simplify_numbers(&mut self) {
        self.for_each(|_, member| {
            let (number, mode) = match member.contents {
                Contents::Gap(_) => return,
                Contents::Names(_) => (Text::Raw(Cow::default()), Text::Raw(Cow::default())),
                Contents::Index(_) => (Text::Is(0), Text::Is(0)),
                Contents::File(_) | Contents::External { .. } => (Text::Is(0), Text::Is(0o644)),
            };
            let header = &mut member.header;
            for (field, auto) in [
                (&mut header.date, &number),
                (&mut header.uid, &number),
                (&mut header.gid, &number),
                (&mut header.mode, &mode),
            ] {
                if field == auto {
                    *field = Text::Auto;
                }
            }
            if header.end.as_deref() == Some(b"`\n") {
                header.end = None;
            }
        });
    }

    /// Names that need no table.
    fn simplify_names(&mut self, wanted: &Plan) {
        let flavour = self.flavour;
        self.for_each(|id, member| {
            if matches!(member.contents, Contents::Gap(_)) {
                member.prefix = None;
                member.padding = None;
                return;
            }
            let Some(field) = member.header.name.clone() else { return };
            let prefix = member.prefix.clone().unwrap_or_default();
            let mut auto = member.clone();
            (auto.header.name, auto.prefix) = (None, None);
            let start = wanted.offset(id).unwrap_or_default();
            if !name::needs_table(flavour, &auto)
                && name::store(flavour, &auto, index_kind(&auto, flavour), None, start)
                    .is_ok_and(|stored| stored.field == field && stored.prefix == prefix)
            {
                (member.header.name, member.prefix) = (None, None);
            } else if prefix.is_empty() {
                member.prefix = None;
            } else if name::inline_field(prefix.len()).is_ok_and(|auto| auto == *field) {
                member.header.name = None;
            }
        });
    }

    fn simplify_padding_and_size(&mut self, before: &Self, wanted: &Plan) {
        let flavour = self.flavour;
        self.for_each(|id, member| {
            let stored = before.get(id).and_then(|before| before.prefix.as_deref());
            let stored = stored.unwrap_or_default().len() as u64;
            let body = wanted.body(id).len() as u64;
            let mut size = match member.contents {
                Contents::External { size, .. } => size.saturating_add(stored),
                _ => body.saturating_add(stored),
            };
            if let Some(padding) = member.padding.take() {
                let header = crate::archive::MemberHeader::SIZE as u64;
                let start = wanted.offset(id).unwrap_or_default();
                let end = [header, stored, body].into_iter().fold(start, u64::saturating_add);
                let auto = plan::padding_size(flavour, member, end);
                let is_auto = auto == padding.len() as u64
                    && padding.iter().all(|&byte| byte == plan::PADDING);
                if !is_auto || flavour == Flavour::Darwin && auto != 0 {
                    member.padding = Some(padding);
                }
            } else if flavour == Flavour::Darwin {
                size = u64::MAX;
            }
            if member.header.size == Text::Is(size) {
                member.header.size = Text::Auto;
            }
        });
    }

    fn is_in_table(member: &Member) -> bool {
        let field = member.header.name.as_deref();
        member.is_file() && field.is_some_and(|field| field.starts_with(b"/"))
    }

    /// Lets the table of long names be what the members need.
    fn compute_table(&mut self) {
        let Some(id) = self.only(|member| matches!(member.contents, Contents::Names(_))) else {
            return;
        };
        self.for_each(|_, member| {
            if Self::is_in_table(member) {
                (member.header.name, member.prefix) = (None, None);
            }
        });
        if let Some(Member { contents: Contents::Names(names), .. }) = self.get_mut(id) {
            *names = None;
        }
    }

    /// Lets the members find their names in the table as it is given.
    fn find_in_table(&mut self) {
        let flavour = self.flavour;
        let given = self.members.iter().find_map(|(_, member)| match &member.contents {
            Contents::Names(Some(names)) => Some(names.clone()),
            _ => None,
        });
        let Some(given) = given else { return };
        let places = name::places(&given);
        self.for_each(|_, member| {
            if !Self::is_in_table(member) {
                return;
            }
            let mut auto = member.clone();
            (auto.header.name, auto.prefix) = (None, None);
            let Some(&place) = places.get(&member.name[..]) else { return };
            let kind = index_kind(&auto, flavour);
            if name::needs_table(flavour, &auto)
                && name::store(flavour, &auto, kind, Some(place), 0)
                    .is_ok_and(|stored| Some(&stored.field) == member.header.name.as_ref())
            {
                (member.header.name, member.prefix) = (None, None);
            }
        });
    }

    /// Takes out a table of names that is implied.
    fn imply_table(&mut self) {
        let id = self.only(|member| matches!(member.contents, Contents::Names(None)));
        if let Some(id) = id
            && self.get(id) == Some(&Member::new(Cow::default(), Contents::Names(None)))
        {
            self.remove(id);
        }
    }

    /// Lets the indexes be computed, else lists their symbols.
    fn simplify_indexes(&mut self, wanted: &Plan) {
        let ids: Vec<_> = self.members.iter().filter(|(_, member)| is_index(member)).collect();
        let ids: Vec<_> = ids.into_iter().map(|(key, _)| MemberId(key)).collect();
        self.keep_if_same(wanted, |build| build.list_symbols(&ids, wanted));
        // Only one is tried: each costs a look at all symbols of all members.
        if let Some(&first) = ids.first() {
            for order in [None, Some(Endianness::Big)] {
                let is_computed = self.keep_if_same(wanted, |build| {
                    build.change_index(first, |index| {
                        (index.entries, index.order) = (Entries::Computed, order);
                    });
                });
                if is_computed {
                    break;
                }
            }
        }
        let default = index::default_kind(self.flavour, false);
        self.keep_if_same(wanted, |build| {
            for &id in &ids {
                build.change_index(id, |index| {
                    index.kind = index.kind.filter(|&kind| kind != default);
                });
            }
        });
        self.keep_if_same(wanted, Self::imply_index);
    }

    fn change_index(&mut self, id: MemberId, change: impl FnOnce(&mut Index<'data>)) {
        if let Some(Member { contents: Contents::Index(index), .. }) = self.get_mut(id) {
            change(index);
        }
    }

    fn list_symbols(&mut self, ids: &[MemberId], wanted: &Plan) {
        let keys = self.members.keys().iter().map(|&key| MemberId(key));
        let member_at: HashMap<_, _> =
            keys.filter_map(|id| Some((wanted.offset(id)?, id))).collect();
        let flavour = self.flavour;
        for &id in ids {
            self.change_index(id, |index| {
                if let (Entries::Bytes(Cow::Borrowed(bytes)), Some(kind)) =
                    (&index.entries, index.kind)
                    && let Some(listed) = index::list(bytes, kind, flavour, &member_at)
                {
                    *index = listed;
                }
            });
        }
    }

    /// Takes out an index that is implied.
    fn imply_index(&mut self) {
        let implied = Member::new(Cow::default(), Contents::Index(Index::default()));
        if let Some(id) = self.only(is_index)
            && self.get(id) == Some(&implied)
        {
            self.remove(id);
        }
        self.implied_index = true;
    }
}

fn is_index(member: &Member) -> bool {
    matches!(member.contents, Contents::Index(_))
}

fn index_kind(member: &Member, flavour: Flavour) -> IndexKind {
    match &member.contents {
        Contents::Index(Index { kind: Some(kind), .. }) => *kind,
        _ => index::default_kind(flavour, false),
    }
}
