-- Where a chain begins.
CREATE OR REPLACE FUNCTION internal.no_seal(p_portfolio_id int)
RETURNS ops.journal_seals
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
RETURN ROW(p_portfolio_id, 0, '0'::xid8, 0, 0, 0, 0, '{}'::bigint[], decode(repeat('00', 32), 'hex'),
           '-infinity'::timestamptz, decode(repeat('00', 32), 'hex'))::ops.journal_seals;
COMMENT ON FUNCTION internal.no_seal(int) IS
  'What stands before the first seal of a portfolio: number 0, nothing sealed.';
