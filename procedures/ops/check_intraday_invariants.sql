-- reads trading.*
-- What later closes takes of the intraday part depends on the order of events, so they are gone through one by one, for
-- the positions alone that intraday orders have opened.
CREATE OR REPLACE FUNCTION ops.check_intraday_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_event    record;
  v_quantity numeric := 0;
  v_part     numeric := 0;
BEGIN
  FOR v_event IN
    WITH RECURSIVE pairs AS (
      SELECT o.portfolio_id, o.instrument_id FROM trading.orders AS o
       WHERE o.product = 'intraday' AND o.filled_quantity > 0
      UNION
      SELECT p.portfolio_id, p.instrument_id FROM trading.positions AS p WHERE p.intraday_quantity <> 0
    ), places AS (  -- a correction stands where the fill stood that it corrects
      SELECT f.portfolio_id, f.fill_id, f.fill_id AS place
        FROM trading.fills AS f JOIN pairs USING (portfolio_id, instrument_id)
       WHERE f.busts_fill_id IS NULL AND f.corrects_fill_id IS NULL
      UNION ALL
      SELECT f.portfolio_id, f.fill_id, n.place
        FROM trading.fills AS f
        JOIN places AS n ON n.portfolio_id = f.portfolio_id AND n.fill_id = f.corrects_fill_id
    )
    SELECT p.portfolio_id, p.instrument_id, n.place, 0 AS turn,
           CASE f.side WHEN 'buy' THEN f.quantity ELSE -f.quantity END::numeric AS change,
           o.product = 'intraday' AS is_intraday, NULL::numeric AS factor, NULL::numeric AS kept
      FROM places AS n
      JOIN trading.fills AS f USING (portfolio_id, fill_id)
      JOIN pairs AS p USING (portfolio_id, instrument_id)
      JOIN trading.orders AS o USING (portfolio_id, order_id)
     WHERE NOT EXISTS (SELECT FROM trading.fills AS b
                        WHERE b.portfolio_id = f.portfolio_id AND b.busts_fill_id = f.fill_id)
    UNION ALL
    SELECT p.portfolio_id, p.instrument_id, a.after_fill_id, 1, a.quantity_delta, false, a.numerator / a.denominator,
           NULL
      FROM trading.position_adjustments AS a JOIN pairs AS p USING (portfolio_id, instrument_id)
    UNION ALL
    SELECT p.portfolio_id, p.instrument_id, s.after_fill_id, 2, s.quantity_delta, false, NULL, NULL
      FROM trading.settlements AS s JOIN pairs AS p USING (portfolio_id, instrument_id)
    UNION ALL
    SELECT p.portfolio_id, p.instrument_id, 9223372036854775807, 3, 0, false, NULL, n.intraday_quantity
      FROM pairs AS p JOIN trading.positions AS n USING (portfolio_id, instrument_id)
    ORDER BY 1, 2, 3, 4
  LOOP
    IF v_event.kept IS NOT NULL THEN
      IF v_event.kept <> v_part THEN
        RETURN QUERY SELECT 'the intraday part is what intraday orders left', v_event.portfolio_id,
                            format('instrument %s: %s of %s, the fills say %s', v_event.instrument_id, v_event.kept,
                                   v_quantity, v_part);
      END IF;
      v_quantity := 0;
      v_part := 0;
      CONTINUE;
    END IF;
    v_quantity := v_quantity + v_event.change;
    v_part := CASE WHEN v_event.factor IS NOT NULL THEN round(v_part * v_event.factor, 8)
                   WHEN v_event.is_intraday THEN v_part + v_event.change ELSE v_part END;
    v_part := CASE sign(v_quantity) WHEN 1 THEN least(greatest(v_part, 0), v_quantity)
                                    WHEN -1 THEN greatest(least(v_part, 0), v_quantity) ELSE 0 END;
  END LOOP;
END
$$;
COMMENT ON FUNCTION ops.check_intraday_invariants() IS
  'The part of ops.check_invariants that concerns what the end of the session squares off.';
