#!/bin/sh
# Runs once, when the volume of the database is empty. The bot's role is an ordinary one: the rows of different
# workspaces are kept apart by rules that do not hold for superusers.
set -eu
psql --username "$POSTGRES_USER" --set password="$WINNOW_PASSWORD" --set ON_ERROR_STOP=1 <<'SQL'
create role winnow login password :'password';
create database winnow owner winnow encoding 'UTF8' template template0;
SQL
