CREATE OR REPLACE FUNCTION internal.fill_movements(
  p_portfolio_id int, p_order_id bigint, p_fill_id bigint, p_at timestamptz, p_currency text, p_accounts smallint[],
  p_debits ledger.account_kind[], p_credits ledger.account_kind[], p_amounts numeric[], p_kinds ledger.transfer_kind[],
  p_components text[],
  p_reservation_id bigint DEFAULT NULL, p_reserved_for ledger.account_kind DEFAULT NULL, p_freed numeric DEFAULT 0)
RETURNS internal.movement[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  c_kinds     CONSTANT ledger.account_kind[] := enum_range(NULL::ledger.account_kind);
  v_movements internal.movement[] := ARRAY[]::internal.movement[];
  v_left      numeric := p_freed;  -- what the reservation may still give
  v_part      numeric;
BEGIN
  FOR n IN 1 .. cardinality(p_amounts) LOOP
    CONTINUE WHEN p_amounts[n] = 0;
    -- What the reservation covers is posted out of it; the rest of what costs more than foreseen comes from free cash.
    v_part := CASE p_debits[n] WHEN 'cash' THEN least(v_left, p_amounts[n]) ELSE 0 END;
    IF v_part > 0 THEN
      v_left := v_left - v_part;
      v_movements := v_movements || ROW (
        p_portfolio_id, p_accounts[array_position(c_kinds, p_debits[n])],
        p_accounts[array_position(c_kinds, p_credits[n])], v_part, p_currency,
        p_kinds[n], p_components[n], 'posted', p_at, p_order_id, p_fill_id, p_reservation_id, p_accounts[1],
        p_accounts[array_position(c_kinds, p_reserved_for)])::internal.movement;
    END IF;
    IF p_amounts[n] > v_part THEN
      v_movements := v_movements || ROW (
        p_portfolio_id, p_accounts[array_position(c_kinds, p_debits[n])],
        p_accounts[array_position(c_kinds, p_credits[n])], p_amounts[n] - v_part,
        p_currency, p_kinds[n], p_components[n], 'posted', p_at, p_order_id, p_fill_id, NULL, NULL,
        NULL)::internal.movement;
    END IF;
  END LOOP;
  IF v_left > 0 THEN
    v_movements := v_movements || ROW (
      p_portfolio_id, p_accounts[1], p_accounts[array_position(c_kinds, p_reserved_for)], v_left, p_currency,
      'reservation', NULL, 'voided', p_at, p_order_id, NULL, p_reservation_id, p_accounts[1],
      p_accounts[array_position(c_kinds, p_reserved_for)])::internal.movement;
  END IF;
  RETURN v_movements;
END
$$;
COMMENT ON FUNCTION internal.fill_movements(
  int, bigint, bigint, timestamptz, text, smallint[], ledger.account_kind[], ledger.account_kind[],
                                            numeric[], ledger.transfer_kind[], text[], bigint, ledger.account_kind,
                                            numeric) IS
  'The transfers of a fill, one for each element of the arrays (zero amounts are left out): what leaves cash comes out '
  'of the p_freed that its order''s reservation gives up first; what is left of that is voided. p_accounts are those '
  'of the currency in the order of ledger.account_kind, cash first.';
