//! `cargo xtask setup`: what the demo, the tests and the benchmarks need besides Rust.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Result, bail};

use crate::shell;

/// Something that must be there.
struct Need {
    /// The Debian package that has it.
    package: &'static str,
    /// A program by its name, or a file by its path, that shows that it is there.
    proof: &'static str,
    /// What it is for.
    purpose: &'static str,
}

const fn need(package: &'static str, proof: &'static str, purpose: &'static str) -> Need {
    Need { package, proof, purpose }
}

const NEEDS: &[Need] = &[
    need("gcc", "gcc", "objects for tests"),
    need("g++", "g++", "objects for tests"),
    need("libc6-dev", "/usr/include/stdio.h", "objects for tests"),
    need("binutils", "/usr/bin/readelf", "reference programs"),
    need(
        "binutils-multiarch",
        "/usr/lib/x86_64-linux-gnu/libbfd-2.40-multiarch.so",
        "reference programs for all machines",
    ),
    need("g++-12-aarch64-linux-gnu", "aarch64-linux-gnu-g++-12", "debugging information"),
    need("g++-12-arm-linux-gnueabihf", "arm-linux-gnueabihf-g++-12", "debugging information"),
    need("g++-12-mips-linux-gnu", "mips-linux-gnu-g++-12", "debugging information"),
    need("g++-12-powerpc64-linux-gnu", "powerpc64-linux-gnu-g++-12", "debugging information"),
    need("g++-12-riscv64-linux-gnu", "riscv64-linux-gnu-g++-12", "debugging information"),
    need("g++-12-s390x-linux-gnu", "s390x-linux-gnu-g++-12", "debugging information"),
    need("gfortran-12", "gfortran-12", "debugging information"),
    need("dwz", "dwz", "debugging information"),
    need("clang-14", "clang-14", "objects of other machines"),
    need("lld-14", "ld.lld-14", "programs of other machines"),
    need("llvm-14", "llvm-readelf-14", "archives of BSD's kind, benchmarks"),
    need("gdb", "gdb", "core files"),
    need("qemu-user", "qemu-mips64", "core files of other machines"),
    need("npm", "npm", "programs of other systems"),
    need("lz4", "lz4", "unpacking a kernel"),
    need("xz-utils", "xz", "unpacking a kernel"),
    need("zstd", "zstd", "unpacking a kernel"),
    need("mandoc", "mandoc", "checking manual pages"),
    need("dpkg-dev", "dpkg-source", "sources of packages that are built"),
    need("make", "make", "packages that are built"),
    need("m4", "m4", "packages that are built"),
    need("tcl", "tclsh", "packages that are built"),
    need("flex", "flex", "kernels that are built"),
    need("bison", "bison", "kernels that are built"),
    need("bc", "bc", "kernels that are built"),
    need("python3", "python3", "firmware that is built"),
    need("libelf-dev", "/usr/include/gelf.h", "kernels that are built"),
    need("libc6-dev-i386", "/usr/lib32/libc.a", "programs of 32 bits"),
    // g++-multilib itself cannot stand beside compilers of other machines.
    need(
        "lib32stdc++-12-dev",
        "/usr/lib/gcc/x86_64-linux-gnu/12/32/libstdc++.a",
        "programs of 32 bits",
    ),
    need("lib32gcc-12-dev", "/usr/lib/gcc/x86_64-linux-gnu/12/32/libgcc.a", "programs of 32 bits"),
    need("libc6-dev-x32", "/usr/libx32/libc.a", "x32 programs"),
    need("libx32gcc-12-dev", "/usr/lib/gcc/x86_64-linux-gnu/12/x32/libgcc.a", "x32 programs"),
    need("qemu-system-x86", "qemu-system-x86_64", "kernels that are booted"),
    need("ovmf", "/usr/share/ovmf/OVMF.fd", "programs for UEFI that are booted"),
    need("elfutils", "eu-readelf", "benchmarks"),
    need("libllvm14", "/usr/lib/x86_64-linux-gnu/libLLVM-14.so.1", "benchmarks"),
    need("llvm-14-dev", "/usr/lib/llvm-14/lib/libLLVMCore.a", "benchmarks"),
    need("libclang-14-dev", "/usr/lib/llvm-14/lib/libclangBasic.a", "benchmarks"),
    need("libz3-4", "/usr/lib/x86_64-linux-gnu/libz3.so.4", "benchmarks"),
    need("zlib1g-dev", "/usr/lib/x86_64-linux-gnu/libz.so", "benchmarks"),
    need("libncurses-dev", "/usr/lib/x86_64-linux-gnu/libtinfo.so", "benchmarks"),
    need("libxml2-dev", "/usr/lib/x86_64-linux-gnu/libxml2.so", "benchmarks"),
    need("mold", "mold", "benchmarks"),
];

impl Need {
    fn is_met(&self) -> bool {
        if self.proof.starts_with('/') {
            Path::new(self.proof).exists()
        } else {
            shell::is_there(self.proof)
        }
    }
}

/// Runs the chore.
pub fn main(_: Vec<OsString>) -> Result<()> {
    ensure()
}

/// Installs what is missing; does nothing, and asks nobody, where all is there.
///
/// # Errors
/// Where something is missing and cannot be installed here.
pub fn ensure() -> Result<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !need.is_met()).collect();
    let has_apt = shell::is_there("apt-get");
    if missing.is_empty() && (!has_apt || knows_packages()) {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|need| need.package).collect();
    if !has_apt {
        println!("This is no Debian system. These Debian packages, or what they hold, are wanted:");
        for Need { package, proof, purpose } in &missing {
            println!("  {package:<20} {purpose} ({proof})");
        }
        bail!("missing: {}", names.join(" "));
    }
    println!("setup: apt-get install {}", names.join(" "));
    apt(&["update"])?;
    if !names.is_empty() {
        let mut args = vec!["install", "-y", "--no-install-recommends"];
        args.extend(&names);
        apt(&args)?;
    }
    match missing.iter().find(|need| !need.is_met()) {
        None => Ok(()),
        Some(need) => bail!("{} is installed, but {} is not there", need.package, need.proof),
    }
}

/// Whether apt has lists of packages: without them nothing can be downloaded for the corpus.
fn knows_packages() -> bool {
    let found = glob::glob("/var/lib/apt/lists/*_Packages*");
    found.is_ok_and(|mut paths| paths.next().is_some())
}

/// Runs apt-get as root.
fn apt(args: &[&str]) -> Result<()> {
    let mut words = Vec::new();
    let id = shell::output(&mut shell::command(&["id", "-u"]))?;
    if id != b"0\n" {
        words.push("sudo");
    }
    words.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-q"]);
    words.extend(args);
    shell::run(&mut shell::command(&words))
}
