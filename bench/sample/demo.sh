#!/bin/sh
# The demo: demo.sh FIGARO DIR plays a real office's month of bookings into a new store under DIR and shows what it then
# knows.
set -eu
figaro=$1 directory=$2
store=$directory/store
workload=$(dirname "$0")/one-office.workload.csv.gz

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() { printf '$ %s\n' "$*"; "$@"; }

rm -rf "$directory"
mkdir -p "$directory"
say "A real month: the calendar of one German public office, January and February 2026, as it was booked."

say "1. Play it into a new store. Each commit is on the disk before the next begins."
run "$figaro" replay "$store" "$workload"

say "2. Open the store again, in another process: the same appointments, the same digest."
run "$figaro" stats "$store"

say "3. Once more, from the journal alone: the tables are only a checkpoint."
run "$figaro" stats "$store" --from-journal

say "4. Check every byte: checksums, the chain of frames, the state after each of them, and that nothing conflicts."
run "$figaro" verify "$store"

say "5. A day of all barbers."
run "$figaro" day "$store" --date 2026-02-10

say "6. Take an appointment that is there, and try to book its time again."
taken=$("$figaro" list "$store" --from 2026-02-10T00:00:00Z --to 2026-02-11T00:00:00Z --status scheduled --json | sed -n 1p)
printf '%s\n' "$taken"
barber=$(printf '%s' "$taken" | sed 's/.*"barber": *"\([^"]*\)".*/\1/')
start=$(printf '%s' "$taken" | sed 's/.*"start": *"\([^"]*\)".*/\1/')
code=0
run "$figaro" book "$store" --barber "$barber" --start "$start" --minutes 30 --key double --now 2026-02-01T00:00:00Z || code=$?
[ "$code" = 1 ] || { echo "the double booking ended with $code, not with a refusal (1)" >&2; exit 1; }

say "Refused (exit $code), and it says by what. The store is in $store; $figaro --help lists what else it can do."
