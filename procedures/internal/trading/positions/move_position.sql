CREATE OR REPLACE FUNCTION internal.move_position(
  p_side trading.order_side, p_quantity numeric, p_value numeric, p_held numeric, p_cost numeric, p_margin numeric,
  p_instrument market.instruments,
  OUT held numeric, OUT closed numeric, OUT closed_value numeric, OUT opened numeric, OUT opened_cost numeric,
    OUT cost_change numeric,
  OUT realised numeric, OUT margin_change numeric, OUT cash numeric, OUT debits ledger.account_kind[],
    OUT credits ledger.account_kind[],
  OUT amounts numeric[], OUT kinds ledger.transfer_kind[])
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_direction    int := CASE p_side WHEN 'buy' THEN 1 ELSE -1 END;
  v_size         numeric := abs(p_held);
  v_closed_cost  numeric := 0;
  v_released     numeric := 0;  -- of the margin by what closes
  v_opened_value numeric;
  v_collateral   numeric := 0;  -- for what opens
BEGIN
  closed := CASE WHEN sign(p_held) = -v_direction THEN least(v_size, p_quantity) ELSE 0 END;
  closed_value := 0;
  IF closed > 0 THEN
    closed_value := CASE closed WHEN p_quantity THEN p_value ELSE internal.prorate(p_value, closed, p_quantity) END;
    v_closed_cost := CASE closed WHEN v_size THEN abs(p_cost) ELSE internal.prorate(abs(p_cost), closed, v_size) END;
    v_released := CASE WHEN p_margin = 0 THEN 0 WHEN closed = v_size THEN p_margin
      ELSE internal.prorate(p_margin, closed, v_size) END;
  END IF;
  v_opened_value := p_value - closed_value;
  IF closed < p_quantity AND (p_instrument.kind = 'future' OR p_side = 'sell') THEN
    v_collateral := trading.opening_money(p_side, p_quantity - closed, v_opened_value, p_instrument);
  END IF;
  held := p_held + v_direction * p_quantity;
  opened := v_direction * (p_quantity - closed);
  opened_cost := v_direction * v_opened_value;
  cost_change := v_direction * (v_closed_cost + v_opened_value);
  realised := -v_direction * (closed_value - v_closed_cost);
  IF p_instrument.kind = 'future' THEN
    -- Nothing is paid for a future: collateral comes and goes, and what closes is settled.
    margin_change := v_collateral - v_released;
    cash := realised - margin_change;
    debits := ARRAY['margin', 'securities', 'cash', 'cash']::ledger.account_kind[];
    credits := ARRAY['cash', 'cash', 'securities', 'margin']::ledger.account_kind[];
    amounts := ARRAY[v_released, greatest(realised, 0), greatest(-realised, 0), v_collateral];
    kinds := ARRAY['margin', 'settlement', 'settlement', 'margin']::ledger.transfer_kind[];
  ELSIF p_side = 'buy' THEN
    -- What is bought back is paid out of the margin of the short, and out of cash where it costs more; the rest is
    -- paid in full.
    margin_change := -v_released;
    cash := v_released - p_value;
    debits := ARRAY['margin', 'margin', 'cash', 'cash']::ledger.account_kind[];
    credits := ARRAY['securities', 'cash', 'securities', 'securities']::ledger.account_kind[];
    amounts := ARRAY[least(closed_value, v_released), greatest(v_released - closed_value, 0),
      greatest(closed_value - v_released, 0),
                     v_opened_value];
    kinds := ARRAY['trade', 'margin', 'trade', 'trade']::ledger.transfer_kind[];
  ELSE
    -- The proceeds of a short sale stay in the margin account, with the collateral.
    margin_change := v_opened_value + v_collateral;
    cash := closed_value - v_collateral;
    debits := ARRAY['securities', 'securities', 'cash']::ledger.account_kind[];
    credits := ARRAY['cash', 'margin', 'margin']::ledger.account_kind[];
    amounts := ARRAY[closed_value, v_opened_value, v_collateral];
    kinds := ARRAY['trade', 'trade', 'margin']::ledger.transfer_kind[];
  END IF;
END
$$;
COMMENT ON FUNCTION internal.move_position(trading.order_side, numeric, numeric, numeric, numeric, numeric,
  market.instruments) IS
  'What a fill of this quantity for this value does to a position of so much, which cost and set aside so much, at '
  'average cost and before fees: it closes first and opens the rest. What is held then; quantity and value that '
  'close, quantity and cost that open (negative: short); changes of cost, realised profit, margin and cash; and the '
  'transfers that say so.';
