# source: musl
# A C library, which is its own loader; then programs that use it, linked in all ways.
CFLAGS=-O1 ./configure --prefix="$PWD/inst" --syslibdir="$PWD/inst/lib"
make
make install
cat > greet.c <<'C'
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
static _Thread_local int own = 7;
static void *run(void *number) { own += *(int *)number; return own == 12 ? number : NULL; }
__attribute__((constructor)) static void before(void) { setenv("BEFORE", "was here", 1); }
int main(int argc, char **argv)
{
    int number = 5;
    pthread_t thread;
    void *answer;
    pthread_create(&thread, NULL, run, &number);
    pthread_join(thread, &answer);
    errno = 0;
    fopen("/none", "r");
    return !(printf("%s %d %.3f %d %d\n", getenv("BEFORE"), own, sin(argc), answer == &number, errno)
        == 21);
}
C
cat > library.c <<'C'
#include <stdio.h>
_Thread_local int counter = 40;
int count(void) { return counter += 1; }
C
cat > caller.c <<'C'
#include <dlfcn.h>
#include <stdio.h>
extern _Thread_local int counter;
int count(void);
int main(void)
{
    int (*found)(void) = dlsym(RTLD_DEFAULT, "count");
    count();
    return !(found == count && found() == 42 && counter == 42);
}
C
for kind in -static -static-pie -no-pie -pie; do
    pic=-fPIE
    [ $kind != -no-pie ] || pic=-fno-pie
    $CC -specs inst/lib/musl-gcc.specs -O1 $pic $kind -o greet greet.c
    ./greet
done
$CC -specs inst/lib/musl-gcc.specs -O1 -fPIC -shared -o liblibrary.so library.c
for kind in -no-pie -pie; do
    $CC -specs inst/lib/musl-gcc.specs -O1 -fPIE $kind -o caller caller.c -L. -llibrary -Wl,-rpath,"$PWD"
    ./caller
done
