/* Uses the versioned library, and more of the C library. */
#include <stdio.h>
#include <math.h>
extern int first(void), second(void), data_v2;
int main(int argc, char **argv)
{
    printf("%d %d %d %f\n", first(), second(), data_v2, sqrt((double)argc));
    return argv[0] == 0;
}
