# source: bzip2
# A shared library with a soname, a program, and the package's own test: samples packed and unpacked.
make CC="$CC" CFLAGS="-O1 -fPIC" libbz2.a bzip2 bzip2recover
make CC="$CC" CFLAGS="-O1 -fPIC" test
make -f Makefile-libbz2_so CC="$CC" CFLAGS="-O1 -fPIC"
LD_LIBRARY_PATH=. ./bzip2-shared -1 -k -c sample1.ref | cmp - sample1.bz2
