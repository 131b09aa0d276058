//! What the gABI says of the rows of symbol tables, relocations and groups. Of each kind of mistake
//! in a table, the first one is told.

use libelf::edit::contents::GroupMember;
use libelf::edit::reloc::{RelocSymbol, Relocation};
use libelf::edit::{Contents, Slots, Symbol, SymbolSection};
use libelf::raw::{
    ET_REL, FileType, GRP_COMDAT, SHF_ALLOC, SHF_COMPRESSED, SHF_GROUP, SHN_LORESERVE, SHN_XINDEX,
    SHT_STRTAB, STB_LOCAL, SymbolInfo,
};
use libelf::section::SectionHeader;

use super::Found;

/// Flags of groups that systems and processors give a meaning (`GRP_MASKOS`, `GRP_MASKPROC`).
const OTHERS: u32 = 0xfff0_0000;

impl Found<'_, '_> {
    /// Looks at what the section with this index holds.
    pub(super) fn contents(&mut self, index: u32) {
        let (Some(contents), Some(header)) = (self.contents_at(index), self.header_at(index))
        else {
            return;
        };
        let header = *header;
        match contents {
            Contents::Symbols(symbols) => self.symbols(index, symbols, &header),
            Contents::Relocations(_, list) => self.relocations(index, list, &header),
            Contents::Group { flags, members } => self.group(index, *flags, members, &header),
            Contents::Bytes(bytes) if header.kind == SHT_STRTAB => self.strings(index, bytes),
            _ => self.dynamic_contents(index, contents, &header),
        }
    }

    /// Local symbols stand before all others, and `sh_info` says where those start.
    fn symbols(&mut self, index: u32, symbols: &Slots<Symbol<'_>>, header: &SectionHeader) {
        let is_local = |symbol: &Symbol<'_>| SymbolInfo(symbol.info).st_bind() == STB_LOCAL;
        let mut rows = (0..).zip(symbols.iter().map(|(_, symbol)| symbol));
        let locals = rows.by_ref().take_while(|(_, symbol)| is_local(symbol)).count();
        if let Some((row, _)) = rows.find(|(_, symbol)| is_local(symbol)) {
            let span = self.spans.entry(index, row);
            self.warn(span, "a local symbol stands behind one that is not");
        } else if header.info as usize != locals {
            let said = header.info;
            let message = format!("sh_info is {said}, and {locals} symbols are local");
            self.warn(self.spans.section(index), message);
        }
        let null = symbols.iter().next().map(|(_, symbol)| symbol);
        if null.is_some_and(|symbol| *symbol != null_symbol(symbol)) {
            self.warn(self.spans.section(index), "the fields of the first symbol are zero");
        }
        let count = self.headers.len();
        let no_section = |symbol: &Symbol<'_>| match symbol.section {
            SymbolSection::Index(number) if number < SHN_LORESERVE || number == SHN_XINDEX.0 => {
                Some(number)
            }
            _ => None,
        };
        let mut rows = (0..).zip(symbols.iter().map(|(_, symbol)| symbol));
        if let Some((row, number)) = rows.find_map(|(row, it)| Some((row, no_section(it)?))) {
            let message = format!("st_shndx is {number:#x}, and there are {count} sections");
            self.warn(self.spans.entry(index, row), message);
        }
        let strings = self.header_at(header.link).map_or(0, |strings| strings.size);
        let is_outside = |symbol: &Symbol<'_>| symbol.name.offset.or(0) >= strings.max(1);
        let mut rows = (0..).zip(symbols.iter().map(|(_, symbol)| symbol));
        if let Some((row, _)) = rows.find(|(_, symbol)| is_outside(symbol)) {
            self.warn(self.spans.entry(index, row), "the name lies behind the strings");
        }
    }

    /// Relocations are of symbols that are there, and in a relocatable file, of places that the
    /// section has.
    fn relocations(&mut self, index: u32, list: &[Relocation], header: &SectionHeader) {
        let count = self.symbols_at(header.link).map_or(0, Slots::len);
        let no_symbol = |relocation: &Relocation| match relocation.symbol {
            RelocSymbol::Index(number) if number as usize >= count => Some(number),
            _ => None,
        };
        let mut rows = (0..).zip(list);
        if let Some((row, number)) = rows.find_map(|(row, it)| Some((row, no_symbol(it)?))) {
            let message = format!("there is no symbol {number}; the linked table has {count}");
            self.warn(self.spans.entry(index, row), message);
        }
        let is_relocatable = FileType(self.object.header.kind) == ET_REL;
        let Some(target) = self.header_at(header.info).filter(|_| is_relocatable) else {
            if header.info as usize >= self.headers.len() {
                let message = format!("sh_info is {}, which is no section", header.info);
                self.warn(self.spans.section(index), message);
            }
            return;
        };
        // Marks may lie at the end; places in compressed contents are those before compression.
        let size = target.size;
        if target.flags & SHF_COMPRESSED.0 != 0
            || header.flags & SHF_ALLOC.0 != 0
            || header.info == 0
        {
            return;
        }
        let is_outside = |relocation: &Relocation| relocation.offset > size;
        if let Some((row, relocation)) = (0..).zip(list).find(|(_, it)| is_outside(it)) {
            let offset = relocation.offset;
            let message =
                format!("the place {offset:#x} lies behind the {size} bytes of the section");
            self.warn(self.spans.entry(index, row), message);
        }
    }

    /// The members of a group are sections that stand behind it and say that they are members.
    fn group(&mut self, index: u32, flags: u32, members: &[GroupMember], header: &SectionHeader) {
        let span = self.spans.section(index);
        if FileType(self.object.header.kind) != ET_REL {
            self.warn(span, "a relocatable file has groups, no other");
        }
        if flags & !(GRP_COMDAT.0 | OTHERS) != 0 {
            self.warn(span, format!("the group has flags that mean nothing: {flags:#x}"));
        }
        let count = self.symbols_at(header.link).map_or(0, Slots::len);
        if header.info as usize >= count.max(1) {
            let message =
                format!("sh_info is {}, and the linked table has {count} symbols", header.info);
            self.warn(span, message);
        }
        for member in members {
            let number = match member {
                GroupMember::Section(id) => self.index_of(*id),
                GroupMember::Index(number) => Some(*number),
            };
            let Some(number) = number else { continue };
            let message = match self.header_at(number).filter(|_| number != 0) {
                None => format!("there is no section {number}, a member of the group"),
                Some(member) if member.flags & SHF_GROUP.0 == 0 => {
                    format!("section {number} is a member of the group without the flag GROUP")
                }
                Some(_) if number < index => {
                    format!("section {number}, a member of the group, stands before it")
                }
                Some(_) => continue,
            };
            return self.warn(span, message);
        }
    }

    /// A section is a member of one group at most; of one, if it says so.
    pub(super) fn group_members(&mut self) {
        let mut groups = vec![0_u32; self.headers.len()];
        for index in (0..).take(self.headers.len()) {
            let Some(Contents::Group { members, .. }) = self.contents_at(index) else { continue };
            for member in members {
                let GroupMember::Section(id) = member else { continue };
                let number = self.index_of(*id).and_then(|number| groups.get_mut(number as usize));
                let Some(group) = number else { continue };
                let first = std::mem::replace(group, index);
                if first != 0 {
                    let message = format!("a member is in the group {first} too");
                    self.warn(self.spans.section(index), message);
                    break;
                }
            }
        }
        // What could not be taken for a group may list others.
        let is_whole = (0..).zip(&self.headers).all(|(index, header)| {
            header.kind != libelf::raw::SHT_GROUP
                || matches!(self.contents_at(index), Some(Contents::Group { .. }))
        });
        let says_so = |header: &SectionHeader| header.flags & SHF_GROUP.0 != 0;
        let mut alone = (0..).zip(self.headers.iter().zip(&groups));
        if let Some((index, _)) = alone.find(|(_, (header, group))| says_so(header) && **group == 0)
            && is_whole
        {
            self.warn(self.spans.section(index), "no group has this member of a group");
        }
    }

    fn index_of(&self, id: libelf::edit::SectionId) -> Option<u32> {
        self.layout.section(id).map(|place| place.index)
    }

    /// A string table starts and ends with a zero byte.
    fn strings(&mut self, index: u32, bytes: &[u8]) {
        for (end, what) in [(bytes.first(), "starts"), (bytes.last(), "ends")] {
            if end.is_some_and(|byte| *byte != 0) {
                let message = format!("a string table {what} with a zero byte");
                return self.warn(self.spans.section(index), message);
            }
        }
    }
}

/// What the null symbol is, whose name may be given by offset.
fn null_symbol<'d>(symbol: &Symbol<'d>) -> Symbol<'d> {
    let mut null = Symbol::default();
    if symbol.name.text.is_empty() && symbol.name.offset.or(0) == 0 {
        null.name = symbol.name.clone();
    }
    null
}
