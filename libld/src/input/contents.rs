//! What sections of objects hold, whether or not they are compressed.

use std::borrow::Cow;

use libelf::compress::{Compressed, Limits, section_contents};
use libelf::raw::SHF_ALLOC;
use libelf::section::SectionHeader;

use super::Object;
use crate::made::Extent;

/// The start of the names of sections that are compressed in GNU's older form.
const ZDEBUG: &[u8] = b".zdebug_";

/// The names of debug sections: what is left of `.zdebug_` names is one of these.
const DEBUG_NAMES: [&[u8]; 22] = [
    b".debug_abbrev",
    b".debug_addr",
    b".debug_aranges",
    b".debug_cu_index",
    b".debug_frame",
    b".debug_gdb_scripts",
    b".debug_info",
    b".debug_line",
    b".debug_line_str",
    b".debug_loc",
    b".debug_loclists",
    b".debug_macinfo",
    b".debug_macro",
    b".debug_names",
    b".debug_pubnames",
    b".debug_pubtypes",
    b".debug_ranges",
    b".debug_rnglists",
    b".debug_str",
    b".debug_str_offsets",
    b".debug_tu_index",
    b".debug_types",
];

impl<'data> Object<'data> {
    fn compressed(&self, header: &SectionHeader) -> Option<Compressed<'data>> {
        if header.is_nobits() {
            return None;
        }
        let data = self.section_data(header);
        if header.is_compressed() {
            return Compressed::parse(data, self.encoding()).ok();
        }
        if header.flags & SHF_ALLOC.0 != 0 {
            return None;
        }
        let name = self.section_names.get_up_to(header.name.into(), ZDEBUG.len())?;
        if name == ZDEBUG { Compressed::parse_zdebug(data) } else { None }
    }

    fn limits(&self) -> Limits {
        Limits::for_input(self.file.data().len())
    }

    /// Whether a section is compressed, in either form.
    pub fn is_packed(&self, header: &SectionHeader) -> bool {
        self.compressed(header).is_some()
    }

    /// The size and the alignment of a section's contents, unpacked. What cannot be unpacked keeps
    /// those of its header.
    pub fn extent_of(&self, header: &SectionHeader) -> Extent {
        let stored = Extent { size: header.size, align: header.addralign };
        let Some(compressed) = self.compressed(header) else { return stored };
        if compressed.size > self.limits().size {
            return stored;
        }
        // The older form says nothing of alignment.
        let align = if header.is_compressed() { compressed.addralign } else { header.addralign };
        Extent { size: compressed.size, align }
    }

    /// The contents of a section, unpacked.
    ///
    /// # Errors
    /// If they cannot be unpacked.
    pub fn contents(&self, header: &SectionHeader) -> libelf::Result<Cow<'data, [u8]>> {
        match self.compressed(header) {
            Some(compressed) => compressed.decompress(self.limits()).map(Cow::Owned),
            None if header.is_compressed() => section_contents(&self.file, header, self.limits()),
            None => Ok(Cow::Borrowed(self.section_data(header))),
        }
    }

    /// The name of a section, as it is called when it is unpacked; `None` if it cannot be read.
    pub fn unpacked_name(&self, header: &SectionHeader) -> Option<&'data [u8]> {
        let name = self.section_names.get(header.name.into()).ok()?;
        Some(self.unpacked(header, name))
    }

    /// As [`Self::unpacked_name`], of a section whose name is known.
    pub fn unpacked(&self, header: &SectionHeader, name: &'data [u8]) -> &'data [u8] {
        let Some(rest) = name.strip_prefix(ZDEBUG) else { return name };
        let is_rest = |known: &&[u8]| known.strip_prefix(b".debug_") == Some(rest);
        if !self.is_packed(header) {
            return name;
        }
        DEBUG_NAMES.into_iter().find(is_rest).unwrap_or(name)
    }
}

#[cfg(test)]
mod tests {
    use libelf::compress::{Format, compress};
    use libelf::raw::{SHF_COMPRESSED, SHT_PROGBITS};

    use super::*;
    use crate::ids::FileId;
    use crate::testing::{TestSection, object, resolved};

    fn packed(size: u64) -> (Vec<u8>, Vec<u8>) {
        let payload = compress(&[7; 1000], Format::Zlib, 6).unwrap();
        let mut new = vec![1, 0, 0, 0, 0, 0, 0, 0];
        new.extend(size.to_le_bytes());
        new.extend(16_u64.to_le_bytes());
        new.extend(&payload);
        let mut old = b"ZLIB".to_vec();
        old.extend(size.to_be_bytes());
        old.extend(&payload);
        (new, old)
    }

    fn check(size: u64, expected: u64) {
        let (new, old) = packed(size);
        let section = |name, flags, data| TestSection {
            name,
            kind: SHT_PROGBITS,
            flags,
            align: 8,
            data,
            ..TestSection::default()
        };
        let sections = [
            section(".debug_info", SHF_COMPRESSED.0, new),
            section(".zdebug_line", 0, old.clone()),
            section(".debug_line", 0, old),
        ];
        let resolved = resolved(vec![object(&sections, &[])]);
        let object = resolved.object(FileId(1)).unwrap();
        let header = |index: usize| object.sections.get(index).unwrap();
        let names = [1, 2, 3].map(|index| object.unpacked_name(&header(index)).unwrap());
        assert_eq!(names, [&b".debug_info"[..], b".debug_line", b".debug_line"]);
        let extents = [1, 2].map(|index| object.extent_of(&header(index)));
        let expected = |index, align| {
            let size = if expected == 0 { header(index).size } else { expected };
            Extent { size, align: if expected == 0 { 8 } else { align } }
        };
        assert_eq!(extents, [expected(1, 16), expected(2, 8)]);
        for index in [1, 2] {
            let contents = object.contents(&header(index));
            assert_eq!(contents.ok().as_deref() == Some(&[7; 1000][..]), size == 1000);
        }
        assert_eq!(object.extent_of(&header(3)).size, header(3).size);
        assert_eq!(object.contents(&header(3)).unwrap().len() as u64, header(3).size);
    }

    #[test]
    fn compressed_sections_are_as_large_as_their_contents() {
        check(1000, 1000);
        check(999, 999);
        check(u64::MAX, 0);
    }
}
