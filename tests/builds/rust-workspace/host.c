// A program in C that links to the library and calls it from two threads.
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

extern unsigned plugin_call(int (*call)(int), int number);
extern bool plugin_catches(void);

static int next(int number)
{
    return number + 1;
}

static void *run(void *last)
{
    for (int i = 0; i < 10; i++)
        *(unsigned *)last = plugin_call(next, i);
    return NULL;
}

int main(void)
{
    unsigned first = 0, second = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, run, &first);
    run(&second);
    pthread_join(thread, NULL);
    printf("%u %u %d\n", first, second, plugin_catches());
    return 0;
}
