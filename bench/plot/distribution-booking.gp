load "bench/plot/style.gp"
set label 1 "How long a whole booking takes: the distribution, at the most appointments measured" at screen 0.015, 0.955 left font ",15"
set logscale y
@times
set xtics ("1 %%" 0, "5 %%" 1, "10 %%" 2, "25 %%" 3, "50 %%" 4, "75 %%" 5, "90 %%" 6, "95 %%" 7, "99 %%" 8, "99.5 %%" 9, "99.9 %%" 10, "max" 11)
set xtics rotate by -40
set xlabel "share of the bookings that are done within the time"
set ylabel "time"
set xrange [-0.3:11.3]
plot for [i=0:8] data index i using 1:2 with linespoints lt i+1 title columnheader(1)
