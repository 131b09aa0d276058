//! A kernel and its modules.

use std::path::Path;
use std::process::Command;

use ::tests::corpus::Subset;
use anyhow::{Context, Result, bail};

use super::debian::{self, packages};
use super::step::{Folder, Step};
use crate::shell;

/// The package that names the newest kernel of Debian's release.
const NEWEST: &str = "linux-image-cloud-amd64";
/// How many modules are taken.
const MODULES: usize = 40;
/// How many of them are in the small subset.
const CI_MODULES: usize = 5;

/// The only step.
pub fn steps() -> Vec<Step> {
    vec![Step::new("kernel", Subset::Ci, "2", unpack)]
}

fn unpack(folder: &mut Folder) -> Result<()> {
    let package = newest()?;
    if debian::package_file(&package).is_err() {
        let mut command = shell::command(&["apt-get", "download", "-q", "-q", "-o"]);
        command.args(["APT::Sandbox::User=root", &package]);
        shell::quiet(command.current_dir(packages()))?;
    }
    let unpacked = debian::extract(&package)?;
    let find = |pattern: &str| -> Result<Vec<_>> {
        let pattern = shell::text(&unpacked.join(pattern));
        let mut found: Vec<_> = glob::glob(&pattern)?.filter_map(Result::ok).collect();
        found.sort();
        Ok(found)
    };
    let image = find("boot/vmlinuz*")?;
    let image = image.first().context("the package has no kernel")?;
    std::fs::write(folder.path.join("vmlinux"), decompress(image)?)?;
    folder.add(Subset::All, "vmlinux");
    let modules = find("lib/modules/**/*.ko")?;
    let stride = modules.len().div_ceil(MODULES).max(1);
    let ci_stride = MODULES / CI_MODULES;
    for (index, module) in modules.iter().step_by(stride).enumerate() {
        let name = module.file_name().context("a file")?.to_string_lossy();
        std::fs::copy(module, folder.path.join(name.as_ref()))?;
        let subset = if index % ci_stride == 0 { Subset::Ci } else { Subset::All };
        folder.add(subset, &name);
    }
    std::fs::remove_dir_all(unpacked)?;
    Ok(())
}

/// The name of the newest kernel's package, unsigned or not.
fn newest() -> Result<String> {
    let listed = shell::output(&mut shell::command(&["apt-cache", "depends", NEWEST]))?;
    let listed = String::from_utf8_lossy(&listed);
    listed
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Depends: "))
        .find(|name| name.starts_with("linux-image-"))
        .map(ToOwned::to_owned)
        .with_context(|| format!("{NEWEST} depends on no kernel: run `apt-get update`"))
}

/// The ELF file inside a bootable image: it lies there compressed, after its loader.
fn decompress(image: &Path) -> Result<Vec<u8>> {
    const FORMS: &[(&[u8], &str)] = &[
        (b"\xfd7zXZ\0", "xz -dc"),
        (b"\x28\xb5\x2f\xfd", "zstd -dc"),
        (b"\x1f\x8b\x08", "gzip -dc"),
        (b"\x02!L\x18", "lz4 -dc"),
    ];
    let bytes = std::fs::read(image)?;
    for (magic, tool) in FORMS {
        let places = bytes.windows(magic.len()).enumerate();
        for (place, _) in places.filter(|(_, window)| window == magic) {
            // What follows the compressed part makes the tool complain, so its status says
            // nothing; whether an ELF file came out does.
            let script = format!("tail -c +{} '{}' | {tool}", place + 1, image.display());
            let output = Command::new("sh").args(["-c", &script]).output()?;
            if output.stdout.starts_with(b"\x7fELF") {
                return Ok(output.stdout);
            }
        }
    }
    bail!("no kernel found in {}", image.display())
}
