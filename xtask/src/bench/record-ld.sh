#!/bin/sh
# Stands in for ld while an input of the benchmarks is built: keeps the command line of the link
# whose output is called $RECORD_OUTPUT or $RECORD_OUTPUT-…, without -o, in the folder $RECORD, a
# word a line, and copies of its inputs that no package owns; then links with GNU ld. With
# $RECORD_INPUT only a link that has an input of this name is kept. A thin archive becomes a whole
# one, as its members will not stay.
keep() {
    number=$((number + 1))
    copy=$RECORD/inputs/$number-$(basename "$1")
    if [ "$(head -c 7 "$1")" = '!<thin>' ]; then
        ar t "$1" | xargs ar qcs "$copy"
    else
        cp "$1" "$copy"
    fi
}
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
        --script=*)
            keep "${word#*=}"
            word=--script=$copy
            ;;
        -*) ;;
        /usr/* | /lib/* | /lib64/*) ;;
        *)
            if [ -f "$word" ]; then
                keep "$word"
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
input=
for word in "$@"; do
    [ "$previous" = -o ] && output=$(basename "$word")
    [ "$word" = "$RECORD_INPUT" ] && input=$word
    previous=$word
done
case $output in
"$RECORD_OUTPUT" | "$RECORD_OUTPUT"-*) [ "$input" = "$RECORD_INPUT" ] && record "$@" ;;
esac
exec /usr/bin/ld.bfd "$@"
