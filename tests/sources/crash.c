/* Ends with a core file. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>
static char text[5000];
static void *waits(void *unused)
{
    pause();
    return unused;
}
int main(int argc, char **argv)
{
    pthread_t thread;
    pthread_create(&thread, 0, waits, 0);
    usleep(100000);
    strcpy(text, argv[argc - 1]);
    __builtin_trap();
}
