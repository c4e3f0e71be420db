-- What models foresee, and who hears of it.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
SELECT market.add_instrument(symbol => 'MSFT'), trading.create_portfolio(name => 'other', capital => 10000, at => '2024-01-02 09:00Z') \g /dev/null
SELECT strategy.create_strategy('s', 'custom', '1 day', '{"entry": "prediction(''net'', 1h) > 0.5"}'), strategy.create_strategy('t', 'custom', '1 day', '{"entry": "close > open"}') \g /dev/null
SELECT strategy.record_check('s', 1, 'checked', models => '{net}'), strategy.record_check('t', 1, 'checked') \g /dev/null
SELECT strategy.create_agent('user', 'main', 's', '{IBM}'), strategy.create_agent('other', 'other', 't', '{IBM}') \g /dev/null

SELECT is((SELECT (p.at, p.value, p.confidence)::text FROM research.record_prediction('net', 'IBM', '2024-01-08 15:00Z', 0.75, 0.5) AS p), '("2024-01-08 15:00:00+00",0.75,0.5)', 'a prediction');
SELECT is((SELECT m.name FROM research.models AS m), 'net', 'a model comes to be with its first one');
SELECT is((SELECT (m.name, m.description)::text FROM research.create_model('net', 'a small net') AS m), '(net,"a small net")', 'and may be described');
SELECT is((SELECT count(*) FROM research.record_prediction('net', 'US:IBM', '2024-01-08 15:00Z', 0.75, 0.5)), 1::bigint, 'the same again is welcome');
SELECT is((SELECT count(*) FROM research.predictions), 1::bigint, 'and changes nothing');
SELECT pg_temp.refuses(format('SELECT research.record_prediction(%s)', a), c, a) FROM (VALUES
  ('''net'', ''IBM'', ''2024-01-08 15:00Z'', 0.8, 0.5', 'TR525'), ('''net'', ''IBM'', ''2024-01-08 15:00Z'', 0.75', 'TR525'), ('''net'', ''IBM'', ''2024-01-08'', ''NaN''', 'TR525'), ('''net'', ''IBM'', ''2024-01-08'', ''Infinity''', 'TR525'),
  ('''net'', ''IBM'', ''2024-01-08'', NULL', 'TR525'), ('''net'', ''IBM'', ''2024-01-08'', 1, 1.5', 'TR525'), ('''net'', ''IBM'', ''2024-01-08'', 1, ''NaN''', 'TR525'), ('''net'', ''IBM'', ''infinity'', 1', 'TR249'), ('''net'', ''NONE'', ''2024-01-08'', 1', 'TR101'),
  ('''a b'', ''IBM'', ''2024-01-08'', 1', 'TR524'), ('NULL, ''IBM'', ''2024-01-08'', 1', 'TR524')) AS w (a, c);
SELECT is(research.record_predictions('{net,net,tree}', '{IBM,MSFT,MSFT}', '{2024-01-08 15:00Z,2024-01-08 15:00Z,2024-01-08 15:00Z}', '{0.75,0.5,3}', '{0.5,NULL,NULL}'), 2, 'many at once: how many were new');
SELECT pg_temp.refuses($$SELECT research.record_predictions('{net}', '{IBM,MSFT}', '{2024-01-08}', '{1}')$$, 'TR604', 'arrays of one length');
SELECT pg_temp.refuses($$UPDATE research.predictions SET value = 1$$, 'TR213', 'predictions are never changed');
SELECT pg_temp.refuses($$TRUNCATE research.predictions$$, 'TR213', 'or deleted');

-- Clocks: a runner looks when a portfolio has moved.
CREATE FUNCTION pg_temp.moves(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_before jsonb := (SELECT jsonb_object_agg(k.portfolio_id, k.transitions) FROM ledger.portfolio_clocks AS k);
BEGIN
  UPDATE ledger.portfolio_clocks SET stream_xid = '1';  -- as if by transactions before
  EXECUTE statement;
  RETURN (SELECT string_agg(p.name, ' ' ORDER BY p.name) FROM ledger.portfolio_clocks AS k JOIN trading.portfolios AS p USING (portfolio_id) WHERE k.transitions > (v_before ->> k.portfolio_id::text)::int);
END
$$;
SELECT is(pg_temp.moves($$SELECT research.record_prediction('net', 'IBM', '2024-01-08 16:00Z', 1)$$), NULL, 'an idle agent need not know');
SELECT strategy.start_agent('main', 'user', '2024-01-08'), strategy.start_agent('other', 'other', '2024-01-08') \g /dev/null
SELECT is(pg_temp.moves($$SELECT research.record_prediction('net', 'IBM', '2024-01-08 17:00Z', 1)$$), 'main', 'the portfolio with a running agent that uses the model');
SELECT is(pg_temp.moves($$SELECT research.record_prediction('tree', 'IBM', '2024-01-08 17:00Z', 1)$$), NULL, 'nobody uses the other model');

SELECT * FROM finish();
ROLLBACK;
