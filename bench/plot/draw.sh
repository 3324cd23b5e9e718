#!/bin/sh
# bench/plot/draw.sh FIGARO_BENCH RESULTS.json DIR: makes DIR/table.md, and of each plot in bench/plot an SVG and a PNG in
# DIR/plots. Run from the root of the repository.
set -eu
tool=$1 results=$2 directory=$3
mkdir -p "$directory/plots"
"$tool" table "$results" >"$directory/table.md"
"$tool" plot "$results" "$directory/plots"
for script in bench/plot/*.gp; do
    name=$(basename "$script" .gp)
    [ "$name" != style ] || continue
    rm -f "$directory/plots/$name.svg" "$directory/plots/$name.png"
    # What was not measured is not drawn: no line has a number.
    grep -qE '(^|" )[0-9]' "$directory/plots/$name.dat" || continue
    given="data = '$directory/plots/$name.dat'"
    gnuplot -e "$given; out = '$directory/plots/$name.svg'" \
        -e "set terminal svg size 1000,560 font 'DejaVu Sans,13' background '#ffffff' enhanced" "$script"
    gnuplot -e "$given; out = '$directory/plots/$name.png'" \
        -e "set terminal pngcairo size 1500,840 font 'DejaVu Sans,13' fontscale 1.35 background '#ffffff' enhanced" "$script"
done
echo "$directory/table.md, $directory/plots/*.svg and *.png"
