//! `cargo xtask check-layers`: no crate may use one that is not on a lower floor.
//!
//! | floor | crates |
//! |---|---|
//! | 5 | the programs, one folder of `tools/` each |
//! | 4 | `libld`, `libas`, `elfc`, `tools/common` |
//! | 3 | `libsymtab`, `libdwarf` |
//! | 2 | `libelf`, `libmc` |
//! | 1 | `libpeg`, `libdemangle` |
//!
//! `tools/elftoolchain` is every program, so it uses them all; a crate inside another's folder may
//! use that one; `tests` and `xtask` stand outside.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use ::tests::corpus::root;
use anyhow::{Context, Result, bail};

/// A crate of the workspace, as far as the floors go.
#[derive(Debug, PartialEq, Eq)]
struct Crate {
    /// Its folder, from the top of the project.
    folder: String,
    /// The names of all that it depends on, in tests too.
    uses: Vec<String>,
}

/// Runs the chore.
pub fn main(_: Vec<OsString>) -> Result<()> {
    let count = check()?;
    println!("{count} crates keep to their floors");
    Ok(())
}

/// Checks all manifests; tells how many.
///
/// # Errors
/// Each arrow that is not allowed.
pub fn check() -> Result<usize> {
    let crates = read(&root())?;
    let wrong = wrong_arrows(&crates);
    if !wrong.is_empty() {
        bail!("arrows that the floors do not allow:\n  {}", wrong.join("\n  "));
    }
    Ok(crates.len())
}

/// All crates by name.
fn read(root: &Path) -> Result<BTreeMap<String, Crate>> {
    let workspace = std::fs::read_to_string(root.join("Cargo.toml"))?;
    let mut crates = BTreeMap::new();
    for folder in members(&workspace) {
        let path = root.join(&folder).join("Cargo.toml");
        let manifest =
            std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let name = package_name(&manifest).context("a package without a name")?;
        let uses = dependencies(&manifest);
        crates.insert(name, Crate { folder, uses });
    }
    Ok(crates)
}

/// The folders that a workspace's manifest lists.
fn members(manifest: &str) -> Vec<String> {
    let list = manifest
        .split_once("members = [")
        .and_then(|(_, rest)| rest.split_once(']'))
        .map_or("", |(list, _)| list);
    let items = list.split(',').map(|item| item.trim().trim_matches('"'));
    items.filter(|item| !item.is_empty()).map(ToOwned::to_owned).collect()
}

fn package_name(manifest: &str) -> Option<String> {
    let line = manifest.lines().find(|line| line.starts_with("name ="))?;
    Some(line.split_once('=')?.1.trim().trim_matches('"').to_owned())
}

/// The names below all headings that end in `dependencies`, for some target, build or tests too.
fn dependencies(manifest: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(heading) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            inside = heading.ends_with("dependencies");
            // `[dependencies.name]` is a dependency by itself.
            if let Some((_, name)) = heading.rsplit_once("dependencies.") {
                found.push(name.to_owned());
            }
        } else if inside
            && !line.starts_with('#')
            && let Some((name, _)) = line.split_once(['.', '=', ' '])
        {
            found.push(name.trim_matches('"').to_owned());
        }
    }
    found
}

/// The floor of a crate by its folder; `None` for those that stand outside.
fn floor(folder: &str) -> Option<u8> {
    Some(match folder.split('/').next()? {
        "libpeg" | "libdemangle" => 1,
        "libelf" | "libmc" => 2,
        "libsymtab" | "libdwarf" => 3,
        "libld" | "libas" | "elfc" => 4,
        "tools" if folder == "tools/common" => 4,
        "tools" => 5,
        _ => return None,
    })
}

fn wrong_arrows(crates: &BTreeMap<String, Crate>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, user) in crates {
        for used_name in &user.uses {
            let Some(used) = crates.get(used_name) else {
                continue;
            };
            if !is_allowed(&user.folder, &used.folder) {
                wrong.push(format!("{name} -> {used_name}"));
            }
        }
    }
    wrong
}

fn is_allowed(user: &str, used: &str) -> bool {
    match (floor(user), floor(used)) {
        // What stands outside may use all, but nothing uses it from inside.
        (None, _) => true,
        (Some(_), None) => false,
        (Some(own), Some(other)) => {
            own > other
                || (user == "tools/elftoolchain" && used.starts_with("tools/"))
                || user.starts_with(&format!("{used}/"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crates(list: &[(&str, &str, &[&str])]) -> BTreeMap<String, Crate> {
        list.iter()
            .map(|(name, folder, uses)| {
                let uses = uses.iter().map(|used| (*used).to_owned()).collect();
                let folder = (*folder).to_owned();
                ((*name).to_owned(), Crate { folder, uses })
            })
            .collect()
    }

    #[test]
    fn arrows_point_down() {
        let good = crates(&[
            ("libelf", "libelf", &["memchr"]),
            ("elf-capi", "libelf/capi", &["libelf"]),
            ("libdwarf", "libdwarf", &["libelf", "gimli"]),
            ("common", "tools/common", &["libelf"]),
            ("nm", "tools/nm", &["common", "libdwarf"]),
            ("elftoolchain", "tools/elftoolchain", &["nm", "common"]),
            ("tests", "tests", &["libelf", "nm"]),
        ]);
        assert_eq!(wrong_arrows(&good), [""; 0]);
    }

    #[test]
    fn arrows_up_and_sideways_are_found() {
        let bad = crates(&[
            ("libelf", "libelf", &["common", "tests"]),
            ("libmc", "libmc", &["libelf"]),
            ("common", "tools/common", &["libelf"]),
            ("nm", "tools/nm", &["size"]),
            ("size", "tools/size", &["common"]),
            ("tests", "tests", &[]),
        ]);
        assert_eq!(
            wrong_arrows(&bad),
            ["libelf -> common", "libelf -> tests", "libmc -> libelf", "nm -> size"]
        );
    }

    #[test]
    fn manifests_are_read() {
        let manifest = "[package]\nname = \"nm\"\n[dependencies]\ncommon.workspace = true\n\
                        memchr = \"2\"\n# not = this\n[dependencies.libelf]\npath = \"x\"\n\
                        [lints]\nworkspace = true\n[target.'cfg(unix)'.dev-dependencies]\n\
                        size = { path = \"y\" }\n";
        assert_eq!(package_name(manifest).unwrap(), "nm");
        assert_eq!(dependencies(manifest), ["common", "memchr", "libelf", "size"]);
        assert_eq!(members("members = [\n  \"a\",\n  \"b/c\",\n]\n"), ["a", "b/c"]);
    }

    #[test]
    fn this_workspace_is_read_whole() {
        let crates = read(&root()).unwrap();
        assert!(crates.contains_key("libelf") && crates.contains_key("xtask"));
        assert!(crates["readelf"].uses.contains(&"libelf".to_owned()));
    }
}
