-- trigger function of the append-only tables; errors TR213
CREATE OR REPLACE FUNCTION internal.refuse_change()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION '%.% is append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'TR213', DETAIL = format('%s was refused.', TG_OP),
          HINT = 'Corrections are new rows that name what they correct.';
END
$$;
COMMENT ON FUNCTION internal.refuse_change() IS 'Refuses UPDATE, DELETE and TRUNCATE, whoever tries. Error TR213.';

DO $$
DECLARE
  v_table regclass;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['ledger.transfers', 'ledger.conversions', 'ledger.reversals', 'ledger.capital_flows',
                                 'trading.order_events',
                                 'trading.fills', 'trading.contradictions', 'trading.position_adjustments',
                                 'trading.settlements', 'trading.dividends', 'trading.borrow_charges',
                                 'strategy.signals', 'research.predictions', 'research.tried', 'risk.breaches',
                                 'ops.events',
                                 'ops.journal_seals',
                                 'trading.order_transitions',
                                 'trading.portfolio_terms', 'trading.instrument_terms']::regclass[]
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION internal.refuse_change()', v_table);
    EXECUTE format('COMMENT ON TRIGGER refuse_change ON %s IS %L', v_table, 'The table is append-only.');
  END LOOP;
END
$$;
