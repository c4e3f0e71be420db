-- reads trading.orders; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.group_open_quantity(
  p_portfolio_id int, p_group_id bigint, p_order_id bigint, p_leg smallint, p_open numeric)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (
    SELECT coalesce(max(l.open), 0)
      FROM (SELECT sum(n.open) AS open
              FROM (SELECT o.oco_leg, o.quantity - o.filled_quantity FROM trading.orders AS o
                     WHERE o.portfolio_id = p_portfolio_id AND o.oco_group_id = p_group_id AND o.closed_at IS NULL
                       AND o.status NOT IN ('held', 'pending_approval') AND o.order_id <> p_order_id
                    UNION ALL
                    SELECT p_leg, p_open) AS n (leg, open)
             GROUP BY n.leg) AS l);
END
$$;
COMMENT ON FUNCTION internal.group_open_quantity(int, bigint, bigint, smallint, numeric) IS
  'What orders that exclude each other want together: the largest leg, with this order counted as p_open whatever its '
  'row says.';
