-- reads trading.fee_plans, trading.fee_schedules, market.exchanges
CREATE OR REPLACE FUNCTION trading.fees_to_come(
  p_schedule text, p_instrument market.instruments, p_submitted_at timestamptz, p_time_in_force trading.time_in_force,
  p_expires_at timestamptz, p_side trading.order_side, p_product trading.product, p_quantity numeric, p_value numeric,
  p_maker_value numeric, p_filled numeric, p_filled_value numeric, p_paid numeric)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_last   timestamptz := CASE WHEN p_time_in_force IN ('ioc', 'fok') THEN p_submitted_at
                               ELSE least(p_expires_at, p_submitted_at + interval '1 year') END;
  v_terms  trading.fee_terms := trading.fee_terms_at(p_schedule, p_instrument.kind, p_instrument.exchange_id, v_last);
  v_first  trading.fee_terms := v_terms;
  v_lines  trading.fee_line[];
  v_whole  numeric[];
  v_filled numeric[];
  v_parts  numeric[];  -- of each component the most that is to come
  v_fee    numeric;
  v_fees   numeric := 0;
  v_most   numeric;
BEGIN
  -- Terms of long ago were in force at its submission, too.
  IF v_terms.valid_from > (p_submitted_at AT TIME ZONE 'UTC')::date - 2 OR v_terms.valid_from IS NULL THEN
    v_first := trading.fee_terms_at(p_schedule, p_instrument.kind, p_instrument.exchange_id, p_submitted_at);
    IF v_first.valid_from < v_terms.valid_from THEN
      FOR v_lines IN
        SELECT f.lines FROM trading.fee_schedules AS f
         WHERE f.name = v_terms.schedule AND f.valid_from BETWEEN v_first.valid_from AND v_terms.valid_from
      LOOP
        v_whole := trading.fees_of_lines(v_lines, p_side, p_product, p_quantity, p_value, p_maker_value);
        v_filled := trading.fees_of_lines(v_lines, p_side, p_product, p_filled, p_filled_value, p_maker_value);
        FOR n IN 1 .. cardinality(v_whole) LOOP
          v_parts[n] := greatest(v_parts[n], v_whole[n] - coalesce(v_filled[n], 0));
        END LOOP;
      END LOOP;
      v_most := 0;
      FOREACH v_fee IN ARRAY v_parts LOOP
        v_most := v_most + v_fee;
      END LOOP;
    END IF;
  END IF;
  v_whole := trading.fees_of_lines(v_first.lines, p_side, p_product, p_quantity, p_value, p_maker_value);
  FOR n IN 1 .. coalesce(cardinality(v_whole), 0) LOOP
    v_fees := v_fees + v_whole[n];
  END LOOP;
  RETURN CASE WHEN v_whole IS NOT NULL THEN greatest(v_fees - p_paid, v_most, 0) END;
END
$$;
COMMENT ON FUNCTION trading.fees_to_come(
  text, market.instruments, timestamptz, trading.time_in_force, timestamptz, trading.order_side, trading.product,
  numeric, numeric, numeric, numeric, numeric, numeric) IS
  'Most that the fees of an order may still grow when all of it (p_quantity for p_value) has filled: by the terms of '
  'the day on which it was submitted, or of each component the dearest that are known for its life, of which a year '
  'counts. So much of it has filled (p_filled for p_filled_value) and was paid. NULL without terms for the day.';
