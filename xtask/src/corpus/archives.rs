//! Archives of every kind.

use ::tests::corpus::Subset;
use anyhow::Result;

use super::step::{Folder, Step};

const FILES: &[(&str, &str)] = &[
    ("gnu.a", "ar rcs gnu.a a.o b.o"),
    (
        "gnu-long.a",
        "ar rcs gnu-long.a a_member_with_a_long_name.o b.o another_member_with_a_long_name.o",
    ),
    ("no-index.a", "ar rcS no-index.a a.o b.o"),
    ("thin.a", "ar rcsT thin.a a.o b.o a_member_with_a_long_name.o"),
    ("thin-nested.a", "ar rcsT thin-nested.a gnu.a thin.a b.o"),
    ("nested.a", "ar rcS nested.a gnu.a a.o && ranlib nested.a || true"),
    ("bsd.a", "llvm-ar-14 --format=bsd rcs bsd.a a.o b.o a_member_with_a_long_name.o"),
    (
        "bsd-spaces.a",
        "cp a.o 'a name with spaces.o' && llvm-ar-14 --format=bsd rcs bsd-spaces.a 'a name with spaces.o' b.o && rm 'a name with spaces.o'",
    ),
    ("darwin.a", "llvm-ar-14 --format=darwin rcs darwin.a a.o b.o"),
    ("sym64.a", "SYM64_THRESHOLD=0 llvm-ar-14 --format=gnu rcs sym64.a a.o b.o"),
    (
        "mixed.a",
        "printf 'just text\\n' > text && ar rcS mixed.a a.o text b.o && ar s mixed.a && rm text",
    ),
    (
        "mixed-machines.a",
        "ar rcs mixed-machines.a a.o ../clang/mips-plain.o ../clang/arm-plain.o ../clang/powerpc64-plain.o",
    ),
    (
        "other-formats.a",
        "cp ../odd/bitcode.bc ../odd/go-object.go ../odd/wasm.wasm . && ar rcS other-formats.a bitcode.bc a.o go-object.go wasm.wasm && rm bitcode.bc go-object.go wasm.wasm",
    ),
    ("empty.a", "ar rc empty.a"),
    ("only-empty-member.a", "true > nothing && ar rcS only-empty-member.a nothing && rm nothing"),
    ("odd-size.a", "printf 'odd' > odd && ar rcS odd-size.a odd a.o && rm odd"),
    ("lto.a", "ar rcS lto.a ../x86_64/lto.o ../x86_64/fat-lto.o"),
    ("cut.a", "head -c 1500 gnu.a > cut.a"),
    (
        "bad-size.a",
        "sed '1,2s/`$/`/' gnu.a > bad-size.a && printf '99999999' | dd of=bad-size.a bs=1 seek=56 conv=notrunc status=none",
    ),
    (
        "bad-index.a",
        "cp gnu.a bad-index.a && printf '\\377\\377\\377\\377' | dd of=bad-index.a bs=1 seek=68 conv=notrunc status=none",
    ),
    (
        "bad-magic.a",
        "cp gnu.a bad-magic.a && printf 'xx' | dd of=bad-magic.a bs=1 seek=66 conv=notrunc status=none",
    ),
    ("bad-long-name.a", "sed 's,^/0 ,/9 ,' gnu-long.a > bad-long-name.a"),
    ("thin-missing.a", "cp a.o gone.o && ar rcsT thin-missing.a gone.o b.o && rm gone.o"),
    ("header-only.a", "printf '!<arch>\\n' > header-only.a"),
    ("dated.a", "touch -d @1234567890 a.o && ar rcU dated.a a.o b.o"),
];

/// The only step.
pub fn steps() -> Vec<Step> {
    let recipe = format!("2{FILES:?}");
    vec![Step::new("made/archive", Subset::Ci, &recipe, make)]
}

fn make(folder: &mut Folder) -> Result<()> {
    folder.shell(
        "gcc -O1 -fcommon -c $S/plain.c -o a.o && gcc -O1 -c $S/program.c -o b.o
         cp a.o a_member_with_a_long_name.o && cp b.o another_member_with_a_long_name.o",
    )?;
    for (name, script) in FILES {
        folder.make(Subset::Ci, name, script)?;
    }
    Ok(())
}
