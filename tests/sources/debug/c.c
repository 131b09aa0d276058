/* What C has that shows in debugging information: types of all kinds, scopes, lists of locations,
   inlined functions, macros, tail calls, variables that are optimized away. */
#include "types.h"
#define LOCAL_MACRO 1
#undef LOCAL_MACRO
#define LOCAL_MACRO "text with \"quotes\" and \\"
typedef int vector __attribute__((vector_size(16)));
typedef _Complex double complex_t;
typedef const volatile int *restrict_free;
_Thread_local int per_thread = 3;
static const char *const words[] = { "one", "two", LOCAL_MACRO };
volatile int sink;
_Atomic int counter;
word_t table[TYPES_LIMIT][4];
struct { short packed; long long wide; } __attribute__((packed)) unnamed;
extern void other(int *, ...);
_Bool truth = 1;
#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 wide_t;
wide_t widest;
#endif
static int weigh(int x) { return x * 3 + sink; }
__attribute__((noinline)) static int deep(int a, int b, int c, int d, int e, int f, int g)
{
    int local = a + b * c - d;
    for (int i = 0; i < e; i++) {
        int step = clamp(i + f, g);
        local += step ^ (local << 2);
        if (local > 10000) {
            other(&local, step);
            local /= 7;
        }
    }
    return local;
}
int sum_of(const struct node *list, int (*weight)(int))
{
    int sum = 0;
    while (list) {
        struct point at = list->u.at;
        sum += weight(clamp(at.x, at.y)) + list->flag;
        sink = sum;
        list = list->next;
    }
    return sum;
}
double mixed(float a, long double b, complex_t c, vector v, int n)
{
    char buffer[n > 0 ? n : 1];
    buffer[0] = words[n & 1][0];
    sink = buffer[0] + v[0] + weigh(n);
    return a + (double)b + __real__ c;
}
int choose(enum colour colour, struct node *node)
{
    switch (colour) {
    case RED: return deep(1, 2, 3, 4, 5, 6, 7);
    case GREEN: {
        int inner = clamp(node->u.at.x, TYPES_MAX(3, sink));
        counter += inner;
        goto end;
    }
    case BLUE: return sum_of(node, weigh);
    }
end:
    return sink + per_thread;
}
int tail(struct node *node) { return choose(node->colour, node->next); }
