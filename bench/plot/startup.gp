load "bench/plot/style.gp"
set label 1 "Start-up against the number of appointments (until the first question can be asked; bars: half of the rounds)" at screen 0.015, 0.955 left font ",15"
set logscale xy
@times
@rows
set xlabel "appointments kept"
set ylabel "start-up"
set xrange [7000:15e6]
who = "0 3 7 8"
plot for [n=1:words(who)] data index int(word(who,n)) using 1:2:3:4 with yerrorlines lt int(word(who,n))+1 title columnheader(1)
