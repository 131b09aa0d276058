# source: lua5.4
# The interpreter with its symbols exported, and modules in C that it loads and that call back.
cat > counter.c <<'C'
#include <lua.h>
#include <lauxlib.h>
static int next(lua_State *state)
{
    lua_Integer count = lua_tointeger(state, lua_upvalueindex(1)) + 1;
    lua_pushinteger(state, count);
    lua_copy(state, -1, lua_upvalueindex(1));
    return 1;
}
static int new(lua_State *state)
{
    lua_pushinteger(state, luaL_checkinteger(state, 1));
    lua_pushcclosure(state, next, 1);
    return 1;
}
int luaopen_counter(lua_State *state)
{
    lua_pushcfunction(state, new);
    return 1;
}
C
cat > test.lua <<'L'
package.cpath = './?.so'
local counter = require 'counter'
local next = counter(40)
next()
assert(next() == 42)
-- An error in C is thrown with longjmp, through the interpreter.
local ok, message = pcall(counter, 'no number')
assert(not ok and message:find('number expected'), message)
local thread = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end)
assert(thread() + thread() + thread() == 14)
assert(string.format('%.3f', math.sin(1) + math.log(2)) == '1.535')
assert(table.concat({('a b c'):gsub(' ', '-')}, ' ') == 'a-b-c 2')
print('modules work')
L
for compiler in "$CC" "$CLANG"; do
    make clean
    make linux CC="$compiler" CFLAGS="-O1 -DLUA_COMPAT_5_3 -DLUA_USE_LINUX -fPIC"
    $compiler -O1 -fPIC -shared -Isrc -o counter.so counter.c
    src/lua test.lua | grep -x 'modules work'
    src/luac -o test.luac test.lua
    src/lua test.luac | grep -x 'modules work'
done
