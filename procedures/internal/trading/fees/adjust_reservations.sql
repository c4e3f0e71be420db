-- reads trading.portfolios, market.instruments, ledger.balances, trading.fee_schedules; writes trading.orders and what
-- its triggers write, ledger.*; the caller holds the locks of the portfolios
CREATE OR REPLACE FUNCTION internal.adjust_reservations(p_schedules text[])
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_found    record;
  v_reserved numeric;
BEGIN
  FOR v_found IN
    SELECT o AS order_row, p.fee_schedule, i AS instrument
      FROM trading.portfolios AS p
      JOIN trading.orders AS o ON o.portfolio_id = p.portfolio_id AND o.closed_at IS NULL AND o.reserved > 0
      JOIN market.instruments AS i USING (instrument_id)
     WHERE p.portfolio_id = ANY (internal.fee_users(p_schedules))
       AND trading.planned_schedule(p.fee_schedule, i.kind, i.exchange_id) = ANY (p_schedules)
     ORDER BY o.portfolio_id, o.order_id
  LOOP
    -- What is not there is looked for when it fills.
    v_reserved := least(
      trading.required_reservation(v_found.order_row, v_found.fee_schedule, v_found.instrument),
      (v_found.order_row).reserved
        + ledger.available((v_found.order_row).portfolio_id, (v_found.instrument).currency));
    UPDATE trading.orders AS o SET reserved = v_reserved
     WHERE o.portfolio_id = (v_found.order_row).portfolio_id AND o.order_id = (v_found.order_row).order_id
       AND o.reserved <> v_reserved;
  END LOOP;
END
$$;
COMMENT ON FUNCTION internal.adjust_reservations(text[]) IS
  'Has open orders reserve what they need by the fee schedules that have changed, as far as there is cash.';
