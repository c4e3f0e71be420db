-- The settings make one text of one row, whoever reads it.
CREATE OR REPLACE FUNCTION internal.seal_hash(p_before bytea, p_seal ops.journal_seals)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
RETURN sha256(p_before || (p_seal).content || convert_to(
  ROW((p_seal).portfolio_id, (p_seal).number, (p_seal).stream_xid, (p_seal).event_id, (p_seal).order_id,
      (p_seal).fill_id, (p_seal).transfer_id, (p_seal).sealed_at)::text, 'UTF8'));
COMMENT ON FUNCTION internal.seal_hash(bytea, ops.journal_seals) IS
  'What a seal is in its chain: SHA-256 of the hash before it, its content, and how far it reaches.';
