-- Running it: the journal and its readers, runners and what they hold, imported files, and the audit.
CREATE TABLE ops.events (
  stream_xid    xid8        NOT NULL,
  event_id      bigint      GENERATED ALWAYS AS IDENTITY,
  kind          text        NOT NULL CONSTRAINT events_kind_check CHECK (kind ~ '^[a-z_]+[.][a-z_]+$'),
  portfolio_id  int,
  instrument_id int,
  order_id      bigint,
  payload       jsonb       NOT NULL DEFAULT '{}',
  actor         text        NOT NULL DEFAULT ops.actor(),
  -- Nearly every transition is journaled, so this keeps infinite times out of orders, books and halts too.
  at            timestamptz NOT NULL CONSTRAINT events_at_check CHECK (isfinite(at)),
  recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT events_pkey PRIMARY KEY (stream_xid, event_id)
);
CREATE INDEX events_portfolio_idx ON ops.events (portfolio_id, stream_xid, event_id);
-- What went wrong is little beside what happened, and is looked for by time.
CREATE FUNCTION ops.is_fault(kind text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
RETURN kind IN ('order.rejected', 'order.unknown', 'order.kept_small', 'fill.refused', 'fill.contradicted',
                'position.split_refused', 'position.bonus_refused', 'settlement.unpriced', 'margin.called',
                'margin.deficit', 'risk.halted', 'risk.reducing', 'risk.locked', 'agent.error', 'strategy.refused');
COMMENT ON FUNCTION ops.is_fault(text) IS
  'Whether an event of the journal says that something went wrong or was stopped: refusals, contradictions, errors, '
  'missing prices and margin, halts and locks.';
CREATE INDEX events_faults_idx ON ops.events (at) WHERE ops.is_fault(kind);
COMMENT ON TABLE  ops.events IS
  'The journal of what happened, append-only. Key order is commit order within a portfolio; ops.read_events never '
  'skips a row that commits late.';
COMMENT ON COLUMN ops.events.stream_xid IS
  'Its transaction (epoch × 10^15 + transaction id, see ops.epochs), or the portfolio''s last one where that is '
  'higher: a clock that never runs back within a portfolio.';
COMMENT ON COLUMN ops.events.event_id IS 'Running number; gaps are normal.';
COMMENT ON COLUMN ops.events.kind IS 'What happened, as subject.verb.';
COMMENT ON COLUMN ops.events.portfolio_id IS 'The portfolio; NULL when it concerns none.';
COMMENT ON COLUMN ops.events.instrument_id IS 'The instrument; NULL when it concerns none.';
COMMENT ON COLUMN ops.events.order_id IS 'The order; NULL when it concerns none.';
COMMENT ON COLUMN ops.events.payload IS 'Further figures; everything in it is also in a table.';
COMMENT ON COLUMN ops.events.actor IS 'Database role that caused it.';
COMMENT ON COLUMN ops.events.at IS 'Event time.';
COMMENT ON COLUMN ops.events.recorded_at IS 'Clock time.';

-- Where the journal has been written: transaction ids begin anew in another cluster, and run back on another timeline.
CREATE TABLE ops.epochs (
  epoch             int         CONSTRAINT epochs_pkey PRIMARY KEY
                                CONSTRAINT epochs_epoch_check CHECK (epoch BETWEEN 0 AND 9000),
  system_identifier bigint      NOT NULL,
  timeline          text        NOT NULL CONSTRAINT epochs_timeline_check CHECK (timeline ~ '^[0-9A-F]{8}$'),
  after_stream_xid  xid8,
  after_event_id    bigint,
  began_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  written_by        xid         NOT NULL DEFAULT '0',
  relation          oid         NOT NULL DEFAULT '0'
);
COMMENT ON TABLE  ops.epochs IS
  'The servers on which the journal was written, in order: a new row when the database was restored elsewhere, or '
  'goes on after a failover or a recovery to a point in time. See ops.current_epoch.';
COMMENT ON COLUMN ops.epochs.epoch IS
  'Number, 0 the first. Events of an epoch have a stream_xid of epoch × 10^15 + transaction id.';
COMMENT ON COLUMN ops.epochs.system_identifier IS 'The cluster, as pg_control_system() names it.';
COMMENT ON COLUMN ops.epochs.timeline IS
  'Its timeline: the first eight digits of the names of its WAL files. A promoted server begins a new one.';
COMMENT ON COLUMN ops.epochs.after_stream_xid IS
  'stream_xid of the last event of before. Whoever has seen later ones of an earlier epoch has seen what was lost. '
  'NULL: the journal was empty.';
COMMENT ON COLUMN ops.epochs.after_event_id IS 'event_id of that event.';
COMMENT ON COLUMN ops.epochs.began_at IS 'Clock time at which it began.';
COMMENT ON COLUMN ops.epochs.written_by IS
  'Transaction that wrote this row. A dump writes rows anew, and then this is not the row''s xmin any more.';
COMMENT ON COLUMN ops.epochs.relation IS 'Table that it was written to, which a dump makes anew, too.';

CREATE TABLE ops.consumers (
  owner       text        NOT NULL DEFAULT ops.actor(),
  name        text        NOT NULL
              CONSTRAINT consumers_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  stream_xid  xid8        NOT NULL DEFAULT '0',
  event_id    bigint      NOT NULL DEFAULT 0,
  advanced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT consumers_pkey PRIMARY KEY (owner, name)
);
COMMENT ON TABLE  ops.consumers IS 'Readers of the journal and how far each has come.';
COMMENT ON COLUMN ops.consumers.owner IS 'Whose reader it is: nobody else sees or moves it.';
COMMENT ON COLUMN ops.consumers.name IS 'Name of the reader, unique among the owner''s.';
COMMENT ON COLUMN ops.consumers.stream_xid IS 'First half of the key of the last event that it has dealt with.';
COMMENT ON COLUMN ops.consumers.event_id IS 'Second half of that key.';
COMMENT ON COLUMN ops.consumers.advanced_at IS 'Clock time at which it last moved on.';

CREATE TABLE ops.runners (
  runner_id   int         GENERATED ALWAYS AS IDENTITY CONSTRAINT runners_pkey PRIMARY KEY,
  name        text        NOT NULL,
  host        text        NOT NULL,
  process_id  int         NOT NULL,
  backend_pid int         NOT NULL DEFAULT pg_backend_pid(),
  version     text        NOT NULL,
  feed        text        NOT NULL,
  started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  stopped_at  timestamptz
) WITH (fillfactor = 80);
COMMENT ON TABLE  ops.runners IS
  'Runners that were started; a killed one has no stopped_at, and its locks are gone with its session.';
COMMENT ON COLUMN ops.runners.runner_id IS 'Identifier.';
COMMENT ON COLUMN ops.runners.name IS 'Name given on the command line.';
COMMENT ON COLUMN ops.runners.host IS 'Host that it runs on.';
COMMENT ON COLUMN ops.runners.process_id IS 'Process identifier on that host.';
COMMENT ON COLUMN ops.runners.backend_pid IS 'PostgreSQL backend that serves it.';
COMMENT ON COLUMN ops.runners.version IS 'Version of the binary.';
COMMENT ON COLUMN ops.runners.feed IS 'What it reads.';
COMMENT ON COLUMN ops.runners.started_at IS 'Clock time of the start.';
COMMENT ON COLUMN ops.runners.seen_at IS 'Clock time of the last sign of life.';
COMMENT ON COLUMN ops.runners.stopped_at IS 
  'Clock time of an orderly stop, or at which its database was found on another server; NULL while running or when '
  'killed.';

CREATE TABLE ops.latency_targets (
  step        text NOT NULL CONSTRAINT latency_targets_pkey PRIMARY KEY
              CONSTRAINT latency_targets_step_check CHECK (step ~ '^[a-z][a-z_]{0,62}$'),
  target_ms   int  NOT NULL CONSTRAINT latency_targets_target_ms_check CHECK (target_ms > 0),
  description text NOT NULL
);
COMMENT ON TABLE  ops.latency_targets IS 'How long a step may take: what latencies are compared with.';
COMMENT ON COLUMN ops.latency_targets.step IS 'The step: order, query, or another one of reporting.order_latency.';
COMMENT ON COLUMN ops.latency_targets.target_ms IS 'Milliseconds that it may take.';
COMMENT ON COLUMN ops.latency_targets.description IS 'What is measured, in words.';

CREATE TABLE ops.leases (
  portfolio_id int         CONSTRAINT leases_pkey PRIMARY KEY
               CONSTRAINT leases_portfolio_id_fkey REFERENCES trading.portfolios,
  runner_id    int         NOT NULL CONSTRAINT leases_runner_id_fkey REFERENCES ops.runners,
  taken_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE  ops.leases IS
  'Which runner last took each portfolio. The lease itself is an advisory lock of the runner''s session: it ends with '
  'the session, whatever ended it.';
COMMENT ON COLUMN ops.leases.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ops.leases.runner_id IS 'The runner.';
COMMENT ON COLUMN ops.leases.taken_at IS 'Clock time.';

CREATE TABLE ops.feed_cursors (
  portfolio_id int     NOT NULL CONSTRAINT feed_cursors_portfolio_id_fkey REFERENCES trading.portfolios,
  feed         text    NOT NULL,
  position     bigint  NOT NULL,
  sequence     bigint  NOT NULL DEFAULT 0,
  at           timestamptz,
  is_finished  boolean NOT NULL DEFAULT false,
  CONSTRAINT feed_cursors_pkey PRIMARY KEY (portfolio_id, feed)
) WITH (fillfactor = 50);
COMMENT ON TABLE  ops.feed_cursors IS
  'How far each portfolio has come in each feed, committed with the batch that came there.';
COMMENT ON COLUMN ops.feed_cursors.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ops.feed_cursors.feed IS 'Name of the feed: its kind and its content''s fingerprint or terms.';
COMMENT ON COLUMN ops.feed_cursors.position IS
  'Place in the feed, growing: for a file its data rows read, for stored bars and ticks the time of the last one in '
  'microseconds since 2000-01-01 UTC.';
COMMENT ON COLUMN ops.feed_cursors.sequence IS
  'For stored ticks the seq of the last one among those of its time; 0 otherwise.';
COMMENT ON COLUMN ops.feed_cursors.at IS 'Event time of the last one; NULL before the first.';
COMMENT ON COLUMN ops.feed_cursors.is_finished IS 'The feed came to its end.';

CREATE TABLE ops.imports (
  import_id     int         GENERATED ALWAYS AS IDENTITY CONSTRAINT imports_pkey PRIMARY KEY,
  kind          text        NOT NULL,
  source        text        NOT NULL,
  rows_read     bigint      NOT NULL DEFAULT 0,
  rows_inserted bigint      NOT NULL DEFAULT 0,
  rows_rejected bigint      NOT NULL DEFAULT 0,
  started_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at   timestamptz,
  CONSTRAINT imports_kind_check CHECK (kind IN ('bars', 'ticks', 'instruments'))
);
COMMENT ON TABLE  ops.imports IS 'Files that were imported and what became of their rows.';
COMMENT ON COLUMN ops.imports.import_id IS 'Identifier.';
COMMENT ON COLUMN ops.imports.kind IS 'bars, ticks or instruments.';
COMMENT ON COLUMN ops.imports.source IS 'File name, or - for standard input.';
COMMENT ON COLUMN ops.imports.rows_read IS 'Data rows in the file.';
COMMENT ON COLUMN ops.imports.rows_inserted IS 'Rows that were new.';
COMMENT ON COLUMN ops.imports.rows_rejected IS 'Rows in ops.import_rejects.';
COMMENT ON COLUMN ops.imports.started_at IS 'Clock time.';
COMMENT ON COLUMN ops.imports.finished_at IS 'Clock time; NULL when it did not finish.';

CREATE TABLE ops.import_rejects (
  import_id int    NOT NULL CONSTRAINT import_rejects_import_id_fkey REFERENCES ops.imports,
  line      bigint NOT NULL CONSTRAINT import_rejects_line_check CHECK (line > 0),
  reason    text   NOT NULL,
  content   text   NOT NULL,
  CONSTRAINT import_rejects_pkey PRIMARY KEY (import_id, line)
);
COMMENT ON TABLE  ops.import_rejects IS 'Rows of imported files that could not be used.';
COMMENT ON COLUMN ops.import_rejects.import_id IS 'The import.';
COMMENT ON COLUMN ops.import_rejects.line IS 'Line in the file, the header being line 1.';
COMMENT ON COLUMN ops.import_rejects.reason IS 'Why.';
COMMENT ON COLUMN ops.import_rejects.content IS 'The line, at most 1,000 characters of it.';

-- The audit: who did what that only few may do, in one chain of hashes, and the journal sealed in chains of its own,
-- one for each portfolio. Why they differ is said in docs/decisions/audit.md.
CREATE TABLE ops.chain_heads (
  chain  text   CONSTRAINT chain_heads_pkey PRIMARY KEY
                CONSTRAINT chain_heads_chain_check CHECK (chain ~ '^(audit|journal:[0-9]+)$'),
  number bigint NOT NULL CONSTRAINT chain_heads_number_check CHECK (number >= 0),
  hash   bytea  NOT NULL CONSTRAINT chain_heads_hash_check CHECK (length(hash) = 32)
) WITH (fillfactor = 50);
COMMENT ON TABLE  ops.chain_heads IS
  'The last link of each chain: what is kept outside of the database proves later that nothing before it was changed.';
COMMENT ON COLUMN ops.chain_heads.chain IS
  'audit: ops.audit_log. journal: and a number: the seals of that portfolio in ops.journal_seals; 0: of the events '
  'that concern no portfolio.';
COMMENT ON COLUMN ops.chain_heads.number IS 'Number of the last link; 0: there is none yet.';
COMMENT ON COLUMN ops.chain_heads.hash IS 'Its hash; 32 zero bytes when there is none yet.';
INSERT INTO ops.chain_heads VALUES ('audit', 0, decode(repeat('00', 32), 'hex'));

CREATE TABLE ops.audit_log (
  entry_id    bigint      GENERATED ALWAYS AS IDENTITY,
  act         text        NOT NULL CONSTRAINT audit_log_act_check CHECK (act ~ '^[a-z_]+[.][a-z_]+$'),
  object      text        NOT NULL,
  before      jsonb,
  after       jsonb,
  actor       text        NOT NULL DEFAULT ops.actor(),
  login       text        NOT NULL DEFAULT session_user,
  address     inet        DEFAULT inet_client_addr(),
  application text        NOT NULL DEFAULT current_setting('application_name'),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  number      bigint      CONSTRAINT audit_log_number_key UNIQUE,
  hash        bytea,
  CONSTRAINT audit_log_pkey PRIMARY KEY (entry_id, recorded_at),
  CONSTRAINT audit_log_link_check CHECK ((number IS NULL) = (hash IS NULL))
);
CREATE INDEX audit_log_object_idx ON ops.audit_log (object, entry_id);
COMMENT ON TABLE  ops.audit_log IS
  'Acts that only few may do, logins, and changes of settings, limits, rights and secrets: append-only, and chained by '
  'hashes when their transactions commit. Orders, fills and transfers are in the journal.';
COMMENT ON COLUMN ops.audit_log.entry_id IS
  'Running number; gaps are normal. PostgreSQL may give one twice when a database crashes soon after it was copied '
  'from a template, so that the time belongs to the key.';
COMMENT ON COLUMN ops.audit_log.act IS 'What was done, as subject.verb.';
COMMENT ON COLUMN ops.audit_log.object IS 'What it was done to: the key of the row, or a name.';
COMMENT ON COLUMN ops.audit_log.before IS 'How it was, without secrets; NULL when it was not there.';
COMMENT ON COLUMN ops.audit_log.after IS 'How it is since, without secrets; NULL when it is gone.';
COMMENT ON COLUMN ops.audit_log.actor IS 'Who did it: the user, or the role that logged in.';
COMMENT ON COLUMN ops.audit_log.login IS 'The role that the connection had logged in as.';
COMMENT ON COLUMN ops.audit_log.address IS 'Where the connection came from; NULL: from the same machine by a socket.';
COMMENT ON COLUMN ops.audit_log.application IS 'What the client called itself.';
COMMENT ON COLUMN ops.audit_log.recorded_at IS 'Clock time.';
COMMENT ON COLUMN ops.audit_log.number IS
  'Place in the chain, without gaps, in the order of commits; NULL only until its own transaction commits.';
COMMENT ON COLUMN ops.audit_log.hash IS 'SHA-256 of the hash before it and of this row; NULL only until the commit.';

CREATE TABLE ops.journal_seals (
  portfolio_id int         NOT NULL,
  number       bigint      NOT NULL CONSTRAINT journal_seals_number_check CHECK (number > 0),
  stream_xid   xid8        NOT NULL,
  event_id     bigint      NOT NULL,
  order_id     bigint      NOT NULL,
  fill_id      bigint      NOT NULL,
  transfer_id  bigint      NOT NULL,
  marks        bigint[]    NOT NULL,
  content      bytea       NOT NULL,
  sealed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  hash         bytea       NOT NULL,
  CONSTRAINT journal_seals_pkey PRIMARY KEY (portfolio_id, number),
  CONSTRAINT journal_seals_hashes_check CHECK (length(content) = 32 AND length(hash) = 32)
);
COMMENT ON TABLE  ops.journal_seals IS
  'What ops.seal_journal has sealed of a portfolio: everything after the seal before it and up to this one, of the '
  'journal, the events of orders, the terms of orders and how they ended, fills and transfers. Append-only, and '
  'chained by hashes.';
COMMENT ON COLUMN ops.journal_seals.portfolio_id IS 'The portfolio; 0: events that concern none.';
COMMENT ON COLUMN ops.journal_seals.number IS 'Place in the chain of the portfolio, from 1.';
COMMENT ON COLUMN ops.journal_seals.stream_xid IS 'First half of the key of the last event that is sealed.';
COMMENT ON COLUMN ops.journal_seals.event_id IS 'Second half of that key.';
COMMENT ON COLUMN ops.journal_seals.order_id IS 'Last order whose terms are sealed; 0: none.';
COMMENT ON COLUMN ops.journal_seals.fill_id IS 'Last fill that is sealed; 0: none.';
COMMENT ON COLUMN ops.journal_seals.transfer_id IS 'Last transfer that is sealed; 0: none.';
COMMENT ON COLUMN ops.journal_seals.marks IS
  'The first eight bytes of the hash of each row: they find the row when the content does not fit any more.';
COMMENT ON COLUMN ops.journal_seals.content IS 'SHA-256 of the hashes of all rows, in their order.';
COMMENT ON COLUMN ops.journal_seals.sealed_at IS 'Clock time.';
COMMENT ON COLUMN ops.journal_seals.hash IS 'SHA-256 of the hash of the seal before it and of this one.';
