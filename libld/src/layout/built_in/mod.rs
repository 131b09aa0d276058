//! The scripts that hold where the command line names none.
//!
//! They are texts like a user's own, put together from templates: which parts an output has depends
//! on its kind. A template's line `%if NAME` starts a part for outputs that are NAME, `%else` one
//! for the others, `%end` ends both; `@NAME@` stands for a value of the machine.

use std::borrow::Cow;

use crate::arch::Identity;
use crate::options::{Kind, Magic};

const PROGRAM: &str = include_str!("program.ld");
const RELOCATABLE: &str = include_str!("relocatable.ld");
const DEBUG: &str = include_str!("debug.ld");

/// What a built-in script depends on.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The machine.
    pub machine: &'a Identity,
    /// What is written.
    pub kind: Kind,
    /// `-n`, `-N`
    pub magic: Magic,
    /// `-z separate-code`
    pub separate_code: bool,
    /// `-z separate-loadable-segments`
    pub separate_segments: bool,
    /// `-z rodynamic`
    pub dynamic_is_read_only: bool,
    /// `-z combreloc`
    pub combine_relocs: bool,
    /// `-z now`
    pub now: bool,
    /// `-d`: common symbols get memory although the output is relocatable.
    pub allocates_commons: bool,
    /// `-z keep-text-section-prefix`: code that is often or hardly ever run has output sections of
    /// its own.
    pub keep_text_prefixes: bool,
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
            "apart" => self.separate_segments && paged,
            "rodynamic" => self.dynamic_is_read_only,
            "other_relocs" => self.combine_relocs,
            "now" => self.now && self.combine_relocs && paged,
            "paged" => self.magic != Magic::Omagic,
            "writable_text" => self.magic == Magic::Omagic,
            "constructors" => self.constructors,
            "commons" => self.allocates_commons,
            "text_prefixes" => self.keep_text_prefixes,
            "rel" => !self.machine.is_rela,
            "large" => self.machine.has_large_sections,
            _ => false,
        }
    }

    /// GNU ld has one script each for `-n` and `-N`, whatever else is asked for.
    fn base_is_fixed(&self) -> bool {
        self.kind == Kind::Executable || self.magic != Magic::DemandPaged
    }

    fn value(&self, name: &str) -> Cow<'static, str> {
        /// Slots of `.got.plt` that are settled before the program runs.
        const GOT_HEADER_SLOTS: u64 = 3;
        let machine = self.machine;
        match name {
            "FORMAT" => machine.format.into(),
            "ARCH" => machine.arch_name.into(),
            "BASE" if self.base_is_fixed() => format!("{:#x}", machine.image_base).into(),
            "BASE" => "0".into(),
            "REL" if machine.is_rela => "rela".into(),
            "REL" => "rel".into(),
            "WORD" => machine.word().to_string().into(),
            "GOT_HEADER" => (machine.got_slot * GOT_HEADER_SLOTS).to_string().into(),
            _ => "".into(),
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
        if number % 2 == 0 {
            text.push_str(piece);
        } else {
            text.push_str(&choice.value(piece));
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::{Arch, x86_64};

    fn choice(kind: Kind) -> Choice<'static> {
        Choice {
            machine: x86_64::LP64.identity(),
            kind,
            magic: Magic::DemandPaged,
            separate_code: true,
            separate_segments: false,
            dynamic_is_read_only: false,
            combine_relocs: true,
            now: false,
            allocates_commons: false,
            keep_text_prefixes: false,
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
        let rel = Identity { is_rela: false, ..*x86_64::X32.identity() };
        let now = Choice { now: true, machine: &rel, ..choice(Kind::Pie) };
        let now = script(&now);
        assert!(now.contains("DATA_SEGMENT_RELRO_END(0, .)") && now.contains(".rel.dyn :"));
        let apart = Choice { separate_segments: true, ..choice(Kind::Shared) };
        assert!(
            script(&apart).contains("  . = ALIGN(CONSTANT(MAXPAGESIZE));\n  . = DATA_SEGMENT_AL")
        );
        let read_only = Choice { dynamic_is_read_only: true, ..choice(Kind::Shared) };
        let read_only = script(&read_only);
        assert!(read_only.find(".dynamic :") < read_only.find(".text :"));
        let writable = Choice { magic: Magic::Omagic, ..choice(Kind::Executable) };
        let writable = script(&writable);
        assert!(!writable.contains("DATA_SEGMENT") && writable.contains(".rela.data :"));
    }
}
