load "bench/plot/style.gp"
set label 1 "Conflict checks a second against clients who each wait for their own answer (bars: half of the rounds)" at screen 0.015, 0.955 left font ",15"
set logscale xy
set xtics ("1" 1, "4" 4, "16" 16, "64" 64)
set xrange [0.8:80]
set yrange [0.8:*]
set ytics ("1" 1, "10" 1e1, "100" 1e2, "1,000" 1e3, "10,000" 1e4, "100,000" 1e5, "1,000,000" 1e6, "10,000,000" 1e7, "100,000,000" 1e8)
set xlabel "clients at once"
set ylabel "checks a second"
who = "0 1 2 3 4 7 8"
plot for [n=1:words(who)] data index int(word(who,n)) using 1:2:3:4 with yerrorlines lt int(word(who,n))+1 title columnheader(1)
