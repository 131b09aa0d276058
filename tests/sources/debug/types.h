/* What two units of a program share. */
#ifndef TYPES_H
#define TYPES_H
#define TYPES_LIMIT 16
#define TYPES_MAX(a, b) ((a) > (b) ? (a) : (b))
typedef unsigned long word_t;
enum colour { RED, GREEN = 7, BLUE = -3 };
struct point {
    int x, y;
};
struct node {
    struct node *next;
    union {
        struct point at;
        word_t word;
        double number;
    } u;
    unsigned flag : 3, rest : 29;
    enum colour colour;
    char name[TYPES_LIMIT];
};
static inline int clamp(int value, int limit)
{
    int twice = value * 2;
    if (twice > limit)
        return limit;
    return twice;
}
extern int sum_of(const struct node *list, int (*weight)(int));
#endif
