//! An archive: members, their headers, names, the symbol index, and the files inside.

use std::hint::black_box;
use std::path::Path;

use libelf::archive::{Archive, Member};

use super::{ENTRIES, PARTS, file};

/// Archives inside of archives are followed to this depth.
const DEPTH: usize = 3;

/// Reads all that an archive can hold.
pub fn exercise(data: &[u8]) {
    archive(data, DEPTH);
}

fn archive(data: &[u8], depth: usize) {
    let Ok(archive) = Archive::parse(data) else { return };
    black_box((archive.is_thin(), archive.long_names().len()));
    if let Some(index) = archive.symbol_index() {
        black_box((index.len().is_ok(), index.is_empty().is_ok(), index.kind()));
        if let Ok(symbols) = index.symbols() {
            for entry in symbols.take(ENTRIES) {
                let Ok(entry) = entry else { break };
                black_box(archive.member_at(entry.member).is_ok());
            }
        }
    }
    for item in archive.all_members().take(PARTS) {
        let Ok(found) = item else { break };
        member(&found, depth);
    }
    black_box(archive.members().take(PARTS).count());
}

fn member(member: &Member, depth: usize) {
    let header = member.header();
    black_box((member.name().len(), member.role(), member.offset(), header.raw_name().len()));
    for field in [header.date(), header.uid(), header.gid(), header.mode(), header.size()] {
        black_box(field.is_ok());
    }
    if let Some(external) = member.external() {
        black_box(external.resolve(Path::new("some/archive.a")));
    }
    if let Some(data) = member.data() {
        file::exercise(data);
        if depth > 0 {
            archive(data, depth.saturating_sub(1));
        }
    }
}
