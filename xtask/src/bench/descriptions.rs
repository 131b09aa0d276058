//! `elfc` next to LLVM's programs that do the same with YAML, on one large object.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{Contender, Workload, made_once};
use crate::{build, shell};

/// Libraries of LLVM whose members are linked to one object, of more than 50 MB.
const LIBRARIES: &[&str] =
    &["Core", "CodeGen", "Analysis", "X86CodeGen", "Support", "ipo", "ScalarOpts", "SelectionDAG"];

/// Describing the object, and building it from its descriptions.
///
/// # Errors
/// Where an input cannot be made.
pub fn workloads(links: &Path) -> Result<Vec<Workload>> {
    let folder = build::target().join("bench");
    let elfc = shell::text(&links.join("elfc"));
    let object = made_once(folder.join("llvm-objects.o"), link)?;
    let description = made_once(folder.join("llvm-objects.elfc"), |path| {
        let mut command = shell::command(&[&elfc, "--describe", "-o"]);
        shell::quiet(command.arg(path).arg(&object))
    })?;
    let yaml = made_once(folder.join("llvm-objects.yaml"), |path| {
        // It warns of each relocation that it does not take apart.
        let printed = Command::new("obj2yaml-14").arg(&object).output().context("obj2yaml-14")?;
        Ok(std::fs::write(path, printed.stdout)?)
    })?;
    let size = object.metadata().with_context(|| shell::text(&object))?.len();
    let title = |what: &str| format!("{what}, LLVM's objects in one ({} MB)", size / 1_000_000);
    let made = shell::text(&folder.join("made.o"));
    let contender = |name, words: &[&str], input: &PathBuf| Contender {
        name,
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        input: Some(input.clone()),
    };
    Ok(vec![
        Workload {
            title: title("elfc --describe"),
            input: object.clone(),
            contenders: vec![
                contender("ours", &[&elfc, "--describe"], &object),
                contender("LLVM", &["obj2yaml-14"], &object),
            ],
        },
        Workload {
            title: title("elfc"),
            input: object,
            contenders: vec![
                contender("ours", &[&elfc, "-o", &made], &description),
                contender("LLVM", &["yaml2obj-14", "--max-size=0", "-o", &made], &yaml),
            ],
        },
    ])
}

/// One relocatable object of all members of several libraries.
fn link(path: &Path) -> Result<()> {
    let mut command = Command::new("ld");
    command.args(["-r", "--whole-archive", "-o"]).arg(path);
    command.args(LIBRARIES.iter().map(|name| format!("/usr/lib/llvm-14/lib/libLLVM{name}.a")));
    shell::quiet(&mut command)
}
