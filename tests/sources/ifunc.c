/* An indirect function and a unique object. */
static int fast(void) { return 1; }
static int slow(void) { return 2; }
int choice;
static int (*resolve(void))(void) { return choice ? fast : slow; }
int indirect(void) __attribute__((ifunc("resolve")));
int call_it(void) { return indirect(); }
__asm__(".type unique_object, %gnu_unique_object\n.globl unique_object\n.data\n"
        "unique_object: .long 1\n.size unique_object, 4\n.text\n");
