//! The program peg, as people call it.

#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::format_push_string)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The manual page whose tutorial must work as it is printed.
const MANUAL: &str = include_str!("../../peg/peg.5");

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// What peg prints on both streams, and its status if it fails.
    fn peg(&self, args: &[&str], input: &str) -> String {
        let mut child = Command::new(env!("CARGO_BIN_EXE_elftoolchain"))
            .arg("peg")
            .args(args)
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may end without reading.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let mut shown = String::from_utf8(output.stdout).unwrap();
        shown.push_str(&String::from_utf8(output.stderr).unwrap());
        if !output.status.success() {
            shown.push_str(&format!("status {}\n", output.status.code().unwrap()));
        }
        shown
    }
}

/// The displays of the manual page, as they are shown.
fn displays() -> Vec<String> {
    let mut displays = Vec::new();
    for part in MANUAL.split(".Bd -literal -offset indent\n").skip(1) {
        let (display, _) = part.split_once(".Ed\n").unwrap();
        displays.push(display.replace("\\e", "\\"));
    }
    displays
}

fn display_with(words: &str) -> String {
    let mut found = displays().into_iter().filter(|display| display.contains(words));
    let one = found.next().unwrap();
    assert!(found.next().is_none());
    one
}

#[test]
fn the_tutorial_works() {
    let folder = Folder::new();
    folder.put("calc.pest", &display_with("negative =  {"));
    folder.put("main.rs", &display_with("mod calc;"));
    let mut shown = String::from("$ peg check calc.pest\n");
    shown.push_str(&folder.peg(&["check", "calc.pest"], ""));
    for text in ["1+2*3", "1+*3"] {
        shown.push_str(&format!("$ echo '{text}' | peg parse calc.pest file -\n"));
        let tree = folder.peg(&["parse", "calc.pest", "file", "-"], &format!("{text}\n"));
        shown.push_str(tree.strip_suffix("status 1\n").unwrap_or(&tree));
    }
    assert_eq!(shown, display_with("peg check calc.pest"));

    assert_eq!(folder.peg(&["generate", "-o", "calc.rs", "calc.pest"], ""), "");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let made = Command::new(rustc)
        .args(["--edition", "2024", "-D", "warnings", "main.rs"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let last = display_with("rustc main.rs");
    let (command, result) = last.split_once('\n').unwrap();
    let input = command.split('\'').nth(1).unwrap();
    let mut child = Command::new(folder.path().join("main"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{input}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), result);
}

#[test]
fn other_grammars_of_the_manual_have_no_errors() {
    let folder = Folder::new();
    folder.put("settings.pest", &display_with("setting ="));
    assert_eq!(folder.peg(&["check", "--werror", "settings.pest"], ""), "");
}

#[test]
fn trees_are_text_or_json() {
    let folder = Folder::new();
    folder.put("g.pest", "all = { word ~ (\",\" ~ word)* } word = { (!\",\" ~ ANY)+ }");
    insta::assert_snapshot!(folder.peg(&["parse", "g.pest", "all", "-"], "é\u{1b},a\n\"b,,"));
    insta::assert_snapshot!(
        folder.peg(&["parse", "g.pest", "all", "-", "--format=json"], "é\u{1b}\u{202e},a\n\"b")
    );
}

#[test]
fn warnings_can_be_silent_or_fatal() {
    let folder = Folder::new();
    folder.put("g.pest", "r = { \"a\" | \"ab\" }");
    let warned = folder.peg(&["check", "g.pest"], "");
    assert!(warned.starts_with("g.pest:1:13: warning: "), "{warned}");
    assert!(!warned.contains("status"));
    assert!(folder.peg(&["check", "--werror", "g.pest"], "").ends_with("status 1\n"));
    assert_eq!(folder.peg(&["check", "-w", "--werror", "g.pest"], ""), "");
    assert_eq!(folder.peg(&["check", "-w", "-"], "r = { \"a\" }"), "");
    let lost = folder.peg(&["check", "--start=x", "-"], "r = { \"a\" }");
    assert_eq!(lost, "error: no rule of - is named `x`\nstatus 1\n");
}

#[test]
fn failures_name_the_file_and_leave_the_output_alone() {
    let folder = Folder::new();
    let kept = folder.put("kept.rs", "old");
    folder.put("bad.pest", "r = { r }");
    folder.put("unicode.pest", "r = { LETTER }");
    folder.put("latin.pest", "");
    std::fs::write(folder.path().join("latin.pest"), b"r = { \"\xff\" }").unwrap();
    assert_eq!(
        folder.peg(&["check", "none.pest", "."], ""),
        "peg: none.pest: No such file or directory\npeg: .: Is a directory\nstatus 1\n"
    );
    for grammar in ["bad.pest", "unicode.pest", "latin.pest"] {
        let shown = folder.peg(&["generate", "-o", "kept.rs", grammar], "");
        assert!(shown.starts_with(grammar) && shown.ends_with("status 1\n"), "{shown}");
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), "old");
    }
    folder.put("good.pest", "r = { \"a\" }");
    assert_eq!(
        folder.peg(&["generate", "-o", "no/x.rs", "good.pest"], ""),
        "peg: no/x.rs: No such file or directory\nstatus 1\n"
    );
    assert_eq!(
        folder.peg(&["generate", "-o", "/dev/full", "good.pest"], ""),
        "peg: /dev/full: No space left on device\nstatus 1\n"
    );
    assert_eq!(
        folder.peg(&["parse", "good.pest", "s", "-"], ""),
        "peg: good.pest: no rule is named 's'\nstatus 1\n"
    );
    assert_eq!(folder.peg(&["generate", "-o", "kept.rs", "good.pest", "--name=Letters"], ""), "");
    assert!(std::fs::read_to_string(&kept).unwrap().contains("pub struct Letters;"));
}

#[test]
fn deep_trees_are_printed() {
    let folder = Folder::new();
    folder.put("g.pest", "r = { \"(\" ~ r ~ \")\" | \"x\" }");
    let text = format!("{}x{}", "(".repeat(5000), ")".repeat(5000));
    for format in ["--format=text", "--format=json"] {
        let shown = folder.peg(&["parse", format, "g.pest", "r", "-"], &text);
        assert!(shown.len() < 2_000_000 && shown.lines().count() > 5000, "{}", shown.len());
    }
    let shown = folder.peg(&["parse", "--depth=100", "g.pest", "r", "-"], &text);
    assert!(shown.contains("nested too deep"), "{shown}");
}
