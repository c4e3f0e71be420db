-- The same names in plain SQL.
\set ECHO none
\i twins.sql
\set ECHO all
\i sql/golden.psql
