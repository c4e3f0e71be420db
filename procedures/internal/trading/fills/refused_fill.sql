CREATE OR REPLACE FUNCTION internal.refused_fill(
  p_order trading.orders, p_broker text, p_cash_id smallint, p_available numeric, p_freed numeric, p_code text,
  p_reason text, p_fault text, p_is_known boolean, p_is_linked boolean, p_is_alone boolean,
  p_lacking numeric)
RETURNS internal.fill_decision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_decision internal.fill_decision;
BEGIN
  v_decision.target_id := p_order.order_id;
  v_decision.instrument_id := p_order.instrument_id;
  v_decision.at_broker := p_broker;
  v_decision.cash_id := p_cash_id;
  v_decision.available := p_available;
  v_decision.cash := p_freed;
  v_decision.code := p_code;
  v_decision.reason := p_reason;
  v_decision.fault := p_fault;
  v_decision.is_known := p_is_known;
  v_decision.is_linked := p_is_linked;
  v_decision.is_alone := p_is_alone;
  v_decision.lacking := p_lacking;
  RETURN v_decision;
END
$$;
COMMENT ON FUNCTION internal.refused_fill(
  trading.orders, text, smallint, numeric, numeric, text, text, text, boolean, boolean, boolean,
  numeric) IS
  'The decision about an execution that is not booked: known already, without sense, or refused by its order or for '
  'want of cash, which its order''s reservation would add p_freed to; p_lacking is what a fact lacks.';
