# source: sqlite3
# A large library, shared and static, and its shell, which checks what it wrote.
CFLAGS="-O1" ./configure --disable-tcl --enable-shared
make
cat > test.sql <<'S'
CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
INSERT INTO t SELECT i, printf('%05d', i * 7919 % 20000), i / 3.0 FROM n;
CREATE INDEX tb ON t(b);
PRAGMA integrity_check;
SELECT count(*), min(b), max(b), round(sum(c), 2) FROM t WHERE b LIKE '1%';
SELECT json_extract('{"a":[1,2,3]}', '$.a[2]');
S
./sqlite3 made.db < test.sql | tee result
grep -x ok result
grep -x 3 result
cat > use.c <<'C'
#include <sqlite3.h>
int main(void)
{
    sqlite3 *base;
    return sqlite3_open("made.db", &base) || sqlite3_exec(base, "VACUUM", 0, 0, 0)
        || sqlite3_close(base);
}
C
$CC -O1 -I. -o use use.c -L.libs -lsqlite3 -Wl,-rpath,"$PWD/.libs"
./use
$CC -O1 -I. -static -o use use.c .libs/libsqlite3.a -lm
./use
