-- writes trading.orders and what its triggers write; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.follow_fill(p_fill trading.fills)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN internal.apply_links(internal.find_order(p_fill.portfolio_id, p_fill.order_id, NULL), p_fill.quantity, p, i,
                              p_fill.at)
    FROM trading.portfolios AS p CROSS JOIN market.instruments AS i
   WHERE p.portfolio_id = p_fill.portfolio_id AND i.instrument_id = p_fill.instrument_id;
END
$$;
COMMENT ON FUNCTION internal.follow_fill(trading.fills) IS
  'What a fill means for the orders that depend on its order; true when one of them changed.';
