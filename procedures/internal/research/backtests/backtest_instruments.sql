-- reads market.instruments, market.exchanges, trading.borrow_rates
CREATE OR REPLACE FUNCTION internal.backtest_instruments(p_settings jsonb, p_traded int[], p_others int[])
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  -- What was delisted since was traded then.
  SELECT jsonb_agg(jsonb_build_object(
           'id', i.instrument_id, 'symbol', i.symbol, 'exchange', i.exchange_id, 'kind', i.kind, 'currency', i.currency,
           'tick_size', i.tick_size::text, 'lot_size', i.lot_size::text, 'multiplier', i.multiplier::text,
           'initial_margin', i.initial_margin::text, 'is_active', true, 'is_shortable', i.is_shortable,
           'sector', i.sector, 'is_traded', i.instrument_id = ANY (p_traded),
           'contract', CASE WHEN i.kind IN ('future', 'option')
                            THEN jsonb_build_object('expires_on', i.expires_on - date '2000-01-01',
                                                    'underlying', i.underlying_id, 'strike', i.strike::text,
                                                    'right', i.option_right) END,
           'borrow_rates', CASE
             WHEN i.kind IN ('future', 'option') OR NOT i.instrument_id = ANY (p_traded) THEN NULL
             WHEN p_settings ? 'borrow_percent'
               THEN jsonb_build_array(jsonb_build_object('day', -800000, 'percent', p_settings ->> 'borrow_percent'))
             ELSE (SELECT jsonb_agg(jsonb_build_object(
                                      'day', greatest(b.valid_from, '0001-01-03') - date '2000-01-01',
                                      'percent', b.percent::text) ORDER BY b.valid_from)
                     FROM trading.borrow_rates AS b
                    WHERE b.instrument_id = i.instrument_id AND b.valid_from < '9999-01-01') END)
         ORDER BY i.symbol, e.code)
    FROM market.instruments AS i JOIN market.exchanges AS e USING (exchange_id)
   WHERE i.instrument_id = ANY (p_traded || p_others)
$$;
COMMENT ON FUNCTION internal.backtest_instruments(jsonb, int[], int[]) IS
  'Instruments that a backtest trades, and others that it looks at, as its specification has them, with what borrowing '
  'them costs by the tables or by the run''s own setting.';
