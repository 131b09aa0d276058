/* Writes the registers of its caller, the map of memory and the stack to files of the folder that
   it is given. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

static FILE *create(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fopen(path, "wb");
}

/* The end of the mapping that has `address`; copies the whole map to `copy`. */
static uintptr_t copy_map(uintptr_t address, FILE *copy) {
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096];
    uintptr_t end = 0;
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx", &from, &to) == 2 && from <= address && address < to)
            end = to;
        fputs(line, copy);
    }
    fclose(maps);
    return end;
}

/* By DWARF numbers. */
static void write_registers(FILE *out, const ucontext_t *context, uintptr_t *sp) {
    const mcontext_t *m = &context->uc_mcontext;
#if defined(__x86_64__)
    static const int by_number[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                    REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                    REG_R12, REG_R13, REG_R14, REG_R15};
    for (int i = 0; i < 16; i++)
        fprintf(out, "%d %llx\n", i, (unsigned long long)m->gregs[by_number[i]]);
    fprintf(out, "pc %llx\n", (unsigned long long)m->gregs[REG_RIP]);
    *sp = m->gregs[REG_RSP];
#elif defined(__aarch64__)
    for (int i = 0; i < 31; i++)
        fprintf(out, "%d %llx\n", i, (unsigned long long)m->regs[i]);
    fprintf(out, "31 %llx\npc %llx\n", (unsigned long long)m->sp, (unsigned long long)m->pc);
    *sp = m->sp;
#else
#error "the numbers of registers of this machine are not known"
#endif
}

__attribute__((noinline)) void capture(const char *folder) {
    ucontext_t context;
    uintptr_t sp = 0;
    getcontext(&context);
    FILE *registers = create(folder, "registers");
    write_registers(registers, &context, &sp);
    FILE *maps = create(folder, "maps");
    uintptr_t end = copy_map(sp, maps);
    fprintf(registers, "stack %llx\n", (unsigned long long)sp);
    FILE *stack = create(folder, "stack");
    fwrite((const void *)sp, 1, end - sp, stack);
    fclose(stack);
    fclose(maps);
    fclose(registers);
}

/* A frame of unknown size, so that there is a frame pointer. */
__attribute__((noinline)) int written_in_c(int size, const char *folder, int (*next)(const char *)) {
    char room[size + 1];
    memset(room, size, size);
    int result = next(folder);
    return result + room[size / 2];
}
