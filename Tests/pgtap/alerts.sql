-- Rules of alerts and what they find: an incident is one alert, told once, with the rights of the rule's owner.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/people.sql
-- The house's own rules are tried at the end.
UPDATE ops.alert_rules SET enabled = false;
CREATE TABLE public.wrong (subject text, value float8, detail text);
GRANT SELECT ON public.wrong TO PUBLIC;
SELECT ops.set_alert_channel('inbox', 'in_app') \g /dev/null
CREATE FUNCTION pg_temp.evaluate(at text) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', e.event, e.rule, nullif(e.subject, '')), ', ' ORDER BY e.rule, e.subject, e.event) FROM ops.evaluate_alerts(('2026-01-05 ' || at || 'Z')::timestamptz) AS e $$;
CREATE FUNCTION pg_temp.told() RETURNS text LANGUAGE sql AS $$
  WITH gone AS (DELETE FROM ops.notifications RETURNING *)
  SELECT string_agg(concat_ws(' ', g.event, g.payload ->> 'rule', nullif(g.payload ->> 'subject', '')), ', ' ORDER BY g.payload ->> 'rule', g.payload ->> 'subject', g.event) FROM gone AS g $$;
CREATE FUNCTION pg_temp.alert(rule text, subject text DEFAULT '') RETURNS ops.alerts LANGUAGE sql AS $$
  SELECT a.* FROM ops.alerts AS a WHERE a.rule = $1 AND a.subject = $2 ORDER BY a.alert_id DESC LIMIT 1 $$;

-- An incident fires once, and again when it comes again.
SELECT ops.set_alert_rule('wrong', 'SELECT * FROM public.wrong') \g /dev/null
SELECT is(pg_temp.evaluate('10:00'), NULL, 'nothing is wrong');
INSERT INTO public.wrong VALUES ('a', 1, 'first'), ('b', 2, NULL), ('b', 3, NULL);
SELECT is(pg_temp.evaluate('10:01'), 'opened wrong a, opened wrong b', 'each subject is an alert');
SELECT is(pg_temp.told(), 'opened wrong a, opened wrong b', 'and is told');
UPDATE public.wrong SET value = 5 WHERE subject = 'a';
SELECT is(pg_temp.evaluate('10:02'), NULL, 'once');
SELECT is((pg_temp.alert('wrong', 'a')).value, 5::float8, 'what was measured last is kept');
SELECT is(pg_temp.told(), NULL, 'and nobody is told again');
SELECT throws_ok($$INSERT INTO ops.alerts (rule_id, subject, rule, severity, opened_at, last_seen_at) SELECT rule_id, subject, rule, severity, now(), now() FROM ops.alerts LIMIT 1$$, '23505', NULL, 'two of one subject cannot be open');
DELETE FROM public.wrong WHERE subject = 'a';
SELECT is(pg_temp.evaluate('10:03'), 'resolved wrong a', 'it ends by itself');
SELECT is(pg_temp.told(), 'resolved wrong a', 'which is told');
INSERT INTO public.wrong VALUES ('a', 1, 'again');
SELECT is(pg_temp.evaluate('10:04'), 'opened wrong a', 'and comes again');
SELECT is((SELECT count(*) FROM ops.alerts AS a WHERE a.subject = 'a'), 2::bigint, 'as another alert');
SELECT ops.enable_alert_rule('wrong', false) \g /dev/null
SELECT is(pg_temp.evaluate('10:05'), 'resolved wrong a, resolved wrong b', 'what a rule has opened that is turned off is over');
SELECT pg_temp.told() \g /dev/null

-- A condition may be a boolean; NULL says nothing.
SELECT ops.set_alert_rule('yes', 'SELECT count(*) > 0 FROM public.wrong'), ops.set_alert_rule('no', 'SELECT false'), ops.set_alert_rule('unknown', 'SELECT NULL::boolean') \g /dev/null
SELECT is(pg_temp.evaluate('10:06'), 'opened yes', 'a boolean says whether something is wrong');
SELECT ops.remove_alert_rule(r) FROM unnest('{yes,no,unknown}'::text[]) AS r \g /dev/null
SELECT pg_temp.told() \g /dev/null

-- For a while, and not again for a while.
SELECT ops.set_alert_rule('wrong', 'SELECT * FROM public.wrong WHERE subject = ''a''', for_duration => '2 minutes', cooldown => '10 minutes') \g /dev/null
SELECT is(pg_temp.evaluate('11:00'), NULL, 'it has just begun');
SELECT is(pg_temp.evaluate('11:01'), NULL, 'and does not last yet');
DELETE FROM public.wrong WHERE subject = 'a';
SELECT is(pg_temp.evaluate('11:02'), NULL, 'it was over in between');
INSERT INTO public.wrong VALUES ('a', 1, NULL);
SELECT is(pg_temp.evaluate('11:03'), NULL, 'and begins anew');
SELECT is(pg_temp.evaluate('11:05'), 'opened wrong a', 'until it has lasted');
DELETE FROM public.wrong WHERE subject = 'a';
SELECT is(pg_temp.evaluate('11:06'), 'resolved wrong a', 'it ends at once');
INSERT INTO public.wrong VALUES ('a', 1, NULL);
SELECT is(pg_temp.evaluate('11:07') IS NULL AND pg_temp.evaluate('11:15') IS NULL, true, 'and opens none during the cooldown');
SELECT is(pg_temp.evaluate('11:17'), 'opened wrong a', 'but afterwards, if it still is');
SELECT is(pg_temp.told(), 'opened wrong a, opened wrong a, resolved wrong a', 'each was told once');
SELECT ops.set_alert_rule('seldom', 'SELECT * FROM public.wrong WHERE subject = ''b''', evaluate_every => '1 hour') \g /dev/null
SELECT is(pg_temp.evaluate('11:18'), 'opened seldom b', 'the first time it is evaluated');
DELETE FROM public.wrong;
SELECT is(pg_temp.evaluate('12:17'), 'resolved wrong a', 'then no earlier than it wants');
SELECT is(pg_temp.evaluate('12:18'), 'resolved seldom b', 'at its time');
SELECT ops.remove_alert_rule('seldom') \g /dev/null
SELECT pg_temp.told() \g /dev/null

-- Quiet hours, across midnight of their zone.
SELECT ops.set_alert_rule('wrong', 'SELECT * FROM public.wrong', quiet_from => '22:00', quiet_until => '07:00', quiet_zone => 'Asia/Kolkata') \g /dev/null
INSERT INTO public.wrong VALUES ('short', 1, NULL), ('long', 1, NULL);
SELECT is(pg_temp.evaluate('17:00'), 'opened wrong long, opened wrong short', 'in quiet hours alerts are opened');
SELECT is(pg_temp.told(), NULL, 'and nobody is told');
DELETE FROM public.wrong WHERE subject = 'short';
SELECT is(pg_temp.evaluate('18:00'), 'resolved wrong short', 'what ends in them');
SELECT is(internal.quiet_until('22:00', '07:00', 'Asia/Kolkata', '2026-01-05 17:00Z'), '2026-01-06 01:30Z'::timestamptz, 'they end in the morning');
SELECT is(internal.quiet_until('22:00', '07:00', 'Asia/Kolkata', '2026-01-06 01:29Z'), '2026-01-06 01:30Z'::timestamptz, 'of the same day after midnight');
SELECT is(internal.quiet_until('22:00', '07:00', 'Asia/Kolkata', '2026-01-06 01:30Z'), NULL, 'no longer');
SELECT is(internal.quiet_until('09:00', '17:00', 'UTC', '2026-01-06 16:59Z'), '2026-01-06 17:00Z'::timestamptz, 'hours within a day');
SELECT ops.evaluate_alerts('2026-01-06 01:30Z') \g /dev/null
SELECT is(pg_temp.told(), 'opened wrong long', 'is never told, and what is still open is told at their end');
DELETE FROM public.wrong;
SELECT ops.evaluate_alerts('2026-01-06 01:31Z') \g /dev/null
SELECT pg_temp.told() \g /dev/null

-- Severity, channels, escalation, acknowledgement, silence.
SELECT ops.set_alert_channel('pager', 'in_app', least_severity => 'critical'), ops.set_alert_channel('off', 'in_app', enabled => false) \g /dev/null
SELECT ops.set_alert_rule('wrong', 'SELECT * FROM public.wrong', escalate_after => '10 minutes', channels => '{inbox}') \g /dev/null
CREATE FUNCTION pg_temp.channels() RETURNS text LANGUAGE sql AS $$
  WITH gone AS (DELETE FROM ops.notifications RETURNING *) SELECT string_agg(c.name || ' ' || g.event, ', ' ORDER BY c.name, g.event) FROM gone AS g JOIN ops.alert_channels AS c USING (channel_id) $$;
INSERT INTO public.wrong VALUES ('a', 1, NULL), ('b', 1, NULL), ('c', 1, NULL);
SELECT pg_temp.evaluate('12:20') \g /dev/null
SELECT is(pg_temp.channels(), 'inbox opened, inbox opened, inbox opened', 'the channels of the rule are told, if it is bad enough for them');
SELECT is((ops.acknowledge_alert((pg_temp.alert('wrong', 'a')).alert_id)).state, 'acknowledged', 'somebody looks after one');
SELECT is((ops.acknowledge_alert((pg_temp.alert('wrong', 'a')).alert_id, '2030-01-01')).acknowledged_at < '2030-01-01', true, 'again changes nothing');
SELECT is((ops.silence_alert((pg_temp.alert('wrong', 'b')).alert_id, '2026-01-05 12:40Z')).state, 'silenced', 'another is silenced');
SELECT is(pg_temp.evaluate('12:31'), NULL, 'nothing opens');
SELECT is(pg_temp.channels(), 'inbox escalated, pager escalated', 'the one that nobody looks at escalates, to all');
SELECT pg_temp.evaluate('12:32') \g /dev/null
SELECT is(pg_temp.channels(), NULL, 'once');
SELECT pg_temp.evaluate('12:40') \g /dev/null
SELECT is((pg_temp.alert('wrong', 'b')).state, 'open', 'silence ends by its time');
SELECT pg_temp.evaluate('12:41') \g /dev/null
SELECT is(pg_temp.channels(), 'inbox escalated, pager escalated', 'and what nobody looks at escalates then');
SELECT is((ops.resolve_alert((pg_temp.alert('wrong', 'c')).alert_id, '2026-01-05 12:42Z')).state, 'resolved', 'somebody says it is over');
SELECT is(pg_temp.evaluate('12:43'), 'opened wrong c', 'it is not');
SELECT pg_temp.refuses(format('SELECT ops.acknowledge_alert(%s)', (SELECT min(alert_id) FROM ops.alerts)), 'TR809', 'what is over cannot be acknowledged');
SELECT pg_temp.refuses(s, 'TR810', s) FROM unnest(ARRAY[format('SELECT ops.silence_alert(%s, ''infinity'')', (pg_temp.alert('wrong', 'c')).alert_id), format('SELECT ops.silence_alert(%s, NULL)', (pg_temp.alert('wrong', 'c')).alert_id)]) AS s;
DELETE FROM public.wrong;
SELECT pg_temp.evaluate('12:44'), pg_temp.channels() \g /dev/null
SELECT ops.remove_alert_channel('pager'), ops.remove_alert_channel('off'), ops.remove_alert_rule('wrong') \g /dev/null
SELECT is((SELECT count(*) FROM ops.alerts), 0::bigint, 'a rule goes with its alerts');

-- A rule that fails is an alert of its own; the others go on, and what it had opened stays.
INSERT INTO public.wrong VALUES ('a', 1, NULL);
SELECT ops.set_alert_rule('fails', 'SELECT subject, 1 / value AS value FROM public.wrong'), ops.set_alert_rule('goes-on', 'SELECT * FROM public.wrong') \g /dev/null
SELECT is(pg_temp.evaluate('13:00'), 'opened fails a, opened goes-on a', 'both work');
INSERT INTO public.wrong VALUES ('zero', 0, NULL);
SELECT is(pg_temp.evaluate('13:01'), 'opened fails condition failed, opened goes-on zero', 'one fails');
SELECT is((SELECT s.code FROM ops.rule_states AS s JOIN ops.alert_rules AS r USING (rule_id) WHERE r.name = 'fails'), '22012', 'with its code');
SELECT is((pg_temp.alert('fails', 'a')).state, 'open', 'nobody knows whether what it found is over');
DELETE FROM public.wrong;
SELECT is(pg_temp.evaluate('13:02'), 'resolved fails a, resolved fails condition failed, resolved goes-on a, resolved goes-on zero', 'it works again');
SELECT ops.set_alert_rule('fails', 'SELECT n::text AS subject FROM generate_series(1, 201) AS n') \g /dev/null
SELECT is(pg_temp.evaluate('13:03'), 'opened fails condition failed', 'too many rows are a failure');
SELECT matches((pg_temp.alert('fails', 'condition failed')).detail, '^TR804', 'which is said');
SELECT ops.remove_alert_rule('fails'), ops.remove_alert_rule('goes-on') \g /dev/null

-- Thresholds on views of reporting.
SELECT ops.set_alert_rule('price', kind => 'threshold', source => 'candle_freshness', measure => 'age_seconds', comparison => '>', bound => 60, filter => '{"symbol": "US:IBM"}') \g /dev/null
SELECT ops.set_alert_rule('value', kind => 'threshold', source => 'portfolio_value', measure => 'equity', comparison => '<', bound => 10001, lookback => '366 days') \g /dev/null
SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('main')], '2026-01-05 09:00Z') \g /dev/null
SELECT is(pg_temp.evaluate('14:00'), format('opened price US:IBM, opened value %s/main', ops.actor()), 'a number beyond its bound, of the latest row where there are times');
SELECT is(pg_temp.evaluate('14:01'), NULL, 'once');
SELECT ops.remove_alert_rule('price'), ops.remove_alert_rule('value') \g /dev/null

-- Prices.
SELECT ops.set_alert_rule('above', 'close > 200', 'price', 'IBM'), ops.set_alert_rule('below', ' close<=99.5 ', 'price', 'IBM') \g /dev/null
SELECT is(pg_temp.evaluate('15:00'), NULL, 'the price is between');
SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], ARRAY[timestamptz '2026-01-05 15:00Z'], ARRAY[200.01::float8], ARRAY[NULL::float8]) \g /dev/null
SELECT is(pg_temp.evaluate('15:01'), 'opened above US:IBM', 'above it');
SELECT market.upsert_quotes(ARRAY[market.instrument_id('IBM')], ARRAY[timestamptz '2026-01-05 15:02Z'], ARRAY[99.5::float8], ARRAY[NULL::float8]) \g /dev/null
SELECT is(pg_temp.evaluate('15:03'), 'resolved above US:IBM, opened below US:IBM', 'and below');
SELECT ops.set_alert_rule('candle', 'close < 3', 'price', 'IBM', '1 day') \g /dev/null
INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume) VALUES (market.instrument_id('IBM'), '1 day', '2026-01-02 05:00Z', 1, 2, 1, 2, 10);
SELECT is(pg_temp.evaluate('15:04'), 'opened candle US:IBM', 'the last candle that has closed');
SELECT ops.remove_alert_rule(r) FROM unnest('{above,below,candle}'::text[]) AS r \g /dev/null

-- What no rule can be.
SELECT pg_temp.refuses(format('SELECT ops.set_alert_rule(%s)', s), 'TR801', s) FROM unnest(ARRAY['NULL, ''SELECT 1''', '''x y'', ''SELECT 1''', '''x''', '''x'', ''SELECT 1'', NULL',
  '''x'', ''SELECT 1'', bound => ''NaN''', '''x'', ''SELECT 1'', quiet_from => ''9:00''', '''x'', ''SELECT 1'', quiet_zone => ''Mars/Olympus''', '''x'', ''SELECT 1'', for_duration => ''-1 s''', '''x'', ''SELECT 1'', evaluate_every => NULL',
  '''x'', ''close > 1'', ''price''', '''x'', ''close > 1'', ''price'', ''IBM'', bound => 2', '''x'', ''SELECT 1'', channels => ''{}''', '''x'', ''SELECT 1'', source => ''runners''', '''x'', kind => ''threshold'', source => ''none'', measure => ''share'', comparison => ''>'', bound => 1',
  '''x'', kind => ''threshold'', source => ''limit_use'', measure => ''portfolio'', comparison => ''>'', bound => 1', '''x'', kind => ''threshold'', source => ''limit_use'', measure => ''share'', comparison => ''> 0 OR 1 ='', bound => 1', '''x'', kind => ''threshold'', source => ''limit_use'', measure => ''share'', comparison => ''>'', bound => 1, filter => ''{"none": 1}''']) AS s;
SELECT pg_temp.refuses($$SELECT ops.set_alert_rule('x', 'close > 1', 'price', 'NONE')$$, 'TR101', 'an unknown symbol');
SELECT pg_temp.refuses($$SELECT ops.enable_alert_rule('none')$$, 'TR802', 'an unknown rule');
SELECT pg_temp.refuses($$SELECT ops.remove_alert_rule('house/disk')$$, 'TR802', 'a rule of the house stays');
SELECT is((ops.enable_alert_rule('house/disk')).enabled, true, 'but is turned on and off');
SELECT risk.set_limit('daily_loss', 100, 'portfolio', 'main', at => '2024-01-02') \g /dev/null
UPDATE ops.alert_rules SET enabled = true, evaluate_every = '0' WHERE owner IS NULL AND NOT is_slow;
SELECT count(*) FROM ops.evaluate_alerts() \g /dev/null
SELECT is_empty($$SELECT r.name, s.code, s.error FROM ops.rule_states AS s JOIN ops.alert_rules AS r USING (rule_id) WHERE s.code IS NOT NULL$$, 'each rule of the house can be evaluated');
SELECT is((SELECT count(*) FROM ops.rule_states AS s JOIN ops.alert_rules AS r USING (rule_id) WHERE r.owner IS NULL), 12::bigint, 'and was');
SELECT ops.report_gauge('disk_free', '/', 0.05) \g /dev/null
SELECT is(string_agg(e.rule || ' ' || e.subject, ', '), 'disk /', 'and finds what runners report') FROM ops.evaluate_alerts() AS e;
SELECT pg_temp.refuses($$SELECT ops.report_gauge('disk_free', '/', 'NaN')$$, 'TR813', 'what is no number is no gauge');

SELECT * FROM finish();
ROLLBACK;
