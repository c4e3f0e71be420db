-- Users, what proves who they are, and what they may use. Passwords, one-time codes and tokens are kept as hashes, or
-- encrypted, in tables that nobody but the owner reads.
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
DO $$
BEGIN
  IF (SELECT e.extnamespace FROM pg_extension AS e WHERE e.extname = 'pgcrypto') <> 'public'::regnamespace THEN
    RAISE EXCEPTION 'the extension pgcrypto is not in the schema public'
      USING ERRCODE = 'feature_not_supported',
            DETAIL = (SELECT format('It is in the schema %I.', n.nspname) FROM pg_extension AS e
                        JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = 'pgcrypto'),
            HINT = 'ALTER EXTENSION pgcrypto SET SCHEMA public, then migrate again.';
  END IF;
END
$$;

CREATE TYPE identity.role AS ENUM ('admin', 'runner', 'trader', 'analyst', 'investor', 'dashboard');
CREATE TYPE identity.scope AS ENUM ('read', 'trade', 'research', 'admin');
CREATE TYPE identity.secret_kind AS ENUM ('refresh', 'api_key', 'reset_password', 'verify_email');
CREATE TYPE identity.login_result AS (
  access_token  text,
  refresh_token text,
  expires_at    timestamptz,
  code          text
);
COMMENT ON TYPE identity.role IS
  'What a user is. admin: everything that people do. runner: a program that trades for all. trader: own portfolios. '
  'analyst: market data and research. investor: reads what is shown to it. dashboard: reads for panels. Each has a '
  'group role bourse_….';
COMMENT ON TYPE identity.scope IS
  'What a token may be used for, within its user''s role: read, trade, research (part of trade), admin.';
COMMENT ON TYPE identity.secret_kind IS
  'What a secret is for: a new access token, calls of a program, a forgotten password, the proof of an address.';
COMMENT ON TYPE identity.login_result IS
  'Tokens, or the reason why there are none. access_token: JWT for identity.use_token; NULL when refused. '
  'refresh_token: for identity.refresh, once; NULL when refused. expires_at: until when the access token counts. code: '
  'NULL, or why there are no tokens (TR716 to TR724, TR755).';

CREATE TABLE identity.settings (
  is_only_row          boolean  NOT NULL DEFAULT true CONSTRAINT settings_pkey PRIMARY KEY
                                CONSTRAINT settings_is_only_row_check CHECK (is_only_row),
  access_lifetime      interval NOT NULL DEFAULT '15 minutes'
    CONSTRAINT settings_access_lifetime_check CHECK (access_lifetime BETWEEN '1 second' AND '1 day'),
  refresh_lifetime     interval NOT NULL DEFAULT '14 days'
    CONSTRAINT settings_refresh_lifetime_check CHECK (refresh_lifetime BETWEEN '1 minute' AND '366 days'),
  session_lifetime     interval NOT NULL DEFAULT '90 days'
    CONSTRAINT settings_session_lifetime_check CHECK (session_lifetime BETWEEN '1 minute' AND '366 days'),
  failures_to_lock     int      NOT NULL DEFAULT 5
    CONSTRAINT settings_failures_to_lock_check CHECK (failures_to_lock BETWEEN 1 AND 1000),
  lockout              interval NOT NULL DEFAULT '15 minutes'
    CONSTRAINT settings_lockout_check CHECK (lockout BETWEEN '1 second' AND '366 days'),
  reset_lifetime       interval NOT NULL DEFAULT '1 hour'
    CONSTRAINT settings_reset_lifetime_check CHECK (reset_lifetime BETWEEN '1 minute' AND '7 days'),
  verification_lifetime interval NOT NULL DEFAULT '3 days'
    CONSTRAINT settings_verification_lifetime_check CHECK (verification_lifetime BETWEEN '1 minute' AND '31 days'),
  shortest_password    int      NOT NULL DEFAULT 8
    CONSTRAINT settings_shortest_password_check CHECK (shortest_password BETWEEN 1 AND 72)
);
INSERT INTO identity.settings DEFAULT VALUES;
COMMENT ON TABLE  identity.settings IS 'How long tokens count, and what a login must keep; one row.';
COMMENT ON COLUMN identity.settings.is_only_row IS 'Always true: keeps the table to one row.';
COMMENT ON COLUMN identity.settings.access_lifetime IS 'How long an access token counts.';
COMMENT ON COLUMN identity.settings.refresh_lifetime IS 'How long a refresh token counts that nobody uses.';
COMMENT ON COLUMN identity.settings.session_lifetime IS 'When a session ends, however often it was refreshed.';
COMMENT ON COLUMN identity.settings.failures_to_lock IS 'So many failures in a row lock a name.';
COMMENT ON COLUMN identity.settings.lockout IS 'How long a name is locked, and after how long a failure is forgotten.';
COMMENT ON COLUMN identity.settings.reset_lifetime IS 'How long a token for a forgotten password counts.';
COMMENT ON COLUMN identity.settings.verification_lifetime IS 'How long a token that proves an address counts.';
COMMENT ON COLUMN identity.settings.shortest_password IS 'Fewest characters of a password; the most are 72 bytes.';

CREATE TABLE identity.tiers (
  tier              text NOT NULL CONSTRAINT tiers_pkey PRIMARY KEY
                    CONSTRAINT tiers_tier_check CHECK (tier ~ '^[a-z][a-z0-9_]{0,62}$'),
  portfolios        int  CONSTRAINT tiers_portfolios_check CHECK (portfolios >= 0),
  agents            int  CONSTRAINT tiers_agents_check CHECK (agents >= 0),
  backtests_per_day int  CONSTRAINT tiers_backtests_per_day_check CHECK (backtests_per_day >= 0),
  trials_per_day    int  CONSTRAINT tiers_trials_per_day_check CHECK (trials_per_day >= 0),
  orders_per_minute int  CONSTRAINT tiers_orders_per_minute_check CHECK (orders_per_minute BETWEEN 0 AND 10000),
  open_orders       int  CONSTRAINT tiers_open_orders_check CHECK (open_orders BETWEEN 0 AND 10000),
  api_keys          int  CONSTRAINT tiers_api_keys_check CHECK (api_keys >= 0)
);
COMMENT ON TABLE  identity.tiers IS 'What a subscription allows its user; NULL: no limit.';
COMMENT ON COLUMN identity.tiers.tier IS 'Name: free, basic, pro, enterprise, or one of one''s own.';
COMMENT ON COLUMN identity.tiers.portfolios IS 'Portfolios that the user owns.';
COMMENT ON COLUMN identity.tiers.agents IS 'Agents in the user''s portfolios that are not stopped.';
COMMENT ON COLUMN identity.tiers.backtests_per_day IS 'Backtests recorded within 24 hours.';
COMMENT ON COLUMN identity.tiers.trials_per_day IS
  'Trials of optimizations that were begun within 24 hours, run or not.';
COMMENT ON COLUMN identity.tiers.orders_per_minute IS
  'Orders within a minute; a row of risk.limits (order_rate of scope user) holds it.';
COMMENT ON COLUMN identity.tiers.open_orders IS
  'Orders that are not closed yet, in all portfolios of the user; a row of risk.limits (open_orders of scope user) '
  'holds it.';
COMMENT ON COLUMN identity.tiers.api_keys IS 'API keys that are neither revoked nor expired.';

CREATE TABLE identity.users (
  user_id           int           GENERATED ALWAYS AS IDENTITY CONSTRAINT users_pkey PRIMARY KEY,
  username          text          NOT NULL
                    CONSTRAINT users_username_check CHECK (username ~ '^[A-Za-z][A-Za-z0-9_.@-]{0,62}$'),
  email             text          CONSTRAINT users_email_check
                                  CHECK (email ~ '^[^@\s]+@[^@\s]+$' AND length(email) <= 254),
  email_verified_at timestamptz,
  role              identity.role NOT NULL,
  tier              text          NOT NULL CONSTRAINT users_tier_fkey REFERENCES identity.tiers,
  profile           jsonb         NOT NULL DEFAULT '{}' CONSTRAINT users_profile_check
                    CHECK (jsonb_typeof(profile) = 'object' AND octet_length(profile::text) <= 16384),
  settings          jsonb         NOT NULL DEFAULT '{}' CONSTRAINT users_settings_check
                    CHECK (jsonb_typeof(settings) = 'object' AND octet_length(settings::text) <= 16384),
  created_at        timestamptz   NOT NULL DEFAULT now(),
  created_by        text          NOT NULL DEFAULT ops.actor(),
  disabled_at       timestamptz,
  deleted_at        timestamptz,
  last_login_at     timestamptz
);
-- A name is never used again: portfolios belong to it.
CREATE UNIQUE INDEX users_username_key ON identity.users (lower(username));
CREATE UNIQUE INDEX users_email_key ON identity.users (lower(email)) WHERE deleted_at IS NULL;
COMMENT ON TABLE  identity.users IS 'People and programs that log in by identity.login or an API key.';
COMMENT ON COLUMN identity.users.user_id IS 'Identifier.';
COMMENT ON COLUMN identity.users.username IS
  'Name, as ops.actor() says it; no database role has it, and no later user gets it.';
COMMENT ON COLUMN identity.users.email IS 'Address; NULL when none is known.';
COMMENT ON COLUMN identity.users.email_verified_at IS 'When the address was proven; NULL when it was not.';
COMMENT ON COLUMN identity.users.role IS 'What the user may be.';
COMMENT ON COLUMN identity.users.tier IS 'Subscription.';
COMMENT ON COLUMN identity.users.profile IS 'What the user says of himself; at most 16 kB.';
COMMENT ON COLUMN identity.users.settings IS 'Settings of the account; at most 16 kB.';
COMMENT ON COLUMN identity.users.created_at IS 'When the user was created.';
COMMENT ON COLUMN identity.users.created_by IS 'Who did it.';
COMMENT ON COLUMN identity.users.disabled_at IS 'Since when the user may not log in; NULL when he may.';
COMMENT ON COLUMN identity.users.deleted_at IS
  'When the user was deleted; NULL while he is there. What he owned stays.';
COMMENT ON COLUMN identity.users.last_login_at IS 'Last login by password; NULL when there was none.';

CREATE TABLE identity.credentials (
  user_id             int         NOT NULL CONSTRAINT credentials_pkey PRIMARY KEY
                                  CONSTRAINT credentials_user_id_fkey REFERENCES identity.users,
  password_hash       text        NOT NULL CONSTRAINT credentials_password_hash_check
                                  CHECK (password_hash ~ '^\$2[aby]\$12\$[./A-Za-z0-9]{53}$'),
  password_changed_at timestamptz NOT NULL,
  totp_secret         bytea,
  totp_key_id         int,
  totp_enabled_at     timestamptz,
  totp_last_step      bigint,
  CONSTRAINT credentials_totp_check CHECK ((totp_secret IS NULL) = (totp_key_id IS NULL)
                                           AND (totp_enabled_at IS NULL OR totp_secret IS NOT NULL))
);
COMMENT ON TABLE  identity.credentials IS 'What proves that a user is himself. Nobody but the owner reads it.';
COMMENT ON COLUMN identity.credentials.user_id IS 'The user.';
COMMENT ON COLUMN identity.credentials.password_hash IS 'bcrypt hash, cost 12.';
COMMENT ON COLUMN identity.credentials.password_changed_at IS 'When the password was set.';
COMMENT ON COLUMN identity.credentials.totp_secret IS
  'Secret of one-time codes (RFC 6238), encrypted under a key of identity.secret_keys. That key is in the same '
  'database: it protects a copy of this table alone, not one of the database. NULL: none.';
COMMENT ON COLUMN identity.credentials.totp_key_id IS 'The key that encrypts it; NULL without a secret.';
COMMENT ON COLUMN identity.credentials.totp_enabled_at IS
  'Since when a login needs a code; NULL: not yet, the user has not shown one.';
COMMENT ON COLUMN identity.credentials.totp_last_step IS
  'Step (of 30 seconds since 1970) of the last code that counted; it and those before count no more. NULL: none did.';

CREATE TABLE identity.login_failures (
  name           text        NOT NULL CONSTRAINT login_failures_pkey PRIMARY KEY,
  failures       int         NOT NULL,
  last_failed_at timestamptz NOT NULL,
  locked_until   timestamptz
);
CREATE INDEX login_failures_last_failed_idx ON identity.login_failures (last_failed_at);
COMMENT ON TABLE  identity.login_failures IS
  'Logins that failed, by the name that was given, whether or not a user has it: so that a lock does not tell.';
COMMENT ON COLUMN identity.login_failures.name IS 'Name that was given, in lower case, its first 64 characters.';
COMMENT ON COLUMN identity.login_failures.failures IS 'Failures since the last success or lock.';
COMMENT ON COLUMN identity.login_failures.last_failed_at IS 'When the last one was.';
COMMENT ON COLUMN identity.login_failures.locked_until IS
  'Until when nobody logs in by this name; NULL: it is not locked.';

CREATE TABLE identity.sessions (
  session_id     uuid             NOT NULL CONSTRAINT sessions_pkey PRIMARY KEY,
  user_id        int              NOT NULL CONSTRAINT sessions_user_id_fkey REFERENCES identity.users,
  owner          text             NOT NULL,
  scopes         identity.scope[] NOT NULL,
  created_at     timestamptz      NOT NULL,
  refreshed_at   timestamptz      NOT NULL,
  expires_at     timestamptz      NOT NULL,
  client_address inet,
  application    text,
  ended_at       timestamptz,
  end_reason     text             CONSTRAINT sessions_end_reason_check
    CHECK (end_reason IN ('logout', 'revoked', 'reuse', 'password', 'disabled', 'deleted')),
  CONSTRAINT sessions_ended_at_check CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_user_idx ON identity.sessions (user_id, created_at);
CREATE INDEX sessions_owner_idx ON identity.sessions (owner);
COMMENT ON TABLE  identity.sessions IS
  'Logins and what became of them, for their users (and administrators) to look at and to revoke.';
COMMENT ON COLUMN identity.sessions.session_id IS 'Identifier: sid of its access tokens.';
COMMENT ON COLUMN identity.sessions.user_id IS 'The user.';
COMMENT ON COLUMN identity.sessions.owner IS 'The user''s name.';
COMMENT ON COLUMN identity.sessions.scopes IS 'What its tokens may be used for.';
COMMENT ON COLUMN identity.sessions.created_at IS 'When the user logged in.';
COMMENT ON COLUMN identity.sessions.refreshed_at IS 'When its last token was made.';
COMMENT ON COLUMN identity.sessions.expires_at IS 'When it ends at the latest.';
COMMENT ON COLUMN identity.sessions.client_address IS
  'Where the connection came from that logged in: behind a gateway, the gateway. NULL: from the same machine.';
COMMENT ON COLUMN identity.sessions.application IS 'application_name of that connection; NULL: it had none.';
COMMENT ON COLUMN identity.sessions.ended_at IS 'When it was ended; NULL while it lasts or when it ran out.';
COMMENT ON COLUMN identity.sessions.end_reason IS
  'logout; revoked by a person; reuse: an old refresh token came again; the password was changed; the user was '
  'disabled or deleted. NULL: not ended.';

CREATE TABLE identity.api_keys (
  key_id       int              GENERATED ALWAYS AS IDENTITY CONSTRAINT api_keys_pkey PRIMARY KEY,
  user_id      int              NOT NULL CONSTRAINT api_keys_user_id_fkey REFERENCES identity.users,
  owner        text             NOT NULL,
  name         text             NOT NULL CONSTRAINT api_keys_name_check CHECK (length(name) BETWEEN 1 AND 63),
  scopes       identity.scope[] NOT NULL CONSTRAINT api_keys_scopes_check CHECK (cardinality(scopes) > 0),
  created_at   timestamptz      NOT NULL,
  expires_at   timestamptz      CONSTRAINT api_keys_expires_at_check CHECK (isfinite(expires_at)),
  last_used_at timestamptz,
  revoked_at   timestamptz
);
CREATE UNIQUE INDEX api_keys_owner_name_key ON identity.api_keys (owner, name) WHERE revoked_at IS NULL;
CREATE INDEX api_keys_user_idx ON identity.api_keys (user_id);
COMMENT ON TABLE  identity.api_keys IS 'Keys of programs that act for a user; the keys themselves are nowhere.';
COMMENT ON COLUMN identity.api_keys.key_id IS 'Identifier.';
COMMENT ON COLUMN identity.api_keys.user_id IS 'The user.';
COMMENT ON COLUMN identity.api_keys.owner IS 'The user''s name.';
COMMENT ON COLUMN identity.api_keys.name IS 'What the user calls it.';
COMMENT ON COLUMN identity.api_keys.scopes IS 'What it may be used for.';
COMMENT ON COLUMN identity.api_keys.created_at IS 'When it was made.';
COMMENT ON COLUMN identity.api_keys.expires_at IS 'Until when it counts; NULL: until it is revoked.';
COMMENT ON COLUMN identity.api_keys.last_used_at IS 'Last use, to the minute; NULL: never.';
COMMENT ON COLUMN identity.api_keys.revoked_at IS 'When it was revoked; NULL: it was not.';

CREATE TABLE identity.secrets (
  hash       bytea                NOT NULL CONSTRAINT secrets_pkey PRIMARY KEY
                                  CONSTRAINT secrets_hash_check CHECK (octet_length(hash) = 32),
  kind       identity.secret_kind NOT NULL,
  user_id    int                  NOT NULL CONSTRAINT secrets_user_id_fkey REFERENCES identity.users,
  session_id uuid                 CONSTRAINT secrets_session_id_fkey REFERENCES identity.sessions ON DELETE CASCADE,
  key_id     int                  CONSTRAINT secrets_key_id_fkey REFERENCES identity.api_keys,
  email      text,
  expires_at timestamptz,
  used_at    timestamptz,
  CONSTRAINT secrets_kind_check CHECK ((kind = 'refresh') = (session_id IS NOT NULL)
                                       AND (kind = 'api_key') = (key_id IS NOT NULL)
                                       AND (kind = 'verify_email') = (email IS NOT NULL)
                                       AND (kind = 'api_key' OR expires_at IS NOT NULL))
);
CREATE INDEX secrets_user_idx ON identity.secrets (user_id, kind);
CREATE INDEX secrets_session_idx ON identity.secrets (session_id);
COMMENT ON TABLE  identity.secrets IS
  'Hashes of the random secrets that were handed out. Nobody but the owner reads it.';
COMMENT ON COLUMN identity.secrets.hash IS 'SHA-256 of the secret, whose 256 bits are random.';
COMMENT ON COLUMN identity.secrets.kind IS 'What it is for.';
COMMENT ON COLUMN identity.secrets.user_id IS 'Whose it is.';
COMMENT ON COLUMN identity.secrets.session_id IS 'Session that it renews; NULL for other kinds.';
COMMENT ON COLUMN identity.secrets.key_id IS 'The API key; NULL for other kinds.';
COMMENT ON COLUMN identity.secrets.email IS 'Address that it proves; NULL for other kinds.';
COMMENT ON COLUMN identity.secrets.expires_at IS 'Until when it counts; NULL: as its API key does.';
COMMENT ON COLUMN identity.secrets.used_at IS
  'When it was used. A refresh token that comes again after that ends its session. NULL: not yet.';

CREATE TABLE identity.outbox (
  message_id bigint               GENERATED ALWAYS AS IDENTITY CONSTRAINT outbox_pkey PRIMARY KEY,
  user_id    int                  NOT NULL CONSTRAINT outbox_user_id_fkey REFERENCES identity.users,
  kind       identity.secret_kind NOT NULL CONSTRAINT outbox_kind_check
                                  CHECK (kind IN ('reset_password', 'verify_email')),
  email      text                 NOT NULL,
  token      text,
  created_at timestamptz          NOT NULL,
  expires_at timestamptz          NOT NULL,
  sent_at    timestamptz,
  attempts        int             NOT NULL DEFAULT 0,
  next_attempt_at timestamptz     NOT NULL DEFAULT '-infinity'
);
CREATE INDEX outbox_unsent_idx ON identity.outbox (message_id) WHERE sent_at IS NULL;
CREATE INDEX outbox_user_idx ON identity.outbox (user_id);
COMMENT ON TABLE  identity.outbox IS
  'Letters to users that are to be delivered, with the token that each carries. A token leaves the table when its '
  'letter is sent.';
COMMENT ON COLUMN identity.outbox.message_id IS 'Identifier.';
COMMENT ON COLUMN identity.outbox.user_id IS 'The user.';
COMMENT ON COLUMN identity.outbox.kind IS 'What the token is for.';
COMMENT ON COLUMN identity.outbox.email IS 'Where it goes.';
COMMENT ON COLUMN identity.outbox.token IS 'The token; NULL when the letter was sent.';
COMMENT ON COLUMN identity.outbox.created_at IS 'When it was written.';
COMMENT ON COLUMN identity.outbox.expires_at IS 'Until when the token counts.';
COMMENT ON COLUMN identity.outbox.sent_at IS 'When it was sent; NULL: not yet.';
COMMENT ON COLUMN identity.outbox.attempts IS 'How often a runner has tried to send it.';
COMMENT ON COLUMN identity.outbox.next_attempt_at IS 'Before this it is not tried again.';

CREATE TABLE identity.secret_keys (
  key_id     int         GENERATED ALWAYS AS IDENTITY CONSTRAINT secret_keys_pkey PRIMARY KEY,
  purpose    text        NOT NULL CONSTRAINT secret_keys_purpose_check CHECK (purpose IN ('tokens', 'totp')),
  secret     bytea       NOT NULL CONSTRAINT secret_keys_secret_check CHECK (octet_length(secret) = 32),
  created_at timestamptz NOT NULL,
  retired_at timestamptz
);
CREATE UNIQUE INDEX secret_keys_purpose_key ON identity.secret_keys (purpose) WHERE retired_at IS NULL;
COMMENT ON TABLE  identity.secret_keys IS
  'Keys that sign access tokens and encrypt the secrets of one-time codes. Nobody but the owner reads it.';
COMMENT ON COLUMN identity.secret_keys.key_id IS 'Identifier: kid of the tokens that it signs.';
COMMENT ON COLUMN identity.secret_keys.purpose IS 'tokens: signs access tokens. totp: encrypts secrets of codes.';
COMMENT ON COLUMN identity.secret_keys.secret IS 'The key: 256 random bits.';
COMMENT ON COLUMN identity.secret_keys.created_at IS 'Since when it is used.';
COMMENT ON COLUMN identity.secret_keys.retired_at IS
  'Since when nothing new is signed with it; what it has signed counts until it expires. NULL: it is in use.';

CREATE TYPE internal.bearer AS (
  code       text,
  username   text,
  role       identity.role,
  scopes     identity.scope[],
  session_id uuid,
  key_id     int
);
COMMENT ON TYPE internal.bearer IS 'Whose a token is, and why it does not count.';

-- Which role may do what: the whole of it is in sql/grants.sql, and is applied with each installation.
CREATE TABLE identity.grants (
  kind      text   NOT NULL CONSTRAINT grants_kind_check CHECK (kind IN ('schema', 'table', 'sequence', 'function')),
  object    text   NOT NULL,
  privilege text   NOT NULL CONSTRAINT grants_privilege_check
                   CHECK (privilege IN ('USAGE', 'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'EXECUTE')),
  roles     text[] NOT NULL,
  columns   text[],
  CONSTRAINT grants_pkey PRIMARY KEY (kind, object, privilege, roles),
  CONSTRAINT grants_columns_check CHECK (columns IS NULL OR kind = 'table')
);
COMMENT ON TABLE  identity.grants IS
  'What the groups of the engine may do; nothing else is granted to them. A view counts as a table.';
COMMENT ON COLUMN identity.grants.kind IS 'What the object is.';
COMMENT ON COLUMN identity.grants.object IS
  'Name of a schema, or of an object in it; a function''s stands for all its forms, schema.* for all objects that have '
  'no row of their own for the privilege.';
COMMENT ON COLUMN identity.grants.privilege IS 'What is granted.';
COMMENT ON COLUMN identity.grants.roles IS 'To whom, without the bourse_ before their names.';
COMMENT ON COLUMN identity.grants.columns IS 'On which columns; NULL: on all of it.';
