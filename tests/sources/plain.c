/* A little of everything that shows in symbol tables and relocations. Needs no headers, so that
   it compiles for machines without a C library. */
int common_one;
int common_array[25];
static int local_counter;
const char message[] = "a string in a read-only section";
int initialised = 42;
int *pointer_to_data = &initialised;
__attribute__((weak)) int weak_data = 7;
__attribute__((weak)) void weak_function(void) {}
__attribute__((visibility("hidden"))) int hidden_data = 1;
__attribute__((visibility("protected"))) int protected_data = 2;
__attribute__((visibility("internal"))) int internal_function(void) { return 3; }
__attribute__((section(".odd_section"))) int in_odd_section = 4;
__attribute__((constructor)) void at_start(void) { local_counter++; }
__attribute__((destructor)) void at_end(void) { local_counter--; }
extern int undefined_data;
extern void undefined_function(const char *);
extern __attribute__((weak)) void weak_undefined(void);
__attribute__((noinline)) static int helper(int x) { return x * local_counter + hidden_data; }
int a_function_with_a_name_that_is_longer_than_the_narrow_symbol_table_shows(int x)
{
    undefined_function(message);
    if (weak_undefined)
        weak_undefined();
    return helper(x) + undefined_data + *pointer_to_data + common_array[x & 15];
}
int choose(int x)
{
    switch (x) {
    case 0: return 11;
    case 1: return common_one;
    case 2: return helper(3);
    case 3: return in_odd_section;
    case 4: return 1 << x;
    case 5: return protected_data;
    default: return internal_function();
    }
}
