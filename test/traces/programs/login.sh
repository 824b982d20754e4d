# Asks for a password as sudo does: nothing is shown.
for try in 1 2 3; do
  IFS= read -r -s -p "[login] password for user: " typed
  echo
  if [ "$typed" = "$1" ]; then
    echo "Welcome."
    exit 0
  fi
  sleep 0.4
  echo "Sorry, try again."
done
exit 1
