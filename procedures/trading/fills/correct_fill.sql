-- locks ledger.portfolio_clocks; writes as internal.amend_fill; errors TR118, TR205, TR209, TR211, TR219, TR235,
-- TR236, TR250, TR401
CREATE OR REPLACE FUNCTION trading.correct_fill(
  portfolio text, quantity numeric, price numeric, new_execution_id text, fill_id bigint DEFAULT NULL,
  execution_id text DEFAULT NULL, fee numeric DEFAULT NULL,
  reason text DEFAULT 'corrected by the exchange', at timestamptz DEFAULT now(), order_id bigint DEFAULT NULL,
  client_order_id text DEFAULT NULL)
RETURNS trading.fills
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(correct_fill.portfolio, 'trade');
  v_fill         trading.fills;
  v_new          trading.fills;
BEGIN
  PERFORM internal.lock_portfolio(v_portfolio_id);
  v_fill := internal.find_fill(v_portfolio_id, correct_fill.fill_id, correct_fill.execution_id,
                                 correct_fill.order_id, correct_fill.client_order_id);
  IF (correct_fill.quantity > 0 AND correct_fill.quantity <= v_fill.quantity
      AND correct_fill.quantity = round(correct_fill.quantity, 8)
      AND correct_fill.price > 0 AND correct_fill.price < 1e10 AND correct_fill.price = round(correct_fill.price, 8)
      AND coalesce(correct_fill.fee, 0) >= 0 AND coalesce(correct_fill.fee, 0) < 1e20
      AND correct_fill.at >= v_fill.at AND internal.is_event_time(correct_fill.at)
      AND length(correct_fill.new_execution_id) BETWEEN 1 AND 256 AND correct_fill.new_execution_id !~ '[^ -~]'
      AND correct_fill.new_execution_id = btrim(correct_fill.new_execution_id)
      AND NOT starts_with(correct_fill.new_execution_id, 'bust/')) IS NOT TRUE THEN
    RAISE EXCEPTION 'a correction needs a price above zero, an execution_id of its own, a quantity up to that of the '
                    'fill and a time after it'
      USING ERRCODE = CASE WHEN correct_fill.price <= 0 THEN 'TR118' ELSE 'TR219' END,
            DETAIL = format('quantity %s of %s, price %s, fee %s, at %s.', correct_fill.quantity,
                            trim_scale(v_fill.quantity), correct_fill.price, correct_fill.fee, correct_fill.at),
            HINT = 'What was more than reported is a fill of its own: trading.record_fill(...).';
  END IF;
  SELECT * INTO v_new FROM trading.fills AS f
   WHERE f.portfolio_id = v_portfolio_id AND f.order_id = v_fill.order_id
     AND f.execution_id = correct_fill.new_execution_id;
  IF FOUND THEN
    IF (v_new.portfolio_id, v_new.corrects_fill_id, v_new.quantity, v_new.price)
       IS DISTINCT FROM (v_portfolio_id, v_fill.fill_id, round(correct_fill.quantity, 8), round(correct_fill.price, 8))
       OR correct_fill.fee IS NOT NULL AND v_new.fee <> round(correct_fill.fee, 8) THEN
      RAISE EXCEPTION 'execution_id "%" was used for another fill', correct_fill.new_execution_id
        USING ERRCODE = 'TR209',
              DETAIL = format('Fill %s: %s at %s.', v_new.fill_id, trim_scale(v_new.quantity), trim_scale(v_new.price)),
              HINT = 'An execution counts once for an order.';
    END IF;
    RETURN v_new;
  ELSIF EXISTS (SELECT FROM trading.fills AS f WHERE f.portfolio_id = v_portfolio_id
                   AND f.busts_fill_id = v_fill.fill_id) THEN
    RAISE EXCEPTION 'fill % was taken back before', v_fill.fill_id
      USING ERRCODE = 'TR235', DETAIL = format('Execution %s.', v_fill.execution_id),
            HINT = 'Correct the fill that stands in for it.';
  END IF;
  PERFORM internal.mark_periods(v_portfolio_id, correct_fill.at);
  PERFORM internal.amend_fill(v_fill, round(correct_fill.quantity, 8), round(correct_fill.price, 8),
                              round(correct_fill.fee, 8), correct_fill.new_execution_id, correct_fill.reason,
                              correct_fill.at);
  SELECT * INTO v_new FROM trading.fills AS f
   WHERE f.portfolio_id = v_portfolio_id AND f.order_id = v_fill.order_id
     AND f.execution_id = correct_fill.new_execution_id;
  RETURN v_new;
END
$$;
COMMENT ON FUNCTION trading.correct_fill(text, numeric, numeric, text, bigint, text, numeric, text, timestamptz,
                                         bigint, text) IS
  'Books what a fill really was (at most its quantity; fee NULL: the same) and returns the new row; another new row '
  'takes the first report back. Money, position and lots are as if it had been reported so. Errors TR118, TR205, '
  'TR209, TR211, TR219, TR235, TR236, TR250, TR401.';
REVOKE ALL ON FUNCTION trading.correct_fill(text, numeric, numeric, text, bigint, text, numeric, text, timestamptz,
                                            bigint, text) FROM PUBLIC;
