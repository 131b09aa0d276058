# source: leveldb googletest
# A data base in C++: a static library of it, and its own tests with threads and files.
test="../googletest/googletest"
mock="../googletest/googlemock"
flags="-O1 -pthread -DLEVELDB_PLATFORM_POSIX=1 -DHAVE_FDATASYNC=1 -DHAVE_O_CLOEXEC=1 -I. -Iinclude"
flags="$flags -I$test/include -I$mock/include"
$CXX -O1 -I$test -I$test/include -c $test/src/gtest-all.cc
$CXX -O1 -I$mock -I$mock/include -I$test/include -c $mock/src/gmock-all.cc $mock/src/gmock_main.cc
ar rc libgmock.a gtest-all.o gmock-all.o gmock_main.o
for source in db/*.cc table/*.cc util/*.cc helpers/memenv/memenv.cc; do
    case $source in *_test.cc|*windows*|*leveldbutil.cc|*testutil.cc) continue ;; esac
    $CXX $flags -c "$source" -o "$(basename "$source" .cc).o"
    ar rc libleveldb.a "$(basename "$source" .cc).o"
done
$CXX $flags -c util/testutil.cc
for name in util/status util/cache util/coding util/env util/no_destructor db/skiplist db/write_batch \
    db/recovery db/log table/filter_block helpers/memenv/memenv issues/issue178; do
    $CXX $flags -o a_test "${name}_test.cc" testutil.o libleveldb.a libgmock.a -Wl,--gc-sections
    ./a_test
done
# One of them by clang, all of whose objects are its own.
rm ./*.o
$CLANGXX $flags -c $test/src/gtest-all.cc $mock/src/gmock-all.cc util/testutil.cc -I$test -I$mock
for source in db/*.cc table/*.cc util/*.cc helpers/memenv/memenv.cc; do
    case $source in *_test.cc|*windows*|*leveldbutil.cc|*testutil.cc) continue ;; esac
    $CLANGXX $flags -c "$source" -o "$(basename "$source" .cc).o"
done
$CLANGXX $flags -o a_test db/recovery_test.cc *.o -Wl,--gc-sections
./a_test
