# source: dash
# The shell, and a test of it: with it runs its own configure script.
CFLAGS=-O1 ./configure
make
mkdir again
cd again
CONFIG_SHELL=../src/dash ../src/dash ../configure
cmp config.h ../config.h
../src/dash -c '
    trap "echo trapped" USR1
    kill -USR1 $$
    f() { local n=$1; [ $n -le 1 ] && echo 1 && return; echo $((n * $(f $((n - 1))))); }
    [ "$(f 6)" = 720 ]
    case abc in a[!x]?) ;; *) exit 1 ;; esac
' | grep -x trapped
