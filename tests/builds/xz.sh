# source: xz-utils
# A library with symbol versions of both directions, programs with threads, the package's own tests.
CFLAGS=-O1 ./configure --disable-nls --disable-doc
make
make check
