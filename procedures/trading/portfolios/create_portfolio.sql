-- writes trading.portfolios, trading.portfolio_values, ledger.*, ops.events; errors TR214, TR249,
-- TR701
CREATE OR REPLACE FUNCTION trading.create_portfolio(
  name text, currency text DEFAULT 'USD', capital numeric DEFAULT 0, broker text DEFAULT 'paper',
  fee_schedule text DEFAULT 'free',
  slippage_bps numeric DEFAULT 0, snapshot_interval interval DEFAULT '1 day', at timestamptz DEFAULT now(),
  account_type trading.account_type DEFAULT 'cash', requires_approval boolean DEFAULT false,
  participation_percent numeric DEFAULT NULL, time_zone text DEFAULT NULL, owner text DEFAULT NULL,
  slippage_ticks int DEFAULT 0, impact_bps numeric DEFAULT 0, latency interval DEFAULT '0')
RETURNS trading.portfolios
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_owner     text := coalesce(create_portfolio.owner, ops.actor());
  v_portfolio trading.portfolios;
  v_fault     text;  -- the term that is wrong
BEGIN
  IF v_owner <> ops.actor() THEN
    PERFORM internal.require_staff('portfolios of others');
  ELSIF NOT starts_with(create_portfolio.broker, 'paper') THEN
    PERFORM internal.require_staff('portfolios at brokers');
  END IF;
  -- One term after the other, so that the message names the one that is wrong.
  v_fault := CASE
    WHEN create_portfolio.name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' IS NOT TRUE THEN 'name'
    WHEN (length(v_owner) BETWEEN 1 AND 256) IS NOT TRUE THEN 'owner'
    WHEN EXISTS (SELECT FROM trading.portfolios AS p WHERE p.owner = v_owner AND p.name = create_portfolio.name)
      THEN 'known'
    WHEN create_portfolio.currency ~ '^[A-Z][A-Z0-9]{2,9}$' IS NOT TRUE THEN 'currency'
    WHEN (create_portfolio.capital >= 0 AND create_portfolio.capital < 1e19
          AND create_portfolio.capital = round(create_portfolio.capital, 8)) IS NOT TRUE THEN 'capital'
    WHEN (length(create_portfolio.broker) BETWEEN 1 AND 256) IS NOT TRUE THEN 'broker'
    WHEN NOT EXISTS (SELECT FROM trading.fee_schedules AS f WHERE f.name = create_portfolio.fee_schedule)
         AND NOT EXISTS (SELECT FROM trading.fee_plans AS n WHERE n.name = create_portfolio.fee_schedule)
      THEN 'fee_schedule'
    WHEN (create_portfolio.slippage_bps BETWEEN 0 AND 10000) IS NOT TRUE THEN 'slippage_bps'
    WHEN (create_portfolio.slippage_ticks BETWEEN 0 AND 10000) IS NOT TRUE THEN 'slippage_ticks'
    WHEN (create_portfolio.impact_bps BETWEEN 0 AND 10000) IS NOT TRUE THEN 'impact_bps'
    WHEN (create_portfolio.latency >= interval '0' AND create_portfolio.latency <= interval '1 day') IS NOT TRUE
      THEN 'latency'
    WHEN (create_portfolio.snapshot_interval >= interval '1 second'
          AND extract(month FROM create_portfolio.snapshot_interval) = 0
          AND extract(year FROM create_portfolio.snapshot_interval) = 0) IS NOT TRUE THEN 'snapshot_interval'
    WHEN create_portfolio.time_zone IS NOT NULL
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = create_portfolio.time_zone)
      THEN 'time_zone'
    WHEN create_portfolio.participation_percent NOT BETWEEN 0.0001 AND 100 THEN 'participation_percent' END;
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'a portfolio cannot be created with this %', CASE v_fault WHEN 'known' THEN 'name' ELSE v_fault END
      USING ERRCODE = 'TR214',
            DETAIL = CASE v_fault
              WHEN 'known' THEN format('%s has a portfolio "%s" already.', v_owner, create_portfolio.name)
              ELSE format('%s is %s.', v_fault, coalesce(left(CASE v_fault
                WHEN 'name' THEN quote_literal(create_portfolio.name)
                WHEN 'owner' THEN quote_literal(v_owner)
                WHEN 'currency' THEN quote_literal(create_portfolio.currency)
                WHEN 'capital' THEN create_portfolio.capital::text
                WHEN 'broker' THEN quote_literal(create_portfolio.broker)
                WHEN 'fee_schedule' THEN quote_literal(create_portfolio.fee_schedule)
                WHEN 'slippage_bps' THEN create_portfolio.slippage_bps::text
                WHEN 'slippage_ticks' THEN create_portfolio.slippage_ticks::text
                WHEN 'impact_bps' THEN create_portfolio.impact_bps::text
                WHEN 'latency' THEN create_portfolio.latency::text
                WHEN 'snapshot_interval' THEN create_portfolio.snapshot_interval::text
                WHEN 'time_zone' THEN quote_literal(create_portfolio.time_zone)
                ELSE create_portfolio.participation_percent::text END, 100), 'NULL')) END,
            HINT = CASE v_fault
              WHEN 'name' THEN 'A name begins with a letter or digit and has up to 63 letters, digits, dots, dashes '
                               'and underscores.'
              WHEN 'known' THEN 'Choose another name; SELECT * FROM trading.portfolio_summary shows what is there.'
              WHEN 'owner' THEN 'An owner is a user or a login role; NULL stands for who asks.'
              WHEN 'currency' THEN 'A currency is a code in capital letters, such as USD, INR or USDT.'
              WHEN 'capital' THEN 'Capital is zero or more, with at most eight decimals.'
              WHEN 'broker' THEN 'A broker has a name of up to 256 characters; paper, and what begins so, is imitated.'
              WHEN 'fee_schedule' THEN 'It names a row of trading.fee_schedules or trading.fee_plans.'
              WHEN 'snapshot_interval' THEN 'Snapshots are a second or more apart, in days and less: 1 hour, 1 day.'
              WHEN 'time_zone' THEN 'Time zones are IANA names, such as America/New_York.'
              WHEN 'slippage_bps' THEN 'Slippage is from 0 to 10,000 basis points.'
              WHEN 'slippage_ticks' THEN 'Slippage is from 0 to 10,000 steps of the price.'
              WHEN 'impact_bps' THEN 'The impact of an order is from 0 to 10,000 basis points.'
              WHEN 'latency' THEN 'Orders are under way for no time, or up to a day.'
              ELSE 'Participation is NULL or from 0.0001 to 100 percent.' END;
  END IF;
  PERFORM internal.require_event_time(create_portfolio.at);
  PERFORM internal.require_tier('portfolios', v_owner);
  INSERT INTO trading.portfolios (owner, name, currency, broker, fee_schedule, slippage_bps, snapshot_interval,
                                  opened_at, account_type, requires_approval, participation_percent, time_zone,
                                  slippage_ticks, impact_bps, latency)
  VALUES (v_owner, create_portfolio.name, create_portfolio.currency, create_portfolio.broker,
          create_portfolio.fee_schedule, create_portfolio.slippage_bps, create_portfolio.snapshot_interval,
          create_portfolio.at,
          coalesce(create_portfolio.account_type, 'cash'), coalesce(create_portfolio.requires_approval, true),
          create_portfolio.participation_percent, create_portfolio.time_zone, create_portfolio.slippage_ticks,
          create_portfolio.impact_bps, create_portfolio.latency)
  RETURNING * INTO v_portfolio;
  INSERT INTO ledger.portfolio_clocks (portfolio_id, marked_until)
  VALUES (v_portfolio.portfolio_id, v_portfolio.opened_at);
  INSERT INTO trading.portfolio_values (portfolio_id, at) VALUES (v_portfolio.portfolio_id, create_portfolio.at);
  PERFORM internal.open_accounts(v_portfolio.portfolio_id, v_portfolio.currency);
  PERFORM internal.emit_event('portfolio.created', create_portfolio.at, v_portfolio.portfolio_id,
                         p_payload => jsonb_build_object('name', v_portfolio.name, 'currency', v_portfolio.currency));
  IF create_portfolio.capital > 0 THEN
    PERFORM ledger.deposit(v_owner || '/' || v_portfolio.name, create_portfolio.capital, at => create_portfolio.at,
                           reference => 'initial capital');
  END IF;
  PERFORM internal.ring_doorbell();
  RETURN v_portfolio;
END
$$;
COMMENT ON FUNCTION trading.create_portfolio(
  text, text, numeric, text, text, numeric, interval, timestamptz, trading.account_type, boolean, numeric,
  text, text, int, numeric, interval) IS
  'Opens a portfolio with its accounts and deposits its first capital. fee_schedule names a schedule, or a plan that '
  'gives each kind of instrument its own. participation_percent is the most that the '
  'paper broker fills of a tick''s size or a bar''s volume; slippage_bps, slippage_ticks, impact_bps and latency are '
  'explained at the columns of trading.portfolios. time_zone is that of its days in reports; NULL: that of '
  'the first exchange that it trades at. owner NULL: whoever asks; portfolios of others, and at brokers, are opened by '
  'administrators. Errors TR214, TR701, TR731.';
REVOKE ALL ON FUNCTION trading.create_portfolio(
  text, text, numeric, text, text, numeric, interval, timestamptz, trading.account_type, boolean, numeric,
  text, text, int, numeric, interval) FROM PUBLIC;
