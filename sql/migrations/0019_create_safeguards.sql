-- Accounts at brokers, with what logs in to them sealed by the program under a key that is never in the database; and
-- what keeps one user from taking the server from the others: how often, how many at once, how long.
CREATE TABLE identity.broker_connections (
  connection_id uuid        CONSTRAINT broker_connections_pkey PRIMARY KEY,
  owner         text        NOT NULL DEFAULT ops.actor()
                CONSTRAINT broker_connections_owner_check CHECK (length(owner) BETWEEN 1 AND 256),
  name          text        NOT NULL
                CONSTRAINT broker_connections_name_check CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
  broker        text        NOT NULL
                CONSTRAINT broker_connections_broker_check CHECK (broker ~ '^[a-z][a-z0-9_-]{0,30}$'),
  url           text
                -- Credentials travel encrypted, and none are written into the address.
                CONSTRAINT broker_connections_url_check CHECK (
                  length(url) <= 500
                  AND url ~ '^((https|wss)://|(http|ws)://(localhost|127\.0\.0\.1|\[::1\])([:/]|$))[^[:space:]@]*$'),
  key_id        text        NOT NULL CONSTRAINT broker_connections_key_id_check CHECK (key_id ~ '^[0-9a-f]{16}$'),
  credentials   bytea       NOT NULL
                CONSTRAINT broker_connections_credentials_check CHECK (octet_length(credentials) BETWEEN 30 AND 65565),
  created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  rotated_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT broker_connections_owner_name_key UNIQUE (owner, name)
);
COMMENT ON TABLE  identity.broker_connections IS
  'Accounts at brokers, and what logs in to them, which only the program with the key can open.';
COMMENT ON COLUMN identity.broker_connections.connection_id IS 'Identifier, chosen by the program that seals.';
COMMENT ON COLUMN identity.broker_connections.owner IS 'Whose account it is: a user or login role.';
COMMENT ON COLUMN identity.broker_connections.name IS 'Name, unique among the owner''s.';
COMMENT ON COLUMN identity.broker_connections.broker IS 'Kind of broker: which program speaks to it.';
COMMENT ON COLUMN identity.broker_connections.url IS 'Its address, without credentials; NULL: the broker''s usual one.';
COMMENT ON COLUMN identity.broker_connections.key_id IS
  'Fingerprint of the key that the credentials are sealed under.';
COMMENT ON COLUMN identity.broker_connections.credentials IS
  'AES-256-GCM: a byte for the form, 12 of a nonce, what is sealed, 16 to tell a change. It opens for this '
  'connection_id, owner, broker and url only.';
COMMENT ON COLUMN identity.broker_connections.created_at IS 'Clock time.';
COMMENT ON COLUMN identity.broker_connections.rotated_at IS 'Clock time at which it was last sealed.';

CREATE TABLE identity.connection_portfolios (
  portfolio_id  int  CONSTRAINT connection_portfolios_pkey PRIMARY KEY
                CONSTRAINT connection_portfolios_portfolio_id_fkey REFERENCES trading.portfolios,
  connection_id uuid NOT NULL CONSTRAINT connection_portfolios_connection_id_fkey
                REFERENCES identity.broker_connections ON DELETE CASCADE
);
CREATE INDEX connection_portfolios_connection_idx ON identity.connection_portfolios (connection_id);
COMMENT ON TABLE  identity.connection_portfolios IS
  'Which portfolios trade by which connection: each by one, a connection for as many as its owner likes.';
COMMENT ON COLUMN identity.connection_portfolios.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN identity.connection_portfolios.connection_id IS 'The connection.';

-- Buckets of tokens: a call takes one, and they come back one by one.
CREATE TABLE identity.rate_limits (
  bucket     text     CONSTRAINT rate_limits_pkey PRIMARY KEY
             CONSTRAINT rate_limits_bucket_check CHECK (bucket ~ '^[a-z][a-z_]{0,30}$'),
  capacity   int      CONSTRAINT rate_limits_capacity_check CHECK (capacity BETWEEN 1 AND 1000000),
  refill     interval CONSTRAINT rate_limits_refill_check CHECK (refill BETWEEN interval '1 ms' AND interval '31 days'),
  concurrent int      CONSTRAINT rate_limits_concurrent_check CHECK (concurrent BETWEEN 1 AND 100),
  CONSTRAINT rate_limits_rate_check CHECK ((capacity IS NULL) = (refill IS NULL))
);
COMMENT ON TABLE  identity.rate_limits IS
  'How often a user, with each key, may log in or ask for much, and how many such queries may run at once. '
  'Administrators and runners may always.';
COMMENT ON COLUMN identity.rate_limits.bucket IS
  'login: attempts by one name; reset: letters to one address for a forgotten password; backtest: backtests in the '
  'server; query: previews, checks and scans.';
COMMENT ON COLUMN identity.rate_limits.capacity IS 'How many at once after a rest; NULL: as often as one likes.';
COMMENT ON COLUMN identity.rate_limits.refill IS 'Time after which another is allowed; NULL: as often as one likes.';
COMMENT ON COLUMN identity.rate_limits.concurrent IS 'How many may run at the same time; NULL: any number.';
INSERT INTO identity.rate_limits (bucket, capacity, refill, concurrent) VALUES
  ('login', 20, '3 seconds', NULL), ('reset', 5, '5 minutes', NULL), ('backtest', 30, '10 seconds', 2),
  ('query', NULL, NULL, 4);

-- Not logged: after a crash of the server they are full again.
CREATE UNLOGGED TABLE identity.token_buckets (
  bucket      text        NOT NULL,
  actor       text        NOT NULL CONSTRAINT token_buckets_actor_check CHECK (length(actor) <= 400),
  tokens      numeric     NOT NULL,
  refilled_at timestamptz NOT NULL,
  CONSTRAINT token_buckets_pkey PRIMARY KEY (bucket, actor)
) WITH (fillfactor = 50);
CREATE INDEX token_buckets_refilled_idx ON identity.token_buckets (refilled_at);
COMMENT ON TABLE  identity.token_buckets IS 'What is left of each bucket; one that is full again has no row for long.';
COMMENT ON COLUMN identity.token_buckets.bucket IS 'The bucket, of identity.rate_limits.';
COMMENT ON COLUMN identity.token_buckets.actor IS
  'Whose it is: a user, also with an API key, a name that logs in, or an address.';
COMMENT ON COLUMN identity.token_buckets.tokens IS 'How many were left when it was last taken from.';
COMMENT ON COLUMN identity.token_buckets.refilled_at IS 'Clock time at which it was last taken from.';

-- Settings of roles are not inherited, so that each role that logs in gets them: identity.apply_login_limits().
CREATE TABLE identity.login_limits (
  group_role           text     CONSTRAINT login_limits_pkey PRIMARY KEY
                       CONSTRAINT login_limits_group_role_check CHECK (group_role ~ '^bourse_[a-z]+$'),
  place                int      NOT NULL CONSTRAINT login_limits_place_key UNIQUE,
  connections          int      NOT NULL
    CONSTRAINT login_limits_connections_check CHECK (connections BETWEEN -1 AND 10000),
  statement_timeout    interval NOT NULL
    CONSTRAINT login_limits_statement_timeout_check CHECK (statement_timeout BETWEEN '0' AND '24 hours'),
  idle_timeout         interval NOT NULL
    CONSTRAINT login_limits_idle_timeout_check CHECK (idle_timeout BETWEEN '0' AND '24 hours'),
  work_mem_kb          int      NOT NULL
    CONSTRAINT login_limits_work_mem_kb_check CHECK (work_mem_kb BETWEEN 64 AND 10485760),
  temp_file_mb         int      NOT NULL
    CONSTRAINT login_limits_temp_file_mb_check CHECK (temp_file_mb BETWEEN -1 AND 1048576)
);
COMMENT ON TABLE  identity.login_limits IS
  'What a role that logs in may take of the server, by the group that it is in.';
COMMENT ON COLUMN identity.login_limits.group_role IS 'The group.';
COMMENT ON COLUMN identity.login_limits.place IS 'Of several groups of a role the one with the lowest counts.';
COMMENT ON COLUMN identity.login_limits.connections IS 'Connections at the same time; -1: any number.';
COMMENT ON COLUMN identity.login_limits.statement_timeout IS 'Longest statement; 0: any.';
COMMENT ON COLUMN identity.login_limits.idle_timeout IS
  'Longest time without a statement in a transaction; 0: any.';
COMMENT ON COLUMN identity.login_limits.work_mem_kb IS 'Memory of a sort or hash, in kB.';
COMMENT ON COLUMN identity.login_limits.temp_file_mb IS
  'Disk that its queries may take at the same time, in MB; -1: any.';
INSERT INTO identity.login_limits VALUES
  ('bourse_admin',     1, 20, '0',          '10 minutes', 65536, -1),
  ('bourse_runner',    2, 40, '0',          '10 minutes', 65536, -1),
  ('bourse_gateway',   3, 40, '30 seconds', '30 seconds', 16384, 1024),
  ('bourse_trader',    4, 10, '60 seconds', '60 seconds', 16384, 1024),
  ('bourse_analyst',   5, 10, '5 minutes',  '5 minutes',  65536, 8192),
  ('bourse_investor',  6, 5,  '30 seconds', '30 seconds', 16384, 1024),
  ('bourse_dashboard', 7, 10, '15 seconds', '15 seconds', 16384, 1024);
