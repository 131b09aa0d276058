/* A whole program without a C library. */
int counter = 3;
int zeroed[100];
static const char *names[] = {"one", "two", "three"};
__attribute__((noinline)) int add(int a, int b) { return a + b + zeroed[a & 7]; }
void _start(void)
{
    for (int i = 0; i < 3; i++)
        counter = add(counter, names[i][0]);
    for (;;)
        ;
}
void __start(void) { _start(); }
