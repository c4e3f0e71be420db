-- writes trading.unpriced_settlements, ops.events; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.note_unpriced(
  p_portfolio_id int, p_instrument market.instruments, p_unpriced trading.unpriced_settlements)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_known trading.unpriced_settlements;
BEGIN
  DELETE FROM trading.unpriced_settlements AS u
   WHERE u.portfolio_id = p_portfolio_id AND u.instrument_id = p_instrument.instrument_id
  RETURNING * INTO v_known;
  IF p_unpriced.day IS NULL THEN
    RETURN;
  END IF;
  p_unpriced.at := CASE WHEN v_known.day = p_unpriced.day THEN v_known.at ELSE p_unpriced.at END;
  INSERT INTO trading.unpriced_settlements SELECT p_unpriced.*;
  IF v_known.day IS DISTINCT FROM p_unpriced.day THEN
    PERFORM internal.emit_event('settlement.unpriced', p_unpriced.at, p_portfolio_id, p_instrument.instrument_id,
                                p_payload => jsonb_build_object('code', 'TR246', 'kind', p_unpriced.kind, 'day',
                                                                p_unpriced.day, 'price_of', p_unpriced.price_of));
  END IF;
END
$$;
COMMENT ON FUNCTION internal.note_unpriced(int, market.instruments, trading.unpriced_settlements) IS
  'Keeps, and journals as settlement.unpriced once for each day, that a position could not be settled for want of a '
  'price; NULL: nothing is unpriced any more.';
