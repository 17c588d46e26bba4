#!/bin/sh
# Starts or goes on with the training in the background: start.sh RECIPE DEADLINE [OUTPUT]
# The process id goes to OUTPUT/pid; kill -TERM saves a checkpoint first.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
output=${3:-/var/tmp/albumen-training}
mkdir -p "$output"
# Long enough for the next operation's barrier on idle cores, short enough to let a twin on the same core run.
GOMP_SPINCOUNT=30000 PYTHONDONTWRITEBYTECODE=1 setsid nohup nice -n 19 /usr/bin/python3 "$here/train.py" \
  --data "$here/../../../shared/training" --output "$output" --recipe "$here/$1" --deadline "$2" \
  >>"$output/log.txt" 2>&1 &
echo $! >"$output/pid"
# Where the kernel groups processes by session, nice counts only within the group: the group must be nice as well.
sleep 1
if [ -w "/proc/$!/autogroup" ]; then echo 3 >"/proc/$!/autogroup"; fi
