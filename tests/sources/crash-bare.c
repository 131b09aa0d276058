/* Ends with a core file; needs no C library. */
int data = 6;
char zeroed[10000];
__attribute__((noinline)) static void store(volatile int *place) { *place = data; }
void _start(void) { zeroed[5] = 1; store((volatile int *)0); }
void __start(void) { _start(); }
