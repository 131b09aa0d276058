//! Core files, made on the spot: by gdb of a program here, by qemu of programs for other machines.

use ::tests::corpus::Subset;
use anyhow::Result;

use super::step::{Folder, Step};

/// Machines whose programs qemu leaves core files of: name, clang's triple and options, qemu.
const FOREIGN: &[(&str, &str, &str)] = &[
    ("i386", "i386-linux-gnu", "qemu-i386"),
    ("x86_64-qemu", "x86_64-linux-gnu", "qemu-x86_64"),
    ("arm", "armv7-linux-gnueabihf", "qemu-arm"),
    ("aarch64", "aarch64-linux-gnu", "qemu-aarch64"),
    ("powerpc", "powerpc-linux-gnu", "qemu-ppc"),
    ("powerpc64", "powerpc64-linux-gnu", "qemu-ppc64"),
    ("powerpc64le", "powerpc64le-linux-gnu", "qemu-ppc64le"),
    ("mips", "mips-linux-gnu", "qemu-mips"),
    ("mipsel", "mipsel-linux-gnu", "qemu-mipsel"),
    ("mips64", "mips64-linux-gnuabi64", "qemu-mips64"),
];

/// The only step.
pub fn steps() -> Vec<Step> {
    vec![Step::new("made/core", Subset::Ci, "2", make)]
}

fn make(folder: &mut Folder) -> Result<()> {
    // Two threads, so that there are two sets of registers.
    folder.make(
        Subset::Ci,
        "x86_64.core",
        "gcc -O1 -g $S/crash.c -o crash.exe
         gdb -q -batch -nx -ex 'set startup-with-shell off' -ex 'set debuginfod enabled off' \
             -ex 'run some arguments' -ex 'gcore x86_64.core' ./crash.exe
         rm crash.exe",
    )?;
    for (name, triple, qemu) in FOREIGN {
        folder.make(
            Subset::Ci,
            &format!("{name}.core"),
            &format!(
                "clang-14 --target={triple} -O1 -ffreestanding -nostdlib -static \
                     -fuse-ld=lld-14 $S/crash-bare.c -Wl,-e,_start -o crash.exe
                 ulimit -c unlimited
                 {qemu} ./crash.exe 2>/dev/null || true
                 mv qemu_crash.exe_*.core {name}.core
                 rm -f crash.exe core core.*"
            ),
        )?;
    }
    Ok(())
}
