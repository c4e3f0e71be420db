-- What is looked at by itself, what was found, and who is told: rules, alerts, and an outbox of notifications.
CREATE TYPE ops.severity AS ENUM ('info', 'warning', 'critical');
COMMENT ON TYPE ops.severity IS 'How bad it is. critical: somebody has to do something now.';
CREATE TYPE ops.rule_kind AS ENUM ('sql', 'threshold', 'price');
COMMENT ON TYPE ops.rule_kind IS
  'What a rule of alerts asks. sql: a query of its owner; threshold: a number of a view of reporting; price: the '
  'language of strategies, of an instrument.';
CREATE TYPE ops.alert_state AS ENUM ('open', 'acknowledged', 'silenced', 'resolved');
COMMENT ON TYPE ops.alert_state IS
  'acknowledged: somebody looks after it; silenced: nobody is told until a time; resolved: it is over.';
CREATE TYPE ops.channel_kind AS ENUM ('webhook', 'slack', 'telegram', 'email', 'in_app');
COMMENT ON TYPE ops.channel_kind IS
  'How somebody is told. webhook: signed JSON; in_app: the row in ops.notifications is the message.';

CREATE TABLE ops.alert_rules (
  rule_id        int           GENERATED ALWAYS AS IDENTITY CONSTRAINT alert_rules_pkey PRIMARY KEY,
  owner          text          DEFAULT ops.actor()
                 CONSTRAINT alert_rules_owner_check CHECK (length(owner) BETWEEN 1 AND 256),
  name           text          NOT NULL
                 CONSTRAINT alert_rules_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  kind           ops.rule_kind NOT NULL DEFAULT 'sql',
  condition      text          CONSTRAINT alert_rules_condition_check CHECK (length(condition) BETWEEN 1 AND 10000),
  source         name,
  measure        name,
  comparison     text          CONSTRAINT alert_rules_comparison_check
                               CHECK (comparison IN ('<', '<=', '>', '>=', '=', '<>')),
  bound          float8        CONSTRAINT alert_rules_bound_check CHECK (abs(bound) < 'Infinity'),
  filter         jsonb         NOT NULL DEFAULT '{}'
                 CONSTRAINT alert_rules_filter_check
                 CHECK (jsonb_typeof(filter) = 'object' AND octet_length(filter::text) <= 4096),
  instrument_id  int           CONSTRAINT alert_rules_instrument_id_fkey REFERENCES market.instruments,
  timeframe      interval      NOT NULL DEFAULT '0',
  lookback       interval      NOT NULL DEFAULT '1 day'
                 CONSTRAINT alert_rules_lookback_check CHECK (lookback BETWEEN '1 second' AND '366 days'),
  for_duration   interval      NOT NULL DEFAULT '0'
                 CONSTRAINT alert_rules_for_duration_check CHECK (for_duration BETWEEN '0' AND '31 days'),
  severity       ops.severity  NOT NULL DEFAULT 'warning',
  cooldown       interval      NOT NULL DEFAULT '0'
                 CONSTRAINT alert_rules_cooldown_check CHECK (cooldown BETWEEN '0' AND '31 days'),
  quiet_from     time,
  quiet_until    time,
  quiet_zone     text          NOT NULL DEFAULT 'UTC',
  escalate_after interval      CONSTRAINT alert_rules_escalate_after_check
                               CHECK (escalate_after BETWEEN '1 second' AND '31 days'),
  evaluate_every interval      NOT NULL DEFAULT '0'
                 CONSTRAINT alert_rules_evaluate_every_check CHECK (evaluate_every BETWEEN '0' AND '31 days'),
  is_slow        boolean       NOT NULL DEFAULT false,
  channels       text[]        CONSTRAINT alert_rules_channels_check CHECK (cardinality(channels) BETWEEN 1 AND 20),
  description    text          CONSTRAINT alert_rules_description_check CHECK (length(description) <= 1000),
  enabled        boolean       NOT NULL DEFAULT true,
  created_at     timestamptz   NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT alert_rules_quiet_check CHECK ((quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_from <> quiet_until),
  CONSTRAINT alert_rules_kind_check CHECK (
    CASE kind WHEN 'sql' THEN condition IS NOT NULL AND num_nonnulls(source, measure, comparison, instrument_id) = 0
              WHEN 'threshold' THEN condition IS NULL AND instrument_id IS NULL
                                    AND num_nonnulls(source, measure, comparison, bound) = 4
              ELSE num_nonnulls(condition, instrument_id) = 2 AND num_nonnulls(source, measure) = 0 END),
  -- Only the house's own rules may take long: those of others are stopped.
  CONSTRAINT alert_rules_is_slow_check CHECK (NOT is_slow OR owner IS NULL)
);
CREATE UNIQUE INDEX alert_rules_name_key ON ops.alert_rules (owner, name) NULLS NOT DISTINCT;
COMMENT ON TABLE  ops.alert_rules IS
  'What is looked at every few seconds, by runners or by ops.evaluate_alerts(): a row that a condition returns opens '
  'an alert, once for each subject until it is over.';
COMMENT ON COLUMN ops.alert_rules.rule_id IS 'Identifier.';
COMMENT ON COLUMN ops.alert_rules.owner IS
  'Whose it is, with whose rights it is evaluated and who is told; NULL: of the house, which comes with the engine.';
COMMENT ON COLUMN ops.alert_rules.name IS 'Name, unique among the owner''s.';
COMMENT ON COLUMN ops.alert_rules.kind IS 'What it asks.';
COMMENT ON COLUMN ops.alert_rules.condition IS
  'sql: one query. Each row is something that is wrong, with the columns subject (what it concerns), value, detail and '
  'portfolio, as far as it has them; a single boolean says whether something is. price: the text of a rule, such as '
  'close > 200. NULL for threshold.';
COMMENT ON COLUMN ops.alert_rules.source IS 'threshold: view of the schema reporting; else NULL.';
COMMENT ON COLUMN ops.alert_rules.measure IS 'threshold: column of it; else NULL.';
COMMENT ON COLUMN ops.alert_rules.comparison IS
  'How the value is compared with bound; of a price NULL where the rule is more than a comparison.';
COMMENT ON COLUMN ops.alert_rules.bound IS
  'threshold, price: what it is compared with, in its unit. sql: a number for the condition''s $1. NULL: none.';
COMMENT ON COLUMN ops.alert_rules.filter IS 'threshold: columns of the view with the text that each has to have.';
COMMENT ON COLUMN ops.alert_rules.instrument_id IS 'price: the instrument; else NULL.';
COMMENT ON COLUMN ops.alert_rules.timeframe IS
  'price: length of the candles, of which the last closed one counts; 0: the latest price.';
COMMENT ON COLUMN ops.alert_rules.lookback IS
  'threshold on a view with times: the latest row of each subject counts, if it is no older than this.';
COMMENT ON COLUMN ops.alert_rules.for_duration IS 'How long it has to be so before an alert is opened.';
COMMENT ON COLUMN ops.alert_rules.severity IS 'How bad it is.';
COMMENT ON COLUMN ops.alert_rules.cooldown IS
  'After an alert is over, the time during which none is opened for the same subject.';
COMMENT ON COLUMN ops.alert_rules.quiet_from IS
  'Begin of the hours in which nobody is told; who is still open at their end is told then. NULL: there are none.';
COMMENT ON COLUMN ops.alert_rules.quiet_until IS 'End of these hours, the next day where it is before quiet_from.';
COMMENT ON COLUMN ops.alert_rules.quiet_zone IS 'Time zone of these hours.';
COMMENT ON COLUMN ops.alert_rules.escalate_after IS
  'When nobody has acknowledged an alert for so long, all channels are told once, whatever their least severity. '
  'NULL: never.';
COMMENT ON COLUMN ops.alert_rules.evaluate_every IS
  'Least time between two evaluations; 0: each time that rules are evaluated.';
COMMENT ON COLUMN ops.alert_rules.is_slow IS
  'It may take minutes, and is evaluated apart from the others. Of rules of the house alone.';
COMMENT ON COLUMN ops.alert_rules.channels IS 'Names of the channels that are told; NULL: all of the owner''s.';
COMMENT ON COLUMN ops.alert_rules.description IS 'What it means and what to do; NULL: nothing is said.';
COMMENT ON COLUMN ops.alert_rules.enabled IS 'Whether it is evaluated. What it had opened is over when it is not.';
COMMENT ON COLUMN ops.alert_rules.created_at IS 'Clock time.';

CREATE TABLE ops.rule_states (
  rule_id      int         CONSTRAINT rule_states_pkey PRIMARY KEY
               CONSTRAINT rule_states_rule_id_fkey REFERENCES ops.alert_rules ON DELETE CASCADE,
  evaluated_at timestamptz NOT NULL,
  milliseconds float8      NOT NULL,
  code         text,
  error        text
) WITH (fillfactor = 50);
COMMENT ON TABLE  ops.rule_states IS 'When each rule of alerts was evaluated last, and how that went.';
COMMENT ON COLUMN ops.rule_states.rule_id IS 'The rule.';
COMMENT ON COLUMN ops.rule_states.evaluated_at IS 'Time of the evaluation.';
COMMENT ON COLUMN ops.rule_states.milliseconds IS 'How long its condition took, by the clock.';
COMMENT ON COLUMN ops.rule_states.code IS 'SQLSTATE with which the condition failed; NULL: it did not.';
COMMENT ON COLUMN ops.rule_states.error IS 'What the error said; NULL: it did not fail.';

CREATE TABLE ops.pending_alerts (
  rule_id int         NOT NULL CONSTRAINT pending_alerts_rule_id_fkey REFERENCES ops.alert_rules ON DELETE CASCADE,
  subject text        NOT NULL,
  since   timestamptz NOT NULL,
  CONSTRAINT pending_alerts_pkey PRIMARY KEY (rule_id, subject)
);
COMMENT ON TABLE  ops.pending_alerts IS 'What is so, but not yet for as long as its rule wants.';
COMMENT ON COLUMN ops.pending_alerts.rule_id IS 'The rule.';
COMMENT ON COLUMN ops.pending_alerts.subject IS 'What it concerns.';
COMMENT ON COLUMN ops.pending_alerts.since IS 'Since when it has been found each time.';

CREATE TABLE ops.alerts (
  alert_id        bigint          GENERATED ALWAYS AS IDENTITY CONSTRAINT alerts_pkey PRIMARY KEY,
  rule_id         int             NOT NULL
                  CONSTRAINT alerts_rule_id_fkey REFERENCES ops.alert_rules ON DELETE CASCADE,
  subject         text            NOT NULL CONSTRAINT alerts_subject_check CHECK (length(subject) <= 300),
  owner           text,
  rule            text            NOT NULL,
  severity        ops.severity    NOT NULL,
  portfolio_id    int,
  state           ops.alert_state NOT NULL DEFAULT 'open',
  value           float8,
  detail          text            CONSTRAINT alerts_detail_check CHECK (length(detail) <= 1000),
  opened_at       timestamptz     NOT NULL,
  last_seen_at    timestamptz     NOT NULL,
  notified_at     timestamptz,
  escalated_at    timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text,
  silenced_until  timestamptz,
  silenced_by     text,
  resolved_at     timestamptz,
  resolved_by     text,
  CONSTRAINT alerts_resolved_at_check CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
  CONSTRAINT alerts_silenced_until_check CHECK (state <> 'silenced' OR silenced_until IS NOT NULL)
) WITH (fillfactor = 70);
-- An incident is one row.
CREATE UNIQUE INDEX alerts_unresolved_key ON ops.alerts (rule_id, subject) WHERE state <> 'resolved';
CREATE INDEX alerts_resolved_idx ON ops.alerts (rule_id, subject, resolved_at) WHERE state = 'resolved';
CREATE INDEX alerts_over_idx ON ops.alerts (rule_id, resolved_at) WHERE state = 'resolved';
CREATE INDEX alerts_owner_idx ON ops.alerts (owner, alert_id);
COMMENT ON TABLE  ops.alerts IS
  'What rules found: one row for each incident of a rule and a subject, from when it is opened until it is over.';
COMMENT ON COLUMN ops.alerts.alert_id IS 'Identifier.';
COMMENT ON COLUMN ops.alerts.rule_id IS 'The rule.';
COMMENT ON COLUMN ops.alerts.subject IS
  'What it concerns: a portfolio, a symbol, a feed and the like; empty: nothing more than the rule. "condition '
  'failed": the rule itself could not be evaluated.';
COMMENT ON COLUMN ops.alerts.owner IS 'Whose rule it is; NULL: of the house.';
COMMENT ON COLUMN ops.alerts.rule IS 'Name of the rule.';
COMMENT ON COLUMN ops.alerts.severity IS 'How bad it is.';
COMMENT ON COLUMN ops.alerts.portfolio_id IS
  'Portfolio that an alert of the house concerns, whose owner is told too; NULL: none, or the alert is somebody''s.';
COMMENT ON COLUMN ops.alerts.state IS 'What has become of it.';
COMMENT ON COLUMN ops.alerts.value IS 'What was measured last, in the unit of the rule; NULL: nothing.';
COMMENT ON COLUMN ops.alerts.detail IS 'What else was found last; NULL: nothing.';
COMMENT ON COLUMN ops.alerts.opened_at IS 'When it was opened.';
COMMENT ON COLUMN ops.alerts.last_seen_at IS 'When it was found last, to a minute while nothing changes.';
COMMENT ON COLUMN ops.alerts.notified_at IS 'When the channels were told of it; NULL: not yet.';
COMMENT ON COLUMN ops.alerts.escalated_at IS 'When all channels were told that nobody has looked at it; NULL: not.';
COMMENT ON COLUMN ops.alerts.acknowledged_at IS 'When somebody said that they look after it; NULL: nobody did.';
COMMENT ON COLUMN ops.alerts.acknowledged_by IS 'Who; NULL: nobody.';
COMMENT ON COLUMN ops.alerts.silenced_until IS 'Until when nobody is told of it; NULL: it was not silenced.';
COMMENT ON COLUMN ops.alerts.silenced_by IS 'Who silenced it; NULL: nobody.';
COMMENT ON COLUMN ops.alerts.resolved_at IS 'When it was over; NULL: it is not.';
COMMENT ON COLUMN ops.alerts.resolved_by IS 'Who said so; NULL: it was found no more, or is not over.';

CREATE TABLE ops.alert_channels (
  channel_id     int              GENERATED ALWAYS AS IDENTITY CONSTRAINT alert_channels_pkey PRIMARY KEY,
  owner          text             NOT NULL DEFAULT ops.actor()
                 CONSTRAINT alert_channels_owner_check CHECK (length(owner) BETWEEN 1 AND 256),
  name           text             NOT NULL
                 CONSTRAINT alert_channels_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  kind           ops.channel_kind NOT NULL,
  address        text             CONSTRAINT alert_channels_address_check CHECK (length(address) BETWEEN 1 AND 300),
  connection_id  uuid             CONSTRAINT alert_channels_connection_id_fkey
                                  REFERENCES identity.broker_connections ON DELETE SET NULL,
  least_severity ops.severity     NOT NULL DEFAULT 'info',
  is_for_house   boolean          NOT NULL DEFAULT false,
  enabled        boolean          NOT NULL DEFAULT true,
  created_at     timestamptz      NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT alert_channels_owner_name_key UNIQUE (owner, name),
  CONSTRAINT alert_channels_kind_check CHECK (
    CASE WHEN kind IN ('email', 'telegram') THEN address IS NOT NULL ELSE address IS NULL END
    AND (kind NOT IN ('email', 'in_app') OR connection_id IS NULL))
);
CREATE INDEX alert_channels_connection_idx ON ops.alert_channels (connection_id);
COMMENT ON TABLE  ops.alert_channels IS
  'How owners are told of alerts. Addresses of servers and their secrets are connections, which only the program with '
  'the key can open (bourse secrets).';
COMMENT ON COLUMN ops.alert_channels.channel_id IS 'Identifier.';
COMMENT ON COLUMN ops.alert_channels.owner IS 'Whose it is.';
COMMENT ON COLUMN ops.alert_channels.name IS 'Name, unique among the owner''s.';
COMMENT ON COLUMN ops.alert_channels.kind IS 'How somebody is told.';
COMMENT ON COLUMN ops.alert_channels.address IS 'email: the address; telegram: the chat; else NULL.';
COMMENT ON COLUMN ops.alert_channels.connection_id IS
  'webhook: address, and the key that signs; slack: the address is the secret; telegram: the token of the bot. NULL '
  'for others, and where it was removed: nothing is delivered then.';
COMMENT ON COLUMN ops.alert_channels.least_severity IS 'What is less bad is not told here.';
COMMENT ON COLUMN ops.alert_channels.is_for_house IS
  'Whether alerts of the house are told here, too: administrators say so.';
COMMENT ON COLUMN ops.alert_channels.enabled IS 'Whether anything is told here.';
COMMENT ON COLUMN ops.alert_channels.created_at IS 'Clock time.';

CREATE TABLE ops.notifications (
  notification_id uuid        CONSTRAINT notifications_pkey PRIMARY KEY,
  channel_id      int         NOT NULL
                  CONSTRAINT notifications_channel_id_fkey REFERENCES ops.alert_channels ON DELETE CASCADE,
  owner           text        NOT NULL,
  alert_id        bigint,
  event           text        NOT NULL
                  CONSTRAINT notifications_event_check CHECK (event IN ('opened', 'escalated', 'resolved', 'test')),
  payload         jsonb       NOT NULL,
  created_at      timestamptz NOT NULL,
  attempts        int         NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  delivered_at    timestamptz,
  dead_at         timestamptz,
  error           text,
  CONSTRAINT notifications_end_check CHECK (
    num_nonnulls(next_attempt_at, delivered_at, dead_at) = 1)
) WITH (fillfactor = 70);
CREATE INDEX notifications_due_idx ON ops.notifications (channel_id, next_attempt_at)
  WHERE next_attempt_at IS NOT NULL;
CREATE INDEX notifications_channel_idx ON ops.notifications (channel_id, created_at, notification_id);
CREATE INDEX notifications_owner_idx ON ops.notifications (owner, created_at);
COMMENT ON TABLE  ops.notifications IS
  'The outbox: what channels are to be told, until they were, or until it failed too often (a dead letter, which can '
  'be replayed). Rows of channels of kind in_app are the messages themselves.';
COMMENT ON COLUMN ops.notifications.notification_id IS
  'Identifier, made of alert, event and channel: a receiver that gets it twice drops the second.';
COMMENT ON COLUMN ops.notifications.channel_id IS 'The channel.';
COMMENT ON COLUMN ops.notifications.owner IS 'Whose channel it is.';
COMMENT ON COLUMN ops.notifications.alert_id IS 'The alert; NULL for a test.';
COMMENT ON COLUMN ops.notifications.event IS 'What became of the alert, or test.';
COMMENT ON COLUMN ops.notifications.payload IS 'What is told: rule, subject, severity, value and times.';
COMMENT ON COLUMN ops.notifications.created_at IS 'Time of the evaluation that wrote it.';
COMMENT ON COLUMN ops.notifications.attempts IS 'How often it was tried.';
COMMENT ON COLUMN ops.notifications.next_attempt_at IS 'When it is tried next; NULL: no more.';
COMMENT ON COLUMN ops.notifications.delivered_at IS 'When the receiver had accepted it; NULL: it has not.';
COMMENT ON COLUMN ops.notifications.dead_at IS 'When it was given up; NULL: it was not.';
COMMENT ON COLUMN ops.notifications.error IS 'Why it failed last; NULL: it did not.';

CREATE TABLE ops.alert_settings (
  is_only_row        boolean  NOT NULL DEFAULT true CONSTRAINT alert_settings_pkey PRIMARY KEY
                     CONSTRAINT alert_settings_is_only_row_check CHECK (is_only_row),
  attempts           int      NOT NULL DEFAULT 3
                     CONSTRAINT alert_settings_attempts_check CHECK (attempts BETWEEN 1 AND 20),
  first_delay        interval NOT NULL DEFAULT '10 seconds'
                     CONSTRAINT alert_settings_first_delay_check CHECK (first_delay BETWEEN '10 ms' AND '1 hour'),
  answer_within      interval NOT NULL DEFAULT '30 seconds'
                     CONSTRAINT alert_settings_answer_within_check CHECK (answer_within BETWEEN '1 s' AND '1 day'),
  keep_letters       interval NOT NULL DEFAULT '30 days'
                     CONSTRAINT alert_settings_keep_letters_check CHECK (keep_letters BETWEEN '0' AND '3660 days'),
  rows_per_channel   int      NOT NULL DEFAULT 10000
                     CONSTRAINT alert_settings_rows_per_channel_check CHECK (rows_per_channel BETWEEN 1 AND 1000000),
  keep_alerts        interval NOT NULL DEFAULT '366 days'
                     CONSTRAINT alert_settings_keep_alerts_check CHECK (keep_alerts BETWEEN '0' AND '3660 days'),
  alerts_per_rule    int      NOT NULL DEFAULT 10000
                     CONSTRAINT alert_settings_alerts_per_rule_check CHECK (alerts_per_rule BETWEEN 1 AND 1000000),
  rows_per_condition int      NOT NULL DEFAULT 200
                     CONSTRAINT alert_settings_rows_per_condition_check CHECK (rows_per_condition BETWEEN 1 AND 10000),
  longest_statement  interval NOT NULL DEFAULT '1 minute'
                     CONSTRAINT alert_settings_longest_statement_check
                     CHECK (longest_statement BETWEEN '100 ms' AND '1 hour')
);
COMMENT ON TABLE  ops.alert_settings IS 'How notifications are tried, and what is kept: one row.';
COMMENT ON COLUMN ops.alert_settings.is_only_row IS 'True.';
COMMENT ON COLUMN ops.alert_settings.attempts IS 'How often a notification is tried before it is a dead letter.';
COMMENT ON COLUMN ops.alert_settings.first_delay IS
  'Time until the second attempt; each further one waits six times as long as the one before it.';
COMMENT ON COLUMN ops.alert_settings.answer_within IS
  'When whoever tries a notification says nothing for so long, it is tried again.';
COMMENT ON COLUMN ops.alert_settings.keep_letters IS 'How long delivered notifications and dead letters are kept.';
COMMENT ON COLUMN ops.alert_settings.rows_per_channel IS
  'Notifications of a channel that are kept, whatever became of them: the oldest go first.';
COMMENT ON COLUMN ops.alert_settings.keep_alerts IS 'How long alerts are kept that are over.';
COMMENT ON COLUMN ops.alert_settings.alerts_per_rule IS
  'Alerts of a rule that are over and are kept: the oldest go first.';
COMMENT ON COLUMN ops.alert_settings.rows_per_condition IS
  'Rows that a condition may return: more is a failure of the rule.';
COMMENT ON COLUMN ops.alert_settings.longest_statement IS
  'Queries of users are evaluated only in sessions with a statement_timeout of at most this.';
INSERT INTO ops.alert_settings DEFAULT VALUES;

CREATE TABLE ops.gauges (
  metric      text        NOT NULL CONSTRAINT gauges_metric_check CHECK (metric ~ '^[a-z][a-z0-9_]{0,62}$'),
  subject     text        NOT NULL CONSTRAINT gauges_subject_check CHECK (length(subject) <= 300),
  value       float8      NOT NULL CONSTRAINT gauges_value_check CHECK (abs(value) < 'Infinity'),
  reported_at timestamptz NOT NULL,
  CONSTRAINT gauges_pkey PRIMARY KEY (metric, subject)
) WITH (fillfactor = 50);
COMMENT ON TABLE  ops.gauges IS 'What PostgreSQL cannot measure itself, and runners report for rules of alerts.';
COMMENT ON COLUMN ops.gauges.metric IS 'What is measured. disk_free: part of the disk that is free, 0 to 1.';
COMMENT ON COLUMN ops.gauges.subject IS 'What of.';
COMMENT ON COLUMN ops.gauges.value IS 'The value, in the unit of the metric.';
COMMENT ON COLUMN ops.gauges.reported_at IS 'Clock time at which it was reported last.';

CREATE TYPE internal.breach AS (
  rule_id    int,
  subject    text,
  portfolio  text,
  value      float8,
  detail     text,
  is_failure boolean
);
COMMENT ON TYPE internal.breach IS 'What a rule of alerts found, or that it could not be evaluated.';
