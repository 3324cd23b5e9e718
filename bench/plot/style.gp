# Shared by all plots. `data` and `out` are given by draw.sh, which also chooses the terminal.
# Colours are Okabe and Ito's, safe for colour-blind eyes: one for each system; marks and dashes tell its variants apart.
# The order is that of bench/report/plots.c.
set output out
figaro = "#009E73"; sqlite = "#0072B2"; postgresql = "#D55E00"; redis = "#CC79A7"; bare = "#000000"
set linetype 1  lc rgb figaro     lw 3.5 dt 1       pt 7  ps 1.1
set linetype 2  lc rgb sqlite     lw 2   dt (2,3)   pt 4  ps 1.0
set linetype 3  lc rgb sqlite     lw 2   dt (8,4)   pt 8  ps 1.0
set linetype 4  lc rgb sqlite     lw 2   dt 1       pt 5  ps 1.0
set linetype 5  lc rgb postgresql lw 2   dt (2,3)   pt 4  ps 1.0
set linetype 6  lc rgb postgresql lw 2   dt (8,4)   pt 8  ps 1.0
set linetype 7  lc rgb postgresql lw 2   dt 1       pt 5  ps 1.0
set linetype 8  lc rgb postgresql lw 2   dt (12,3,2,3) pt 13 ps 1.2
set linetype 9  lc rgb redis      lw 2   dt 1       pt 9  ps 1.1
set linetype 10 lc rgb bare       lw 1.5 dt (4,4)   pt 2  ps 1.0
set grid xtics ytics lc rgb "#dddddd" lw 1 dt 1
set border 3 lc rgb "#666666"
set tics nomirror out
set key outside right center vertical Left reverse samplen 4 spacing 1.25 width 1
set tmargin 4

# Tics of times on a log axis of nanoseconds.
set macros
times = 'set ytics ("10 ns" 1e1, "100 ns" 1e2, "1 µs" 1e3, "10 µs" 1e4, "100 µs" 1e5, "1 ms" 1e6, "10 ms" 1e7, "100 ms" 1e8, "1 s" 1e9, "10 s" 1e10, "100 s" 1e11)'
rows = 'set xtics ("10,000" 1e4, "100,000" 1e5, "1,000,000" 1e6, "10,000,000" 1e7)'
