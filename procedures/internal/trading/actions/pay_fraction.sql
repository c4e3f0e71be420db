-- reads market.quotes, market.corporate_actions and what internal.last_price reads; writes trading.positions,
-- trading.lots, trading.lot_closures, trading.orders, ledger.*, ops.events; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.pay_fraction(
  p_portfolio_id int, p_action market.corporate_actions, p_instrument market.instruments, p_held numeric,
  p_due timestamptz, p_at timestamptz)
RETURNS trading.position_adjustments
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_lieu     trading.position_adjustments;
  v_quote    market.quotes;
  v_position trading.positions;
  v_move     record;
  v_value    numeric;
BEGIN
  v_lieu.lieu_quantity := p_held % least(p_instrument.lot_size, 1);
  v_lieu.lieu_amount := 0;
  v_lieu.realised_pnl := 0;
  v_lieu.fifo_pnl := 0;
  v_lieu.margin_delta := 0;
  v_lieu.advanced := 0;
  IF v_lieu.lieu_quantity <> 0 AND p_instrument.kind NOT IN ('future', 'option') THEN
    SELECT * INTO v_quote FROM market.quotes AS q WHERE q.instrument_id = p_instrument.instrument_id;
    -- The quote was restated; one that has gone on since is of a later moment than the action's, whoever comes first.
    IF v_quote.ts > p_due THEN
      v_lieu.lieu_price := nullif(round(p_action.denominator / p_action.numerator * internal.last_price(
        p_instrument.instrument_id,
        greatest(p_due - interval '30 days',
                 (SELECT max(market.day_start(p_instrument.exchange_id, a.ex_date)) FROM market.corporate_actions AS a
                   WHERE a.instrument_id = p_instrument.instrument_id AND a.numerator IS NOT NULL
                     AND a.ex_date < p_action.ex_date)), p_due, p_due), 8), 0);
    END IF;
    v_lieu.lieu_price := coalesce(v_lieu.lieu_price, nullif(round(v_quote.last::numeric, 8), 0));
  END IF;
  IF v_lieu.lieu_price IS NULL THEN
    v_lieu.lieu_quantity := 0;
    RETURN v_lieu;
  END IF;

  SELECT * INTO v_position FROM trading.positions AS p
   WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument.instrument_id;
  v_value := round(abs(v_lieu.lieu_quantity) * v_lieu.lieu_price * v_position.multiplier, 8);
  SELECT * INTO v_move
    FROM internal.move_position(CASE WHEN v_lieu.lieu_quantity > 0 THEN 'sell' ELSE 'buy' END::trading.order_side,
                                abs(v_lieu.lieu_quantity), v_value, v_position.quantity, v_position.cost,
                                v_position.margin, p_instrument);
  IF v_move.cash < 0 THEN
    v_lieu.advanced := internal.raise_cash(p_portfolio_id, p_instrument.currency, -v_move.cash, NULL,
                                           format('its money was needed for a fraction of %s', p_instrument.symbol),
                                           p_at);
  END IF;
  SELECT b.next_transfer_id INTO v_lieu.first_transfer_id FROM ledger.portfolio_clocks AS b
   WHERE b.portfolio_id = p_portfolio_id;
  v_lieu.lieu_amount := sign(v_lieu.lieu_quantity) * v_value;
  v_lieu.realised_pnl := v_move.realised;
  v_lieu.margin_delta := v_move.margin_change;
  v_lieu.fifo_pnl := internal.close_lots(p_portfolio_id, p_instrument.instrument_id, abs(v_lieu.lieu_quantity),
                                         v_value, -p_action.action_id, p_at);
  UPDATE trading.positions AS p
     SET quantity = v_move.held, cost = p.cost + v_move.cost_change, realised_pnl = p.realised_pnl + v_move.realised,
         fifo_pnl = p.fifo_pnl + v_lieu.fifo_pnl, margin = p.margin + v_move.margin_change,
         intraday_quantity = internal.intraday_part(p.intraday_quantity, v_move.held),
         market_value = internal.market_value(p.instrument_id, v_move.held, p.cost + v_move.cost_change, p.multiplier,
                                              p.is_future), updated_at = greatest(p_at, p.updated_at)
   WHERE p.portfolio_id = p_portfolio_id AND p.instrument_id = p_instrument.instrument_id;
  -- The last transfer values the portfolio anew: margin goes first.
  PERFORM internal.post(p_portfolio_id, p_instrument.currency, m.debit, m.credit, m.amount,
                        CASE m.kind WHEN 'trade' THEN 'cash_in_lieu' ELSE m.kind END, p_at)
     FROM (SELECT * FROM unnest(v_move.debits, v_move.credits, v_move.amounts, v_move.kinds)
                    WITH ORDINALITY AS n (debit, credit, amount, kind, place)
            WHERE n.amount > 0
            ORDER BY n.kind <> 'margin', n.place) AS m;
  SELECT b.next_transfer_id INTO v_lieu.next_transfer_id FROM ledger.portfolio_clocks AS b
   WHERE b.portfolio_id = p_portfolio_id;
  PERFORM internal.ring_doorbell(p_portfolio_id);
  RETURN v_lieu;
END
$$;
COMMENT ON FUNCTION internal.pay_fraction(
  int, market.corporate_actions, market.instruments, numeric, timestamptz, timestamptz) IS
  'Pays in cash what a split left of p_held beyond whole shares (of an instrument that is dealt in parts of a share: '
  'beyond whole lots), at the last price before the ex-date began in the new terms: a long position receives it, a '
  'short one pays it out of its margin and cash, and the profit on it is realised. Returns what was paid. Without any '
  'price, and of futures and options, the fraction stays; it may be dealt with the whole position.';
