load "bench/plot/style.gp"
set label 1 "Durable bookings a second against callers who each wait for their own (bars: half of the rounds)" at screen 0.015, 0.955 left font ",15"
set logscale xy
set xtics ("1" 1, "4" 4, "16" 16, "64" 64)
set xrange [0.8:80]
set ytics ("1,000" 1e3, "2,000" 2e3, "5,000" 5e3, "10,000" 1e4, "20,000" 2e4, "50,000" 5e4, "100,000" 1e5, "200,000" 2e5)
set xlabel "callers at once"
set ylabel "bookings a second"
who = "0 3 7 8 9"
plot for [n=1:words(who)] data index int(word(who,n)) using 1:2:3:4 with yerrorlines lt int(word(who,n))+1 title columnheader(1)
