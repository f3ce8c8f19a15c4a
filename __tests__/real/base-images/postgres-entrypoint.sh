#!/bin/sh
# As much of the official image's entrypoint as a compose file asks for: POSTGRES_DB, POSTGRES_USER, and POSTGRES_PASSWORD or
# the file that POSTGRES_PASSWORD_FILE names. The first start makes the database, and answers on its socket only meanwhile.
set -eu
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres "$PGDATA"
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=${POSTGRES_USER:-postgres}
  password=${POSTGRES_PASSWORD:-$(cat "$POSTGRES_PASSWORD_FILE")}
  # Bash's built-in would do as well: what matters is that the password is in no argument and no file.
  printf '%s\n' "$password" | initdb --username="$user" --pwfile=/dev/stdin --auth-host=scram-sha-256 --auth-local=trust
  echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
  pg_ctl --wait --options="-c listen_addresses=" start
  if [ "${POSTGRES_DB:-$user}" != postgres ]; then
    createdb --username="$user" --maintenance-db=postgres "${POSTGRES_DB:-$user}"
  fi
  pg_ctl --wait --mode=fast stop
  unset password POSTGRES_PASSWORD
fi
exec "$@" -c listen_addresses='*'
