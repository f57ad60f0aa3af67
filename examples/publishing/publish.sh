#!/bin/sh
# Publishes events with nothing but redis-cli, one JSON object per file, - for a pipe:
#
#   ./publish.sh ../contract/events/conference.invitation.json
#   some-server --print-event | ./publish.sh -
#   REDIS_URL=redis://10.0.0.5:6379/0 ./publish.sh FILE...
#
# Trying again is safe: the same `source` and `id` count once.
set -eu

[ $# -gt 0 ] || { echo "usage: $0 FILE... (- reads a pipe)" >&2; exit 2; }

publish() {
    # -x takes the last argument from the pipe, so that no shell touches the JSON.
    answer=$(redis-cli -u "${REDIS_URL:-redis://localhost:6379/0}" -x XADD notifier:events '*' event)
    case $answer in
        [0-9]*-[0-9]*) echo "$answer" ;;  # the entry's place in the stream
        *) echo "not published: $answer" >&2; return 1 ;;
    esac
}

for file in "$@"; do
    if [ "$file" = - ]; then publish; else publish <"$file"; fi
done
