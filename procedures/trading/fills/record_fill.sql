-- locks ledger.portfolio_clocks; writes what internal.record_fills writes; errors TR118, TR205, TR208-TR211, TR219,
-- TR220, TR247-TR249, TR401
CREATE OR REPLACE FUNCTION trading.record_fill(
  portfolio text, quantity numeric, price numeric, execution_id text, order_id bigint DEFAULT NULL,
  client_order_id text DEFAULT NULL,
  fee numeric DEFAULT NULL, broker text DEFAULT NULL, at timestamptz DEFAULT now(),
  liquidity trading.liquidity DEFAULT 'taker', force boolean DEFAULT false)
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
  v_portfolio_id int := trading.portfolio_id(record_fill.portfolio, 'trade');
BEGIN
  RETURN (internal.record_fills(ARRAY[ROW (v_portfolio_id, record_fill.order_id, record_fill.client_order_id,
                                           record_fill.quantity, record_fill.price, record_fill.broker,
                                           record_fill.execution_id, record_fill.fee, record_fill.liquidity,
                                           record_fill.at,
                                           coalesce(record_fill.force, false))::internal.fill_report], false))[1].fill;
END
$$;
COMMENT ON FUNCTION trading.record_fill(
  text, numeric, numeric, text, bigint, text, numeric, text, timestamptz, trading.liquidity, boolean) IS
  'Records an execution of an order, fee by the portfolio''s schedule unless given, broker that of the portfolio '
  'unless given. The same execution_id of the order again answers the first fill. An order at a broker may be closed '
  'already, and the cash spent: what the broker did is booked. Figures that contradict the order are taken for a '
  'typing error, unless force says that they are a fact; trading.contradictory_fills shows what was booked so. Errors '
  'TR118, TR205, TR208 to TR211, TR219, TR220, TR247 to TR249, TR401.';
REVOKE ALL ON FUNCTION trading.record_fill(
  text, numeric, numeric, text, bigint, text, numeric, text, timestamptz, trading.liquidity, boolean) FROM PUBLIC;
