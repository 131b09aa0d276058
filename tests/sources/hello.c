// The smallest program that people link.
#include <stdio.h>

int main(void) {
    puts("Hello, world");
    return 0;
}
