//! An archive, written again: the same bytes, whatever they are.

use libelf::archive::Build;
use libelf::archive::build::{Contents, Entries, Text};

/// Opens, writes, simplifies and writes an archive.
///
/// # Panics
/// If other bytes are written than were read, or what is written is read as another archive.
pub fn exercise(data: &[u8]) {
    let Ok(mut build) = Build::open(data) else { return };
    let explicit = build.clone();
    assert!(writes(&build, data), "opened and written, it differs");
    build.simplify();
    assert!(writes(&build, data), "simplified and written, it differs");
    let mut again = build.clone();
    again.simplify();
    assert!(again == build, "simplified twice, it differs");
    // Whoever changes a member gets another archive or an error, and no panic.
    let keys = explicit.members.keys().to_vec();
    if let Some(&first) = keys.first() {
        build.members.remove(first);
        if let Ok(plan) = build.plan() {
            assert_eq!(plan.parts().map(<[u8]>::len).sum::<usize>() as u64, plan.size());
        }
    }
}

fn writes(build: &Build, data: &[u8]) -> bool {
    let Ok(plan) = build.plan() else { return false };
    let mut left = data;
    for part in plan.parts() {
        match left.strip_prefix(part) {
            Some(rest) => left = rest,
            None => return false,
        }
    }
    left.is_empty() && plan.size() == data.len() as u64
}

/// How much of an archive is given after [`Build::simplify`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Given {
    /// Members, specials that are not implied among them.
    pub members: usize,
    /// Fields of headers, prefixes and paddings.
    pub fields: usize,
    /// Names of those.
    pub names: usize,
    /// Indexes and tables that are not implied.
    pub specials: usize,
    /// Indexes that are bytes.
    pub byte_indexes: usize,
    /// Gaps.
    pub gaps: usize,
}

/// Counts what is given.
pub fn given(build: &Build) -> Given {
    let mut given = Given::default();
    for (_, member) in build.members.iter() {
        let header = &member.header;
        given.members += 1;
        let numbers = [&header.date, &header.uid, &header.gid, &header.mode, &header.size];
        given.fields += numbers.iter().filter(|&&text| *text != Text::Auto).count();
        given.fields += usize::from(header.end.is_some()) + usize::from(member.padding.is_some());
        given.names += usize::from(header.name.is_some() || member.prefix.is_some());
        match &member.contents {
            Contents::Index(index) => {
                given.specials += 1;
                given.byte_indexes += usize::from(matches!(index.entries, Entries::Bytes(_)));
            }
            Contents::Names(_) => given.specials += 1,
            Contents::Gap(_) => given.gaps += 1,
            _ => {}
        }
    }
    given
}
