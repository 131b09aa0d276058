//! Objects and programs made for other machines: by clang, which knows many, and by Debian's
//! cross assemblers, which are unpacked but not installed.

use ::tests::corpus::{self, Subset};
use anyhow::Result;

use super::debian;
use super::step::{Folder, Step};
use crate::shell;

/// Targets of clang; whether it can make position-independent code, thread-local variables and
/// C++ for it; and what the linker is told, where lld knows the machine.
struct Target {
    name: &'static str,
    triple: &'static str,
    options: &'static str,
    tls: bool,
    cxx: bool,
    links: bool,
}

const fn target(name: &'static str, triple: &'static str, options: &'static str) -> Target {
    Target { name, triple, options, tls: true, cxx: true, links: true }
}

const fn bare(name: &'static str, triple: &'static str, options: &'static str) -> Target {
    Target { name, triple, options, tls: false, cxx: false, links: false }
}

const fn unlinked(name: &'static str, triple: &'static str, options: &'static str) -> Target {
    Target { name, triple, options, tls: true, cxx: true, links: false }
}

const TARGETS: &[Target] = &[
    target("aarch64", "aarch64-linux-gnu", "-mbranch-protection=standard"),
    unlinked("aarch64_be", "aarch64_be-linux-gnu", ""),
    target("aarch64-freebsd", "aarch64-freebsd13", ""),
    target("arm", "arm-linux-gnueabihf", "-march=armv7-a"),
    target("arm-thumb", "thumbv7m-linux-gnueabi", ""),
    target("arm-v5", "armv5te-linux-gnueabi", ""),
    unlinked("armeb", "armeb-linux-gnueabi", ""),
    bare("avr", "avr", "-mmcu=atmega328p"),
    bare("bpfel", "bpfel", "-g"),
    bare("bpfeb", "bpfeb", ""),
    unlinked("hexagon", "hexagon-linux-musl", ""),
    target("i386-freebsd", "i386-freebsd13", ""),
    target("i386-openbsd", "i386-openbsd", ""),
    bare("lanai", "lanai", ""),
    target("mips", "mips-linux-gnu", ""),
    target("mips-micro", "mips-linux-gnu", "-mmicromips"),
    target("mips-r6", "mips-linux-gnu", "-mips32r6"),
    target("mipsel", "mipsel-linux-gnu", "-mfp64 -mmsa"),
    target("mips64", "mips64-linux-gnuabi64", ""),
    target("mips64el", "mips64el-linux-gnuabi64", ""),
    target("mipsn32", "mips64-linux-gnuabin32", ""),
    bare("msp430", "msp430", ""),
    target("powerpc", "powerpc-linux-gnu", ""),
    target("powerpc64", "powerpc64-linux-gnu", ""),
    target("powerpc64-elfv2", "powerpc64-linux-musl", "-mabi=elfv2"),
    target("powerpc64le", "powerpc64le-linux-gnu", "-mcpu=power10"),
    unlinked("powerpcle", "powerpcle-linux-gnu", ""),
    target("riscv32", "riscv32-linux-gnu", "-march=rv32imac -mabi=ilp32"),
    target("riscv64", "riscv64-linux-gnu", "-march=rv64gc -mno-relax"),
    target(
        "riscv64-relax",
        "riscv64-linux-gnu",
        "-march=rv64gcv1p0 -menable-experimental-extensions -g",
    ),
    unlinked("sparc", "sparc-linux-gnu", ""),
    unlinked("sparcel", "sparcel-linux-gnu", ""),
    unlinked("sparcv9", "sparcv9-linux-gnu", ""),
    unlinked("sparcv9-solaris", "sparcv9-sun-solaris2.11", ""),
    unlinked("systemz", "s390x-linux-gnu", "-march=z13"),
    unlinked("ve", "ve-linux-gnu", ""),
    target("x86_64-freebsd", "x86_64-freebsd13", "-g"),
    target("x86_64-netbsd", "x86_64-netbsd", ""),
    target("x86_64-openbsd", "x86_64-openbsd", ""),
    unlinked("x86_64-solaris", "x86_64-sun-solaris2.11", ""),
    target("x86_64-fuchsia", "x86_64-fuchsia", ""),
    bare("x86_64-haiku", "x86_64-haiku", ""),
    target("x86_64-lynx", "x86_64-cloudabi", ""),
    bare("amdgcn", "amdgcn-amd-amdhsa", "-mcpu=gfx906 -nogpulib"),
];

/// Packages with cross assemblers: the name of the objects, the package and the assembler.
const ASSEMBLERS: &[(&str, &str, &str, &str)] = &[
    ("ia64", "binutils-ia64-linux-gnu", "ia64-linux-gnu-as", ""),
    ("or1k", "binutils-or1k-elf", "or1k-elf-as", ""),
    ("xtensa", "binutils-xtensa-lx106", "xtensa-lx106-elf-as", ""),
    ("bpf", "binutils-bpf", "bpf-as", ""),
    ("m68hc11", "binutils-m68hc1x", "m68hc11-as", ""),
    ("hppa64", "binutils-hppa64-linux-gnu", "hppa64-linux-gnu-as", ""),
    ("alpha", "binutils-alpha-linux-gnu", "alpha-linux-gnu-as", ""),
    ("arc", "binutils-arc-linux-gnu", "arc-linux-gnu-as", ""),
    ("arm", "binutils-arm-none-eabi", "arm-none-eabi-as", "-march=armv7-a -mfpu=neon"),
];

/// The steps.
pub fn steps() -> Vec<Step> {
    let mut steps = vec![Step::new("made/clang", Subset::Ci, "2", by_clang)];
    for (name, package, assembler, options) in ASSEMBLERS {
        let step = Step::new(&format!("made/as-{name}"), Subset::All, "2", move |folder| {
            by_assembler(folder, name, package, assembler, options)
        });
        steps.push(step.of_package(package));
    }
    steps
}

fn by_clang(folder: &mut Folder) -> Result<()> {
    for Target { name, triple, options, tls, cxx, links } in TARGETS {
        let clang = format!("clang-14 --target={triple} {options} -ffreestanding -fintegrated-as");
        let mut make = |file: &str, how: &str| {
            let file = format!("{name}-{file}");
            folder.make(Subset::Ci, &file, &format!("{clang} {how} -o {file}"))
        };
        make("plain.o", "-O1 -c $S/plain.c")?;
        make("debug.o", "-O0 -g -c $S/program.c")?;
        if *tls {
            make("tls.o", "-O1 -fPIC -c $S/tls.c")?;
        }
        if *cxx {
            make(
                "groups.o",
                "-O2 -ffunction-sections -fexceptions -funwind-tables -c $S/groups.cc",
            )?;
        }
        if *links {
            // MIPS orders its dynamic symbols in a way that a GNU hash table does not allow.
            let hash = if name.starts_with("mips") { "sysv" } else { "both" };
            let lld = "-nostdlib -fuse-ld=lld-14 -Wno-unused-command-line-argument";
            make("program.exe", &format!("-O1 -static {lld} -Wl,-e,_start $S/program.c"))?;
            make(
                "library.so",
                &format!("-O1 -fPIC -shared {lld} -Wl,--hash-style={hash} $S/library.c"),
            )?;
        }
    }
    folder.make(
        Subset::Ci,
        "arm-unwind.o",
        "clang-14 --target=arm-linux-gnueabihf -march=armv7-a -c $S/unwind-arm.s -o arm-unwind.o",
    )
}

fn by_assembler(
    folder: &mut Folder,
    name: &str,
    package: &str,
    assembler: &str,
    options: &str,
) -> Result<()> {
    let unpacked = debian::extract(package)?;
    let bin = shell::text(&unpacked.join("usr/bin"));
    let lib = shell::text(&unpacked.join("usr/lib/x86_64-linux-gnu"));
    let run = format!("LD_LIBRARY_PATH='{lib}' '{bin}/{assembler}' {options}");
    folder.make(Subset::All, "portable.o", &format!("{run} $S/portable.s -o portable.o"))?;
    let unwind = format!("unwind-{name}.s");
    if corpus::root().join("tests/sources").join(&unwind).is_file() {
        folder.make(Subset::All, "unwind.o", &format!("{run} $S/{unwind} -o unwind.o"))?;
    }
    std::fs::remove_dir_all(unpacked)?;
    Ok(())
}
