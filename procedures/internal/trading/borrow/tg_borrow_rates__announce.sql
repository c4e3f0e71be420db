-- AFTER INSERT, UPDATE, DELETE on trading.borrow_rates; locks ledger.portfolio_clocks; reads trading.portfolios,
-- market.instruments; errors TR108
CREATE OR REPLACE FUNCTION internal.tg_borrow_rates__announce()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_symbol text := (SELECT min(i.symbol)
                      FROM trading.borrow_rates AS b JOIN market.instruments AS i USING (instrument_id)
                     WHERE i.kind IN ('future', 'option'));
BEGIN
  IF v_symbol IS NOT NULL THEN
    RAISE EXCEPTION '"%" is not borrowed', v_symbol
      USING ERRCODE = 'TR108', DETAIL = 'It is a future or an option: who is short of it owes nothing to a lender.',
            HINT = 'Give rates to what is delivered when it is sold, such as stocks.';
  END IF;
  -- Locks move the clocks that tell runners to look again: they know at which exchanges days are to be settled.
  PERFORM internal.lock_portfolios(ARRAY(SELECT p.portfolio_id FROM trading.portfolios AS p
                                          WHERE p.account_type = 'margin'));
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_borrow_rates__announce() IS
  'Refuses rates of futures and options, and lets runners know that there are others. Error TR108.';
CREATE OR REPLACE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE ON trading.borrow_rates
  FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_borrow_rates__announce();
COMMENT ON TRIGGER announce ON trading.borrow_rates IS 'Runners keep in memory where days are to be settled.';
REVOKE ALL ON FUNCTION internal.tg_borrow_rates__announce() FROM PUBLIC;
