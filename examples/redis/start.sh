#!/bin/sh
# Starts Redis with the configuration and the users that lie beside this file; further arguments go
# to redis-server.
#
# NOTIFIER_REDIS_SECRETS  folder with the passwords, a file each   [/run/secrets]
# NOTIFIER_REDIS_USERS    where the users with their digests go    [/run/redis/users.acl]
set -eu
umask 077

here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
secrets=${NOTIFIER_REDIS_SECRETS:-/run/secrets}
users=${NOTIFIER_REDIS_USERS:-/run/redis/users.acl}

# The SHA-256 of the password in a file, without the line break at its end.
digest() {
  password=$(cat "$secrets/$1") || exit 1
  if [ -z "$password" ]; then
    echo "$secrets/$1 is empty; write a password into it." >&2
    exit 1
  fi
  printf %s "$password" | sha256sum | cut -d ' ' -f 1
}

# An ACL file knows neither comments nor lines that go on.
joined() {
  while read -r line; do
    case $line in
      '' | '#'*) ;;
      'user '*) printf '\n%s' "$line" ;;
      *) printf ' %s' "$line" ;;
    esac
  done <"$here/users.acl"
  echo
}

# Redis 7.0 alone refuses to name a subcommand that it does not know yet.
unknown='^$'
case $(redis-server --version) in
  *v=7.0.*) unknown=' +client|setinfo' ;;
esac

publisher=$(digest redis_publisher)
service=$(digest redis_service)
flower=$(digest redis_flower)
joined | sed \
  -e "s/$unknown//" \
  -e "s/{redis_publisher}/$publisher/" \
  -e "s/{redis_service}/$service/" \
  -e "s/{redis_flower}/$flower/" >"$users"

exec redis-server "$here/redis.conf" --aclfile "$users" "$@"
