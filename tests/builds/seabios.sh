# source: seabios
# The firmware of a PC: 16-bit and 32-bit code, laid out by scripts that the build writes. It must
# come as far as to look for something to boot.
for option in QEMU=y ROM_SIZE=256; do
    echo "CONFIG_$option"
done > .config
make PYTHON="python3 -B" oldnoconfig
make PYTHON="python3 -B" EXTRAVERSION=-ours LD="$LD"
timeout 60 qemu-system-x86_64 -accel tcg -m 64 -nographic -no-reboot -net none -bios out/bios.bin \
    -boot reboot-timeout=10 -debugcon file:firmware.log -global isa-debugcon.iobase=0x402 \
    < /dev/null || true
cat firmware.log
grep -q '^SeaBIOS (version .*-ours)' firmware.log
grep -q '^No bootable device' firmware.log
