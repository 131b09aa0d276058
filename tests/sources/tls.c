/* Thread-local variables under each model. */
__thread int general = 1;
static __thread int local_zero;
extern __thread int outside;
__attribute__((tls_model("initial-exec"))) extern __thread int initial;
__attribute__((tls_model("local-dynamic"))) static __thread int local_dynamic = 2;
int use_general(void) { return general + outside; }
int use_local(void) { return local_zero++ + local_dynamic; }
int use_initial(void) { return initial; }
int *address(void) { return &general; }
