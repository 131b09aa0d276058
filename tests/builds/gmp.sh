# source: gmp
# Arithmetic in assembly language, chosen by the processor, and the package's own tests.
# Debian's source has no manual.
mkdir -p doc
printf 'all check:\n' > doc/Makefile.in
CFLAGS=-O1 ./configure --enable-fat
make
make check
