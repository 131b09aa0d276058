# tarball: linux-source-6.1
# The kernel, twice, each linked by ours alone and booted: as small as it can be, and with modules,
# a base that is chosen when it starts, ORC unwinding, and vDSOs for 32-bit and x32 programs.

# Boots the kernel $1 with the files that the list $2 names; what it prints goes to $3.
boot() {
    "$1/usr/gen_init_cpio" "$2" > "$1/initrd.cpio"
    timeout 300 qemu-system-x86_64 -accel tcg -cpu max -smp 2 -m 512 -nographic -no-reboot \
        -net none -kernel "$1/arch/x86/boot/bzImage" -initrd "$1/initrd.cpio" \
        -append 'console=ttyS0 panic=-1' < /dev/null > "$3"
    cat "$3"
}

# Configures a build in the folder $1: tinyconfig and the options that are read.
configure() {
    make O="$1" LD="$LD" tinyconfig
    cat >> "$1/.config"
    make O="$1" LD="$LD" olddefconfig
}

# ---- as small as it can be

configure tiny <<'OPTIONS'
CONFIG_64BIT=y
CONFIG_TTY=y
CONFIG_PRINTK=y
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
CONFIG_BINFMT_ELF=y
CONFIG_BLK_DEV_INITRD=y
OPTIONS
make O=tiny LD="$LD" bzImage

cat > hello.c <<'C'
#include <stdio.h>
#include <sys/reboot.h>
int main(void)
{
    puts("init: hello");
    fflush(stdout);
    return reboot(RB_AUTOBOOT);
}
C
$CC -static -O1 -o hello hello.c
cat > tiny.list <<'LIST'
dir /dev 0755 0 0
nod /dev/console 0600 0 0 c 5 1
file /init hello 0755 0 0
LIST
boot tiny tiny.list tiny.log
grep -q '^init: hello' tiny.log
rm -rf tiny

# ---- with modules

configure modular < "$RECIPES/linux-modular.config"
make O=modular LD="$LD" bzImage modules

# Loads what it can until nothing more can be loaded, as modules need each other; then runs programs
# of other word sizes, and looks at a stack.
cat > loader.c <<'C'
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
static char names[256][128];
static int count, loaded, unloaded;
static int load(const char *name)
{
    char path[160];
    snprintf(path, sizeof path, "/modules/%s", name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    int outcome = syscall(SYS_finit_module, file, "", 0) == 0 ? 0 : errno;
    close(file);
    return outcome;
}
static void print(const char *path)
{
    char line[4096];
    int file = open(path, O_RDONLY);
    long length = read(file, line, sizeof line - 1);
    line[length > 0 ? length : 0] = 0;
    printf("%s:\n%s", path, line);
    close(file);
}
static int run(const char *path)
{
    int status = -1;
    if (fork() == 0) {
        execl(path, path, (char *)NULL);
        _exit(127);
    }
    wait(&status);
    return status;
}
int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    mount("none", "/proc", "proc", 0, NULL);
    DIR *folder = opendir("/modules");
    for (struct dirent *entry; (entry = readdir(folder)) && count < 256;)
        if (strstr(entry->d_name, ".ko"))
            strcpy(names[count++], entry->d_name);
    for (int progress = 1; progress;) {
        progress = 0;
        for (int i = 0; i < count; i++) {
            int outcome = names[i][0] ? load(names[i]) : EEXIST;
            if (outcome == 0 || outcome == EEXIST) {
                if (names[i][0])
                    loaded++, progress = 1;
                names[i][0] = 0;
            }
        }
    }
    for (int i = 0; i < count; i++)
        if (names[i][0])
            printf("init: %s: %s\n", names[i], strerror(load(names[i])));
    unloaded = syscall(SYS_delete_module, "ext4", 0);
    printf("init: %d of %d modules, ext4 unloaded: %d\n", loaded, count, unloaded);
    print("/proc/2/stack");
    printf("init: 32 bits: %d, x32: %d\n", run("/words32"), run("/wordsx32"));
    return reboot(RB_AUTOBOOT);
}
C
cat > words.c <<'C'
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
int main(void)
{
    struct timespec now;
    const char *vdso = (const char *)getauxval(AT_SYSINFO_EHDR);
    int fits = vdso && memcmp(vdso, "\177ELF", 4) == 0 && clock_gettime(CLOCK_MONOTONIC, &now) == 0;
    printf("%d bytes an address, vDSO of class %d\n", (int)sizeof(void *), fits ? vdso[4] : 0);
    return !fits;
}
C
$CC -static -O1 -o loader loader.c
$CC -static -m32 -O1 -o words32 words.c
$CC -static -mx32 -O1 -o wordsx32 words.c
cat > modular.list <<'LIST'
dir /dev 0755 0 0
dir /proc 0755 0 0
dir /modules 0755 0 0
nod /dev/console 0600 0 0 c 5 1
file /init loader 0755 0 0
file /words32 words32 0755 0 0
file /wordsx32 wordsx32 0755 0 0
LIST
while read -r module; do
    echo "file /modules/$(basename "$module") modular/$module 0644 0 0"
done < modular/modules.order >> modular.list
boot modular modular.list modular.log
grep 'init: ' modular.log
# Three find no device, two are tests that end so when they are done: as in a kernel and with modules
# that GNU ld linked.
sed -n 's/^init: \(.*\)\.ko: .*/\1/p' modular.log | sort | tr '\n' ' ' > refused
refused="amd-rng intel-rng test-kstrtox test-string_helpers via-rng "
test "$(cat refused)" = "$refused"
grep -q '^init: 32 bits: 0, x32: 0' modular.log
grep -q 'ext4 unloaded: 0' modular.log
