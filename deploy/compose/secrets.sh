#!/bin/sh
# Makes the secrets of docker-compose.production.yml in ./secrets, where they are missing.
# Three files come from elsewhere: jwt_public_key, front_certificate and front_key.
set -eu

folder=${1:-secrets}
mkdir -p "$folder"
# Containers mount each file by itself and run as users of their own. The folder is closed to this machine's users.
chmod 700 "$folder"
umask 022

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

add() { [ -s "$folder/$1" ] || printf '%s' "$2" >"$folder/$1"; }

read_secret() { cat "$folder/$1"; }

add postgres_owner_password "$(random)"
add postgres_service_password "$(random)"
add temporal_postgres_password "$(random)"
add signing_key "$(random)"
add owner_database_url \
  "postgres://saldo_owner:$(read_secret postgres_owner_password)@postgres:5432/saldo?sslmode=disable"
add database_url "postgres://saldo_service:$(read_secret postgres_service_password)@postgres:5432/saldo"

# Added files, too: their users in the containers are others than here.
chmod 644 "$folder"/*

for name in jwt_public_key front_certificate front_key; do
  [ -s "$folder/$name" ] || printf 'Add %s: see docs/operating/deploy.md.\n' "$folder/$name"
done
