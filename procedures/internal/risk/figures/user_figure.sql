-- reads trading.portfolios, trading.portfolio_values, trading.positions and what internal.exposure,
-- internal.performance and internal.result_before read
CREATE OR REPLACE FUNCTION internal.user_figure(
  p_order internal.order_terms, p_limit risk.limits, p_currency text, p_sector text, p_exchange_id int,
  p_after numeric, p_unit numeric)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_ids       int[] := ARRAY(SELECT p.portfolio_id FROM trading.portfolios AS p
                              WHERE p.owner = p_limit.scope_name OR p.portfolio_id = p_order.portfolio_id ORDER BY 1);
  v_portfolio trading.portfolios;
  v_found     record;
  v_now       internal.portfolio_result;
  v_before    internal.portfolio_result;
  v_rate      numeric;
  v_after     numeric := p_after;  -- of the instrument, in all portfolios
  v_equity    numeric := 0;
  v_gross     numeric := 0;
  v_net       numeric := 0;
  v_sector    numeric := 0;
  v_positions int := 1;
  v_lost      numeric := 0;
BEGIN
  FOR v_portfolio IN SELECT p.* FROM trading.portfolios AS p WHERE p.portfolio_id = ANY (v_ids) LOOP
    v_rate := CASE v_portfolio.currency WHEN p_currency THEN 1
                                        ELSE internal.measuring_rate(v_portfolio.currency, p_currency, p_order.at) END;
    IF p_limit.metric >= 'daily_loss' THEN
      v_now := internal.performance(v_portfolio.portfolio_id, v_portfolio.currency, p_order.at);
      v_before := internal.result_before(v_portfolio.portfolio_id, v_portfolio.currency, p_limit.metric, p_exchange_id,
                                         p_order.at);
      v_lost := v_lost + (v_before.profit - v_now.profit) * v_rate;
      v_equity := v_equity + v_now.equity * v_rate;
      CONTINUE;
    END IF;
    v_equity := v_equity + (SELECT v.equity FROM trading.portfolio_values AS v
                             WHERE v.portfolio_id = v_portfolio.portfolio_id) * v_rate;
    SELECT * INTO v_found
      FROM internal.exposure(v_portfolio.portfolio_id,
                             CASE v_portfolio.portfolio_id WHEN p_order.portfolio_id THEN p_order.instrument_id
                                                           ELSE 0 END,
                             p_order.side, p_sector, v_portfolio.currency, p_order.at);
    v_gross := v_gross + v_found.gross * v_rate;
    v_net := v_net + v_found.net * v_rate;
    v_sector := v_sector + v_found.sector * v_rate;
    v_positions := v_positions + v_found.positions;
    IF v_portfolio.portfolio_id <> p_order.portfolio_id THEN
      SELECT p.quantity + CASE p_order.side WHEN 'buy' THEN p.open_buy_quantity ELSE -p.open_sell_quantity END AS after
        INTO v_found
        FROM trading.positions AS p
       WHERE p.portfolio_id = v_portfolio.portfolio_id AND p.instrument_id = p_order.instrument_id;
      v_after := v_after + coalesce(v_found.after, 0);
    END IF;
  END LOOP;
  v_equity := CASE WHEN p_limit.metric >= 'daily_loss' THEN v_equity + v_lost ELSE v_equity END;
  RETURN CASE p_limit.metric
    WHEN 'position_quantity' THEN abs(v_after)
    WHEN 'position_value'    THEN abs(v_after) * p_unit
    WHEN 'position_share'    THEN abs(v_after) * p_unit * 100 / nullif(greatest(v_equity, 0), 0)
    WHEN 'sector_value'      THEN CASE WHEN p_sector IS NULL THEN -1 ELSE v_sector + abs(p_after) * p_unit END
    WHEN 'sector_share'      THEN CASE WHEN p_sector IS NULL THEN -1
                                       ELSE (v_sector + abs(p_after) * p_unit) * 100
                                            / nullif(greatest(v_equity, 0), 0) END
    WHEN 'gross_value'       THEN v_gross + abs(p_after) * p_unit
    WHEN 'gross_share'       THEN (v_gross + abs(p_after) * p_unit) * 100 / nullif(greatest(v_equity, 0), 0)
    WHEN 'net_value'         THEN abs(v_net + p_after * p_unit)
    WHEN 'net_share'         THEN abs(v_net + p_after * p_unit) * 100 / nullif(greatest(v_equity, 0), 0)
    WHEN 'open_positions'    THEN v_positions
    WHEN 'daily_loss'        THEN greatest(v_lost, 0)
    WHEN 'weekly_loss'       THEN greatest(v_lost, 0)
    ELSE greatest(v_lost, 0) * 100 / nullif(greatest(v_equity, 0), 0) END;
END
$$;
COMMENT ON FUNCTION internal.user_figure(
  internal.order_terms, risk.limits, text, text, int, numeric, numeric) IS
  'What a limit of a user measures of an order: the sum over all portfolios of the user and that of the order, in the '
  'currency of the order''s portfolio at the rates of its time; what one portfolio gains another may lose. Shares are '
  'of what all of them are worth, or were when the day or week began. NULL when a price or rate is missing.';
