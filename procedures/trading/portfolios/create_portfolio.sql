-- writes trading.portfolios, trading.portfolio_values, ledger.*, ops.events; errors TR214
CREATE OR REPLACE FUNCTION trading.create_portfolio(
  name text, currency text DEFAULT 'USD', capital numeric DEFAULT 0, broker text DEFAULT 'paper',
  fee_schedule text DEFAULT 'free',
  slippage_bps numeric DEFAULT 0, snapshot_interval interval DEFAULT '1 day', at timestamptz DEFAULT now(),
  account_type trading.account_type DEFAULT 'cash', requires_approval boolean DEFAULT false,
  participation_percent numeric DEFAULT NULL, time_zone text DEFAULT NULL)
RETURNS trading.portfolios
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio trading.portfolios;
BEGIN
  IF (create_portfolio.name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' AND create_portfolio.currency ~ '^[A-Z][A-Z0-9]{2,9}$'
      AND create_portfolio.capital >= 0 AND create_portfolio.capital < 1e20
      AND create_portfolio.slippage_bps BETWEEN 0 AND 10000
      AND (create_portfolio.participation_percent IS NULL
           OR create_portfolio.participation_percent BETWEEN 0.0001 AND 100)) IS NOT TRUE
     OR NOT EXISTS (SELECT FROM trading.fee_schedules AS f WHERE f.name = create_portfolio.fee_schedule)
        AND NOT EXISTS (SELECT FROM trading.fee_plans AS n WHERE n.name = create_portfolio.fee_schedule)
     OR create_portfolio.time_zone IS NOT NULL
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = create_portfolio.time_zone)
     OR EXISTS (SELECT FROM trading.portfolios AS p WHERE p.name = create_portfolio.name) THEN
    RAISE EXCEPTION 'a portfolio cannot be created on these terms'
      USING ERRCODE = 'TR214',
            DETAIL = format('name %L, currency %L, capital %s, fee_schedule %L, slippage_bps %s, '
                            'participation_percent %s, time_zone %L.', create_portfolio.name, create_portfolio.currency,
                            create_portfolio.capital, create_portfolio.fee_schedule, create_portfolio.slippage_bps,
                            create_portfolio.participation_percent, create_portfolio.time_zone),
            HINT = 'The name is new and made of letters, digits, dots, dashes and underscores; capital is not '
                   'negative; the schedule is in trading.fee_schedules or trading.fee_plans; participation is NULL or '
                   'from 0.0001 to 100 percent; time zones are IANA names, such as America/New_York.';
  END IF;
  INSERT INTO trading.portfolios (name, currency, broker, fee_schedule, slippage_bps, snapshot_interval, opened_at,
                                  account_type, requires_approval, participation_percent, time_zone)
  VALUES (create_portfolio.name, create_portfolio.currency, create_portfolio.broker, create_portfolio.fee_schedule,
          create_portfolio.slippage_bps, create_portfolio.snapshot_interval, create_portfolio.at,
          coalesce(create_portfolio.account_type, 'cash'), coalesce(create_portfolio.requires_approval, true),
          create_portfolio.participation_percent, create_portfolio.time_zone)
  RETURNING * INTO v_portfolio;
  INSERT INTO ledger.portfolio_clocks (portfolio_id, marked_until)
  VALUES (v_portfolio.portfolio_id, v_portfolio.opened_at);
  INSERT INTO trading.portfolio_values (portfolio_id, at) VALUES (v_portfolio.portfolio_id, create_portfolio.at);
  PERFORM internal.open_accounts(v_portfolio.portfolio_id, v_portfolio.currency);
  PERFORM internal.emit_event('portfolio.created', create_portfolio.at, v_portfolio.portfolio_id,
                         p_payload => jsonb_build_object('name', v_portfolio.name, 'currency', v_portfolio.currency));
  IF create_portfolio.capital > 0 THEN
    PERFORM ledger.deposit(v_portfolio.name, create_portfolio.capital, at => create_portfolio.at,
                           reference => 'initial capital');
  END IF;
  PERFORM internal.ring_doorbell();
  RETURN v_portfolio;
END
$$;
COMMENT ON FUNCTION trading.create_portfolio(
  text, text, numeric, text, text, numeric, interval, timestamptz, trading.account_type, boolean, numeric,
  text) IS
  'Opens a portfolio with its accounts and deposits its first capital. fee_schedule names a schedule, or a plan that '
  'gives each kind of instrument its own. participation_percent is the most that the '
  'paper broker fills of a tick''s size or a bar''s volume. time_zone is that of its days in reports; NULL: that of '
  'the first exchange that it trades at. Error TR214.';
REVOKE ALL ON FUNCTION trading.create_portfolio(
  text, text, numeric, text, text, numeric, interval, timestamptz, trading.account_type, boolean, numeric,
  text) FROM PUBLIC;
