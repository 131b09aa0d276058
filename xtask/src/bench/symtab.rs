//! `libsymtab` next to other libraries that find symbols by address. Each is a program of
//! `tests/peers/`, so that time and memory are those of a process.

use ::tests::corpus::root;
use anyhow::Result;

use super::inputs::Input;
use super::{Contender, Workload};
use crate::{build, shell};

/// How many addresses are looked up.
const LOOKUPS: [(&str, &str); 2] = [("10000000", "10 million addresses"), ("1", "one address")];
/// What the tables call each library, and what `tests/peers/` does.
const LIBRARIES: &[(&str, &str)] =
    &[("ours", "ours"), ("object", "object"), ("symbolic", "symbolic"), ("blazesym", "blazesym")];

/// Reading the symbols of `input`, building what addresses are looked up in, and looking them up.
///
/// # Errors
/// Where the programs cannot be built.
pub fn workloads(input: &Input) -> Result<Vec<Workload>> {
    let folder = root().join("tests/peers");
    let mut command = build::cargo(&["build", "--quiet", "--release"]);
    shell::run(command.current_dir(&folder).env_remove("CARGO_TARGET_DIR"))?;
    let program = shell::text(&folder.join("target/release/symtab"));
    Ok(LOOKUPS
        .iter()
        .map(|(count, words)| Workload {
            title: format!("libraries, {words} to names, {}", input.title),
            input: input.path.clone(),
            contenders: LIBRARIES
                .iter()
                .map(|(name, library)| Contender {
                    name,
                    words: [program.as_str(), library, count].map(str::to_owned).to_vec(),
                    input: None,
                })
                .collect(),
        })
        .collect())
}
