/* The other half of a program with c.c. */
#include "types.h"
static struct node nodes[3];
static int one(int x) { return clamp(x, 50) - 1; }
extern int tail(struct node *node);
void other(int *place, ...) { *place -= 1; }
int main(int argc, char **argv)
{
    (void)argv;
    for (int i = 0; i < 2; i++) {
        nodes[i].next = &nodes[i + 1];
        nodes[i].u.at.x = argc + i;
        nodes[i].u.at.y = 20;
    }
    return (sum_of(nodes, one) + tail(nodes)) & 1;
}
