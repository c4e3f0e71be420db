-- What owners have shown to others. Who owns what stands where it is: trading.portfolios, strategy.strategies,
-- strategy.agents, research.models, research.backtests, ops.consumers.
CREATE TYPE identity.portfolio_right AS ENUM ('read', 'trade');
COMMENT ON TYPE identity.portfolio_right IS
  'What somebody may do with a portfolio. read: see all that it owns; trade: that, and all that its owner may do but '
  'show it to others.';

CREATE TABLE identity.shares (
  portfolio_id int                      NOT NULL,
  username     text                     NOT NULL
               CONSTRAINT shares_username_check CHECK (length(username) BETWEEN 1 AND 256),
  "right"      identity.portfolio_right NOT NULL,
  until        timestamptz,
  shared_by    text                     NOT NULL DEFAULT ops.actor(),
  shared_at    timestamptz              NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT shares_pkey PRIMARY KEY (portfolio_id, username),
  CONSTRAINT shares_right_check CHECK (portfolio_id > 0 OR "right" = 'read')
);
CREATE INDEX shares_username_idx ON identity.shares (username, portfolio_id);
COMMENT ON TABLE  identity.shares IS
  'Portfolios that were shown to others than their owners: identity.share_portfolio and unshare_portfolio.';
COMMENT ON COLUMN identity.shares.portfolio_id IS
  'The portfolio; 0: every portfolio, also those to come, which only an administrator shows, and only to read.';
COMMENT ON COLUMN identity.shares.username IS
  'User or login role whom it is shown to; nobody looks whether there is one, since that would tell of users.';
COMMENT ON COLUMN identity.shares."right" IS 'What they may do with it.';
COMMENT ON COLUMN identity.shares.until IS 'Clock time at which it ends by itself; NULL: when it is taken back.';
COMMENT ON COLUMN identity.shares.shared_by IS 'Who showed it last.';
COMMENT ON COLUMN identity.shares.shared_at IS 'Clock time of that.';
