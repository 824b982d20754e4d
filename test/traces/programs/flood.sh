# Prints without end, so that something on the screen always changes.
i=0
while :; do
  i=$((i + 1))
  printf 'job %d: %d of 40 done\n' $((i / 40)) $((i % 40))
  sleep 0.03
done
