//! Objects, programs and libraries made for x86-64 with compiler and linker options of all sorts.

use ::tests::corpus::Subset;
use anyhow::Result;

use super::step::{Folder, Step};

/// Each file that is kept, and the script that makes it; `$S` is the folder of sources. They are
/// made in order, so that later ones can use earlier ones.
const FILES: &[(&str, &str)] = &[
    ("plain.o", "gcc -O1 -c $S/plain.c -o plain.o"),
    ("plain.exe", "gcc -O1 -nostdlib -static $S/program.c -o plain.exe"),
    // Compilers.
    ("debug.o", "gcc -O2 -g -c $S/plain.c -o debug.o"),
    ("debug-dwarf4.o", "gcc -O2 -g3 -gdwarf-4 -c $S/plain.c -o debug-dwarf4.o"),
    ("debug-gz.o", "gcc -O2 -g3 -gz=zlib -c $S/groups.cc -o debug-gz.o"),
    ("debug-gz-gnu.o", "gcc -O2 -g3 -gz=zlib-gnu -c $S/groups.cc -o debug-gz-gnu.o"),
    (
        "debug-zstd.o",
        "gcc -O2 -g3 -c $S/groups.cc -o debug-zstd.o && objcopy --compress-debug-sections=zstd debug-zstd.o",
    ),
    ("split.o", "cp $S/plain.c . && gcc -g -gsplit-dwarf -c plain.c -o split.o && rm plain.c"),
    ("split.dwo", "test -f split.dwo"),
    ("sections.o", "gcc -O2 -ffunction-sections -fdata-sections -c $S/groups.cc -o sections.o"),
    ("common.o", "gcc -fcommon -c $S/plain.c -o common.o"),
    ("lto.o", "gcc -O2 -flto -c $S/plain.c -o lto.o"),
    ("fat-lto.o", "gcc -O2 -flto -ffat-lto-objects -c $S/groups.cc -o fat-lto.o"),
    ("cet.o", "gcc -O2 -fcf-protection=full -c $S/plain.c -o cet.o"),
    ("large.o", "gcc -O2 -mcmodel=large -fPIC -c $S/plain.c -o large.o"),
    ("medium.o", "gcc -O2 -mcmodel=medium -mlarge-data-threshold=8 -c $S/plain.c -o medium.o"),
    ("pic-noplt.o", "gcc -O2 -fPIC -fno-plt -c $S/tls.c -o pic-noplt.o"),
    ("tls.o", "gcc -O1 -c $S/tls.c -o tls.o"),
    ("tls-pic.o", "gcc -O1 -fPIC -c $S/tls.c -o tls-pic.o"),
    ("tls-desc.o", "gcc -O1 -fPIC -mtls-dialect=gnu2 -c $S/tls.c -o tls-desc.o"),
    ("ifunc.o", "gcc -O1 -fPIC -c $S/ifunc.c -o ifunc.o"),
    (
        "stack-clash.o",
        "gcc -O0 -fstack-protector-all -fstack-usage -pg -c $S/plain.c -o stack-clash.o",
    ),
    ("sanitised.o", "gcc -O1 -fsanitize=address,undefined -c $S/plain.c -o sanitised.o"),
    ("coverage.o", "gcc -O1 --coverage -c $S/plain.c -o coverage.o"),
    ("patchable.o", "gcc -O1 -fpatchable-function-entry=4,2 -c $S/plain.c -o patchable.o"),
    ("annobin-like.o", "gcc -O1 -frecord-gcc-switches -c $S/plain.c -o annobin-like.o"),
    ("i386.o", "gcc -m32 -O1 -fno-pic -c $S/plain.c -o i386.o"),
    ("i386-pic-tls.o", "gcc -m32 -O1 -fPIC -c $S/tls.c -o i386-pic-tls.o"),
    ("x32.o", "gcc -mx32 -O1 -c $S/plain.c -o x32.o"),
    ("unicode.o", "as $S/unicode.s -o unicode.o"),
    ("clang-addrsig.o", "clang-14 -O2 -c $S/plain.c -o clang-addrsig.o"),
    (
        "clang-sections.o",
        "clang-14 -O2 -g -ffunction-sections -fno-unique-section-names -c $S/groups.cc -o clang-sections.o",
    ),
    (
        "clang-bbaddr.o",
        "clang-14 -O2 -fbasic-block-sections=labels -c $S/plain.c -o clang-bbaddr.o",
    ),
    (
        "clang-callgraph.o",
        "clang-14 -O2 -fstack-size-section -fembed-bitcode=marker -c $S/plain.c -o clang-callgraph.o",
    ),
    (
        "clang-llvm-linkonce.o",
        "clang-14 -O2 -fsplit-machine-functions -gz -c $S/groups.cc -o clang-llvm-linkonce.o",
    ),
    ("lto32.o", "gcc -m32 -O2 -flto -fno-pic -c $S/plain.c -o lto32.o"),
    ("clang-lto.o", "clang-14 -O2 -flto -c $S/plain.c -o clang-lto.o"),
    ("clang-thin-lto.o", "clang-14 -O1 -flto=thin -c $S/groups.cc -o clang-thin-lto.o"),
    // Linking.
    ("relocatable-lto.o", "ld -r lto.o fat-lto.o -o relocatable-lto.o"),
    ("relocatable.o", "ld -r plain.o tls.o sections.o -o relocatable.o"),
    ("binary.o", "ld -r -b binary plain.o -o binary.o"),
    ("unique.o", "ld -r --unique sections.o debug.o -o unique.o"),
    ("libplain.so", "gcc -shared -fPIC -O2 $S/library.c -o libplain.so"),
    ("libsysv.so", "gcc -shared -fPIC -Wl,--hash-style=sysv $S/library.c -o libsysv.so"),
    ("libboth.so", "gcc -shared -fPIC -Wl,--hash-style=both -Wl,-z,now $S/library.c -o libboth.so"),
    (
        "librelr.so",
        "gcc -shared -fPIC -nostdlib -Wl,-z,pack-relative-relocs $S/library.c -o librelr.so",
    ),
    (
        "libsymbolic.so",
        "gcc -shared -fPIC -Wl,-Bsymbolic -Wl,-z,nodelete -Wl,-z,nodlopen -Wl,-z,interpose -Wl,-z,origin -Wl,-z,initfirst -Wl,-rpath,/odd/path -Wl,-soname,libodd.so.3 $S/library.c -o libsymbolic.so",
    ),
    (
        "libversions.so",
        "gcc -shared -fPIC -O1 $S/versions.c -Wl,--version-script,$S/versions.map -Wl,-soname,libversions.so.2 -o libversions.so",
    ),
    ("libtls.so", "gcc -shared -fPIC $S/tls.c -ftls-model=initial-exec -o libtls.so"),
    ("libifunc.so", "gcc -shared -fPIC $S/ifunc.c -o libifunc.so"),
    (
        "libcet.so",
        "gcc -shared -fPIC -fcf-protection=full -Wl,-z,ibt,-z,shstk $S/library.c -o libcet.so",
    ),
    (
        "libtextrel.so",
        "gcc -m64 -mcmodel=large -shared -Wl,-z,notext $S/library.c -o libtextrel.so",
    ),
    ("libgroups.so", "g++ -shared -fPIC -g $S/groups.cc -o libgroups.so"),
    (
        "libfilter.so",
        "gcc -shared -fPIC $S/library.c -Wl,-F,libreal.so -Wl,-f,libaux.so -o libfilter.so",
    ),
    ("libstripped.so", "cp libgroups.so libstripped.so && strip libstripped.so"),
    ("libgroups.debug", "objcopy --only-keep-debug libgroups.so libgroups.debug"),
    (
        "liblinked.so",
        "cp libgroups.so liblinked.so && objcopy --strip-debug --add-gnu-debuglink=libgroups.debug liblinked.so",
    ),
    ("user.exe", "gcc -O1 $S/user.c -L. -l:libversions.so -lm -o user.exe"),
    (
        "user-nopie.exe",
        "gcc -O1 -no-pie $S/user.c -L. -l:libversions.so -lm -Wl,--disable-new-dtags -Wl,-rpath,/some/where -o user-nopie.exe",
    ),
    ("static.exe", "gcc -O1 -static $S/crash.c -o static.exe"),
    ("static-pie.exe", "gcc -O1 -static-pie -g $S/crash.c -o static-pie.exe"),
    (
        "emit-relocs.exe",
        "gcc -O1 -no-pie -Wl,--emit-relocs $S/user.c -L. -l:libversions.so -lm -o emit-relocs.exe",
    ),
    (
        "separate-code.exe",
        "gcc -O1 -Wl,-z,separate-code,-z,relro,-z,stack-size=65536 $S/user.c -L. -l:libversions.so -lm -o separate-code.exe",
    ),
    (
        "build-id.exe",
        "gcc -O1 -nostdlib -static -Wl,--build-id=0x0123456789abcdef $S/program.c -o build-id.exe",
    ),
    ("omagic.exe", "gcc -O1 -nostdlib -static -Wl,-N $S/program.c -o omagic.exe"),
    (
        "no-sections.exe",
        "objcopy --strip-all plain.exe no-sections.exe && objcopy --remove-section=.comment no-sections.exe",
    ),
    ("lld.exe", "clang-14 -O1 -fuse-ld=lld-14 -nostdlib -static $S/program.c -o lld.exe"),
    (
        "lld-packed.so",
        "clang-14 -O1 -fPIC -shared -nostdlib -fuse-ld=lld-14 -Wl,--pack-dyn-relocs=android+relr -Wl,-z,rodynamic $S/library.c -o lld-packed.so",
    ),
    (
        "lld-relr.so",
        "clang-14 -O1 -fPIC -shared -nostdlib -fuse-ld=lld-14 -Wl,--pack-dyn-relocs=relr -Wl,--hash-style=both $S/library.c -o lld-relr.so",
    ),
    (
        "lld-partitions.exe",
        "clang-14 -O1 -g -gz -nostdlib -static -fuse-ld=lld-14 -Wl,--icf=all,--build-id=uuid,--gdb-index $S/program.c -o lld-partitions.exe",
    ),
    (
        "i386.so",
        "clang-14 -m32 -O1 -fPIC -shared -nostdlib -fuse-ld=lld-14 $S/library.c -o i386.so",
    ),
    // Many sections: extended numbering.
    (
        "many-sections.o",
        "awk 'BEGIN{for(i=0;i<66000;i++)printf \".section .s%d,\\\"a\\\"\\n.byte 1\\nsym%d:\\n\",i,i}' | as -o many-sections.o -",
    ),
    (
        "rust.o",
        "echo 'pub fn add(a: &[u64]) -> String { format!(\"{a:?}\") }' > rust.rs
         rustc -g --crate-type lib --emit obj rust.rs -o rust.o",
    ),
    ("librust.rlib", "rustc -g --crate-type rlib rust.rs -o librust.rlib && rm rust.rs"),
    (
        "stabs.o",
        "printf '.stabs \"main:F1\",36,0,1,0\\n.stabs \"a.c\",100,0,0,0\\n' | as -o stabs.o -",
    ),
    (
        "exclude.o",
        "printf '.section .excluded,\"e\"\\n.byte 1\\n.section .ordered,\"ao\",@progbits,.text\\n.long 1\\n.section .retained,\"awR\"\\n.long 2\\n.section .merged,\"aM\",@progbits,8\\n.quad 3\\n.section .nb,\"aw\",@nobits\\n.zero 8\\n.section .own,\"a\",@0x60000001\\n.long 1\\n.pushsection .init_array,\"aw\",@init_array\\n.quad 0\\n' | as -o exclude.o -",
    ),
    (
        "stapsdt.o",
        "printf '.section .note.stapsdt,\"\",\"note\"\\n.balign 4\\n.4byte 8,9f-8f,3\\n.asciz \"stapsdt\"\\n8: .8byte 1,2,3\\n.asciz \"provider\"\\n.asciz \"probe\"\\n.asciz \"8@%%rdi -4@$5\"\\n9: .balign 4\\n.text\\nnop\\n' | as -o stapsdt.o -",
    ),
];

/// Large or slow to read; the rest is in the small subset.
const LARGE: &[&str] = &["many-sections.o", "static.exe", "static-pie.exe"];

/// The only step.
pub fn steps() -> Vec<Step> {
    let recipe = format!("2{FILES:?}");
    vec![Step::new("made/x86_64", Subset::Ci, &recipe, make)]
}

fn make(folder: &mut Folder) -> Result<()> {
    for (name, script) in FILES {
        let subset = if LARGE.contains(name) { Subset::All } else { Subset::Ci };
        folder.make(subset, name, script)?;
    }
    Ok(())
}
