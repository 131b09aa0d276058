//! `libsymtab` next to other libraries that find symbols by address. Each is a program of
//! `tests/peers/`, so that time and memory are those of a process.

use ::tests::corpus::root;
use anyhow::Result;

use super::inputs::Input;
use super::{Contender, Workload};
use crate::{build, shell};

/// How many addresses are looked up, and what of ours does that best.
const LOOKUPS: [(&str, &str, &str); 2] =
    [("10000000", "10 million addresses", "ours"), ("1", "one address", "ours-once")];
/// The others, by the names that `tests/peers/` has for them.
const OTHERS: [&str; 3] = ["object", "symbolic", "blazesym"];

/// Reading the symbols of `input`, building what addresses are looked up in, and looking them up.
///
/// # Errors
/// Where the programs cannot be built.
pub fn workloads(input: &Input) -> Result<Vec<Workload>> {
    let folder = root().join("tests/peers");
    let mut command = build::cargo(&["build", "--quiet", "--release"]);
    shell::run(command.current_dir(&folder).env_remove("CARGO_TARGET_DIR"))?;
    let program = shell::text(&folder.join("target/release/symtab"));
    let contender = |name, library: &str, count: &str| Contender {
        name,
        words: [program.as_str(), library, count].map(str::to_owned).to_vec(),
        input: None,
    };
    Ok(LOOKUPS
        .iter()
        .map(|(count, words, ours)| Workload {
            title: format!("libraries, {words} to names, {}", input.title),
            input: input.path.clone(),
            contenders: std::iter::once(contender("ours", ours, count))
                .chain(OTHERS.map(|library| contender(library, library, count)))
                .collect(),
        })
        .collect())
}
