//! The scripts that hold where the command line names none.
//!
//! They are texts like a user's own, put together from templates: which parts an output has depends
//! on its kind. A template's line `%if NAME` starts a part for outputs that are NAME, `%else` one
//! for the others, `%end` ends both; `@NAME@` stands for a value of the machine.

use crate::options::{Kind, Magic};

const PROGRAM: &str = include_str!("program.ld");
const RELOCATABLE: &str = include_str!("relocatable.ld");
const DEBUG: &str = include_str!("debug.ld");

/// What a machine's script differs in.
#[derive(Clone, Copy, Debug)]
pub struct MachineScript {
    /// The output format, as OUTPUT_FORMAT has it.
    pub format: &'static str,
    /// As OUTPUT_ARCH has it.
    pub arch: &'static str,
    /// Where programs that cannot be loaded anywhere start.
    pub base: &'static str,
    /// `rela`, or `rel` where addends stand in the places that are relocated.
    pub rel: &'static str,
    /// Bytes of an address.
    pub word: &'static str,
    /// Bytes of `.got.plt` that are not written after relocation.
    pub got_header: &'static str,
    /// Whether there are sections for what lies more than two gigabytes away.
    pub large: bool,
}

/// ELF64 for x86-64.
pub const X86_64: MachineScript = MachineScript {
    format: "elf64-x86-64",
    arch: "i386:x86-64",
    base: "0x400000",
    rel: "rela",
    word: "8",
    got_header: "24",
    large: true,
};

/// ELF32 for x86-64: the x32 ABI.
pub const X32: MachineScript =
    MachineScript { format: "elf32-x86-64", arch: "i386:x64-32", word: "4", ..X86_64 };

/// ELF32 for i386.
pub const I386: MachineScript = MachineScript {
    format: "elf32-i386",
    arch: "i386",
    base: "0x08048000",
    rel: "rel",
    word: "4",
    got_header: "12",
    large: false,
};

/// What a built-in script depends on.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The machine.
    pub machine: MachineScript,
    /// What is written.
    pub kind: Kind,
    /// `-n`, `-N`
    pub magic: Magic,
    /// `-z separate-code`
    pub separate_code: bool,
    /// `-z combreloc`
    pub combine_relocs: bool,
    /// `-z now`
    pub now: bool,
    /// `-Ur`: constructors are settled although the output is relocatable.
    pub constructors: bool,
    /// Where libraries are looked for, as `SEARCH_DIR` has them.
    pub search_dirs: &'a [&'a str],
}

impl Choice<'_> {
    fn holds(&self, name: &str) -> bool {
        let paged = self.magic == Magic::DemandPaged;
        match name {
            "fixed" => self.base_is_fixed(),
            "shared" => self.kind == Kind::Shared && paged,
            "program" => self.kind != Kind::Shared || !paged,
            "relocatable" => self.kind == Kind::Relocatable,
            "separate" => self.separate_code && paged,
            "combreloc" => self.combine_relocs && paged,
            "now" => self.now && self.combine_relocs && paged,
            "paged" => self.magic != Magic::Omagic,
            "writable_text" => self.magic == Magic::Omagic,
            "constructors" => self.constructors,
            "rel" => self.machine.rel == "rel",
            "large" => self.machine.large,
            _ => false,
        }
    }

    /// GNU ld has one script each for `-n` and `-N`, whatever else is asked for.
    fn base_is_fixed(&self) -> bool {
        self.kind == Kind::Executable || self.magic != Magic::DemandPaged
    }

    fn value(&self, name: &str) -> &str {
        match name {
            "FORMAT" => self.machine.format,
            "ARCH" => self.machine.arch,
            "BASE" if self.base_is_fixed() => self.machine.base,
            "BASE" => "0",
            "REL" => self.machine.rel,
            "WORD" => self.machine.word,
            "GOT_HEADER" => self.machine.got_header,
            _ => "",
        }
    }
}

/// The text of the script for such an output.
pub fn script(choice: &Choice) -> String {
    let mut text = String::with_capacity(PROGRAM.len() + DEBUG.len() + 1024);
    let body = match choice.kind {
        Kind::Relocatable => RELOCATABLE,
        _ => PROGRAM,
    };
    fill_in(body, choice, &mut text);
    fill_in(DEBUG, choice, &mut text);
    text
}

/// Appends what of `template` holds.
fn fill_in(template: &str, choice: &Choice, text: &mut String) {
    let mut open = Vec::new();
    for line in template.lines() {
        if let Some(name) = line.strip_prefix("%if ") {
            open.push(choice.holds(name));
        } else if line == "%else" {
            if let Some(last) = open.last_mut() {
                *last = !*last;
            }
        } else if line == "%end" {
            open.pop();
        } else if open.iter().all(|&holds| holds) {
            fill_in_line(line, choice, text);
        }
    }
}

fn fill_in_line(line: &str, choice: &Choice, text: &mut String) {
    if line == "@SEARCH_DIRS@" {
        for dir in choice.search_dirs {
            text.push_str("SEARCH_DIR(\"");
            text.push_str(dir);
            text.push_str("\");\n");
        }
        return;
    }
    // Text and names take turns.
    for (number, piece) in line.split('@').enumerate() {
        text.push_str(if number % 2 == 0 { piece } else { choice.value(piece) });
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(kind: Kind) -> Choice<'static> {
        Choice {
            machine: X86_64,
            kind,
            magic: Magic::DemandPaged,
            separate_code: true,
            combine_relocs: true,
            now: false,
            constructors: false,
            search_dirs: &["=/lib"],
        }
    }

    #[test]
    fn a_program_starts_at_its_base() {
        let text = script(&choice(Kind::Executable));
        assert!(text.contains(". = SEGMENT_START(\"text-segment\", 0x400000) + SIZEOF_HEADERS;"));
        assert!(text.contains("SEARCH_DIR(\"=/lib\");\n"));
        assert!(text.contains(".rela.dyn :") && text.contains("__rela_iplt_start"));
        assert!(!text.contains('@') && !text.contains('%'));
        assert_eq!(text.matches('{').count(), text.matches('}').count());
    }

    #[test]
    fn kinds_differ() {
        let shared = script(&choice(Kind::Shared));
        assert!(!shared.contains(".interp") && shared.contains("PROVIDE(_end = .)"));
        let object = script(&choice(Kind::Relocatable));
        assert!(object.contains(".text 0 : { *(.text .stub)") && !object.contains("DISCARD"));
        let now = Choice { now: true, machine: I386, ..choice(Kind::Pie) };
        let now = script(&now);
        assert!(now.contains("DATA_SEGMENT_RELRO_END(0, .)") && now.contains(".rel.dyn :"));
        let writable = Choice { magic: Magic::Omagic, ..choice(Kind::Executable) };
        let writable = script(&writable);
        assert!(!writable.contains("DATA_SEGMENT") && writable.contains(".rela.data :"));
    }
}
