-- The outbox: tried three times, ever later, then a dead letter that can be replayed; and bounded, whoever does not answer.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/people.sql
UPDATE ops.alert_rules SET enabled = false;
CREATE TABLE public.wrong (subject text);
GRANT SELECT ON public.wrong TO PUBLIC;
SELECT identity.put_connection('00000000-0000-0000-0000-000000000007', 'hook', 'webhook', 'https://hook.example/x', '0123456789abcdef', decode(repeat('ab', 40), 'hex')) \g /dev/null
SELECT ops.set_alert_channel('hook', 'webhook', connection => 'hook'), ops.set_alert_channel('mail', 'email', 'ops@example.com'), ops.set_alert_channel('inbox', 'in_app') \g /dev/null
SELECT ops.set_alert_rule('wrong', 'SELECT * FROM public.wrong', description => 'Look at it.') \g /dev/null
INSERT INTO public.wrong VALUES ('a');
SELECT count(*) FROM ops.evaluate_alerts() \g /dev/null
-- As if so much time had passed.
CREATE FUNCTION pg_temp.wait(i interval) RETURNS void LANGUAGE sql AS $$ UPDATE ops.notifications SET next_attempt_at = next_attempt_at - i $$;
CREATE FUNCTION pg_temp.claim() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(c.channel || ' ' || c.attempt, ', ' ORDER BY c.channel) FROM ops.claim_notifications() AS c $$;
CREATE FUNCTION pg_temp.hook() RETURNS ops.notifications LANGUAGE sql AS $$ SELECT n.* FROM ops.notifications AS n JOIN ops.alert_channels AS c USING (channel_id) WHERE c.name = 'hook' ORDER BY n.created_at DESC, n.notification_id LIMIT 1 $$;
CREATE FUNCTION pg_temp.delay() RETURNS text LANGUAGE sql AS $$ SELECT date_trunc('second', n.next_attempt_at - clock_timestamp() + '0.9 s')::text FROM pg_temp.hook() AS n $$;

SELECT is((SELECT string_agg(c.name || ' ' || (n.delivered_at IS NOT NULL), ', ' ORDER BY c.name) FROM ops.notifications AS n JOIN ops.alert_channels AS c USING (channel_id)), 'hook false, inbox true, mail false', 'each channel has its notification; one in the database is there at once');
SELECT is((SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys((pg_temp.hook()).payload) AS k), 'alert_id at description detail event id opened_at owner portfolio resolved_at rule severity subject value', 'it says what there is');
SELECT is((SELECT n.payload ->> 'id' = n.notification_id::text FROM pg_temp.hook() AS n), true, 'under its stable identifier');
SELECT is(pg_temp.claim(), 'hook 1, mail 1', 'one claims what is due');
SELECT is(pg_temp.claim(), NULL, 'and nobody else gets it meanwhile');
SELECT is(ops.note_delivery((pg_temp.hook()).notification_id, 'refused'), true, 'it failed');
SELECT is(pg_temp.delay(), '00:00:10', 'and is tried again after ten seconds');
SELECT pg_temp.wait('10 seconds') \g /dev/null
SELECT is(pg_temp.claim(), 'hook 2', 'then');
SELECT ops.note_delivery((pg_temp.hook()).notification_id, 'refused') \g /dev/null
SELECT is(pg_temp.delay(), '00:01:00', 'after a minute');
SELECT pg_temp.wait('1 minute') \g /dev/null
SELECT is(pg_temp.claim(), 'hook 3, mail 2', 'the third time, and what nobody said anything of');
SELECT ops.note_delivery((pg_temp.hook()).notification_id, 'refused') \g /dev/null
SELECT is((SELECT n.dead_at IS NOT NULL AND n.next_attempt_at IS NULL AND n.error = 'refused' FROM pg_temp.hook() AS n), true, 'it is a dead letter then');
SELECT is(ops.note_delivery((pg_temp.hook()).notification_id, 'refused'), false, 'which fails no more');
SELECT pg_temp.wait('1 day') \g /dev/null
SELECT is(pg_temp.claim(), 'mail 3', 'and is not tried');
SELECT pg_temp.wait('1 day') \g /dev/null
SELECT is(pg_temp.claim(), NULL, 'nor is what was tried three times without an answer');
SELECT is((SELECT count(*) FROM ops.notifications WHERE dead_at IS NOT NULL), 2::bigint, 'both are dead');
SELECT is(ops.replay_notifications('hook'), 1::bigint, 'one is replayed');
SELECT is(ops.replay_notifications('hook'), 0::bigint, 'once');
SELECT is(pg_temp.claim(), 'hook 1', 'from the first attempt on');
SELECT is(ops.note_delivery((pg_temp.hook()).notification_id), true, 'it is delivered');
SELECT is(ops.note_delivery((pg_temp.hook()).notification_id), false, 'once');
SELECT is(ops.note_delivery((pg_temp.hook()).notification_id, 'late'), false, 'and stays so');
SELECT is(ops.note_delivery((SELECT notification_id FROM ops.notifications WHERE dead_at IS NOT NULL)), true, 'what was given up and was accepted after all was delivered');
SELECT is((SELECT count(*) FROM ops.notifications WHERE delivered_at IS NOT NULL), 3::bigint, 'all are');
SELECT pg_temp.refuses($$SELECT * FROM ops.claim_notifications(0)$$, 'TR604', 'nothing is no number to claim');

-- A channel that does not answer keeps no other waiting.
DELETE FROM public.wrong;
INSERT INTO public.wrong SELECT 's' || n FROM generate_series(1, 100) AS n;
SELECT count(*) FROM ops.evaluate_alerts() \g /dev/null
SELECT is((SELECT string_agg(c.channel || ' ' || c.n, ', ' ORDER BY c.channel) FROM (SELECT channel, count(*) AS n FROM ops.claim_notifications() GROUP BY 1) AS c), 'hook 10, mail 10', 'a few of each are claimed at a time');

-- Whoever is down for ever fills no disk.
UPDATE ops.alert_settings SET rows_per_channel = 20, alerts_per_rule = 5;
DO $$
BEGIN
  FOR i IN 1 .. 30 LOOP
    UPDATE public.wrong SET subject = subject || '''';
    PERFORM FROM ops.evaluate_alerts(clock_timestamp() + i * interval '1 minute');
  END LOOP;
END $$;
SELECT is((SELECT max(n) <= 20 FROM (SELECT count(*) AS n FROM ops.notifications GROUP BY channel_id) AS c), true, 'a channel keeps no more than it may');
SELECT is((SELECT count(*) <= 5 + 200 FROM ops.alerts WHERE state = 'resolved'), true, 'nor a rule');
DELETE FROM public.wrong;
UPDATE ops.alert_settings SET keep_letters = '1 day';
SELECT count(*) FROM ops.evaluate_alerts(clock_timestamp() + interval '3 days') \g /dev/null
SELECT is((SELECT count(*) FROM ops.notifications WHERE created_at < clock_timestamp() + interval '1 day'), 0::bigint, 'and old ones go');
SELECT identity.remove_connection('hook') \g /dev/null
SELECT is((SELECT c.connection_id FROM ops.alert_channels AS c WHERE c.name = 'hook'), NULL, 'a channel loses a connection that is removed');

-- What no channel can be.
SELECT pg_temp.refuses(format('SELECT ops.set_alert_channel(%s)', s), 'TR811', s) FROM unnest(ARRAY['''x'', ''webhook''', '''x'', ''slack''', '''x'', ''telegram'', ''1''', '''x'', ''email''', '''x'', ''email'', ''nobody''', E'''x'', ''email'', E''a@b.c\\nBcc: all@x.y''', '''x'', ''email'', ''a@b.c, d@e.f''', '''x'', ''in_app'', ''a''', '''a b'', ''in_app''', '''x'', NULL', '''x'', ''in_app'', enabled => NULL']) AS s;
SELECT pg_temp.refuses($$SELECT ops.set_alert_channel('x', 'webhook', connection => 'none')$$, 'TR753', 'an unknown connection');
SELECT pg_temp.refuses($$SELECT ops.test_alert_channel('none')$$, 'TR812', 'an unknown channel');

-- Letters of identity go the same way, until their token counts no more.
SELECT pg_temp.person('ale_ann', email => 'ann@example.com'), identity.request_password_reset('ann@example.com') \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', l.kind, l.email, l.username, l.token IS NOT NULL), ', ') FROM identity.claim_letters() AS l), 'reset_password ann@example.com ale_ann t', 'a letter with a token is claimed');
SELECT is((SELECT count(*) FROM identity.claim_letters()), 0::bigint, 'by one');
UPDATE identity.outbox SET next_attempt_at = now() - interval '1 second';
SELECT is((SELECT count(*) FROM identity.claim_letters()), 1::bigint, 'and again after a while');
SELECT is((SELECT identity.letter_sent(message_id) FROM identity.outbox WHERE sent_at IS NULL), true, 'it was sent');
SELECT identity.request_password_reset('ann@example.com') \g /dev/null
UPDATE identity.outbox SET expires_at = now() - interval '1 second', next_attempt_at = now() WHERE sent_at IS NULL;
SELECT is((SELECT count(*) FROM identity.claim_letters()), 0::bigint, 'one whose token counts no more is not sent');
SELECT is((SELECT count(*) FROM identity.outbox WHERE sent_at IS NULL), 0::bigint, 'and goes');

SELECT * FROM finish();
ROLLBACK;
