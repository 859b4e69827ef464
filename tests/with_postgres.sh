#!/bin/sh
# with_postgres.sh VERSION COMMAND...: run the command on a fresh server of Debian's PostgreSQL
# VERSION, or on the embedded server if VERSION is empty. The server listens on a socket only.
set -eu
version=$1
shift
[ -n "$version" ] || exec "$@"
bin=/usr/lib/postgresql/$version/bin
if [ ! -x "$bin/initdb" ]; then
  [ "$(id -u)" = 0 ] || { echo "PostgreSQL $version is not installed: apt-get install postgresql-$version"; exit 1; }
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install --yes -q --no-install-recommends "postgresql-$version" >/dev/null
fi
# Its data may be lost with the machine: nothing waits for the disk.
lossy="-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
folder=$(mktemp -d /tmp/honghu-pg.XXXXXX)
as=""
if [ "$(id -u)" = 0 ]; then
  chown postgres "$folder"
  as="runuser -u postgres --"
fi
trap '$as "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1; rm -rf "$folder"' EXIT
$as "$bin/initdb" -D "$folder/data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
$as "$bin/pg_ctl" -D "$folder/data" -w -o "-c listen_addresses='' -k $folder $lossy" -l "$folder/log" start >/dev/null
DATABASE_URL="postgresql://postgres@/postgres?host=$folder" "$@"
