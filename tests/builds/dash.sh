# source: dash
# The shell, and a test of it: it runs its own configure script.
mkdir first again
cd first
CFLAGS=-O1 ../configure
make
shell="$PWD/src/dash"
cd ../again
CONFIG_SHELL="$shell" "$shell" ../configure
cmp config.h ../first/config.h
"$shell" -c '
    trap "echo trapped" USR1
    kill -USR1 $$
    f() { local n=$1; [ $n -le 1 ] && echo 1 && return; echo $((n * $(f $((n - 1))))); }
    [ "$(f 6)" = 720 ]
    case abc in a[!x]?) ;; *) exit 1 ;; esac
' | grep -x trapped
