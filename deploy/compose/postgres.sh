#!/bin/sh
# Creates the role that the service logs in as. It runs once, before the first migration.
# The role owns nothing, so it has no rights but those that the migrations grant.
set -eu

psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set ON_ERROR_STOP=1 \
  --set password="$(cat /run/secrets/postgres_service_password)" <<'SQL'
create role saldo_service login password :'password';
SQL
