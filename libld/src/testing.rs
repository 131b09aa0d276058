//! Small objects for tests.

use std::path::Path;

use libelf::raw::{
    EM_X86_64, ET_REL, SHF_INFO_LINK, SHT_RELA, SHT_STRTAB, SHT_SYMTAB, SectionType,
};

use crate::input::{Item, library::load};
use crate::input::{Origin, Storage};
use crate::names::Names;
use crate::resolve::{Resolved, Settings, resolve};

/// A section to be made.
#[derive(Clone, Default)]
pub struct TestSection {
    pub name: &'static str,
    pub kind: SectionType,
    pub flags: u64,
    pub align: u64,
    pub entsize: u64,
    pub data: Vec<u8>,
    /// Offset, symbol, type, addend.
    pub relocs: Vec<(u64, u32, u32, i64)>,
}

/// A symbol to be made; local ones come first.
#[derive(Clone, Copy)]
pub struct TestSymbol {
    pub name: &'static str,
    /// `st_info`
    pub info: u8,
    pub section: u16,
    pub value: u64,
}

/// An x86-64 object. The sections have the indexes 1 and following, and so have the symbols.
pub fn object(sections: &[TestSection], symbols: &[TestSymbol]) -> Vec<u8> {
    let mut strings = vec![0];
    let mut string = |text: &str| {
        let at = strings.len() as u32;
        strings.extend(text.bytes().chain([0]));
        at
    };
    let mut table = vec![0; 24];
    for symbol in symbols {
        table.extend(string(symbol.name).to_le_bytes());
        table.extend([symbol.info, 0]);
        table.extend(symbol.section.to_le_bytes());
        table.extend(symbol.value.to_le_bytes());
        table.extend([0; 8]);
    }
    let locals = 1 + symbols.iter().filter(|symbol| symbol.info >> 4 == 0).count() as u32;
    let symtab = sections.len() as u32 + 1;
    // Name, type, flags, align, entsize, link, info, contents.
    let mut all = Vec::new();
    for section in sections {
        let head = (string(section.name), section.kind, section.flags);
        all.push((head, section.align, section.entsize, 0, 0, section.data.clone()));
    }
    all.push(((string(".symtab"), SHT_SYMTAB, 0), 8, 24, symtab + 1, locals, table));
    let names = string(".strtab");
    for (index, section) in (1_u32..).zip(sections).filter(|(_, s)| !s.relocs.is_empty()) {
        let mut data = Vec::new();
        for &(offset, symbol, kind, addend) in &section.relocs {
            data.extend(offset.to_le_bytes());
            data.extend((u64::from(symbol) << 32 | u64::from(kind)).to_le_bytes());
            data.extend(addend.to_le_bytes());
        }
        all.push(((0, SHT_RELA, SHF_INFO_LINK.0), 8, 24, symtab, index, data));
    }
    all.insert(symtab as usize, ((names, SHT_STRTAB, 0), 1, 0, 0, 0, strings));
    let mut file = vec![0; 64];
    let mut headers = vec![0; 64];
    for ((name, kind, flags), align, entsize, link, info, data) in all {
        let align = align.max(1);
        file.resize(file.len().next_multiple_of(align as usize), 0);
        headers.extend(name.to_le_bytes());
        headers.extend(kind.0.to_le_bytes());
        for word in [flags, 0, file.len() as u64, data.len() as u64] {
            headers.extend(word.to_le_bytes());
        }
        headers.extend(link.to_le_bytes());
        headers.extend(info.to_le_bytes());
        headers.extend(align.to_le_bytes());
        headers.extend(entsize.to_le_bytes());
        file.extend(data);
    }
    let shoff = file.len() as u64;
    let count = (headers.len() / 64) as u16;
    file.extend(headers);
    file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    file[16..18].copy_from_slice(&ET_REL.0.to_le_bytes());
    file[18..20].copy_from_slice(&EM_X86_64.0.to_le_bytes());
    file[20] = 1;
    file[40..48].copy_from_slice(&shoff.to_le_bytes());
    file[52] = 64;
    file[58] = 64;
    file[60..62].copy_from_slice(&count.to_le_bytes());
    file[62..64].copy_from_slice(&(symtab as u16 + 1).to_le_bytes());
    file
}

/// The objects, joined in this order; their files are numbered from 1.
pub fn resolved(objects: Vec<Vec<u8>>) -> Resolved<'static> {
    let storage: &'static Storage = Box::leak(Box::default());
    let names: &'static Names<'static> = Box::leak(Box::default());
    let origin = Origin::file(Path::new("test.o"));
    let items = objects.into_iter().map(|bytes| {
        let loaded = load(origin, storage.keep(bytes), names).unwrap();
        Item::File { loaded, origin, as_needed: false }
    });
    let (resolved, problems) = resolve(items.collect(), &[], names, storage, Settings::default());
    assert!(problems.is_empty(), "{problems:?}");
    resolved
}
