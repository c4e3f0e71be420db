CREATE OR REPLACE FUNCTION internal.fill_verdict(
  p_order trading.orders, p_instrument market.instruments, p_held numeric, p_size numeric, p_price numeric,
  p_at timestamptz, p_is_paper boolean, p_is_fact boolean, p_now timestamptz)
RETURNS internal.fill_verdict
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  c_time       CONSTANT text := 'YYYY-MM-DD HH24:MI:SS';
  v_verdict    internal.fill_verdict;
  v_objections internal.objection[] := ARRAY[]::internal.objection[];
  v_objection  internal.objection;
  v_latest     timestamptz := CASE WHEN NOT p_is_paper THEN p_now + interval '1 minute' END;
  v_reducible  numeric := greatest(CASE p_order.side WHEN 'sell' THEN p_held ELSE -p_held END, 0);
  v_open       numeric := p_order.quantity - p_order.filled_quantity;
BEGIN
  IF p_order.closed_at IS NOT NULL OR p_order.status IN ('held', 'pending_approval') THEN
    v_objections := v_objections
                    || ROW ('TR210', format('the order is %s since %s UTC', p_order.status,
                                            to_char(coalesce(p_order.closed_at, p_order.updated_at) AT TIME ZONE 'UTC',
                                                    c_time)))::internal.objection;
    -- What the exchange took back of a closed order it may fill again.
    v_open := greatest(v_open + p_order.busted_quantity, 0);
  END IF;
  IF p_size > v_open THEN
    v_objections := v_objections || ROW ('TR208', format('%s are open, the fill is of %s', trim_scale(v_open),
                                                         trim_scale(p_size)))::internal.objection;
  END IF;
  IF p_order.reduce_only AND p_size > v_reducible THEN
    v_objections := v_objections
                    || ROW ('TR220', format('%s are held, the fill of an order that may only reduce is of %s',
                                            trim_scale(p_held), trim_scale(p_size)))::internal.objection;
  END IF;
  IF p_order.side = 'buy' AND p_price > p_order.limit_price
     OR p_order.side = 'sell' AND p_price < p_order.limit_price THEN
    v_objections := v_objections || ROW ('TR247', format('the limit to %s is %s, the fill is at %s', p_order.side,
                                                         trim_scale(p_order.limit_price),
                                                         trim_scale(p_price)))::internal.objection;
  END IF;
  IF p_size % p_instrument.lot_size <> 0 AND p_order.quantity % p_instrument.lot_size = 0 AND p_size <> v_open THEN
    v_objections := v_objections || ROW ('TR248', format('%s trades in lots of %s, the fill is of %s',
                                                         p_instrument.symbol, trim_scale(p_instrument.lot_size),
                                                         trim_scale(p_size)))::internal.objection;
  END IF;
  IF p_at < p_order.submitted_at - interval '1 minute' OR p_at > v_latest THEN
    v_objections := v_objections
                    || ROW ('TR249', format('the order was submitted at %s UTC, the fill is of %s UTC%s',
                                            to_char(p_order.submitted_at AT TIME ZONE 'UTC', c_time),
                                            to_char(p_at AT TIME ZONE 'UTC', c_time),
                                            CASE WHEN p_at > v_latest THEN ', which is still to come' ELSE '' END)
                           )::internal.objection;
  END IF;
  v_verdict.objections := nullif(v_objections, ARRAY[]::internal.objection[]);
  FOREACH v_objection IN ARRAY v_objections LOOP
    -- What was never sent nobody has filled. What became meanwhile of the order and of what is held is no error of who
    -- reports for a broker.
    IF p_order.status IN ('held', 'pending_approval') OR p_held IS NULL
       OR p_order.status = 'rejected' AND p_order.reason_code <> 'TR230'
       OR NOT p_is_fact AND (p_is_paper OR v_objection.code NOT IN ('TR210', 'TR220')) THEN
      v_verdict.code := v_objection.code;
      v_verdict.reason := v_objection.reason;
      EXIT;
    END IF;
  END LOOP;
  RETURN v_verdict;
END
$$;
COMMENT ON FUNCTION internal.fill_verdict(
  trading.orders, market.instruments, numeric, numeric, numeric, timestamptz, boolean, boolean, timestamptz) IS
  'What contradicts an execution: the order is closed or was never sent (TR210), has less open (TR208), may only '
  'reduce what is held, p_held (TR220); a price through the limit (TR247), a part of a lot (TR248), a time more than '
  'a minute before the order or, at a broker, after p_now (TR249). And which of that refuses it: on paper all, at a '
  'broker what may be a slip of who reports, of a fact (p_is_fact) nothing but that the order was never sent.';
