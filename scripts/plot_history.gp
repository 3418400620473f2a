# Draws what `outerloop history` printed: loss, and accuracy where there is one, while a job trained.
#
# usage: gnuplot -c scripts/plot_history.gp TITLE IN.csv OUT.svg
set datafile separator ","
set datafile missing ""
set terminal svg size 720,360 font "sans-serif,12" background "white"
set output ARG3
set title ARG1 noenhanced
set key center right
set grid
set xlabel "outer steps"
set ylabel "query loss"
set format x "%.0s%c"
set ytics nomirror

with_accuracy = system(sprintf("awk -F, 'NR > 1 && $3 != \"\"' '%s' | wc -l", ARG2)) > 0
if (with_accuracy) {
  set y2label "query accuracy"
  set y2tics
  set y2range [:1]
  plot ARG2 every ::1 using 1:2 with lines lw 1.5 lc "#b04020" title "loss", \
    ARG2 every ::1 using 1:3 axes x1y2 with lines lw 1.5 lc "#2050a0" title "accuracy"
} else {
  plot ARG2 every ::1 using 1:2 with lines lw 1.5 lc "#b04020" title "loss"
}
