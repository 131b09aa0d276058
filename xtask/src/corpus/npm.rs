//! Programs and libraries for other operating systems, from the npm registry.

use ::tests::corpus::Subset;
use anyhow::{Context, Result};

use super::debian::packages;
use super::step::{Folder, Step};
use crate::shell;

/// Packages with their versions, and whether they are run at every change. Of the programs only
/// some are, because they are large; the libraries are small.
const PACKAGES: &[(&str, &str, Subset)] = &[
    ("@esbuild/freebsd-x64", "0.19.12", Subset::Ci),
    ("@esbuild/netbsd-x64", "0.19.12", Subset::Ci),
    ("@esbuild/openbsd-x64", "0.19.12", Subset::Ci),
    ("@esbuild/sunos-x64", "0.19.12", Subset::Ci),
    ("@esbuild/linux-loong64", "0.19.12", Subset::Ci),
    ("@parcel/watcher-freebsd-x64", "2.4.1", Subset::Ci),
    ("@parcel/watcher-android-arm64", "2.4.1", Subset::Ci),
    ("@parcel/watcher-linux-arm-glibc", "2.4.1", Subset::Ci),
    ("@parcel/watcher-linux-x64-musl", "2.4.1", Subset::Ci),
    ("@parcel/watcher-linux-arm64-musl", "2.4.1", Subset::All),
    ("@esbuild/freebsd-arm64", "0.19.12", Subset::All),
    ("@esbuild/android-arm64", "0.19.12", Subset::All),
    ("@esbuild/linux-mips64el", "0.19.12", Subset::All),
    ("@esbuild/linux-ppc64", "0.19.12", Subset::All),
    ("@esbuild/linux-riscv64", "0.19.12", Subset::All),
    ("@esbuild/linux-s390x", "0.19.12", Subset::All),
    ("@esbuild/linux-ia32", "0.19.12", Subset::All),
    ("@esbuild/linux-arm", "0.19.12", Subset::All),
    ("@rollup/rollup-android-arm-eabi", "4.20.0", Subset::All),
    ("@rollup/rollup-android-arm64", "4.20.0", Subset::All),
    ("@rollup/rollup-linux-powerpc64le-gnu", "4.20.0", Subset::All),
    ("@rollup/rollup-linux-riscv64-gnu", "4.20.0", Subset::All),
    ("@rollup/rollup-linux-s390x-gnu", "4.20.0", Subset::All),
    ("@rollup/rollup-linux-loong64-gnu", "4.67.4", Subset::All),
    ("@rollup/rollup-freebsd-arm64", "4.67.4", Subset::All),
    ("@rollup/rollup-openbsd-x64", "4.67.4", Subset::All),
];

/// One step for each package.
pub fn steps() -> Vec<Step> {
    PACKAGES
        .iter()
        .map(|(name, version, subset)| {
            let folder = format!("npm/{}", name.trim_start_matches('@').replace('/', "-"));
            Step::new(&folder, *subset, version, move |folder| {
                unpack(folder, name, version, *subset)
            })
        })
        .collect()
}

fn unpack(folder: &mut Folder, name: &str, version: &str, subset: Subset) -> Result<()> {
    let downloads = packages();
    let kept = format!("{}-{version}.tgz", name.trim_start_matches('@').replace('/', "-"));
    if !downloads.join(&kept).is_file() {
        std::fs::create_dir_all(&downloads)?;
        let mut command =
            shell::command(&["npm", "pack", "--silent", &format!("{name}@{version}")]);
        let printed = shell::output(command.current_dir(&downloads))?;
        let printed = String::from_utf8_lossy(&printed);
        let packed = printed.lines().last().context("npm named no file")?.trim();
        if packed != kept {
            std::fs::rename(downloads.join(packed), downloads.join(&kept))?;
        }
    }
    let tar = shell::text(&downloads.join(&kept));
    folder.shell(&format!("mkdir .tmp && tar -xzf '{tar}' -C .tmp"))?;
    let mut taken = Vec::new();
    for place in ["package/bin/*", "package/*.node"] {
        let pattern = shell::text(&folder.path.join(".tmp").join(place));
        taken.extend(glob::glob(&pattern)?.filter_map(Result::ok));
    }
    for path in taken {
        let base = path.file_name().context("a file")?.to_string_lossy();
        std::fs::rename(&path, folder.path.join(base.as_ref()))?;
        folder.add(subset, &base);
    }
    folder.shell("rm -r .tmp")
}
