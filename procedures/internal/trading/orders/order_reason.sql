-- reads market.exchanges
CREATE OR REPLACE FUNCTION internal.order_reason(
  p_code text, p_instrument market.instruments, p_fee_schedule text, p_submitted_at timestamptz, p_size numeric,
  p_opening numeric, p_capacity numeric, p_held numeric, p_sells numeric, p_available numeric, p_need numeric)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN CASE p_code
    WHEN 'TR107' THEN format('%s takes no new orders', p_instrument.symbol)
    WHEN 'TR105' THEN format('no price of %s is known', p_instrument.symbol)
    WHEN 'TR240' THEN format('the fee schedule "%s" has no terms for %s (%s) on %s', p_fee_schedule,
                             p_instrument.symbol, p_instrument.kind,
                             market.trading_day(p_instrument.exchange_id, p_submitted_at))
    WHEN 'TR220' THEN format('%s %s can be closed, the order is of %s and may only reduce',
                             trim_scale(greatest(p_capacity, 0)), p_instrument.symbol, trim_scale(p_size))
    WHEN 'TR402' THEN format('%s %s are held, %s of them promised to open sells, %s are to be sold',
                             trim_scale(p_held), p_instrument.symbol, trim_scale(p_sells), trim_scale(p_size))
    WHEN 'TR225' THEN format('%s is dealt on margin, the portfolio has a cash account', p_instrument.symbol)
    WHEN 'TR226' THEN format('%s cannot be sold short; %s more than can be closed', p_instrument.symbol,
                             trim_scale(p_opening))
    WHEN 'TR401' THEN format('%s %s are available, %s are needed', trim_scale(coalesce(p_available, 0)),
                             p_instrument.currency, trim_scale(p_need)) END;
END
$$;
COMMENT ON FUNCTION internal.order_reason(
  text, market.instruments, text, timestamptz, numeric, numeric, numeric, numeric, numeric, numeric, numeric) IS
  'Why an order is refused, in words with the figures that internal.decide_orders found; NULL where a risk rule '
  'refuses it, which has its own words.';
