-- BEFORE UPDATE and DELETE on market.corporate_actions; reads trading.position_adjustments, trading.dividends; errors
-- TR106
CREATE OR REPLACE FUNCTION internal.tg_corporate_actions__keep_terms()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := (SELECT min(n.portfolio_id)
                           FROM (SELECT a.portfolio_id FROM trading.position_adjustments AS a
                                  WHERE a.action_id = OLD.action_id
                                 UNION ALL
                                 SELECT d.portfolio_id FROM trading.dividends AS d
                                  WHERE d.action_id = OLD.action_id) AS n);
BEGIN
  IF v_portfolio_id IS NULL AND OLD.old_symbol IS NULL THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  RAISE EXCEPTION 'corporate action % has been applied', OLD.action_id
    USING ERRCODE = 'TR106',
          DETAIL = format('It is a %s of %s: %s.', replace(OLD.kind::text, '_', ' '), OLD.ex_date,
                          CASE WHEN v_portfolio_id IS NULL THEN 'the instrument has its new symbol'
                               ELSE format('portfolio %s has met it', v_portfolio_id) END),
          HINT = 'What was applied stays as it was: book the difference with ledger.deposit(...) or '
                 'ledger.withdraw(...), or announce another symbol change.';
END
$$;
COMMENT ON FUNCTION internal.tg_corporate_actions__keep_terms() IS
  'Refuses to change or delete a split or dividend that a portfolio has met, and a symbol change that was made. Error '
  'TR106.';
CREATE OR REPLACE TRIGGER keep_terms BEFORE UPDATE OR DELETE ON market.corporate_actions
  FOR EACH ROW EXECUTE FUNCTION internal.tg_corporate_actions__keep_terms();
COMMENT ON TRIGGER keep_terms ON market.corporate_actions IS 'Books rest on the terms of what was applied.';
REVOKE ALL ON FUNCTION internal.tg_corporate_actions__keep_terms() FROM PUBLIC;
