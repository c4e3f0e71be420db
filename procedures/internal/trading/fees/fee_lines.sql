-- reads trading.fee_components
CREATE OR REPLACE FUNCTION internal.fee_lines(p_schedule trading.fee_schedules, p_is_exercise boolean)
RETURNS trading.fee_line[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_words     trading.fee_component[] := enum_range(NULL::trading.fee_component);
  v_brokerage trading.fee_line := ROW(1, NULL, NULL, p_schedule.per_share, p_schedule.per_order, p_schedule.percent,
                                      p_schedule.maker_percent, p_schedule.minimum, p_schedule.maximum,
                                      p_schedule.maximum_percent, p_schedule.decimals, NULL, 'traded');
  v_others    trading.fee_line[];
BEGIN
  SELECT array_agg(ROW(array_position(v_words, c.component), c.side, c.product, c.per_share, c.per_order, c.percent,
                       c.maker_percent, c.minimum, c.maximum, c.maximum_percent, c.decimals,
                       (SELECT array_agg(array_position(v_words, b) ORDER BY b)
                          FROM unnest(c.percent_of) AS b), c.basis)::trading.fee_line
                   ORDER BY c.component, c.side NULLS FIRST, c.product NULLS FIRST, c.basis)
    INTO v_others
    FROM trading.fee_components AS c
   WHERE c.name = p_schedule.name AND c.valid_from = p_schedule.valid_from
     AND (c.basis <> 'traded') = p_is_exercise;
  IF p_is_exercise THEN
    RETURN coalesce(v_others, '{}');
  END IF;
  -- A row without figures is only the date of its components.
  IF v_others IS NOT NULL
     AND greatest(p_schedule.per_share, p_schedule.per_order, p_schedule.percent, p_schedule.maker_percent,
                  p_schedule.minimum) = 0 THEN
    RETURN v_others;
  END IF;
  RETURN v_brokerage || v_others;
END
$$;
COMMENT ON FUNCTION internal.fee_lines(trading.fee_schedules, boolean) IS
  'The parts of a dated schedule that are due on trades, or when an option is exercised, in the order in which they '
  'are computed.';
