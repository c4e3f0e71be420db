-- locks ledger.portfolio_clocks; writes what internal.record_fills writes; errors TR205, TR208-TR211, TR219, TR220,
-- TR401
CREATE OR REPLACE FUNCTION trading.record_fill(
  portfolio text, quantity numeric, price numeric, execution_id text, order_id bigint DEFAULT NULL,
  client_order_id text DEFAULT NULL,
  fee numeric DEFAULT NULL, broker text DEFAULT NULL, at timestamptz DEFAULT now(),
  liquidity trading.liquidity DEFAULT 'taker')
RETURNS trading.fills
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Plans that are made while tables are small must serve when they are large: each row is found by its key.
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(record_fill.portfolio);
BEGIN
  RETURN (internal.record_fills(ARRAY[ROW (v_portfolio_id, record_fill.order_id, record_fill.client_order_id,
                                           record_fill.quantity, record_fill.price, record_fill.broker,
                                           record_fill.execution_id, record_fill.fee, record_fill.liquidity,
                                           record_fill.at)::internal.fill_report], false))[1].fill;
END
$$;
COMMENT ON FUNCTION trading.record_fill(
  text, numeric, numeric, text, bigint, text, numeric, text, timestamptz, trading.liquidity) IS
  'Records an execution of an order, fee by the portfolio''s schedule unless given, broker that of the portfolio '
  'unless given. The same execution_id again answers the first fill. Errors TR205, TR208 to TR211, TR219, TR220, '
  'TR401.';
REVOKE ALL ON FUNCTION trading.record_fill(
  text, numeric, numeric, text, bigint, text, numeric, text, timestamptz, trading.liquidity) FROM PUBLIC;
