-- The migrator's own records, created before the first migration. The migrator runs this file once in a database that
-- has no ops.migrations; what a later version needs beyond it comes as an ordinary migration.

CREATE SCHEMA ops;

CREATE TABLE ops.migrations (
  number     integer     NOT NULL,
  name       text        NOT NULL,
  checksum   text        NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  applied_by text        NOT NULL DEFAULT session_user,
  CONSTRAINT migrations_number_pkey PRIMARY KEY (number),
  CONSTRAINT migrations_number_check CHECK (number > 0),
  CONSTRAINT migrations_checksum_check CHECK (checksum ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE ops.migrations IS
  'Migrations that this database has. A row is inserted as the first statement of the migration''s transaction, so '
  'that a second installer waits for it and then skips.';
COMMENT ON COLUMN ops.migrations.number     IS
  'Position in the sequence 1, 2, 3, …; the first digits of the file name.';
COMMENT ON COLUMN ops.migrations.name       IS 'File name in sql/migrations.';
COMMENT ON COLUMN ops.migrations.checksum   IS
  'SHA-256 of the file in hexadecimal; a file that no longer matches is refused.';
COMMENT ON COLUMN ops.migrations.applied_at IS 'When the migration ran.';
COMMENT ON COLUMN ops.migrations.applied_by IS 'The role that was logged in.';

CREATE TABLE ops.installed_code (
  is_only_row  boolean     NOT NULL DEFAULT true,
  checksum     text        NOT NULL,
  installed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  installed_by text        NOT NULL DEFAULT session_user,
  written_by   xid         NOT NULL,
  relation     oid         NOT NULL,
  CONSTRAINT installed_code_is_only_row_pkey PRIMARY KEY (is_only_row),
  CONSTRAINT installed_code_is_only_row_check CHECK (is_only_row),
  CONSTRAINT installed_code_checksum_check CHECK (checksum ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE ops.installed_code IS
  'The roles, reference rows, procedures and grants that are installed, as one bundle; one row, none before the first.';
COMMENT ON COLUMN ops.installed_code.is_only_row  IS 'Always true: keeps the table to one row.';
COMMENT ON COLUMN ops.installed_code.checksum     IS
  'SHA-256 of all files of the bundle in hexadecimal; the same bundle is not installed twice.';
COMMENT ON COLUMN ops.installed_code.installed_at IS 'When the bundle was installed.';
COMMENT ON COLUMN ops.installed_code.installed_by IS 'The role that was logged in.';
COMMENT ON COLUMN ops.installed_code.written_by IS
  'Transaction that wrote this row. A dump writes rows anew, and then this is not the row''s xmin any more: what the '
  'bundle grants has to be granted again, since a dump may leave roles and privileges out.';
COMMENT ON COLUMN ops.installed_code.relation IS 'Table that it was written to, which a dump makes anew, too.';

CREATE TABLE ops.installed_objects (
  kind     text NOT NULL,
  identity text NOT NULL,
  file     text NOT NULL,
  CONSTRAINT installed_objects_kind_identity_pkey PRIMARY KEY (kind, identity),
  CONSTRAINT installed_objects_kind_check CHECK (kind IN ('routine', 'view', 'trigger'))
);
COMMENT ON TABLE ops.installed_objects IS
  'What the files of procedures/ made. An object that the next bundle does not make again is dropped.';
COMMENT ON COLUMN ops.installed_objects.kind     IS 'routine, view or trigger.';
COMMENT ON COLUMN ops.installed_objects.identity IS 'The object as DROP names it, all names qualified.';
COMMENT ON COLUMN ops.installed_objects.file     IS 'The file that made it.';
