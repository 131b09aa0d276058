#!/bin/sh
# Stands in for ld while an input of the benchmarks is built: keeps the command line of the link
# whose output is called $RECORD_OUTPUT or $RECORD_OUTPUT-…, without -o, in the folder $RECORD, a
# word a line, and copies of its inputs that no package owns; then links with GNU ld.
record() {
    rm -rf "$RECORD/inputs"
    mkdir -p "$RECORD/inputs"
    number=0
    : >"$RECORD/words.new"
    skip=
    for word in "$@"; do
        if [ -n "$skip" ]; then
            skip=
            continue
        fi
        case $word in
        -o)
            skip=yes
            continue
            ;;
        -*) ;;
        /usr/* | /lib/* | /lib64/*) ;;
        *)
            if [ -f "$word" ]; then
                number=$((number + 1))
                copy=$RECORD/inputs/$number-$(basename "$word")
                cp "$word" "$copy"
                word=$copy
            fi
            ;;
        esac
        printf '%s\n' "$word" >>"$RECORD/words.new"
    done
    mv "$RECORD/words.new" "$RECORD/words"
}

output=
previous=
for word in "$@"; do
    [ "$previous" = -o ] && output=$(basename "$word")
    previous=$word
done
case $output in
"$RECORD_OUTPUT" | "$RECORD_OUTPUT"-*) record "$@" ;;
esac
exec /usr/bin/ld.bfd "$@"
