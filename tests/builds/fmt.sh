# source: fmtlib googletest
# A library of templates in C++, static and shared, and its own tests.
test="../googletest/googletest"
mock="../googletest/googlemock"
flags="-O1 -fPIC -pthread -Iinclude -Itest -I$test/include -I$mock/include"
$CXX $flags -I$test -I$mock -c $test/src/gtest-all.cc $mock/src/gmock-all.cc
ar rc libgmock.a gtest-all.o gmock-all.o
$CXX $flags -c src/format.cc src/os.cc
ar rc libfmt.a format.o os.o
$CXX -shared -Wl,-soname,libfmt.so -o libfmt.so format.o os.o
$CXX $flags -c test/test-main.cc test/gtest-extra.cc test/util.cc
for name in args assert color core ostream printf os; do
    $CXX $flags -c "test/$name-test.cc"
    for library in libfmt.a libfmt.so; do
        $CXX -o a_test "$name-test.o" test-main.o gtest-extra.o util.o $library libgmock.a \
            -Wl,-rpath,"$PWD"
        ./a_test
    done
done
