#!/bin/sh
# The command `samebits`: starts samebits.js and waits for it, because only a parent can tell that a process ran
# out of memory or was killed (RULES R31). It costs about a millisecond; a second Node would cost forty.
# samebits.js adds 32 to each status that it means; everything else becomes 70, internal error.
set -u

self=$0
if [ -L "$self" ]; then self=$(readlink -f "$self"); fi
case $self in
*/*) here=${self%/*} ;;
*) here=. ;; # `sh samebits.sh` in this folder
esac

node=node
# A Node of our own: beside an installed lib/, or brought into a checkout whose system has none that is new enough.
for brought in "$here"/../bin/node "$here"/../../scripts/runtime/node_modules/node-linux-*/bin/node; do
  if [ -x "$brought" ]; then node=$brought; fi
done

# A node lives for months and idles most of the time. V8 clears a small nursery, without helpers, which cost more than they take
# over of so little; it collects its old space from 32 MB on, whenever it has grown by 60 %, and when the node comes to rest
# (gc). glibc keeps two heaps, not one a thread, in huge pages where the kernel has them, since a new page costs more than what
# is copied into it; it gives blocks of 512 KiB, as answers are, back at once, and keeps a megabyte for smaller ones, as batches
# for the store are. A node that takes in a whole distribution then needs half of the memory that it would, in less time.
# What verifies ends before a large nursery pays: links of an in-toto layout can have ten thousands of artifacts each.
flags=
if [ "${1-}" = verify ]; then
  flags="--max-semi-space-size=8"
elif [ "${1-}" = node ]; then
  flags="--max-semi-space-size=4 --no-parallel-scavenge --initial-old-space-size=32 --heap-growing-percent=60 --expose-gc"
  export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX-2}" MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_-524288}"
  export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_-1048576}"
  export GLIBC_TUNABLES="${GLIBC_TUNABLES-glibc.malloc.hugetlb=1}"
fi

# Whoever starts us without a stdin gives us nothing to read; without any, the next line would not start the child.
{ true 9<&0; } 2>/dev/null || exec </dev/null

# A child in the background leaves us free to pass signals on; such a child would lose stdin, so it gets it as 9. (3 is what apt hands a
# hook as its socket.)
{ SAMEBITS_SHIFT=1 "$node" $flags "$here/samebits.js" "$@" <&9 9<&- & } 9<&0
child=$!
interrupted=
forward() {
  interrupted=yes
  kill -s "$1" "$child" 2>/dev/null
}
trap 'forward TERM' TERM
trap 'forward HUP' HUP
if [ -t 0 ]; then trap 'interrupted=yes' INT; else trap 'forward INT' INT; fi # a terminal tells both of us

wait "$child"
status=$?
while [ -n "$interrupted" ] && [ "$status" -gt 128 ] && kill -0 "$child" 2>/dev/null; do
  interrupted=
  wait "$child"
  status=$?
done

case $((status - 32)) in
0 | 1 | 2 | 3 | 4 | 64 | 66 | 69 | 70 | 73) exit $((status - 32)) ;;
esac
case $status in
129 | 130 | 143) exit "$status" ;; # stopped by HUP, INT, TERM: somebody's wish
127) echo "samebits: needs Node 22.18 or newer, and there is none: install Node 24" >&2 ;;
*) echo "samebits: internal error: ended with status $status [internal/impossible]" >&2 ;;
esac
exit 70
