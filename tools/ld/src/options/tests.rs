//! Command lines, and what GNU ld makes of them.

use common::{FAILURE, Output, SUCCESS};
use libld::options::{
    Argument, BuildId, Emulation, Format, Interpreter, Kind, Linkage, Magic, Options, State, Strip,
    Unresolved,
};

use super::{End, Environment, ExitStatus, OsString, parse};

fn run(args: &[&str]) -> (Result<Box<Options>, End>, String) {
    let args: Vec<OsString> = args.iter().map(Into::into).collect();
    let mut out = Output::process("ld").recorder();
    let parsed = parse(&args, &Environment::default(), &mut out);
    (parsed, String::from_utf8_lossy(&out.recorded_streams()).into_owned())
}

fn options(args: &[&str]) -> Options {
    match run(args) {
        (Ok(options), said) if said.is_empty() => *options,
        (parsed, said) => panic!("{args:?}: {parsed:?} {said}"),
    }
}

/// What is said before the run ends with this status.
fn end(args: &[&str]) -> (ExitStatus, String) {
    match run(args) {
        (Err(End(status)), said) => (status, said),
        (Ok(options), said) => panic!("{args:?}: {options:?} {said}"),
    }
}

fn fails(args: &[&str], message: &str) {
    assert_eq!(end(args), (FAILURE, format!("ld: {message}\n")), "{args:?}");
}

fn files(options: &Options) -> Vec<(String, State)> {
    let arguments = options.inputs.arguments.iter();
    arguments
        .filter_map(|argument| match argument {
            Argument::File(input) => Some((format!("{:?}", input.name), input.state)),
            _ => None,
        })
        .collect()
}

#[test]
fn state_holds_for_what_follows() {
    let options = options(&[
        "a.o",
        "--push-state",
        "--as-needed",
        "-Bstatic",
        "-lfoo",
        "--pop-state",
        "-l:bar.so",
        "-whole-archive",
        "-b",
        "binary",
        "x",
    ]);
    let none = State::default();
    assert_eq!(
        files(&options),
        [
            ("Path(\"a.o\")".to_owned(), none),
            (
                "Library(\"foo\")".to_owned(),
                State { as_needed: true, linkage: Linkage::Static, ..none }
            ),
            ("LibraryFile(\"bar.so\")".to_owned(), none),
            (
                "Path(\"x\")".to_owned(),
                State { whole_archive: true, format: Some(Format::Binary), ..none }
            ),
        ]
    );
    fails(&["--pop-state"], "no state pushed before popping");
}

#[test]
fn relocatable_and_unpaged_outputs_take_archives() {
    for option in ["-r", "-N", "-n", "-static"] {
        let options = options(&[option, "-lfoo"]);
        assert_eq!(files(&options)[0].1.linkage, Linkage::Static, "{option}");
    }
    let late = options(&["-Bdynamic", "-lfoo", "-r"]);
    assert_eq!(files(&late)[0].1.linkage, Linkage::Static);
    assert_eq!(late.output.kind, Kind::Relocatable);
}

#[test]
fn one_letter_options_hide_behind_long_ones() {
    assert_eq!(options(&["-omagic", "a.o"]).output.path(), std::path::Path::new("magic"));
    assert_eq!(options(&["--omagic", "a.o"]).output.magic, Magic::Omagic);
    assert!(options(&["-export-dynamic", "a.o"]).symbols.export_dynamic);
    assert!(options(&["-export", "a.o"]).symbols.export_dynamic);
    assert_eq!(options(&["-ent", "x", "a.o"]).output.entry.as_deref(), Some(&b"x"[..]));
    assert_eq!(options(&["-ez", "a.o"]).output.entry.as_deref(), Some(&b"z"[..]));
    assert_eq!(options(&["-soname=x", "-shared", "a.o"]).dynamic.soname, Some(b"x".to_vec()));
    assert_eq!(options(&["-hx", "-shared", "a.o"]).dynamic.soname, Some(b"x".to_vec()));
    assert!(options(&["-stati", "a.o"]).output.is_static);
    assert_eq!(options(&["-Ttext", "10", "a.o"]).layout.section_starts[0].address, 16);
    let script = options(&["-Tx.lds", "a.o"]);
    assert_eq!(script.inputs.arguments[0], Argument::Script("x.lds".into()));
    fails(
        &["-stat"],
        "unrecognized option '-stat'\nld: use the --help option for usage information",
    );
}

#[test]
fn grouped_letters_are_deprecated() {
    let warning = "ld: Warning: grouped short command line options are deprecated: -sS\n";
    let (parsed, said) = run(&["-sS", "a.o"]);
    assert_eq!(said, warning);
    assert_eq!(parsed.unwrap().output.strip, Strip::Debug);
    assert_eq!(options(&["-tt", "a.o"]).report.trace, 2);
    fails(&["-xo", "a"], "Error: unable to disambiguate: -xo (did you mean --xo ?)");
    fails(&["-rd"], "unrecognised option: -rd");
}

#[test]
fn missing_values_are_said_of_some_options() {
    let usage = "\nld: use the --help option for usage information";
    fails(&["-soname"], &format!("-soname: missing argument{usage}"));
    fails(&["--entry"], &format!("--entry: missing argument{usage}"));
    fails(&["--output"], &format!("unrecognized option '--output'{usage}"));
    fails(&["-o"], &format!("unrecognized option '-o'{usage}"));
    fails(&["--gc-sections=1"], &format!("unrecognized option '--gc-sections=1'{usage}"));
    fails(&["-m"], "missing argument to -m");
}

#[test]
fn the_last_emulation_counts() {
    let options = options(&["-melf_x86_64", "-z", "stack-size=0", "-m", "elf_i386", "a.o"]);
    assert_eq!(options.emulation, Emulation::ElfI386);
    assert!(options.emulation_is_given);
    let (status, said) = end(&["-m", "elf_i386", "-mfoo"]);
    assert_eq!(status, FAILURE);
    assert_eq!(
        said,
        "ld: unrecognised emulation mode: foo\nSupported emulations: elf_x86_64 elf32_x86_64 \
         elf_i386 elf_x86_64_fbsd elf_i386_fbsd\n"
    );
}

#[test]
fn kinds_that_exclude_each_other() {
    fails(&["-r", "-shared"], "-r and -shared may not be used together");
    fails(&["-pie", "-r"], "-r and -pie may not be used together");
    fails(&["-F", "x", "-pie"], "-F may not be used without -shared");
    fails(&["-f", "x"], "-f may not be used without -shared");
    fails(&["--no-define-common"], "--no-define-common may not be used without -shared");
    assert_eq!(options(&["-shared", "-pie", "a.o"]).output.kind, Kind::Pie);
    assert_eq!(options(&["-pie", "-Bshareable", "a.o"]).output.kind, Kind::Shared);
    assert_eq!(options(&["-G", "a.o"]).output.kind, Kind::Shared);
}

#[test]
fn groups_are_closed() {
    let (parsed, said) = run(&["-(", "a.o"]);
    assert_eq!(said, "ld: missing --end-group; added as last command line option\n");
    let arguments = parsed.unwrap().inputs.arguments;
    assert_eq!(
        (arguments.first(), arguments.last()),
        (Some(&Argument::StartGroup), Some(&Argument::EndGroup))
    );
    fails(&["-)"], "group ended before it began (--help for usage)");
}

#[test]
fn something_must_be_linked_or_printed() {
    fails(&[], "no input files");
    assert_eq!(end(&["-v"]), (SUCCESS, usage_line(false)));
    assert_eq!(end(&["-V"]), (SUCCESS, usage_line(true)));
    let format = ["-m", "elf_i386", "--print-output-format"];
    assert_eq!(end(&format), (SUCCESS, "elf32-i386\n".to_owned()));
    assert_eq!(end(&["--sysroot=/x", "--print-sysroot"]), (SUCCESS, "/x\n".to_owned()));
}

fn usage_line(with_emulations: bool) -> String {
    crate::usage::version_line(with_emulations)
}

#[test]
fn folders_below_the_sysroot() {
    let options = options(&["-L=/a", "-L$SYSROOT/b", "-L", "/c", "--sysroot=/root", "a.o"]);
    let folders: Vec<_> = options.inputs.library_path.iter().map(|f| f.to_str().unwrap()).collect();
    assert_eq!(folders, ["/root/a", "/root/b", "/c"]);
}

#[test]
fn lists_of_folders_have_each_once() {
    let options =
        options(&["-rpath", "a:b", "-rpath=b", "--rpath", "ab", "--audit=x", "--audit=y", "a.o"]);
    assert_eq!(options.dynamic.rpath.as_deref(), Some(&b"a:b:ab"[..]));
    assert_eq!(options.dynamic.audit.as_deref(), Some(&b"x:y"[..]));
}

#[test]
fn build_ids() {
    let id = |style: &str| options(&[style, "a.o"]).output.build_id;
    assert_eq!(id("--build-id"), Some(BuildId::Default));
    assert_eq!(id("--build-id=none"), None);
    assert_eq!(id("--build-id=md5"), Some(BuildId::Md5));
    assert_eq!(id("--build-id=0x12-34:aB"), Some(BuildId::Hex(vec![0x12, 0x34, 0xab])));
    for style in ["--build-id=x", "--build-id=0x1", "--build-id=0xzz", "--build-id=0x"] {
        let (_, said) = run(&[style, "a.o"]);
        assert_eq!(said, "ld: warning: unrecognized --build-id style ignored\n", "{style}");
    }
}

#[test]
fn undefined_symbols() {
    use Unresolved::{ByKind, Ignore, Report};
    let left = |args: &[&str]| {
        let symbols = options(args).symbols;
        (symbols.unresolved_in_objects, symbols.unresolved_in_libraries)
    };
    assert_eq!(left(&["a.o"]), (ByKind, ByKind));
    assert_eq!(left(&["-z", "defs", "a.o"]), (Report, ByKind));
    assert_eq!(left(&["--no-undefined", "-zundefs", "a.o"]), (Ignore, ByKind));
    assert_eq!(left(&["--unresolved-symbols=ignore-in-shared-libs", "a.o"]), (Report, Ignore));
    assert_eq!(left(&["--allow-shlib-undefined", "a.o"]), (ByKind, Ignore));
}

#[test]
fn wrong_values_end_the_run() {
    for (args, message) in [
        (&["--hash-style=x"][..], "invalid hash style `x'"),
        (&["-Ttext=0x"], "invalid hex number `0x'"),
        (&["--section-start=a"], "invalid argument to option \"--section-start\""),
        (&["--unresolved-symbols=x"], "bad --unresolved-symbols option: x"),
        (&["--sort-section=x"], "invalid section sorting option: x"),
        (&["--demangle=x"], "unknown demangling style `x'"),
        (&["--oformat=x"], "target x not found"),
        (&["--oformat=srec"], "output format srec is not supported"),
        (&["-b", "x", "a.o"], "invalid BFD target `x'"),
        (&["-a", "x"], "unrecognized -a option `x'"),
        (&["-plugin-opt=x"], "bad -plugin-opt option"),
        (&["--out-implib=x"], "--out-implib is not supported"),
    ] {
        fails(args, message);
    }
}

#[test]
fn what_is_not_known_to_the_system_is_warned_of() {
    let (_, said) = run(&["-z", "foo", "a.o"]);
    assert_eq!(said, "ld: warning: -z foo ignored\n");
    let (_, said) = run(&["-w", "-z", "foo", "a.o"]);
    assert_eq!(said, "");
}

#[test]
fn command_lines_of_compilers() {
    let options = options(
        &[
            "--build-id",
            "--eh-frame-hdr",
            "-m",
            "elf_x86_64",
            "--hash-style=gnu",
            "--as-needed",
            "-pie",
            "-dynamic-linker",
            "/lib64/ld-linux-x86-64.so.2",
            "-z",
            "now",
            "-z",
            "relro",
            "-o",
            "out",
            "Scrt1.o",
            "-L/usr/lib/gcc",
            "-O1",
            "x.o",
            "-lgcc",
            "--push-state",
            "--as-needed",
            "-lgcc_s",
            "--pop-state",
            "-lc",
            "--start-group",
            "a.a",
            "--end-group",
            "--gc-sections",
            "-plugin-opt=never",
            "crtn.o",
        ][..29],
    );
    assert_eq!(options.output.kind, Kind::Pie);
    assert!(options.layout.gc_sections && options.output.eh_frame_hdr);
    assert_eq!(
        options.dynamic.interpreter,
        Interpreter::Path(b"/lib64/ld-linux-x86-64.so.2".to_vec())
    );
    assert_eq!(files(&options).len(), 6);
}
