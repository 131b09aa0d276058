//! Where addr2line's answers are kept different from GNU's: that they are right is checked with
//! llvm-symbolizer and gdb, and that GNU's still differ, with GNU's program.
//!
//! Each test is named for its row in `docs/differences.md`.
#![cfg(feature = "exercise")]
// Helpers of tests are tests.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::Command;

use libdwarf::load::{Backing, Debug, Places};
use libdwarf::lookup::Lookup;
use libelf::File;

/// Functions at an address, the innermost first, each with the name and line of its source file.
type Chain = Vec<(String, String)>;

const SOURCE: &str = "\
extern int puts(const char *);
int counter = 1;
static int words[4] = {1, 2, 3, 4};
static inline __attribute__((always_inline)) int sum(int n)
{
  int all = 0;
  for (int i = 0; i < n; i++)
    all += words[i & 3];
  return all;
}
struct pair { int a; struct pair *next; };
int __attribute__((noinline)) work(int n, struct pair *p)
{
  if (n > 5 && p)
    p->a = sum(n);
  counter += sum(n + 1);
  if (__builtin_expect(n == 77, 0))
    puts(\"rare\");
  return counter;
}
int __attribute__((noinline)) other(int n)
{
  return work(n, 0) * 3;
}
int main(int count, char **words_given)
{
  struct pair p = {0, 0};
  return work(count, &p) + other(count) + (words_given != 0);
}
";

/// Functions of [`SOURCE`].
const OF_SOURCE: &[&str] = &["work", "other", "main"];

/// A folder with `program`, made of [`SOURCE`] by a command of the shell.
fn built(command: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("source.c"), SOURCE).unwrap();
    let mut shell = Command::new("sh");
    let status = shell.args(["-c", command]).current_dir(folder.path()).status().unwrap();
    assert!(status.success(), "{command}");
    let program = folder.path().join("program");
    (folder, program)
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The last part of a path, with the line behind it.
fn base(place: &str) -> String {
    place.rsplit('/').next().unwrap().to_owned()
}

/// What a program says that prints names and places in turn.
fn pairs(text: &str) -> Chain {
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    let place = |line: &str| base(line.split(" (discr").next().unwrap());
    lines.chunks_exact(2).map(|pair| (pair[0].to_owned(), place(pair[1]))).collect()
}

fn gnu(program: &Path, address: u64) -> Chain {
    let address = format!("{address:#x}");
    pairs(&output(Command::new("/usr/bin/addr2line").arg("-fie").arg(program).arg(address)))
}

fn llvm(program: &Path, address: u64) -> Chain {
    let options = ["--output-style=GNU", "--functions=linkage", "--no-demangle", "--inlines"];
    let mut command = Command::new("llvm-symbolizer-14");
    command.args(options).arg("-e").arg(program).arg(format!("{address:#x}"));
    // It takes the outermost name from the symbol table, where parts of functions have their own.
    let whole = |name: String| name.split(".__part").next().unwrap_or_default().to_owned();
    pairs(&output(&mut command)).into_iter().map(|(name, place)| (whole(name), place)).collect()
}

fn gdb(program: &Path, words: &str) -> String {
    let mut command = Command::new("gdb");
    command.args(["-nx", "-batch", "-ex", "set debuginfod enabled off", "-ex", words]);
    output(command.arg(program))
}

/// Asks the library about a program.
fn with_lookup<T>(program: &Path, ask: impl FnOnce(&Lookup<'_, '_>) -> T) -> T {
    let bytes = libelf::map::read(program).unwrap();
    let backing = Backing::new();
    let debug = Debug::load(File::parse(&bytes).unwrap(), program, &Places::default(), &backing);
    ask(&Lookup::new(&debug))
}

fn ours(lookup: &Lookup<'_, '_>, address: u64) -> Chain {
    let Some(found) = lookup.find(address) else { return Vec::new() };
    let frame = |frame: libdwarf::lookup::Frame<'_>| {
        let mut path = Vec::new();
        frame.location.write_path(&mut path);
        let name = String::from_utf8_lossy(frame.name.text.unwrap_or(b"??")).into_owned();
        let path = String::from_utf8_lossy(&path).into_owned();
        (name, base(&format!("{path}:{}", frame.location.line)))
    };
    lookup.frames(&found).map(frame).collect()
}

/// Where symbols lie, and how long they are.
fn symbols(program: &Path) -> Vec<(String, u64, u64)> {
    let text = output(Command::new("nm").arg("-S").arg("--defined-only").arg(program));
    let symbol = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let [start, size, _, name] = words.as_slice() else { return None };
        let number = |text| u64::from_str_radix(text, 16).ok();
        Some(((*name).to_owned(), number(start)?, number(size)?))
    };
    text.lines().filter_map(symbol).collect()
}

/// Compares all addresses of these functions of a program: ours with LLVM's and gdb's. GNU's must
/// differ somewhere.
fn functions_are_right(program: &Path, names: &[&str]) {
    let symbols = symbols(program);
    let parts = symbols.iter().filter(|(name, ..)| names.iter().any(|part| name.contains(part)));
    let mut count = 0;
    let mut gnu_differs = false;
    let mut agreed = 0_u32;
    with_lookup(program, |lookup| {
        for (name, start, size) in parts {
            for address in *start..start.wrapping_add(*size) {
                let answer = ours(lookup, address);
                // Line 0 is code of no line, for which LLVM shows a neighbour's in some versions.
                if answer.iter().any(|(_, place)| place.ends_with(":0")) {
                    continue;
                }
                assert_eq!(answer, llvm(program, address), "{name} {address:#x}");
                gnu_differs |= gnu(program, address) != answer;
                count += 1;
            }
            agreed = agreed.saturating_add(u32::from(gdb_agrees(program, lookup, *start)));
        }
    });
    assert!(count > 50, "{count} addresses");
    // Of several statements at one address gdb shows another in some functions.
    assert!(agreed > 0, "gdb says something else");
    assert!(gnu_differs, "GNU's answers are the same now");
}

/// Of the addresses of the line that gdb says an address has, one at least has it here: gdb passes
/// over rows that are no statements.
fn gdb_agrees(program: &Path, lookup: &Lookup<'_, '_>, address: u64) -> bool {
    let said = gdb(program, &format!("info line *{address:#x}"));
    let number = |before: &str| {
        let rest = said.split_once(before)?.1;
        let digits = rest.split(|c: char| !c.is_ascii_hexdigit()).next()?;
        u64::from_str_radix(digits, 16).ok()
    };
    let range = number("starts at address 0x").zip(number("ends at 0x"));
    let Some((start, end)) = range else { return false };
    let words: Vec<&str> = said.split(' ').collect();
    let place = format!("{}:{}", words[3].trim_matches('"'), words[1]);
    let is_there = |address| ours(lookup, address).first().is_some_and(|(_, at)| *at == place);
    (start..end).any(is_there)
}

#[test]
#[ignore = "needs compilers and debuggers"]
fn a_ranges() {
    // Blocks in sections of their own: functions and inlined calls have several ranges.
    let (_folder, program) = built(
        "clang-14 -g -gdwarf-5 -O2 -fbasic-block-sections=all -fuse-ld=lld source.c -o program",
    );
    functions_are_right(&program, OF_SOURCE);
}

#[test]
#[ignore = "needs compilers and debuggers"]
fn a_skeleton() {
    let (_folder, program) =
        built("gcc -g -gdwarf-5 -O1 -ffunction-sections -gsplit-dwarf source.c -o program");
    // LLVM reads the split unit for names; lines are in the program.
    let start = symbols(&program).iter().find(|(name, ..)| name == "other").unwrap().1;
    let line = |chain: &Chain| chain.first().map(|(_, place)| place.clone());
    with_lookup(&program, |lookup| {
        let answer = line(&ours(lookup, start));
        assert!(answer.as_ref().is_some_and(|place| place.starts_with("source.c:2")));
        assert_eq!(line(&llvm(&program, start)), answer);
        assert_ne!(line(&gnu(&program, start)), answer);
        assert!(gdb_agrees(&program, lookup, start));
    });
}

#[test]
#[ignore = "needs compilers and debuggers"]
fn a_type_units() {
    let (_folder, program) =
        built("gcc -g -gdwarf-5 -O1 -fdebug-types-section source.c -o program");
    functions_are_right(&program, OF_SOURCE);
}

#[test]
#[ignore = "needs compilers and debuggers"]
fn a_line_str() {
    let (_folder, program) = built("gcc -g -gdwarf-5 -O1 -gdwarf64 source.c -o program");
    functions_are_right(&program, OF_SOURCE);
}

#[test]
#[ignore = "needs the corpus"]
fn a_zdebug() {
    // In small programs the range lists are not compressed.
    let program = tests::corpus::folder().join("made/debug/programs/program-zlib-gnu");
    functions_are_right(&program, &["sum_of", "choose", "mixed"]);
}

#[test]
#[ignore = "needs compilers and debuggers"]
fn a_line_content() {
    let (_folder, program) = built("clang-14 -g -gdwarf-5 -O1 -gembed-source source.c -o program");
    functions_are_right(&program, OF_SOURCE);
}

#[test]
#[ignore = "needs compilers and debuggers"]
fn a_addrx() {
    let (_folder, program) = built("clang-14 -g -gdwarf-5 -O1 source.c -o program");
    let address = symbols(&program).iter().find(|(name, ..)| name == "counter").unwrap().1;
    let line = with_lookup(&program, |lookup| lookup.variable(address).unwrap().location.line);
    assert_eq!(line, 2);
    assert!(gdb(&program, "info variables ^counter$").contains("2:\tint counter;"));
    let said = output(
        Command::new("/usr/bin/addr2line").arg("-e").arg(&program).arg(format!("{address:#x}")),
    );
    assert!(!said.contains("source.c:2"), "{said}");
}

#[test]
#[ignore = "needs compilers and debuggers"]
fn a_relocated() {
    // Functions whose starts GNU does not relocate: LLVM knows them.
    for machine in ["amdgcn", "hexagon"] {
        let object = tests::corpus::folder().join(format!("made/clang/{machine}-debug.o"));
        let (name, start, _) =
            symbols(&object).into_iter().find(|(name, ..)| name == "_start").unwrap();
        let first = |chain: Chain| chain.first().map(|(name, _)| name.clone());
        assert_eq!(first(llvm(&object, start)).as_deref(), Some(name.as_str()), "{machine}");
        assert_eq!(first(gnu(&object, start)).as_deref(), Some("??"), "{machine}");
    }
    for machine in ["avr", "msp430"] {
        let (_folder, object) = built(&format!(
            "clang-14 --target={machine} -g -gdwarf-5 -O1 -c -xc source.c -o program"
        ));
        let place = |chain: &Chain| chain.first().map(|(_, place)| place.clone());
        let answer = with_lookup(&object, |lookup| place(&ours(lookup, 0)));
        assert!(answer.as_ref().is_some_and(|place| place.starts_with("source.c:")), "{machine}");
        assert_eq!(place(&llvm(&object, 0)), answer, "{machine}");
        assert_ne!(place(&gnu(&object, 0)), answer, "{machine}");
    }
}

/// Units that dwz made of what two others share: they name a line table, and have no code.
#[test]
#[ignore = "needs compilers and debuggers"]
fn a_partial() {
    const COMPILE: &str = "gcc -g -gdwarf-5 -O1 -include stdio.h -include stdlib.h -c source.c";
    let (folder, program) = built(&format!(
        "{COMPILE} -o a.o && \
         {COMPILE} -Dmain=second -Dwork=again -Dother=also -Dcounter=count -o b.o && \
         gcc a.o b.o -o program && cp program plain && dwz program"
    ));
    functions_are_as_before(&program, &folder.path().join("plain"), OF_SOURCE, 1);
}

/// A program of the first ABI of 64-bit PowerPC: its functions have descriptors.
#[test]
#[ignore = "needs the corpus"]
fn a_opd() {
    let program = tests::corpus::folder().join("made/clang/powerpc64-plain.o");
    let ask = |addresses: &[u64]| {
        let mut command = Command::new("/usr/bin/addr2line");
        command.arg("-fe").arg(&program);
        command.args(addresses.iter().map(|address| format!("{address:#x}")));
        pairs(&output(&mut command))
    };
    let addresses: Vec<u64> = (0..0x120).step_by(4).collect();
    let alone: Chain = addresses.iter().flat_map(|address| ask(&[*address])).collect();
    // What GNU says of an address depends on what was asked before.
    assert_ne!(ask(&addresses), alone);
    // Ours is what GNU says of each alone: the nearest symbol.
    let bytes = libelf::map::read(&program).unwrap();
    let file = File::parse(&bytes).unwrap();
    let table = libsymtab::SymbolTable::of_file(&file, libsymtab::Source::Static).unwrap().unwrap();
    let section = file.section_by_name(b".text").unwrap().unwrap().0;
    let options = libsymtab::address::Options { section: Some(section), ..Default::default() };
    for (address, (name, _)) in addresses.iter().zip(alone) {
        let tables = std::slice::from_ref(&table);
        let found = libsymtab::address::nearest(tables, *address, &options).unwrap();
        assert_eq!(String::from_utf8_lossy(found.name), name, "{address:#x}");
    }
}

/// Functions and inlined calls of split units, from objects and from a package: not what GNU's
/// program shows, which opens neither.
#[test]
#[ignore = "needs compilers and debuggers"]
fn split_units_have_functions() {
    // What packs them: neither ends well on gcc's of version 5, nor LLVM's on those of version 4.
    let objects = [
        ("gcc -g -gdwarf-4 -O2 -gsplit-dwarf source.c -o program", Some("dwp")),
        ("gcc -g -gdwarf-5 -O2 -gsplit-dwarf source.c -o program", None),
        ("clang-14 -g -gdwarf-4 -O2 -gsplit-dwarf source.c -o program", Some("dwp")),
        ("clang-14 -g -gdwarf-5 -O2 -gsplit-dwarf source.c -o program", Some("llvm-dwp-14")),
        // With type units, which have rows of their own in a package.
        (
            "gcc -g -gdwarf-4 -O2 -gsplit-dwarf -fdebug-types-section source.c -o program",
            Some("dwp"),
        ),
        (
            "clang-14 -g -gdwarf-5 -O2 -gsplit-dwarf -fdebug-types-section source.c -o program",
            Some("llvm-dwp-14"),
        ),
    ];
    for (command, packer) in objects {
        let (folder, program) = built(command);
        functions_are_as_before(&program, &program, OF_SOURCE, 5);
        let whole = with_lookup(&program, |lookup| all_answers(&program, lookup));
        if let Some(packer) = packer {
            let package = format!("{packer} -e program -o program.dwp && rm *.dwo");
            let mut shell = Command::new("sh");
            let status = shell.args(["-c", &package]).current_dir(folder.path()).status().unwrap();
            assert!(status.success(), "{command}");
            with_lookup(&program, |lookup| assert_eq!(all_answers(&program, lookup), whole));
        }
        // Without what was split off, less is found.
        let lost = "rm -f *.dwp *.dwo";
        assert!(
            Command::new("sh")
                .args(["-c", lost])
                .current_dir(folder.path())
                .status()
                .unwrap()
                .success()
        );
        with_lookup(&program, |lookup| assert_ne!(all_answers(&program, lookup), whole));
    }
}

/// What is at each address of the functions of [`SOURCE`].
fn all_answers(program: &Path, lookup: &Lookup<'_, '_>) -> Vec<Chain> {
    let parts =
        symbols(program).into_iter().filter(|(name, ..)| OF_SOURCE.contains(&name.as_str()));
    let addresses = parts.flat_map(|(_, start, size)| start..start.wrapping_add(size));
    addresses.map(|address| ours(lookup, address)).collect()
}

/// An index changes where is looked, not what is found.
#[test]
#[ignore = "needs compilers and debuggers"]
fn indexes_change_no_answer() {
    const BUILDS: [&str; 2] = [
        "clang-14 -g -gdwarf-5 -O1 -mllvm -accel-tables=Dwarf source.c -o program",
        "gcc -g -O1 source.c -o program && gdb-add-index program && \
         objcopy --remove-section=.debug_aranges program",
    ];
    for command in BUILDS {
        let (folder, program) = built(command);
        let plain = folder.path().join("plain");
        let mut strip = Command::new("objcopy");
        strip.args(["--remove-section=.debug_names", "--remove-section=.gdb_index"]);
        assert!(strip.arg(&program).arg(&plain).status().unwrap().success());
        let with_index = with_lookup(&program, |lookup| all_answers(&program, lookup));
        let without = with_lookup(&plain, |lookup| all_answers(&plain, lookup));
        assert_eq!(with_index, without, "{command}");
        for name in ["work", "sum", "main", "no function"] {
            let named =
                |path: &Path| with_lookup(path, |lookup| lookup.functions_named(name.as_bytes()));
            assert_eq!(named(&program), named(&plain), "{command} {name}");
        }
    }
}

/// Compares our answers for a program, as dwz may have changed it, with LLVM's and gdb's for what
/// it was before. GNU's must differ somewhere.
fn functions_are_as_before(program: &Path, before: &Path, names: &[&str], step: usize) {
    let symbols = symbols(before);
    let parts = symbols.iter().filter(|(name, ..)| names.iter().any(|part| name.contains(part)));
    let (mut count, mut agreed, mut gnu_differs) = (0_u32, 0_u32, false);
    with_lookup(program, |lookup| {
        for (name, start, size) in parts {
            for address in (*start..start.wrapping_add(*size)).step_by(step) {
                let answer = ours(lookup, address);
                if answer.iter().any(|(_, place)| place.ends_with(":0")) {
                    continue;
                }
                assert_eq!(answer, llvm(before, address), "{name} {address:#x}");
                gnu_differs |= gnu(program, address) != answer;
                count += 1;
            }
            agreed += u32::from(gdb_agrees(before, lookup, *start));
        }
    });
    assert!(count > 20, "{count} addresses");
    assert!(agreed > 0, "gdb says something else");
    assert!(gnu_differs, "GNU's answers are the same now");
}

#[test]
#[ignore = "needs compilers and debuggers"]
fn a_sup5() {
    let (folder, program) = built(
        "gcc -g -gdwarf-5 -O1 -include stdio.h -include stdlib.h source.c -o program && \
         cp program other && cp program plain && dwz -5 -m common program other",
    );
    functions_are_as_before(&program, &folder.path().join("plain"), OF_SOURCE, 1);
}

/// A stripped program, whose debug file lies where packages of distributions put it, by its
/// build-id, or in the cache of debuginfod.
#[test]
#[ignore = "needs compilers"]
fn debug_files_are_found_by_build_id() {
    let (folder, plain) = built("gcc -g -O1 -Wl,--build-id source.c -o program");
    let expected = with_lookup(&plain, |lookup| all_answers(&plain, lookup));
    let root = folder.path();
    let id = libelf::map::read(&plain).unwrap();
    let id = File::parse(&id).unwrap().build_id().unwrap().to_vec();
    let id = id.iter().fold(String::new(), |id, byte| id + &format!("{byte:02x}"));
    let packaged = root.join("debug/.build-id").join(id.get(..2).unwrap());
    let cached = root.join("cache").join(&id);
    std::fs::create_dir_all(&packaged).unwrap();
    std::fs::create_dir_all(&cached).unwrap();
    let run = |command: &str| {
        let mut shell = Command::new("sh");
        assert!(shell.args(["-c", command]).current_dir(root).status().unwrap().success());
    };
    run("objcopy --only-keep-debug program kept && objcopy --strip-debug program stripped");
    let stripped = root.join("stripped");
    let answers = |roots: Vec<PathBuf>, debuginfod: Option<PathBuf>| {
        let bytes = libelf::map::read(&stripped).unwrap();
        let backing = Backing::new();
        let places = Places { search: libelf::debugfile::Search { roots }, debuginfod };
        let debug = Debug::load(File::parse(&bytes).unwrap(), &stripped, &places, &backing);
        all_answers(&plain, &Lookup::new(&debug))
    };
    let is_empty = |answers: &[Chain]| answers.iter().all(Vec::is_empty);
    assert!(is_empty(&answers(Vec::new(), None)));
    std::fs::copy(root.join("kept"), packaged.join(format!("{}.debug", id.get(2..).unwrap())))
        .unwrap();
    assert_eq!(answers(vec![root.join("debug")], None), expected);
    std::fs::copy(root.join("kept"), cached.join("debuginfo")).unwrap();
    assert_eq!(answers(Vec::new(), Some(root.join("cache"))), expected);
    // One of another program is not taken.
    run("gcc -g -O2 -Wl,--build-id source.c -o other");
    std::fs::copy(root.join("other"), cached.join("debuginfo")).unwrap();
    assert!(is_empty(&answers(Vec::new(), Some(root.join("cache")))));
}
