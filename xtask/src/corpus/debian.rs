//! Debian packages, downloaded and unpacked but not installed: C libraries and compilers' run
//! times of all architectures that Debian has cross packages for, and firmware.

use std::path::{Path, PathBuf};
use std::process::Command;

use ::tests::corpus::{self, Subset};
use anyhow::{Context, Result, bail};

use super::step::{Folder, Step};
use crate::shell;

/// Raised when the choice of files below changes.
const RECIPE: &str = "4";

/// C libraries whose files are run at every change.
const CI_LIBC: &[&str] = &[
    "amd64", "arc", "arm64", "armel", "armhf", "hppa", "i386", "m68k", "mips", "mips64el",
    "mipsel", "mipsn32", "mips64r6", "powerpc", "ppc64", "ppc64el", "riscv64", "s390x", "sh4",
    "sparc64", "x32",
];
/// C libraries that are of another word size or release of their machine.
const MORE_LIBC: &[&str] = &[
    "mips64",
    "mips64r6el",
    "mipsn32el",
    "mipsn32r6",
    "mipsn32r6el",
    "mipsr6",
    "mipsr6el",
    "s390-s390x",
    "sparc-sparc64",
];
/// Architectures whose compiler run time is taken.
const LIBGCC: &[&str] = &[
    "alpha", "arc", "arm64", "armel", "armhf", "hppa", "i386", "m68k", "mips", "mips64el",
    "mipsr6", "powerpc", "ppc64", "ppc64el", "riscv64", "s390x", "sh4", "sparc64", "x32",
];
/// Packages of other kinds, and whether they are run at every change.
const OTHERS: &[(&str, Subset)] = &[
    ("avr-libc", Subset::Ci),
    ("picolibc-xtensa-lx106-elf", Subset::Ci),
    ("syslinux-common", Subset::Ci),
    ("opensbi", Subset::Ci),
    ("grub-pc-bin", Subset::Ci),
    ("libklibc", Subset::Ci),
    ("musl", Subset::Ci),
    ("gcc-or1k-elf", Subset::All),
    ("gcc-avr", Subset::All),
    ("gcc-12-hppa64-linux-gnu", Subset::All),
    ("u-boot-qemu", Subset::All),
    ("libnewlib-arm-none-eabi", Subset::All),
    ("libstd-rust-web-dev-bpf", Subset::All),
    ("dietlibc-dev", Subset::All),
];

/// Files of C libraries that are part of the small subset: one of each sort.
const CI_NAMES: &[&str] = &[
    "crt1.o",
    "crti.o",
    "crtbegin.o",
    "crtbeginS.o",
    "Scrt1.o",
    "gcrt1.o",
    "libdl.so.2",
    "libutil.so.1",
    "libBrokenLocale.so.1",
    "ld.so.1",
    "libc_nonshared.a",
];
/// The largest file of the small subset, but for the C library itself.
const CI_SIZE: u64 = 300_000;
/// At most so many files of one package that has hundreds.
const PER_PACKAGE: usize = 40;
/// At most so many of them in the small subset.
const PER_PACKAGE_CI: usize = 8;
/// Files above this size take the references minutes.
const LARGEST: u64 = 40_000_000;
/// Members taken out of each `libc.a`: what has odd sections or relocations.
const MEMBERS: &[&str] = &[
    "libc-start.o",
    "dl-support.o",
    "errno.o",
    "memcpy.o",
    "vfprintf-internal.o",
    "malloc.o",
    "strtod_l.o",
    "clone.o",
    "setjmp.o",
    "dl-reloc.o",
    "iofopen.o",
    "res_init.o",
    "getaddrinfo.o",
    "dl-tlsdesc.o",
    "sigaction.o",
];
/// Those of them in the small subset.
const CI_MEMBERS: usize = 4;

/// One step for each package.
pub fn steps() -> Vec<Step> {
    let mut steps = Vec::new();
    let mut add = |package: String, subset| {
        let name = package.clone();
        let folder = format!("debian/{package}");
        steps.push(
            Step::new(&folder, subset, RECIPE, move |folder| unpack(folder, &name))
                .of_package(&package),
        );
    };
    for (names, subset) in [(CI_LIBC, Subset::Ci), (MORE_LIBC, Subset::All)] {
        for name in names {
            add(format!("libc6-{name}-cross"), subset);
            add(format!("libc6-dev-{name}-cross"), subset);
        }
    }
    // Alpha's C library has another number.
    add("libc6.1-alpha-cross".to_owned(), Subset::Ci);
    add("libc6.1-dev-alpha-cross".to_owned(), Subset::Ci);
    for name in LIBGCC {
        add(format!("libgcc-12-dev-{name}-cross"), Subset::All);
    }
    for (name, subset) in OTHERS {
        add((*name).to_owned(), *subset);
    }
    steps
}

/// The folder that downloaded packages are kept in.
pub fn packages() -> PathBuf {
    corpus::folder().join(".packages")
}

/// Downloads all packages that steps of `subset` still need, with one command.
///
/// # Errors
/// Where one cannot be had.
pub fn download(steps: &[Step], subset: Subset) -> Result<()> {
    let needed = steps
        .iter()
        .filter(|step| step.subset <= subset && !step.is_done())
        .filter_map(|step| step.package.as_deref());
    fetch(needed)
}

/// Downloads those of the packages that are not here yet, with one command.
///
/// # Errors
/// Where one cannot be had.
pub fn fetch<'p>(packages: impl Iterator<Item = &'p str>) -> Result<()> {
    let folder = self::packages();
    std::fs::create_dir_all(&folder)?;
    let missing: Vec<&str> = packages.filter(|package| package_file(package).is_err()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("corpus: downloading {} packages", missing.len());
    let mut command = Command::new("apt-get");
    command
        .args(["download", "-q", "-q", "-o", "APT::Sandbox::User=root"])
        .args(missing)
        .current_dir(folder);
    shell::quiet(&mut command)
}

/// The downloaded file of a package.
///
/// # Errors
/// Where it is not there.
pub fn package_file(package: &str) -> Result<PathBuf> {
    let pattern = shell::text(&packages().join(format!("{package}_*.deb")));
    let found = glob::glob(&pattern)?.find_map(Result::ok);
    found.with_context(|| format!("package {package} is not downloaded"))
}

/// Unpacks a package into an empty folder of its own; gives that folder.
///
/// # Errors
/// Where it is not downloaded or broken.
pub fn extract(package: &str) -> Result<PathBuf> {
    let to = corpus::folder().join(".unpacked").join(package);
    if to.exists() {
        std::fs::remove_dir_all(&to)?;
    }
    std::fs::create_dir_all(&to)?;
    let file = shell::text(&package_file(package)?);
    shell::quiet(Command::new("dpkg-deb").args(["-x", &file]).arg(&to))?;
    Ok(to)
}

fn unpack(folder: &mut Folder, package: &str) -> Result<()> {
    let unpacked = extract(package)?;
    let mut found = Vec::new();
    walk(&unpacked, &mut found)?;
    found.sort();
    let total = found.len();
    // Of hundreds of files of one sort, every n-th will do.
    let stride = total.div_ceil(PER_PACKAGE).max(1);
    for (index, path) in found.iter().step_by(stride).enumerate() {
        let size = path.metadata()?.len();
        if size > LARGEST {
            continue;
        }
        let name = short_name(folder, path)?;
        let is_libc = package.starts_with("libc6");
        let subset = match name.as_str() {
            _ if is_libc && CI_NAMES.contains(&name.as_str()) => Subset::Ci,
            _ if !is_libc && index < PER_PACKAGE_CI && size < CI_SIZE => Subset::Ci,
            // The C library of each machine shows most of what a linker makes for it.
            "libc.so.6" | "libc.so.6.1" => Subset::Ci,
            _ => Subset::All,
        };
        std::fs::copy(path, folder.path.join(&name))?;
        folder.add(subset, &name);
        if name == "libc.a" && is_libc {
            take_members(folder, path)?;
        }
    }
    std::fs::remove_dir_all(unpacked)?;
    Ok(())
}

/// A file's name; with its folder's before it where two files of a package share it.
fn short_name(folder: &Folder, path: &Path) -> Result<String> {
    let mut name = String::new();
    for part in path.iter().rev() {
        let part = part.to_str().context("a name that is not UTF-8")?;
        name = match name.as_str() {
            "" => part.to_owned(),
            rest => format!("{part}_{rest}"),
        };
        if !folder.has(&name) {
            return Ok(name);
        }
    }
    bail!("no free name for {}", path.display())
}

/// All ELF files and archives below a folder, links left out.
fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for item in std::fs::read_dir(folder)? {
        let item = item?;
        let kind = item.file_type()?;
        let path = item.path();
        if kind.is_dir() {
            // Hundreds of converters of character sets that are all alike.
            if path.file_name().is_some_and(|name| name != "gconv") {
                walk(&path, found)?;
            }
        } else if kind.is_file() && is_wanted(&path)? {
            found.push(path);
        }
    }
    Ok(())
}

/// Whether a file is of a form that the programs read.
///
/// # Errors
/// Where it cannot be read.
pub fn is_wanted(path: &Path) -> Result<bool> {
    use std::io::Read;
    let mut start = Vec::new();
    std::fs::File::open(path)?.take(8).read_to_end(&mut start)?;
    Ok(start.starts_with(b"\x7fELF") || start.starts_with(b"!<arch>\n"))
}

fn take_members(folder: &mut Folder, archive: &Path) -> Result<()> {
    let archive = shell::text(archive);
    let listed = shell::output(&mut shell::command(&["ar", "t", &archive]))?;
    let listed = String::from_utf8_lossy(&listed);
    let there = MEMBERS.iter().filter(|member| listed.lines().any(|line| line == **member));
    for (index, member) in there.enumerate() {
        let bytes = shell::output(&mut shell::command(&["ar", "p", &archive, member]))?;
        let subset = if index < CI_MEMBERS { Subset::Ci } else { Subset::All };
        folder.write(subset, &format!("libc.a.{member}"), &bytes)?;
    }
    Ok(())
}
