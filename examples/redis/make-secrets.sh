#!/bin/sh
# Makes the secrets that compose.yaml hands to the containers: sh make-secrets.sh [FOLDER]
#
# The folder is open to its owner alone. The files in it can be read by everybody who gets that far:
# a container sees only those that are mounted into it, and its user has another number than yours.
# What is there already stays.
set -eu

folder=${1:-secrets}
mkdir -p "$folder"
chmod 0700 "$folder"

for name in secret_key panel_password api_token redis_service redis_flower redis_publisher; do
  if [ ! -e "$folder/$name" ]; then
    # 32 random bytes in URL-safe base64: the form of the secret key, and no password is weaker.
    head -c 32 /dev/urandom | base64 | tr '+/' '-_' >"$folder/$name.new"
    chmod 0444 "$folder/$name.new"
    mv "$folder/$name.new" "$folder/$name"
  fi
done
