//! The texts of `--help`, `-v`, `-V` and `--target-help`: configure scripts, libtool and the
//! Linux kernel's build look for words in them.

use common::{BINUTILS_RELEASE, version};
use libld::options::Emulation;

/// Options of all ELF emulations.
const ELF: &str = include_str!("usage_elf.txt");
/// Options of each emulation.
const X86: &str = include_str!("usage_x86.txt");

/// The text of `--help`.
pub fn help(program: &str) -> String {
    let targets = targets_read().join(" ");
    let emulations = emulations().join(" ");
    let general = format!(
        include_str!("usage.txt"),
        program = program,
        targets = targets,
        emulations = emulations
    );
    [&general, ELF, X86, "\n", version::REPORT_BUGS].concat()
}

/// The text of `--target-help`.
pub fn target_help() -> &'static str {
    X86
}

/// The first line of `--version`, and for `-V` the emulations, a line each.
pub fn version_line(with_emulations: bool) -> String {
    let mut text = format!(
        "GNU ld compatible (Elftoolchain {}) {BINUTILS_RELEASE}\n",
        env!("CARGO_PKG_VERSION")
    );
    if with_emulations {
        text.push_str("  Supported emulations:\n");
        for name in emulations() {
            text.extend(["   ", name, "\n"]);
        }
    }
    text
}

fn emulations() -> Vec<&'static str> {
    Emulation::all().map(Emulation::name).collect()
}

/// The formats that can be read or written.
fn targets_read() -> Vec<&'static str> {
    let mut names: Vec<_> = Emulation::all().map(Emulation::format_name).collect();
    names.push("binary");
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_has_the_words_that_scripts_look_for() {
        let help = help("ld");
        for words in [
            "Usage: ld [options] file...\n",
            "-no-undefined",
            "ld: supported targets: elf64-x86-64 ",
            "ld: supported emulations: elf_x86_64 elf32_x86_64 elf_i386",
            "--whole-archive",
            "  --eh-frame-hdr",
            "  -z separate-code",
        ] {
            assert!(help.contains(words), "{words}");
        }
        assert!(!help.contains("{program}"));
    }

    #[test]
    fn the_version_starts_as_gnus() {
        let line = version_line(false);
        assert!(line.starts_with("GNU ld "), "{line}");
        assert!(line.ends_with(" 2.40\n"), "{line}");
        assert!(version_line(true).contains("\n   elf_i386\n"));
    }
}
