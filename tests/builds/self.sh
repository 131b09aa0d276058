# project: .
# This project: its programs and tests are linked by our ld. The ld that comes out of that links the
# programs again, to the same bytes. Unit tests pass, and so do small programs for the linker.
mkdir linker
cat > linker/ld <<'WRAPPER'
#!/bin/sh
exec $(cat "$(dirname "$0")/program") "$@"
WRAPPER
chmod +x linker/ld
echo "$LD" > linker/program
unset CARGO_TARGET_DIR
export RUSTFLAGS="-C linker-features=-lld -C link-arg=-B$PWD/linker"
cargo build --package elftoolchain
cp target/debug/elftoolchain linker/elftoolchain

echo "$PWD/linker/elftoolchain ld" > linker/program
touch tools/elftoolchain/src/main.rs
cargo build --package elftoolchain
cmp linker/elftoolchain target/debug/elftoolchain
echo "$LD" > linker/program

cargo test --workspace --exclude tests --exclude xtask --lib
LD_PROGRAMS=kind cargo test --package tests --test ld programs_are -- --ignored
