# source: googletest
# The library, static and shared, with its samples: templates, COMDAT groups, exceptions.
cd googletest
flags="-O1 -fPIC -Iinclude -I."
$CXX $flags -c src/gtest-all.cc src/gtest_main.cc
ar rc libgtest.a gtest-all.o gtest_main.o
$CXX -shared -Wl,-soname,libgtest.so -o libgtest.so gtest-all.o gtest_main.o
$CXX $flags -c samples/sample*.cc
for number in 1 2 3 4 5 6 7 8 9 10; do
    parts=sample${number}_unittest.o
    [ ! -e sample$number.o ] || parts="$parts sample$number.o"
    case $number in 5) parts="$parts sample1.o" ;; esac
    for library in libgtest.a libgtest.so; do
        $CXX -o sample $parts $library -Wl,-rpath,"$PWD" -Wl,--gc-sections
        ./sample
    done
done
# A shared library throws, and the program catches by type.
cat > thrower.cc <<'C'
#include <stdexcept>
struct Own : std::runtime_error { using std::runtime_error::runtime_error; };
void fail(int how) { if (how) throw Own("own"); throw std::out_of_range("range"); }
C
cat > catcher.cc <<'C'
#include <gtest/gtest.h>
#include <stdexcept>
struct Own : std::runtime_error { using std::runtime_error::runtime_error; };
void fail(int how);
TEST(Thrown, IsCaughtByType)
{
    EXPECT_THROW(fail(0), std::out_of_range);
    EXPECT_THROW(fail(1), Own);
    try { fail(1); } catch (const std::exception &error) { EXPECT_STREQ(error.what(), "own"); }
}
C
$CXX $flags -shared -o libthrower.so thrower.cc
$CXX $flags -o catcher catcher.cc -L. -lthrower -lgtest -Wl,-rpath,"$PWD" -pthread
./catcher
