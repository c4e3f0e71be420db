-- What an analyst reads of results over time. Every figure comes from the tables; nothing here is kept.
CREATE OR REPLACE VIEW trading.equity_curve WITH (security_invoker = true) AS
SELECT p.name AS portfolio, s.bucket, s.at, s.day, trim_scale(s.equity) AS equity, trim_scale(s.cash) AS cash,
       trim_scale(s.positions_value) AS positions_value, trim_scale(s.net_deposits) AS net_deposits,
       trim_scale(round(s.index, 8)) AS index, trim_scale(s.drawdown) AS drawdown, p.owner
  FROM trading.portfolio_snapshots AS s
  JOIN trading.portfolios AS p USING (portfolio_id);
COMMENT ON VIEW trading.equity_curve IS
  'Snapshots of portfolios, each in its own currency. A portfolio with a range of at, bucket or day is found by an '
  'index.';
COMMENT ON COLUMN trading.equity_curve.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN trading.equity_curve.bucket IS
  'Beginning of the interval of which this is the last snapshot: midnight of the portfolio''s time zone for whole '
  'days, else counted from 2000-01-01 UTC.';
COMMENT ON COLUMN trading.equity_curve.at IS 'Event time of the valuation.';
COMMENT ON COLUMN trading.equity_curve.day IS 'Day of that time in the portfolio''s time zone.';
COMMENT ON COLUMN trading.equity_curve.equity IS 'Cash plus margin plus positions.';
COMMENT ON COLUMN trading.equity_curve.cash IS 'Posted cash.';
COMMENT ON COLUMN trading.equity_curve.positions_value IS
  'Sum of the positions'' market values: shorts negative, futures their gain since the last settlement.';
COMMENT ON COLUMN trading.equity_curve.net_deposits IS
  'Deposits less withdrawals since opening, each at the exchange rate of its own time.';
COMMENT ON COLUMN trading.equity_curve.index IS
  'Index of the time-weighted return, which began at 1: no deposit or withdrawal moves it.';
COMMENT ON COLUMN trading.equity_curve.drawdown IS
  'Fraction by which the index is below its highest value so far, zero or negative.';
COMMENT ON COLUMN trading.equity_curve.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW trading.daily_pnl WITH (security_invoker = true) AS
SELECT p.name AS portfolio, d.day, trim_scale(s.equity) AS equity,
       trim_scale(s.equity - s.net_deposits - coalesce(b.equity - b.net_deposits, 0)) AS pnl,
       trim_scale(round(s.index / nullif(coalesce(b.index, 1), 0) - 1, 8)) AS return, d.began_at, p.owner
  FROM trading.portfolios AS p
  -- Each day is looked up by itself: of the many snapshots of a day only the last is read. Under row security an index
  -- is asked for nothing but columns, hence OFFSET 0.
  CROSS JOIN LATERAL (
    SELECT g.midnight::date AS day, g.midnight AT TIME ZONE coalesce(p.time_zone, 'UTC') AS began_at
      FROM generate_series(
        (SELECT n.day FROM trading.portfolio_snapshots AS n
          WHERE n.portfolio_id = p.portfolio_id ORDER BY n.day LIMIT 1)::timestamp,
        (SELECT n.day FROM trading.portfolio_snapshots AS n
          WHERE n.portfolio_id = p.portfolio_id ORDER BY n.day DESC LIMIT 1)::timestamp, interval '1 day')
        AS g (midnight)
    OFFSET 0) AS d
  CROSS JOIN LATERAL (
    SELECT n.equity, n.net_deposits, n.index FROM trading.portfolio_snapshots AS n
     WHERE n.portfolio_id = p.portfolio_id AND n.day = d.day ORDER BY n.at DESC LIMIT 1) AS s
  LEFT JOIN LATERAL (
    SELECT n.equity, n.net_deposits, n.index FROM trading.portfolio_snapshots AS n
     WHERE n.portfolio_id = p.portfolio_id AND n.day < d.day ORDER BY n.day DESC, n.at DESC LIMIT 1) AS b ON true;
COMMENT ON VIEW trading.daily_pnl IS
  'Profit of each day of the portfolio''s time zone that has a snapshot, deposits and withdrawals taken out. A '
  'portfolio with a range of days is found by an index.';
COMMENT ON COLUMN trading.daily_pnl.portfolio IS 'Name of the portfolio, in whose currency the amounts are.';
COMMENT ON COLUMN trading.daily_pnl.day IS 'Day in the portfolio''s time zone.';
COMMENT ON COLUMN trading.daily_pnl.equity IS 'Equity of the day''s last snapshot.';
COMMENT ON COLUMN trading.daily_pnl.pnl IS
  'Change of equity since the last snapshot of a day before, or else the opening, without the money that came or went.';
COMMENT ON COLUMN trading.daily_pnl.return IS
  'Time-weighted return since then, as a fraction; NULL after everything was lost.';
COMMENT ON COLUMN trading.daily_pnl.began_at IS 'When the day began: midnight of the portfolio''s time zone.';
COMMENT ON COLUMN trading.daily_pnl.owner IS 'Whose portfolio it is.';

CREATE OR REPLACE VIEW trading.round_trips WITH (security_invoker = true) AS
SELECT p.name AS portfolio, i.symbol, t.lot_fill_id AS opening_fill_id,
       CASE WHEN t.quantity > 0 THEN 'long' ELSE 'short' END AS direction, trim_scale(abs(t.quantity)) AS quantity,
       t.opened_at, t.closed_at, t.closed_at - t.opened_at AS holding_time,
       trim_scale(round(t.entry / (t.quantity * i.multiplier), 8)) AS entry_price,
       trim_scale(round(t.value / (t.quantity * i.multiplier), 8)) AS exit_price,
       trim_scale(t.value - t.entry) AS pnl, trim_scale(f.fees) AS fees,
       trim_scale(t.value - t.entry - f.fees) AS net_pnl,
       trim_scale(round((t.value - t.entry) / nullif(abs(t.entry), 0), 8)) AS return,
       -- Both are measured against the entry: the worst is zero or below, the best zero or above.
       CASE WHEN m.lowest IS NOT NULL
            THEN trim_scale(round(least(0, n.size * CASE WHEN t.quantity > 0 THEN m.lowest ELSE m.highest END
                                           - t.entry), 8)) END AS mae,
       CASE WHEN m.lowest IS NOT NULL
            THEN trim_scale(round(greatest(0, n.size * CASE WHEN t.quantity > 0 THEN m.highest ELSE m.lowest END
                                              - t.entry), 8)) END AS mfe,
       a.name AS agent,
       CASE i.currency WHEN p.currency THEN 1
                       ELSE trim_scale(internal.base_rate(i.currency, p.currency, t.closed_at)) END AS rate, p.owner
  FROM trading.portfolios AS p
  CROSS JOIN LATERAL (
    WITH RECURSIVE corrected AS (
      SELECT f.corrects_fill_id AS place, f.fill_id FROM trading.fills AS f
       WHERE f.portfolio_id = p.portfolio_id AND f.corrects_fill_id IS NOT NULL
      UNION ALL
      SELECT c.place, f.fill_id
        FROM corrected AS c
        JOIN trading.fills AS f ON f.portfolio_id = p.portfolio_id AND f.corrects_fill_id = c.fill_id
    ), standing AS (  -- the fill that a lot goes back to now
      SELECT c.place, max(c.fill_id) AS fill_id FROM corrected AS c GROUP BY c.place
    ), closed AS (
      SELECT c.*, n.place, max(n.place) OVER (PARTITION BY c.lot_fill_id) AS last_place,
             round(coalesce(x.fee / x.quantity, s.fees / abs(s.quantity)) * abs(c.quantity), 8) AS fee
        FROM trading.lot_closures AS c
        LEFT JOIN trading.fills AS x ON x.portfolio_id = c.portfolio_id AND x.fill_id = c.fill_id
        LEFT JOIN trading.settlements AS s
          ON c.fill_id = 0 AND s.portfolio_id = c.portfolio_id AND s.instrument_id = c.instrument_id
         AND s.kind <> 'daily' AND s.at = c.closed_at
        -- A fill is before the splits that came after it, a fraction paid in cash at its own split.
        LEFT JOIN trading.position_adjustments AS a
          ON c.fill_id < 0 AND a.portfolio_id = c.portfolio_id AND a.action_id = -c.fill_id
        CROSS JOIN LATERAL (
          SELECT CASE WHEN c.fill_id > 0 THEN ARRAY[c.fill_id - 0.5]
                      WHEN c.fill_id < 0 THEN ARRAY[a.after_fill_id, extract(epoch FROM a.at), a.action_id] END)
          AS n (place)
       WHERE c.portfolio_id = p.portfolio_id
    )
    SELECT c.instrument_id, c.lot_fill_id, min(c.opened_at) AS opened_at, max(c.closed_at) AS closed_at,
           -- In the shares of the last close: what was closed before a split counts as what it is after it.
           round(sum(c.quantity * coalesce(r.factor, 1)), 8) AS quantity,
           -- What a future cost when it was opened, not at its last settlement.
           sum(c.cost - c.settled_pnl) AS entry, sum(c.value) AS value, coalesce(sum(c.fee), 0) AS fees,
           coalesce((SELECT s.fill_id FROM standing AS s WHERE s.place = c.lot_fill_id), c.lot_fill_id) AS fill_id
      FROM closed AS c
      LEFT JOIN LATERAL (
        SELECT exp(sum(ln(a.numerator / a.denominator))) AS factor FROM trading.position_adjustments AS a
         WHERE a.portfolio_id = c.portfolio_id AND a.instrument_id = c.instrument_id AND c.fill_id <> 0
           AND ARRAY[a.after_fill_id, extract(epoch FROM a.at), a.action_id] > c.place
           AND ARRAY[a.after_fill_id, extract(epoch FROM a.at), a.action_id] <= c.last_place) AS r ON true
     GROUP BY c.instrument_id, c.lot_fill_id) AS t
  JOIN market.listings AS i USING (instrument_id)
  LEFT JOIN trading.fills AS e ON e.portfolio_id = p.portfolio_id AND e.fill_id = t.fill_id
  LEFT JOIN trading.orders AS o ON o.portfolio_id = e.portfolio_id AND o.order_id = e.order_id
  LEFT JOIN strategy.agents AS a ON a.portfolio_id = o.portfolio_id AND a.agent_id = o.agent_id
  CROSS JOIN LATERAL (
    -- Of the opening's fee the share of its value that was closed, which no split changes.
    SELECT t.fees + coalesce(round(e.fee * least(abs(t.entry) / nullif(e.value, 0), 1), 8), 0)) AS f (fees)
  CROSS JOIN LATERAL (SELECT t.quantity * i.multiplier) AS n (size)
  -- A subquery of one row: whoever asks for neither mae nor mfe reads no prices.
  LEFT JOIN LATERAL (
    SELECT least(min(r.lowest), (t.entry / n.size)::float8, (t.value / n.size)::float8)::numeric AS lowest,
           greatest(max(r.highest), (t.entry / n.size)::float8, (t.value / n.size)::float8)::numeric AS highest
      FROM market.price_range(t.instrument_id, t.opened_at, t.closed_at) AS r
     -- Prices on both sides of a split are of different shares.
    HAVING NOT EXISTS (SELECT FROM market.corporate_actions AS c
                         JOIN market.instruments AS x USING (instrument_id)
                        WHERE c.instrument_id = t.instrument_id AND c.numerator IS NOT NULL
                          AND market.day_start(x.exchange_id, c.ex_date) > t.opened_at
                          AND market.day_start(x.exchange_id, c.ex_date) <= t.closed_at)) AS m ON true;
COMMENT ON VIEW trading.round_trips IS
  'Closed quantity by the fill that opened it, first in first out, in the instrument''s currency and in the shares of '
  'the last close. A future''s entry is that of its opening, whatever was settled on the way; the exit may be a final '
  'settlement or an expiry.';
COMMENT ON COLUMN trading.round_trips.portfolio IS 'Name of the portfolio.';
COMMENT ON COLUMN trading.round_trips.symbol IS 'What was traded, EXCHANGE:SYMBOL as it is now.';
COMMENT ON COLUMN trading.round_trips.opening_fill_id IS 'Number of the fill that opened it, within the portfolio.';
COMMENT ON COLUMN trading.round_trips.direction IS 'long or short.';
COMMENT ON COLUMN trading.round_trips.quantity IS 'Units closed so far, never negative.';
COMMENT ON COLUMN trading.round_trips.opened_at IS 'Event time of the opening fill.';
COMMENT ON COLUMN trading.round_trips.closed_at IS 'Event time of the last close.';
COMMENT ON COLUMN trading.round_trips.holding_time IS 'From the opening fill to the last close.';
COMMENT ON COLUMN trading.round_trips.entry_price IS 'Price per unit at the opening.';
COMMENT ON COLUMN trading.round_trips.exit_price IS 'Average price per unit of the closes.';
COMMENT ON COLUMN trading.round_trips.pnl IS 'Profit before fees.';
COMMENT ON COLUMN trading.round_trips.fees IS 'Fees of the opening and of the closes, each fill''s by its share.';
COMMENT ON COLUMN trading.round_trips.net_pnl IS 'Profit after fees.';
COMMENT ON COLUMN trading.round_trips.return IS 'Profit before fees as a fraction of the cost; NULL when that was 0.';
COMMENT ON COLUMN trading.round_trips.mae IS
  'Worst open profit on the way (maximum adverse excursion), zero or negative, over ticks and whole bars; NULL when a '
  'split was on the way.';
COMMENT ON COLUMN trading.round_trips.mfe IS
  'Best open profit on the way (maximum favourable excursion), zero or positive, over ticks and whole bars; NULL when '
  'a split was on the way.';
COMMENT ON COLUMN trading.round_trips.agent IS 'Agent whose order opened it; NULL for a person''s.';
COMMENT ON COLUMN trading.round_trips.rate IS
  'What makes amounts the portfolio''s currency: the exchange rate at the last close, 1 for its own, 0 while none was '
  'known.';
COMMENT ON COLUMN trading.round_trips.owner IS 'Whose portfolio it is.';
