//! Objects and programs with debugging information: by compilers, for machines, in versions and
//! with options of all sorts.

use ::tests::corpus::Subset;
use anyhow::Result;

use super::step::{Folder, Step};

/// A machine: what its files are called, GNU's prefix, and clang's triple and options.
struct Machine {
    name: &'static str,
    gnu: &'static str,
    clang: &'static str,
    /// clang writes the 64-bit format only for machines of 64 bits.
    is_64: bool,
    /// Whether clang can split its debugging information: where the linker changes the size of
    /// code, it cannot.
    splits: bool,
}

const fn machine(
    name: &'static str,
    gnu: &'static str,
    clang: &'static str,
    is_64: bool,
) -> Machine {
    Machine { name, gnu, clang, is_64, splits: true }
}

const MACHINES: &[Machine] = &[
    machine("x86_64", "x86_64-linux-gnu", "x86_64-linux-gnu", true),
    machine("aarch64", "aarch64-linux-gnu", "aarch64-linux-gnu", true),
    Machine {
        splits: false,
        ..machine("riscv64", "riscv64-linux-gnu", "riscv64-linux-gnu -march=rv64gc", true)
    },
    machine("arm", "arm-linux-gnueabihf", "arm-linux-gnueabihf", false),
    machine("powerpc64", "powerpc64-linux-gnu", "powerpc64-linux-gnu", true),
    machine("s390x", "s390x-linux-gnu", "s390x-linux-gnu", true),
    machine("mips", "mips-linux-gnu", "mips-linux-gnu", false),
];

/// A way of compiling; `gcc` and `clang` tell whether that compiler is run so.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    options: &'static str,
    gcc: bool,
    clang: bool,
    /// Of other machines than this one too.
    everywhere: bool,
}

const fn way(name: &'static str, options: &'static str) -> Way {
    Way { name, options, gcc: true, clang: true, everywhere: true }
}

const fn here(name: &'static str, options: &'static str) -> Way {
    Way { everywhere: false, ..way(name, options) }
}

const fn gcc_only(way: Way) -> Way {
    Way { clang: false, ..way }
}

const fn clang_only(way: Way) -> Way {
    Way { gcc: false, ..way }
}

const WAYS: &[Way] = &[
    way("2", "-O0 -gdwarf-2"),
    way("3", "-O1 -gdwarf-3"),
    way("4", "-O2 -gdwarf-4 -ffunction-sections"),
    way("5", "-O2 -gdwarf-5"),
    way("5-plain", "-O0 -gdwarf-5 -fno-asynchronous-unwind-tables"),
    way("macros", "-O1 -g3 -gdwarf-5"),
    here("macros4", "-O1 -g3 -gdwarf-4"),
    gcc_only(here("macinfo", "-O1 -g3 -gdwarf-3 -gstrict-dwarf")),
    clang_only(here("macros-clang", "-O1 -gdwarf-5 -fdebug-macro")),
    way("types4", "-O1 -gdwarf-4 -fdebug-types-section"),
    here("types5", "-O1 -gdwarf-5 -fdebug-types-section"),
    way("64", "-O2 -gdwarf-5 -gdwarf64"),
    here("64-4", "-O1 -gdwarf-4 -gdwarf64"),
    way("gz", "-O2 -g -gz=zlib"),
    here("sections", "-O2 -g -ffunction-sections -fdata-sections"),
    here("pubnames", "-O1 -gdwarf-4 -ggnu-pubnames"),
    here("pubnames5", "-O1 -gdwarf-5 -gpubnames"),
    gcc_only(here("lto", "-O2 -g -flto -ffat-lto-objects")),
    gcc_only(here("views", "-O2 -gdwarf-4 -ginternal-reset-location-views")),
    gcc_only(here("strict", "-O2 -gdwarf-5 -gstrict-dwarf -gno-as-loc-support")),
    clang_only(here("names", "-O2 -gdwarf-5 -mllvm -accel-tables=Dwarf")),
    clang_only(here("apple", "-O1 -gdwarf-4 -mllvm -accel-tables=Apple")),
    clang_only(here("source", "-O1 -gdwarf-5 -gembed-source")),
    clang_only(here("lldb", "-O2 -glldb -fdebug-ranges-base-address -gdwarf-4")),
    clang_only(here("lines", "-O2 -gline-tables-only -gcolumn-info")),
    clang_only(here("inlined", "-O2 -gdwarf-5 -fsplit-dwarf-inlining -fbasic-block-sections=all")),
];

/// Ways with an object file and its split part.
const SPLIT: &[(&str, &str)] = &[
    ("split4", "-O2 -gdwarf-4 -gsplit-dwarf -fdebug-types-section"),
    ("split5", "-O2 -gdwarf-5 -gsplit-dwarf -ffunction-sections"),
    ("split-macros", "-O1 -gdwarf-5 -g3 -gsplit-dwarf"),
];

/// Programs and what is made of them: the file that is kept, and the script.
const PROGRAMS: &[(&str, &str)] = &[
    ("program", "gcc -g -O2 c.c main.c -o program"),
    ("program4", "gcc -gdwarf-4 -g3 -O2 c.c main.c -o program4"),
    ("program-cxx.so", "gcc -g -O1 -shared -fPIC cxx.cc c.c -o program-cxx.so"),
    ("program-clang", "clang-14 -g -O2 c.c main.c -o program-clang"),
    (
        "program-index",
        "clang-14 -g -O1 -ggnu-pubnames -gdwarf-4 -nostdlib -static -fuse-ld=lld-14 -Wl,-e,main,--gdb-index -fno-stack-protector c.c main.c -o program-index",
    ),
    (
        "program-index5",
        "clang-14 -g -O1 -ggnu-pubnames -nostdlib -shared -fPIC -fuse-ld=lld-14 -Wl,--gdb-index c.c cxx.cc -o program-index5",
    ),
    (
        "program-names.so",
        "clang-14 -g -O1 -mllvm -accel-tables=Dwarf -shared -fPIC c.c cxx.cc -o program-names.so",
    ),
    ("program-lto", "gcc -g -O2 -flto c.c main.c -o program-lto"),
    ("dwz-alone", "cp program-cxx.so dwz-alone && dwz dwz-alone"),
    (
        "dwz-one",
        "cp program dwz-one && cp program4 dwz-two && dwz -m dwz-common.debug -M dwz-common.debug dwz-one dwz-two",
    ),
    ("dwz-two", "test -f dwz-two"),
    ("dwz-common.debug", "test -f dwz-common.debug"),
    (
        "dwz5-one",
        "cp program dwz5-one && cp program-lto dwz5-two && dwz -5 -m dwz5-common.debug -M dwz5-common.debug dwz5-one dwz5-two",
    ),
    ("dwz5-common.debug", "test -f dwz5-common.debug"),
    ("program-zstd", "objcopy --compress-debug-sections=zstd program program-zstd"),
    ("program-zlib-gnu", "objcopy --compress-debug-sections=zlib-gnu program program-zlib-gnu"),
    ("program.debug", "objcopy --only-keep-debug program program.debug"),
    (
        "program-linked",
        "cp program program-linked && objcopy --strip-debug --remove-section .note.gnu.build-id --add-gnu-debuglink=program.debug program-linked",
    ),
    ("program.stripped", "objcopy --strip-all program program.stripped"),
    // Split objects and their packages.
    (
        "package4",
        "gcc -gdwarf-4 -gsplit-dwarf -O2 c.c main.c -dumpdir p4- -o package4 && llvm-dwp-14 -e package4 -o package4.dwp",
    ),
    ("package4.dwp", "test -f package4.dwp"),
    (
        "package5",
        "gcc -gdwarf-5 -gsplit-dwarf -fdebug-types-section -O2 -shared -fPIC cxx.cc c.c -dumpdir p5- -o package5 && llvm-dwp-14 -e package5 -o package5.dwp",
    ),
    ("package5.dwp", "test -f package5.dwp"),
    (
        "package-clang",
        "clang-14 -gdwarf-5 -gsplit-dwarf -O2 -c c.c && clang-14 -gdwarf-5 -gsplit-dwarf -O2 -c main.c && clang-14 c.o main.o -o package-clang && llvm-dwp-14 c.dwo main.dwo -o package-clang.dwp",
    ),
    ("package-clang.dwp", "test -f package-clang.dwp"),
    // Other languages.
    ("fortran-O0.o", "gfortran-12 -g -O0 -c fortran.f90 -o fortran-O0.o"),
    ("fortran-O2.o", "gfortran-12 -gdwarf-4 -O2 -c fortran.f90 -o fortran-O2.o"),
    ("rust-O0.o", "rustc -g --crate-type lib --emit obj rust.rs -o rust-O0.o"),
    ("rust-O2.o", "rustc -g -O --crate-type lib --emit obj rust.rs -o rust-O2.o"),
    ("rust5.o", "rustc -g -C dwarf-version=5 --crate-type lib --emit obj rust.rs -o rust5.o"),
    (
        "assembler.o",
        "printf '.text\\n.globl f\\nf: nop\\nnop\\n.section .text.b,\"ax\"\\ng: nop\\n' > a.s && as -gdwarf-5 a.s -o assembler.o",
    ),
    ("assembler2.o", "as -gdwarf-2 a.s -o assembler2.o"),
    ("i386.o", "gcc -m32 -g -O2 -fno-pic -c cxx.cc -o i386.o"),
    ("x32.o", "gcc -mx32 -g -O2 -c c.c -o x32.o"),
];

/// Files that only stand beside others.
const SOURCES: &[&str] = &["c.c", "cxx.cc", "main.c", "types.h", "fortran.f90", "rust.rs"];

/// The steps: one for each machine, one for programs.
pub fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = MACHINES
        .iter()
        .map(|machine| {
            let scripts = objects(machine);
            let recipe = format!("2{scripts:?}");
            Step::new(&format!("made/debug/{}", machine.name), Subset::Ci, &recipe, move |folder| {
                make(folder, &scripts)
            })
        })
        .collect();
    let programs: Vec<(String, String)> =
        PROGRAMS.iter().map(|(name, script)| ((*name).to_owned(), (*script).to_owned())).collect();
    let recipe = format!("2{programs:?}");
    let work = move |folder: &mut Folder| make(folder, &programs);
    steps.push(Step::new("made/debug/programs", Subset::Ci, &recipe, work));
    steps
}

/// The objects of a machine, each with the script that makes it.
fn objects(machine: &Machine) -> Vec<(String, String)> {
    let is_here = machine.name == "x86_64";
    let mut objects = Vec::new();
    for (suffix, source, gcc, clang) in
        [("c", "c.c", "gcc", "clang-14"), ("cc", "cxx.cc", "g++", "clang++-14")]
    {
        let gcc = format!("{}-{gcc}-12", machine.gnu);
        let clang = format!("{clang} --target={}", machine.clang);
        for way in WAYS.iter().filter(|way| is_here || way.everywhere) {
            let Way { name, options, .. } = way;
            if way.gcc {
                let file = format!("gcc-{name}-{suffix}.o");
                objects.push((file.clone(), format!("{gcc} {options} -c {source} -o {file}")));
            }
            if way.clang && (machine.is_64 || !options.contains("dwarf64")) {
                let file = format!("clang-{name}-{suffix}.o");
                objects.push((file.clone(), format!("{clang} {options} -c {source} -o {file}")));
            }
        }
        for (name, options) in SPLIT {
            for (compiler, command) in [("gcc", &gcc), ("clang", &clang)] {
                if compiler == "clang" && !machine.splits {
                    continue;
                }
                let stem = format!("{compiler}-{name}-{suffix}");
                let script = format!("{command} {options} -c {source} -o {stem}.o");
                objects.push((format!("{stem}.o"), script));
                objects.push((format!("{stem}.dwo"), format!("test -f {stem}.dwo")));
            }
        }
    }
    let gnu = machine.gnu;
    let linked =
        "-nostdlib -static -Wl,-e,main,--unresolved-symbols=ignore-all -fno-stack-protector";
    for (name, options) in [("linked", "-g -O2"), ("linked-frames", "-gdwarf-4 -O1 -fexceptions")] {
        let script = format!("{gnu}-gcc-12 {options} {linked} c.c main.c -o {name}");
        objects.push((name.to_owned(), script));
    }
    objects
}

fn make(folder: &mut Folder, scripts: &[(String, String)]) -> Result<()> {
    folder.shell("cp $S/debug/* .")?;
    for (name, script) in scripts {
        folder.make(Subset::Ci, name, script)?;
    }
    for source in SOURCES {
        folder.shell(&format!("rm {source}"))?;
    }
    Ok(())
}
