-- writes trading.positions, trading.lots, trading.lot_closures, trading.orders, trading.settlements,
-- trading.unpriced_settlements, trading.margin_calls, ledger.*, ops.events; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.settle_contracts(
  p_kind market.instrument_kind, p_portfolio_id int, p_exchange_id int, p_day date, p_ids int[], p_prices numeric[],
  p_at timestamptz)
RETURNS SETOF trading.settlements
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_instrument market.instruments;
  v_due        record;
  v_source     int;
  v_price      numeric;
  v_unpriced   trading.unpriced_settlements;
BEGIN
  PERFORM internal.mark_periods(p_portfolio_id, p_at);
  PERFORM internal.end_expired_orders(p_portfolio_id, p_kind, p_exchange_id, p_day, p_at);
  FOR v_instrument IN
    SELECT i.* FROM trading.positions AS n JOIN market.instruments AS i USING (instrument_id)
     WHERE n.portfolio_id = p_portfolio_id AND n.quantity <> 0 AND i.kind = p_kind
       AND (i.exchange_id = p_exchange_id OR p_exchange_id IS NULL)
     ORDER BY i.instrument_id
  LOOP
    v_unpriced := NULL;
    FOR v_due IN
      SELECT d.*, d.day = max(d.day) OVER () AS is_latest
        FROM internal.days_to_settle(p_portfolio_id, v_instrument, p_day, p_at) AS d
       ORDER BY d.day
    LOOP
      v_source := internal.settlement_source(v_instrument, v_due.kind);
      -- A price that somebody gives is of the latest day, or of the day that they name.
      v_price := CASE WHEN v_due.is_latest
                      THEN coalesce(p_prices[array_position(p_ids, v_source)],
                                    CASE WHEN p_kind = 'future'
                                         THEN p_prices[array_position(p_ids, v_instrument.instrument_id)] END) END;
      v_price := round(coalesce(v_price, internal.settlement_price(v_instrument, v_due.kind, v_due.price_day)), 8);
      IF v_price IS NULL THEN
        v_unpriced := (p_portfolio_id, v_instrument.instrument_id, v_due.kind,
                       coalesce(v_unpriced.first_day, v_due.day), v_due.day, v_source, p_at);
      ELSE
        -- What the days before had no price for is paid with this one.
        v_unpriced := NULL;
        RETURN NEXT CASE p_kind
                    WHEN 'future' THEN internal.settle_future(p_portfolio_id, v_instrument, v_price, v_due.day,
                                                              v_due.kind = 'final', p_at)
                    ELSE internal.expire_option(p_portfolio_id, v_instrument, v_price, v_due.day, p_at) END;
      END IF;
    END LOOP;
    IF FOUND THEN
      PERFORM internal.note_unpriced(p_portfolio_id, v_instrument, v_unpriced);
    END IF;
  END LOOP;
  PERFORM internal.revalue_portfolio(p_portfolio_id, p_at);
  PERFORM internal.ring_doorbell(p_portfolio_id);
END
$$;
COMMENT ON FUNCTION internal.settle_contracts(
  market.instrument_kind, int, int, date, int[], numeric[], timestamptz) IS
  'Settles the futures, or ends the options, of a portfolio (p_exchange_id: those of this exchange alone) for the days '
  'that are over, each at the price of its day or the one that is given; notes what has none.';
