-- trigger function of the tables that books refer to; errors TR213
CREATE OR REPLACE FUNCTION internal.refuse_delete()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'rows of %.% are never deleted', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'TR213', DETAIL = format('%s was refused: the books are made of them.', TG_OP),
          HINT = CASE TG_TABLE_NAME
                   WHEN 'instruments' THEN 'An instrument that trades no more has is_active = false.'
                   WHEN 'exchange_rates' THEN 'ledger.set_exchange_rate(...) for the same time corrects a rate.'
                   ELSE 'What is wrong is put right by new rows: ledger.reverse_transfer(...), '
                        'trading.bust_fill(...), trading.cancel_order(...).' END;
END
$$;
COMMENT ON FUNCTION internal.refuse_delete() IS
  'Refuses DELETE and TRUNCATE, whoever tries: books are made of these rows, and look no reference up when they are '
  'written. Error TR213.';

DO $$
DECLARE
  v_table regclass;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['market.exchanges', 'market.instruments', 'trading.portfolios', 'ledger.accounts',
                                 'ledger.balances', 'ledger.portfolio_clocks', 'ledger.exchange_rates',
                                 'trading.orders', 'trading.positions', 'trading.portfolio_values',
                                 'trading.portfolio_snapshots', 'trading.margin_calls', 'ops.chain_heads']::regclass[]
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER refuse_delete BEFORE DELETE OR TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION internal.refuse_delete()', v_table);
    EXECUTE format('COMMENT ON TRIGGER refuse_delete ON %s IS %L', v_table, 'Books are made of these rows.');
  END LOOP;
  -- Of these the engine deletes rows itself; never all of them.
  FOREACH v_table IN ARRAY ARRAY['ledger.holds', 'trading.lots', 'trading.lot_closures']::regclass[] LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION internal.refuse_delete()', v_table);
    EXECUTE format('COMMENT ON TRIGGER refuse_truncate ON %s IS %L', v_table, 'Books are made of these rows.');
  END LOOP;
END
$$;
