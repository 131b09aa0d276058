//! A run that fails makes no file and changes none: whatever goes wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What stood in a file before the run.
const BEFORE: &[u8] = b"what was here before";
/// A description of a file of about a megabyte.
const LARGE: &str = "elf type=REL; section .data { fill 1M 1; }";

/// Runs the program in a process of its own: this test's binary, which then is the program.
fn elfc(folder: &Path, before: &str, args: &[&str]) -> Output {
    let own = std::env::current_exe().unwrap();
    // The shell sets limits and redirections before it becomes the program.
    let script = format!("{before} exec \"$0\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(own).current_dir(folder);
    command.env("ELFC_ARGUMENTS", args.join("\n")).stdin(Stdio::null());
    command.output().unwrap()
}

/// There is no harness: it would print to the streams that the program is tried with.
fn main() {
    if let Ok(args) = std::env::var("ELFC_ARGUMENTS") {
        let args: Vec<OsString> = args.lines().map(Into::into).collect();
        std::process::exit(elfc_program::main("elfc", args).into());
    }
    bad_descriptions();
    full_disks();
    folders_that_are_not_there();
    outputs_that_take_nothing();
    what_succeeds_replaces();
    zeros_take_no_room();
    warnings_can_be_silenced();
}

/// A folder with a description and a file that the run would replace.
fn folder(description: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.elfc"), description).unwrap();
    let target = folder.path().join("target");
    std::fs::write(&target, BEFORE).unwrap();
    (folder, target)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Runs with a target that exists and one that does not; neither is there after, nor anything else.
fn fails(description: &str, before: &str, expected: &str) {
    let (folder, target) = folder(description);
    for name in ["target", "new"] {
        let output = elfc(folder.path(), before, &["a.elfc", "-o", name]);
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{messages}");
        assert!(messages.contains(expected), "{messages}");
        assert_eq!(std::fs::read(&target).unwrap(), BEFORE);
        assert_eq!(names(folder.path()), ["a.elfc", "target"]);
    }
}

fn bad_descriptions() {
    for (description, expected) in [
        ("elf type=", "a.elfc:1:10: error: "),
        ("", "the description is empty"),
        ("--- !ELF\nFileHeader:\n", "a.elfc:1:1: error: this is YAML"),
        ("elf class=33;", "expected 32 or 64"),
        ("elf; section .a { u8 256; }", "256 does not fit 8 bits"),
        ("elf; section .a link=.b;", "there is no section `.b`"),
        ("elf; section .a; section .a; section .b link=.a;", "several sections are called `.a`"),
        ("elf; section .a { u8 x; }", "there is no label `x`"),
        ("elf; section .a { fill (size(.a) + 1); }", "depend on them"),
        ("elf; section .a { fill 2G; }", "makes too much"),
        ("elf; section .a { file \"/dev/zero\"; }", "cannot read /dev/zero: not a regular file"),
        ("elf; section .a { file \"none\"; }", "cannot read none: No such file or directory\n"),
        ("elf; section .a { debuglink \"a\" file=\"/dev/zero\"; }", "not a regular file"),
        ("include \"/dev/zero\";", "cannot read /dev/zero: not a regular file"),
        ("repeat 4000000 { section .a; }", "the description expands to more than 96 MiB"),
        ("archive { repeat 1000 { member a { fill 16M; } } }", "makes too much"),
        ("archive { member a { elf; length = 1G; } }", "the file would have"),
        ("elf; length = 1T;", "the file would have"),
        ("elf class=32; section .a offset=0x100000000;", "does not fit 32 bits"),
        ("elf; section .a { file \"missing\"; }", "cannot read missing"),
        ("elf; section .a RELA { relocs { 0 R_X86_64_NOTHING; } }", "a relocation type"),
        ("archive { member \"a\" { elf; section .a nonsense=1; } }", "a section has no `nonsense`"),
    ] {
        fails(description, "", expected);
    }
}

fn full_disks() {
    // SIGXFSZ would end the program before it can tell; a full disk gives an error like this one.
    fails(LARGE, "trap '' XFSZ; ulimit -f 100;", "File too large");
}

fn folders_that_are_not_there() {
    let (folder, _) = folder(LARGE);
    let output = elfc(folder.path(), "", &["a.elfc", "-o", "none/target"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(names(folder.path()), ["a.elfc", "target"]);
}

fn outputs_that_take_nothing() {
    let (folder, _) = folder(LARGE);
    for args in
        [&["a.elfc", "-o", "-"][..], &["--describe", "a.elfc"], &["a.elfc", "-o", "/dev/full"]]
    {
        let to = if args.contains(&"/dev/full") { "" } else { "exec >/dev/full;" };
        let output = elfc(folder.path(), to, args);
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {messages}");
        assert!(messages.contains("No space left on device"), "{args:?}: {messages}");
        assert_eq!(names(folder.path()), ["a.elfc", "target"]);
    }
    // A pipe without a reader ends the program as SIGPIPE ends others.
    let output = elfc(folder.path(), "", &["a.elfc", "-o", "-"]);
    assert!(output.stdout.len() > 1 << 20);
    let own = std::env::current_exe().unwrap();
    let mut command = Command::new(own);
    command.current_dir(folder.path()).env("ELFC_ARGUMENTS", "a.elfc\n-o\n-");
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(141));
}

fn what_succeeds_replaces() {
    let (folder, target) = folder(LARGE);
    let output = elfc(folder.path(), "", &["a.elfc", "-o", "target"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(std::fs::read(&target).unwrap().starts_with(b"\x7fELF"));
    assert_eq!(names(folder.path()), ["a.elfc", "target"]);
}

fn warnings_can_be_silenced() {
    let (folder, target) = folder("elf; section .a link=77 align=3;");
    for (args, expected) in
        [(&["a.elfc", "-o", "target"][..], 2), (&["-w", "a.elfc", "-o", "target"], 0)]
    {
        let output = elfc(folder.path(), "", args);
        let messages = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{messages}");
        assert_eq!(messages.matches(": warning: ").count(), expected, "{messages}");
        assert!(std::fs::read(&target).unwrap().starts_with(b"\x7fELF"));
    }
}

fn zeros_take_no_room() {
    use std::os::unix::fs::MetadataExt;
    const LENGTH: u64 = 3 << 30;
    let (folder, target) =
        folder(&format!("elf; section .a offset=1G {{ u32 1; }} length = {LENGTH};"));
    let output = elfc(folder.path(), "", &["a.elfc", "-o", "target"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata = std::fs::metadata(&target).unwrap();
    assert_eq!(metadata.len(), LENGTH);
    assert!(metadata.blocks() < 4096, "{} blocks", metadata.blocks());
}
