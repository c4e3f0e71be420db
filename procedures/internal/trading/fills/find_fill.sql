-- reads trading.fills; errors TR236
CREATE OR REPLACE FUNCTION internal.find_fill(p_portfolio_id int, p_fill_id bigint, p_execution_id text)
RETURNS trading.fills
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_fill trading.fills;
BEGIN
  SELECT * INTO v_fill FROM trading.fills AS f
   WHERE f.portfolio_id = p_portfolio_id
     AND (f.fill_id = p_fill_id OR p_fill_id IS NULL AND f.execution_id = p_execution_id)
     AND (p_fill_id IS NULL OR p_execution_id IS NULL OR f.execution_id = p_execution_id);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'unknown fill'
      USING ERRCODE = 'TR236',
            DETAIL = format('fill_id %s, execution_id %s in portfolio %s.', coalesce(p_fill_id::text, 'NULL'),
                            coalesce(quote_literal(p_execution_id), 'NULL'), p_portfolio_id),
            HINT = 'Give fill_id => ... or execution_id => ...; trading.fills lists them.';
  END IF;
  RETURN v_fill;
END
$$;
COMMENT ON FUNCTION internal.find_fill(int, bigint, text) IS
  'The fill with this number, or else with this execution_id. Error TR236.';
