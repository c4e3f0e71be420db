CREATE DOMAIN ledger.exchange_rate AS numeric(38, 20)
  CONSTRAINT exchange_rate_is_positive CHECK (VALUE > 0 AND VALUE <> 'NaN');
COMMENT ON DOMAIN ledger.exchange_rate IS 'Units of one currency for one unit of another, twenty decimals.';

CREATE TABLE ledger.exchange_rates (
  from_currency ledger.currency      NOT NULL,
  to_currency   ledger.currency      NOT NULL,
  at            timestamptz          NOT NULL CONSTRAINT exchange_rates_at_check CHECK (isfinite(at)),
  rate          ledger.exchange_rate NOT NULL,
  recorded_at   timestamptz          NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT exchange_rates_pkey PRIMARY KEY (from_currency, to_currency, at),
  CONSTRAINT exchange_rates_pair_check CHECK (from_currency <> to_currency)
);
COMMENT ON TABLE  ledger.exchange_rates IS 'Rates between currencies, each in force from its time until the next one of its pair, in either direction.';
COMMENT ON COLUMN ledger.exchange_rates.from_currency IS 'Currency of which one unit is priced.';
COMMENT ON COLUMN ledger.exchange_rates.to_currency IS 'Currency of the price.';
COMMENT ON COLUMN ledger.exchange_rates.at IS 'Event time from which it counts.';
COMMENT ON COLUMN ledger.exchange_rates.rate IS 'Units of to_currency for one unit of from_currency.';
COMMENT ON COLUMN ledger.exchange_rates.recorded_at IS 'Clock time at which it was set.';

CREATE TABLE ledger.conversions (
  portfolio_id   int    NOT NULL,
  transfer_id    bigint NOT NULL,
  to_transfer_id bigint NOT NULL,
  rate           ledger.exchange_rate NOT NULL,
  CONSTRAINT conversions_pkey PRIMARY KEY (portfolio_id, transfer_id),
  CONSTRAINT conversions_to_transfer_id_key UNIQUE (portfolio_id, to_transfer_id),
  CONSTRAINT conversions_transfer_fkey FOREIGN KEY (portfolio_id, transfer_id) REFERENCES ledger.transfers,
  CONSTRAINT conversions_to_transfer_fkey FOREIGN KEY (portfolio_id, to_transfer_id) REFERENCES ledger.transfers
);
COMMENT ON TABLE  ledger.conversions IS 'Which two transfers are one conversion, and at what rate; append-only.';
COMMENT ON COLUMN ledger.conversions.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.conversions.transfer_id IS 'Transfer out of the cash of the currency that was given.';
COMMENT ON COLUMN ledger.conversions.to_transfer_id IS 'Transfer into the cash of the currency that was received: amount × rate, rounded half away from zero.';
COMMENT ON COLUMN ledger.conversions.rate IS 'Units received for one unit given.';

CREATE TABLE ledger.reversals (
  portfolio_id int    NOT NULL,
  transfer_id  bigint NOT NULL,
  reversal_id  bigint NOT NULL,
  reason       text   NOT NULL CONSTRAINT reversals_reason_check CHECK (reason ~ '[^[:space:]]'),
  actor        text   NOT NULL DEFAULT session_user,
  -- The key allows one reversal of a transfer.
  CONSTRAINT reversals_pkey PRIMARY KEY (portfolio_id, transfer_id),
  CONSTRAINT reversals_reversal_id_key UNIQUE (portfolio_id, reversal_id),
  CONSTRAINT reversals_transfer_fkey FOREIGN KEY (portfolio_id, transfer_id) REFERENCES ledger.transfers,
  CONSTRAINT reversals_reversal_fkey FOREIGN KEY (portfolio_id, reversal_id) REFERENCES ledger.transfers
);
COMMENT ON TABLE  ledger.reversals IS 'Transfers that a later one took back, once each; append-only.';
COMMENT ON COLUMN ledger.reversals.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN ledger.reversals.transfer_id IS 'The transfer that was taken back.';
COMMENT ON COLUMN ledger.reversals.reversal_id IS 'The transfer that took it back: its mirror image, kind adjustment.';
COMMENT ON COLUMN ledger.reversals.reason IS 'Why, in words.';
COMMENT ON COLUMN ledger.reversals.actor IS 'Database role that asked for it.';
