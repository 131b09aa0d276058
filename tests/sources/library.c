/* A shared library without a C library: exported, imported and hidden names. */
int exported_data = 5;
int *address_of_exported = &exported_data;
extern int imported_data;
extern int imported_function(int);
static int private_data[4] = {1, 2, 3, 4};
int *table[] = {private_data, private_data + 2, &exported_data};
__attribute__((visibility("hidden"))) int hidden_function(int x) { return x + private_data[1]; }
int exported_function(int x) { return imported_function(hidden_function(x)) + imported_data; }
int another_function(int x) { return exported_function(x) + exported_data; }
