CREATE OR REPLACE FUNCTION trading.in_bulk()
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- The setting alone could be made by anybody; to write the books is only the procedures' right, and theirs who may drop the triggers anyway.
  RETURN current_setting('bourse.procedure', true) IS NOT DISTINCT FROM 'bulk' AND has_table_privilege('ledger.books'::regclass, 'UPDATE');
END
$$;
COMMENT ON FUNCTION trading.in_bulk() IS
  'True inside trading.submit_plain_order, trading.submit_plain_orders, trading.record_plain_fill and trading.record_plain_fills, which write at once what triggers write one by one: the condition under which those triggers stay silent.';
