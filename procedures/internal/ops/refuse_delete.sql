-- trigger function of the tables that books refer to; errors TR213
CREATE OR REPLACE FUNCTION internal.refuse_delete()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION 'rows of %.% are never deleted', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'TR213', DETAIL = format('%s was refused: books refer to them.', TG_OP),
          HINT = 'An instrument that trades no more has is_active = false.';
END
$$;
COMMENT ON FUNCTION internal.refuse_delete() IS
  'Refuses DELETE and TRUNCATE, whoever tries: orders, positions and transfers refer to these rows, and look no '
  'reference up when they are written. Error TR213.';

DO $$
DECLARE
  v_table regclass;
BEGIN
  FOREACH v_table IN ARRAY ARRAY['market.instruments', 'trading.portfolios', 'ledger.accounts',
                                 'ledger.portfolio_clocks', 'trading.orders']::regclass[]
  LOOP
    EXECUTE format('CREATE OR REPLACE TRIGGER refuse_delete BEFORE DELETE OR TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION internal.refuse_delete()', v_table);
    EXECUTE format('COMMENT ON TRIGGER refuse_delete ON %s IS %L', v_table, 'Books refer to these rows.');
  END LOOP;
END
$$;
