-- What went wrong.
CREATE OR REPLACE VIEW reporting.error_journal WITH (security_invoker = true) AS
SELECT e.at AS time, p.name AS portfolio, i.symbol, e.kind, coalesce(e.payload ->> 'code', e.payload ->> 'reason_code')
         AS code,
       coalesce(e.payload ->> 'reason', e.payload ->> 'error', e.payload::text) AS detail, e.order_id, e.actor,
       e.recorded_at, e.payload ->> 'client_order_id' AS client_order_id, p.owner
  FROM ops.events AS e
  LEFT JOIN trading.portfolios AS p USING (portfolio_id)
  LEFT JOIN market.listings AS i USING (instrument_id)
 WHERE ops.is_fault(e.kind);
COMMENT ON VIEW reporting.error_journal IS
  'Events of the journal that say that something went wrong or was stopped (ops.is_fault). A range of time is found by '
  'an index.';
COMMENT ON COLUMN reporting.error_journal.time IS 'Event time.';
COMMENT ON COLUMN reporting.error_journal.portfolio IS 'Name of the portfolio; NULL when it concerns none.';
COMMENT ON COLUMN reporting.error_journal.symbol IS 'EXCHANGE:SYMBOL of the instrument; NULL when it concerns none.';
COMMENT ON COLUMN reporting.error_journal.kind IS 'What happened, as subject.verb.';
COMMENT ON COLUMN reporting.error_journal.code IS 'Code of it; NULL when it has none.';
COMMENT ON COLUMN reporting.error_journal.detail IS 'Words or figures.';
COMMENT ON COLUMN reporting.error_journal.order_id IS
  'Number of the order in the portfolio; NULL when it concerns none.';
COMMENT ON COLUMN reporting.error_journal.actor IS 'Who caused it.';
COMMENT ON COLUMN reporting.error_journal.recorded_at IS 'Clock time.';
COMMENT ON COLUMN reporting.error_journal.client_order_id IS
  'What joins signal, order, fills and the log; NULL when it concerns no order.';
COMMENT ON COLUMN reporting.error_journal.owner IS 'Whose portfolio it is; NULL when it concerns none.';
