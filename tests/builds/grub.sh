# source: grub2
# GRUB for the firmware of PCs and for UEFI: all its modules load, and its own tests pass in both.

# What runs first: it finds the modules and tries those of them that test something.
cat > start.cfg <<'CFG'
serial --unit=0 --speed=115200
terminal_output serial
echo "started on $grub_cpu-$grub_platform"
search --file --set=root /modules/functional_test.mod
set prefix=($root)
insmod normal
normal /tests.cfg
CFG
cat > tests.cfg <<'CFG'
for module in xnu_uuid pgp gcry_sha256 gcry_dsa gcry_rsa functional_test; do
    insmod $module
done
all_functional_test
for module in MODULES; do
    if insmod $module; then echo "loaded: $module"; fi
done
echo "all done"
halt
CFG
modules="btrfs crypto gzio hashsum http iso9660 lspci lvm mdraid1x ntfs regexp squash4 xfs zfs zstd"
sed -i "s/MODULES/$modules/" tests.cfg
parts="echo configfile fat halt minicmd part_msdos search search_fs_file serial terminal test"

for kind in i386-pc x86_64-efi; do
    mkdir $kind
    (
        cd $kind
        ../configure --target="${kind%-*}" --with-platform="${kind#*-}" --disable-werror \
            --disable-nls --disable-grub-mkfont --disable-device-mapper --disable-grub-mount \
            TARGET_CC="$CC"
        make
    )
    mkdir -p disk-$kind/$kind disk-$kind/modules disk-$kind/EFI/BOOT
    cp $kind/grub-core/*.mod $kind/grub-core/*.lst disk-$kind/$kind
    cp $kind/grub-core/functional_test.mod disk-$kind/modules
    cp tests.cfg disk-$kind
done

i386-pc/grub-mkimage -O i386-pc -d i386-pc/grub-core -p / -c start.cfg -o core.img biosdisk $parts
cat i386-pc/grub-core/boot.img core.img > boot.img
truncate -s 4M boot.img
x86_64-efi/grub-mkimage -O x86_64-efi -d x86_64-efi/grub-core -p / -c start.cfg \
    -o disk-x86_64-efi/EFI/BOOT/BOOTX64.EFI $parts

run() {
    name=$1
    shift
    timeout 600 qemu-system-x86_64 -accel tcg -m 512 -display none -no-reboot -net none \
        -serial "file:log-$name" "$@" -drive "format=raw,file=fat:rw:disk-$name"
    tr -d '\r' < "log-$name" > seen
    grep "started on $name" seen
    # Others need a font or an exact clock.
    for test in shift mul cmp ctz bswap signature pbkdf2 xnu_uuid div setjmp legacy_password; do
        grep "^${test}_test: PASS" seen
    done
    for module in $modules; do
        grep "^loaded: $module" seen
    done
    grep '^all done' seen
}
run i386-pc -drive format=raw,file=boot.img
run x86_64-efi -bios /usr/share/ovmf/OVMF.fd
