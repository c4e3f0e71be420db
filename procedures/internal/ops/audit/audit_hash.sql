-- The settings make one text of one row, whoever reads it.
CREATE OR REPLACE FUNCTION internal.audit_hash(p_before bytea, p_number bigint, p_row ops.audit_log)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
RETURN sha256(p_before || convert_to(
  ROW(p_number, (p_row).entry_id, (p_row).act, (p_row).object, (p_row).before, (p_row).after, (p_row).actor,
      (p_row).login, (p_row).address, (p_row).application, (p_row).recorded_at)::text, 'UTF8'));
COMMENT ON FUNCTION internal.audit_hash(bytea, bigint, ops.audit_log) IS
  'What a row of the audit is in its chain: SHA-256 of the hash before it, its number and all of its columns.';
