# folder: rust-workspace
# A workspace with a procedural macro, a shared library for C, threads, and backtraces with lines.
export RUSTFLAGS="-C linker-features=-lld -C link-arg=-B$LD_FOLDER"
export CARGO_TARGET_DIR="$PWD/target"
for profile in dev release; do
    cargo build --profile $profile
done
cargo test
for folder in debug release; do
    target/$folder/program | tee trace
    # The calls are seen with their names, files and lines, through what was inlined as well.
    grep 'program::deep' trace
    grep 'src/main.rs:' trace
    $CC -o host host.c -Ltarget/$folder -lplugin -Wl,-rpath,"$PWD/target/$folder"
    ./host | grep -x '10 10 1'
done
RUSTFLAGS="$RUSTFLAGS -C target-feature=+crt-static" CARGO_TARGET_DIR="$PWD/static" \
    cargo build --target x86_64-unknown-linux-gnu -p program
static/x86_64-unknown-linux-gnu/debug/program | grep 'src/main.rs:'
