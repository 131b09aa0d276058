# source: gmp
# Arithmetic in assembly language with indirect functions, and the package's own tests.
CFLAGS=-O1 ./configure --enable-fat
make
make check
