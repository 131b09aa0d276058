//! Mangled names: our c++filt next to others' as a filter, and our library next to cpp_demangle.

use ::tests::corpus::{Subset, root};
use anyhow::{Context, Result};

use super::{Contender, Workload};
use crate::names::{LISTS, gather};
use crate::{build, shell};

/// The lists that are measured: with those of Debian's packages where they were gathered, and of
/// what is installed where not.
const MEASURED: &[&str] = &["cxx", "rust"];

/// All names of each list.
///
/// # Errors
/// Where a list or the programs cannot be made.
pub fn workloads(filter: &str) -> Result<Vec<Workload>> {
    let folder = root().join("tests/peers");
    let mut command = build::cargo(&["build", "--quiet", "--release"]);
    shell::run(command.current_dir(&folder).env_remove("CARGO_TARGET_DIR"))?;
    let peer = shell::text(&folder.join("target/release/names"));
    let mut found = Vec::new();
    for name in MEASURED {
        let list = LISTS.iter().find(|list| list.name == *name).context("a list")?;
        let whole = crate::names::folder().join(format!("{name}.txt"));
        let path = if whole.is_file() { whole } else { gather(list, Subset::Ci)? };
        let text = std::fs::read(&path)?;
        let count = memchr::memchr_iter(b'\n', &text).count();
        found.push(Workload {
            title: format!("c++filt, {count} names of {name}"),
            input: path.clone(),
            contenders: vec![
                as_filter("ours", filter),
                as_filter("GNU", "/usr/bin/c++filt"),
                as_filter("LLVM", "llvm-cxxfilt-14"),
            ],
        });
        if *name == "cxx" {
            let libraries = [("ours", "ours"), ("cpp_demangle", "cpp_demangle")];
            found.push(Workload {
                title: format!("libraries, {count} names of {name}"),
                input: path,
                contenders: libraries
                    .into_iter()
                    .map(|(name, library)| Contender {
                        name,
                        words: vec![peer.clone(), library.to_owned()],
                        input: None,
                    })
                    .collect(),
            });
        }
    }
    Ok(found)
}

/// A program whose input is what it filters.
fn as_filter(name: &'static str, program: &str) -> Contender {
    let words = ["sh", "-c", "exec \"$0\" <\"$1\"", program];
    Contender { name, words: words.map(str::to_owned).to_vec(), input: None }
}
