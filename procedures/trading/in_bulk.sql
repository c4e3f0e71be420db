-- reads pg_class
CREATE OR REPLACE FUNCTION trading.in_bulk()
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- The setting alone could be made by anybody; the owner's rights only by the procedures, and by who may drop the triggers anyway.
  RETURN current_setting('bourse.procedure', true) IS NOT DISTINCT FROM 'bulk'
         AND current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class AS c WHERE c.oid = 'trading.orders'::regclass);
END
$$;
COMMENT ON FUNCTION trading.in_bulk() IS
  'True inside trading.submit_plain_orders and trading.record_plain_fills, which write for many orders at once what triggers write for one: the condition under which those triggers stay silent.';
