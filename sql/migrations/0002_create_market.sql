CREATE TYPE market.instrument_kind AS ENUM ('equity', 'etf', 'index', 'future', 'option', 'crypto', 'fx');
CREATE TYPE market.corporate_action_kind AS ENUM ('split', 'dividend', 'symbol_change');
COMMENT ON TYPE market.instrument_kind IS 'What is traded.';
COMMENT ON TYPE market.corporate_action_kind IS 'What the issuer did to the instrument.';

CREATE TABLE market.exchanges (
  exchange_id int      GENERATED ALWAYS AS IDENTITY CONSTRAINT exchanges_pkey PRIMARY KEY,
  code        text     NOT NULL CONSTRAINT exchanges_code_key UNIQUE
                       CONSTRAINT exchanges_code_check CHECK (code ~ '^[A-Z][A-Z0-9_]{1,15}$'),
  name        text     NOT NULL,
  -- timezone() raises invalid_parameter_value for a name that the server does not know.
  time_zone   text     NOT NULL
                       CONSTRAINT exchanges_time_zone_check CHECK (timezone(time_zone, timestamptz '2000-01-01 00:00Z') IS NOT NULL),
  currency    ledger.currency NOT NULL
);
COMMENT ON TABLE  market.exchanges IS 'A place where instruments trade, with the time zone that its sessions are written in.';
COMMENT ON COLUMN market.exchanges.exchange_id IS 'Identifier.';
COMMENT ON COLUMN market.exchanges.code IS 'Short upper-case code; EXCHANGE:SYMBOL names an instrument without doubt.';
COMMENT ON COLUMN market.exchanges.name IS 'Full name.';
COMMENT ON COLUMN market.exchanges.time_zone IS 'IANA time zone of sessions, holidays and day candles.';
COMMENT ON COLUMN market.exchanges.currency IS 'Currency of instruments that name no other.';

CREATE TABLE market.sessions (
  exchange_id int      NOT NULL CONSTRAINT sessions_exchange_id_fkey REFERENCES market.exchanges,
  weekday     smallint NOT NULL CONSTRAINT sessions_weekday_check CHECK (weekday BETWEEN 1 AND 7),
  opens       time     NOT NULL,
  closes      time     NOT NULL,
  CONSTRAINT sessions_pkey PRIMARY KEY (exchange_id, weekday, opens),
  CONSTRAINT sessions_closes_check CHECK (closes > opens)
);
COMMENT ON TABLE  market.sessions IS 'Weekly trading hours. A session over midnight is two rows: until 24:00, and from 00:00.';
COMMENT ON COLUMN market.sessions.exchange_id IS 'The exchange.';
COMMENT ON COLUMN market.sessions.weekday IS 'ISO day of the week in the exchange''s time zone, Monday = 1.';
COMMENT ON COLUMN market.sessions.opens IS 'Local time at which trading opens.';
COMMENT ON COLUMN market.sessions.closes IS 'Local time at which trading closes; 24:00 is the end of the day.';

CREATE TABLE market.holidays (
  exchange_id int  NOT NULL CONSTRAINT holidays_exchange_id_fkey REFERENCES market.exchanges,
  day         date NOT NULL,
  name        text NOT NULL,
  opens       time,
  closes      time,
  CONSTRAINT holidays_pkey PRIMARY KEY (exchange_id, day),
  CONSTRAINT holidays_closes_check CHECK ((opens IS NULL) = (closes IS NULL) AND (closes > opens) IS NOT FALSE)
);
COMMENT ON TABLE  market.holidays IS 'Days that differ from the weekly sessions.';
COMMENT ON COLUMN market.holidays.exchange_id IS 'The exchange.';
COMMENT ON COLUMN market.holidays.day IS 'Local calendar day.';
COMMENT ON COLUMN market.holidays.name IS 'Why.';
COMMENT ON COLUMN market.holidays.opens IS 'Local opening time of a shortened day; NULL when closed all day.';
COMMENT ON COLUMN market.holidays.closes IS 'Local closing time of a shortened day; NULL when closed all day.';

CREATE TABLE market.instruments (
  instrument_id int    GENERATED ALWAYS AS IDENTITY CONSTRAINT instruments_pkey PRIMARY KEY,
  exchange_id   int    NOT NULL CONSTRAINT instruments_exchange_id_fkey REFERENCES market.exchanges,
  symbol        market.symbol NOT NULL,
  name          text,
  kind          market.instrument_kind NOT NULL DEFAULT 'equity',
  currency      ledger.currency NOT NULL,
  tick_size     market.price    NOT NULL DEFAULT 0.01 CONSTRAINT instruments_tick_size_check CHECK (tick_size > 0),
  lot_size      market.quantity NOT NULL DEFAULT 1    CONSTRAINT instruments_lot_size_check CHECK (lot_size > 0),
  multiplier    market.ratio    NOT NULL DEFAULT 1,
  sector        text,
  expires_on    date,
  is_active     boolean NOT NULL DEFAULT true,
  CONSTRAINT instruments_exchange_id_symbol_key UNIQUE (exchange_id, symbol)
);
CREATE INDEX instruments_symbol_idx ON market.instruments (symbol);
COMMENT ON TABLE  market.instruments IS 'What can be traded, with the steps in which price and quantity move.';
COMMENT ON COLUMN market.instruments.instrument_id IS 'Identifier.';
COMMENT ON COLUMN market.instruments.exchange_id IS 'Where it trades.';
COMMENT ON COLUMN market.instruments.symbol IS 'Ticker, unique on its exchange.';
COMMENT ON COLUMN market.instruments.name IS 'Full name; NULL when not known.';
COMMENT ON COLUMN market.instruments.kind IS 'What it is.';
COMMENT ON COLUMN market.instruments.currency IS 'Currency of its prices.';
COMMENT ON COLUMN market.instruments.tick_size IS 'Smallest price step of an order; prices of orders are multiples of it.';
COMMENT ON COLUMN market.instruments.lot_size IS 'Smallest quantity step of an order.';
COMMENT ON COLUMN market.instruments.multiplier IS 'Units of currency that one unit of quantity gains when the price rises by 1.';
COMMENT ON COLUMN market.instruments.sector IS 'Sector for exposure limits; NULL when not known.';
COMMENT ON COLUMN market.instruments.expires_on IS 'Last trading day of a future or option; NULL for others.';
COMMENT ON COLUMN market.instruments.is_active IS 'False refuses new orders.';

-- Ticks have no identity column: (instrument, time, place in the tape among equal times) is the same
-- whoever loads the file, so that loading it twice changes nothing.
CREATE TABLE market.ticks (
  ts             timestamptz NOT NULL,
  price          float8      NOT NULL,
  size           float8      NOT NULL,
  instrument_id  int         NOT NULL,
  seq            int         NOT NULL,
  venue          text,
  sale_condition text,
  suspicious     boolean     NOT NULL DEFAULT false,
  CONSTRAINT ticks_pkey PRIMARY KEY (instrument_id, ts, seq),
  CONSTRAINT ticks_price_check CHECK (price > 0 AND price < 'Infinity'),
  CONSTRAINT ticks_size_check CHECK (size >= 0 AND size < 'Infinity')
) PARTITION BY RANGE (ts);
CREATE TABLE market.ticks_default PARTITION OF market.ticks DEFAULT;
COMMENT ON TABLE  market.ticks IS 'Trades as observed, one daily partition (UTC) each; measurements, hence float8.';
COMMENT ON COLUMN market.ticks.ts IS 'Event time: when the trade happened.';
COMMENT ON COLUMN market.ticks.price IS 'Price in the instrument''s currency, positive and finite (NaN sorts above Infinity and is refused with it).';
COMMENT ON COLUMN market.ticks.size IS 'Units traded, zero or more.';
COMMENT ON COLUMN market.ticks.instrument_id IS 'What traded (no foreign key: a look-up per tick would halve the load rate; importers resolve it).';
COMMENT ON COLUMN market.ticks.seq IS 'Place on the tape among ticks of this instrument with the same ts, from 0.';
COMMENT ON COLUMN market.ticks.venue IS 'Reporting venue as the feed spells it; NULL when the feed has none.';
COMMENT ON COLUMN market.ticks.sale_condition IS 'Sale condition as the feed spells it; NULL when the feed has none.';
COMMENT ON COLUMN market.ticks.suspicious IS 'The feed itself doubts this tick; strategies do not see it.';
COMMENT ON TABLE  market.ticks_default IS 'Ticks of days without a partition of their own; market.ensure_tick_partitions makes partitions ahead.';

CREATE TABLE market.quotes (
  instrument_id int         CONSTRAINT quotes_pkey PRIMARY KEY CONSTRAINT quotes_instrument_id_fkey REFERENCES market.instruments,
  ts            timestamptz NOT NULL CONSTRAINT quotes_ts_check CHECK (isfinite(ts)),
  last          float8      NOT NULL CONSTRAINT quotes_last_check CHECK (last > 0 AND last < 'Infinity'),
  last_size     float8      CONSTRAINT quotes_last_size_check CHECK (last_size >= 0 AND last_size < 'Infinity'),
  bid           float8      CONSTRAINT quotes_bid_check CHECK (bid > 0 AND bid < 'Infinity'),
  ask           float8      CONSTRAINT quotes_ask_check CHECK (ask > 0 AND ask < 'Infinity')
) WITH (fillfactor = 50);
COMMENT ON TABLE  market.quotes IS 'The latest price of each instrument: one row, updated in place (HOT).';
COMMENT ON COLUMN market.quotes.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.quotes.ts IS 'Event time of the last price.';
COMMENT ON COLUMN market.quotes.last IS 'Last traded price, or the close of the last bar.';
COMMENT ON COLUMN market.quotes.last_size IS 'Units of the last trade; NULL when a bar set the price.';
COMMENT ON COLUMN market.quotes.bid IS 'Best bid; NULL when the feed has none.';
COMMENT ON COLUMN market.quotes.ask IS 'Best ask; NULL when the feed has none.';

CREATE TABLE market.bars (
  instrument_id  int         NOT NULL CONSTRAINT bars_instrument_id_fkey REFERENCES market.instruments,
  resolution     interval    NOT NULL CONSTRAINT bars_resolution_check CHECK (resolution > interval '0'),
  ts             timestamptz NOT NULL,
  open           float8      NOT NULL,
  high           float8      NOT NULL,
  low            float8      NOT NULL,
  close          float8      NOT NULL,
  volume         float8      NOT NULL,
  adjusted_close float8,
  CONSTRAINT bars_pkey PRIMARY KEY (instrument_id, resolution, ts),
  CONSTRAINT bars_prices_check CHECK (low > 0 AND high < 'Infinity' AND low <= open AND low <= close AND open <= high AND close <= high),
  CONSTRAINT bars_volume_check CHECK (volume >= 0 AND volume < 'Infinity')
);
CREATE INDEX bars_replay_idx ON market.bars (resolution, ts, instrument_id);
COMMENT ON TABLE  market.bars IS 'Bars that a vendor made, imported without their ticks; raw, not adjusted for splits.';
COMMENT ON COLUMN market.bars.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.bars.resolution IS 'Length of the bar.';
COMMENT ON COLUMN market.bars.ts IS 'Start of the bar; for a day bar, local midnight of the trading day on its exchange.';
COMMENT ON COLUMN market.bars.open IS 'First price.';
COMMENT ON COLUMN market.bars.high IS 'Highest price.';
COMMENT ON COLUMN market.bars.low IS 'Lowest price.';
COMMENT ON COLUMN market.bars.close IS 'Last price.';
COMMENT ON COLUMN market.bars.volume IS 'Units traded.';
COMMENT ON COLUMN market.bars.adjusted_close IS 'The vendor''s close adjusted for splits and dividends; NULL when it gives none.';

CREATE TABLE market.corporate_actions (
  action_id     int  GENERATED ALWAYS AS IDENTITY CONSTRAINT corporate_actions_pkey PRIMARY KEY,
  instrument_id int  NOT NULL CONSTRAINT corporate_actions_instrument_id_fkey REFERENCES market.instruments,
  kind          market.corporate_action_kind NOT NULL,
  ex_date       date NOT NULL,
  numerator     market.ratio,
  denominator   market.ratio,
  amount        ledger.money,
  new_symbol    market.symbol,
  CONSTRAINT corporate_actions_instrument_id_kind_ex_date_key UNIQUE (instrument_id, kind, ex_date),
  CONSTRAINT corporate_actions_terms_check CHECK (
    CASE kind
      WHEN 'split'         THEN num_nonnulls(numerator, denominator) = 2 AND num_nonnulls(amount, new_symbol) = 0
      WHEN 'dividend'      THEN amount > 0 AND num_nonnulls(numerator, denominator, new_symbol) = 0
      WHEN 'symbol_change' THEN new_symbol IS NOT NULL AND num_nonnulls(numerator, denominator, amount) = 0
    END)
);
COMMENT ON TABLE  market.corporate_actions IS 'Splits, dividends and symbol changes, in force from the open of the ex-date.';
COMMENT ON COLUMN market.corporate_actions.action_id IS 'Identifier.';
COMMENT ON COLUMN market.corporate_actions.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.corporate_actions.kind IS 'What happened; it says which of the other columns are set.';
COMMENT ON COLUMN market.corporate_actions.ex_date IS 'First trading day at the new terms, in the exchange''s calendar.';
COMMENT ON COLUMN market.corporate_actions.numerator IS 'New shares for each denominator old ones; 2 in a 2:1 split.';
COMMENT ON COLUMN market.corporate_actions.denominator IS 'Old shares; 1 in a 2:1 split.';
COMMENT ON COLUMN market.corporate_actions.amount IS 'Cash dividend per share in the instrument''s currency.';
COMMENT ON COLUMN market.corporate_actions.new_symbol IS 'Ticker from the ex-date on.';
