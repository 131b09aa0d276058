# source: zlib
# The library, shared with a version script and static; the package's own test of both, and of a
# static program and a static PIE.
CFLAGS=-O1 ./configure
make check
for kind in -static -static-pie; do
    $CC -O1 -I. $kind -o "example$kind" test/example.c libz.a
    "./example$kind"
done
# The same by clang, which passes other options.
make distclean
CC="$CLANG" CFLAGS=-O1 ./configure
make check
