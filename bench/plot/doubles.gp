load "bench/plot/style.gp"
set label 1 "Double bookings for each 1,000 slots that eight clients want at once" at screen 0.015, 0.955 left font ",15"
unset key
set yrange [-0.6:*] reverse
set xrange [0:8200]
set xtics ("0" 0, "1,000" 1000, "2,000" 2000, "3,000" 3000, "4,000" 4000, "5,000" 5000, "6,000" 6000, "7,000" 7000)
set xlabel "appointments that overlap one booked before, found by an auditor afterwards"
set style fill solid 0.85 noborder
colour(name) = name[1:6] eq "Figaro" ? 0x009E73 : name[1:6] eq "SQLite" ? 0x0072B2 : name[1:5] eq "Redis" ? 0xCC79A7 : 0xD55E00
set lmargin 36
plot data using (0.5*$2):0:(0.5*$2):(0.36):(colour(strcol(1))):ytic(1) with boxxyerror lc rgb variable, \
     "" using ($2+60):0:(sprintf("%.0f", $2)) with labels left notitle
