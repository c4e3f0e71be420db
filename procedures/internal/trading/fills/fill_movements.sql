CREATE OR REPLACE FUNCTION internal.fill_movements(
  p_portfolio_id int, p_order_id bigint, p_fill_id bigint, p_at timestamptz, p_currency text, p_accounts smallint[],
  p_debits ledger.account_kind[], p_credits ledger.account_kind[], p_amounts numeric[], p_kinds ledger.transfer_kind[],
  p_components text[],
  p_reservation_id bigint DEFAULT NULL, p_reserved_for ledger.account_kind DEFAULT NULL, p_freed numeric DEFAULT 0)
RETURNS internal.movement[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (
    WITH kinds AS MATERIALIZED (
      SELECT t.kind, p_accounts[t.n] AS account_id
        FROM unnest(enum_range(NULL::ledger.account_kind)) WITH ORDINALITY AS t (kind, n)
    ), legs AS MATERIALIZED (
      SELECT l.*, d.account_id AS debit_id, c.account_id AS credit_id,
             -- What the reservation covers is posted out of it; the rest of what costs more than foreseen comes from
             -- free cash.
             CASE l.debit WHEN 'cash'
                            THEN least(l.amount,
                                       greatest(p_freed - coalesce(sum(l.amount) FILTER (WHERE l.debit = 'cash')
                                                   OVER (ORDER BY l.n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
                                                                   0), 0)) ELSE 0 END AS part
        FROM unnest(p_debits, p_credits, p_amounts, p_kinds, p_components) WITH ORDINALITY AS l (debit, credit, amount,
                                                                                                 kind, component, n)
        JOIN kinds AS d ON d.kind = l.debit
        JOIN kinds AS c ON c.kind = l.credit
       WHERE l.amount <> 0
    )
    SELECT array_agg(ROW (p_portfolio_id, m.debit_id, m.credit_id, m.amount, p_currency, m.kind, m.component, m.state,
                          p_at, p_order_id,
                          CASE m.state WHEN 'posted' THEN p_fill_id END, CASE WHEN m.answers THEN p_reservation_id END,
                          CASE WHEN m.answers THEN k.cash_id END,
                          CASE WHEN m.answers THEN k.reserved_for_id END)::internal.movement
                     ORDER BY m.n, m.answers DESC)
      FROM (SELECT (SELECT t.account_id FROM kinds AS t WHERE t.kind = 'cash') AS cash_id,
                   (SELECT t.account_id FROM kinds AS t WHERE t.kind = p_reserved_for) AS reserved_for_id) AS k
      CROSS JOIN LATERAL (
        SELECT l.n, l.debit_id, l.credit_id, l.part AS amount, l.kind, l.component,
               'posted'::ledger.transfer_state AS state, true AS answers
          FROM legs AS l WHERE l.part > 0
        UNION ALL
        SELECT l.n, l.debit_id, l.credit_id, l.amount - l.part, l.kind, l.component, 'posted', false
          FROM legs AS l
         WHERE l.amount > l.part
        UNION ALL
        SELECT 1000, k.cash_id, k.reserved_for_id, p_freed - t.used, 'reservation', NULL, 'voided', true
          FROM (SELECT coalesce(sum(l.part), 0) AS used FROM legs AS l) AS t WHERE p_freed > t.used) AS m);
END
$$;
COMMENT ON FUNCTION internal.fill_movements(
  int, bigint, bigint, timestamptz, text, smallint[], ledger.account_kind[], ledger.account_kind[],
                                            numeric[], ledger.transfer_kind[], text[], bigint, ledger.account_kind,
                                            numeric) IS
  'The transfers of a fill, one for each element of the arrays (zero amounts are left out): what leaves cash comes out '
  'of the p_freed that its order''s reservation gives up first; what is left of that is voided. p_accounts are those '
  'of the currency in the order of ledger.account_kind.';
