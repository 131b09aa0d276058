//! The seeds of broken inputs for the linker: objects and libraries compiled from the sources of
//! the tests, and the scripts of the small programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ::tests::corpus::root;
use anyhow::Result;

use crate::{build, shell};

/// The object that all inputs are linked with: it refers to what seeds define, if they do.
const START: &str = "\
    .globl _start
    .weak main, answer
_start:
    call main@PLT
    mov answer@GOTPCREL(%rip), %rax
    .data
    .quad main, answer
    .section .note.GNU-stack,\"\",@progbits
";
/// Sources, and what they are compiled with, in turn.
const SOURCES: &[&str] = &[
    "plain.c",
    "program.c",
    "user.c",
    "library.c",
    "tls.c",
    "ifunc.c",
    "versions.c",
    "hello.c",
    "groups.cc",
];
const OPTIONS: &[&[&str]] = &[
    &["-O1", "-fPIC"],
    &["-O2", "-g", "-ffunction-sections", "-fdata-sections"],
    &["-O0", "-fno-pic"],
    &["-O1", "-g", "-gz", "-fPIC", "-mtls-dialect=gnu2"],
];

/// Makes the seeds anew, and gives their folder.
///
/// # Errors
/// Where one cannot be made.
pub fn make() -> Result<PathBuf> {
    let folder = build::target().join("linker-seeds");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let folder = fs::canonicalize(folder)?;
    let source = folder.join("start.s");
    fs::write(&source, START)?;
    compile(&source, &folder.join("start.o"), &[])?;
    fs::remove_file(&source)?;
    let mut objects = Vec::new();
    for name in SOURCES {
        let source = root().join("tests/sources").join(name);
        for (number, options) in OPTIONS.iter().enumerate() {
            let object = folder.join(format!("{}-{number}.o", name.replace('.', "-")));
            compile(&source, &object, options)?;
            objects.push(object);
        }
    }
    for (number, members) in objects.chunks(5).enumerate() {
        let archive = folder.join(format!("archive-{number}.a"));
        shell::quiet(Command::new("ar").arg("rcs").arg(archive).args(members))?;
    }
    for name in ["library.c", "tls.c", "hello.c"] {
        let source = root().join("tests/sources").join(name);
        let library = folder.join(format!("{}.so", name.replace('.', "-")));
        let mut command = Command::new("gcc");
        command.args(["-shared", "-fPIC", "-O1", "-o"]).arg(library).arg(source);
        shell::quiet(&mut command)?;
    }
    scripts(&folder)?;
    Ok(folder)
}

fn compile(source: &Path, object: &Path, options: &[&str]) -> Result<()> {
    let mut command = Command::new("gcc");
    command.args(options).args(["-w", "-c", "-o"]).arg(object).arg(source);
    shell::quiet(&mut command)
}

/// Copies the scripts of the small programs, named by what they are.
fn scripts(folder: &Path) -> Result<()> {
    let ends = [("ld", "ld"), ("lds", "ld"), ("ver", "ver"), ("map", "ver"), ("list", "list")];
    for entry in fs::read_dir(root().join("tests/ld"))? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path)?;
        let parts = text.split("\n=== ").skip(1).filter_map(|part| part.split_once('\n'));
        for (number, (name, text)) in parts.enumerate() {
            let end = name.rsplit('.').next().unwrap_or_default();
            if let Some((_, kind)) = ends.iter().find(|(known, _)| *known == end) {
                fs::write(folder.join(format!("{stem}-{number}.{kind}")), text)?;
            }
        }
    }
    Ok(())
}
