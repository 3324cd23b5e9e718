load "bench/plot/style.gp"
set label 1 "A conflict check against the number of appointments (median of one client; bars: half of the rounds)" at screen 0.015, 0.955 left font ",15"
set logscale xy
@times
@rows
set xlabel "appointments kept"
set ylabel "time of a check"
set xrange [7000:15e6]
plot for [i=0:8] data index i using 1:2:3:4 with yerrorlines lt i+1 title columnheader(1)
