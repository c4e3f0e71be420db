-- reads trading.orders, trading.portfolios, strategy.agents, market.instruments
-- It goes back from the portfolio's last order, so its cost does not depend on how many orders there are. Plans of a
-- small table must not outlive it: hence the settings.
CREATE OR REPLACE FUNCTION internal.order_rate(
  p_order internal.order_terms, p_number bigint, p_scope risk.scope, p_from timestamptz, p_most int,
  p_username text DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET enable_seqscan = off
SET enable_sort = off
AS $$
DECLARE
  v_of        record := internal.orders_of(p_order, p_scope);
  v_portfolio record;
  v_last      record;
  v_count     int := 1;  -- this one
BEGIN
  FOR v_portfolio IN
    SELECT p.portfolio_id, p.owner = p_username AS is_theirs FROM trading.portfolios AS p
     WHERE p.portfolio_id = p_order.portfolio_id OR p_scope = 'user' AND p.owner = p_username
  LOOP
    FOR v_last IN
      SELECT o.submitted_at, o.agent_id, o.instrument_id, o.submitted_by FROM trading.orders AS o
       WHERE o.portfolio_id = v_portfolio.portfolio_id
         AND o.order_id < CASE v_portfolio.portfolio_id WHEN p_order.portfolio_id THEN p_number
                                                        ELSE 9223372036854775807 END
       ORDER BY o.order_id DESC
       LIMIT CASE WHEN p_scope IN ('system', 'portfolio') THEN p_most ELSE 10000 END
    LOOP
      EXIT WHEN v_last.submitted_at <= p_from OR v_count > p_most;
      IF (v_of.agents IS NULL OR v_last.agent_id = ANY (v_of.agents))
         AND (v_of.instruments IS NULL OR v_last.instrument_id = ANY (v_of.instruments))
         AND (p_scope <> 'user' OR v_portfolio.is_theirs OR v_last.submitted_by = p_username) THEN
        v_count := v_count + 1;
      END IF;
    END LOOP;
  END LOOP;
  RETURN v_count;
END
$$;
COMMENT ON FUNCTION internal.order_rate(internal.order_terms, bigint, risk.scope, timestamptz, int, text) IS
  'Orders of the portfolio since a time, this one included and refused ones too: who sends too many is refused until '
  'he pauses. Of an agent, strategy, instrument or sector only its own, among the last 10,000; of a user all '
  'orders of the user''s portfolios, and in others what the user sent. It stops counting above p_most.';
