-- What can be traded and where: exchanges with their calendars, instruments with their terms and names, and what their
-- issuers did to them. One machine writes these; others may copy them, so nothing here refers to a portfolio.
CREATE TYPE market.instrument_kind AS ENUM ('equity', 'etf', 'index', 'future', 'option', 'crypto', 'fx');
CREATE TYPE market.option_right AS ENUM ('call', 'put');
CREATE TYPE market.corporate_action_kind AS ENUM ('split', 'bonus', 'dividend', 'symbol_change');
COMMENT ON TYPE market.instrument_kind IS 'What is traded.';
COMMENT ON TYPE market.option_right IS
  'The right of an option: to buy (call) or to sell (put) its underlying at the strike.';
COMMENT ON TYPE market.corporate_action_kind IS 'What the issuer did to the instrument.';

CREATE TABLE market.exchanges (
  exchange_id  int             GENERATED ALWAYS AS IDENTITY CONSTRAINT exchanges_pkey PRIMARY KEY,
  code         text            NOT NULL CONSTRAINT exchanges_code_key UNIQUE
               CONSTRAINT exchanges_code_check CHECK (code ~ '^[A-Z][A-Z0-9_]{1,15}$'),
  name         text            NOT NULL,
  -- timezone() raises invalid_parameter_value for a name that the server does not know.
  time_zone    text            NOT NULL
               CONSTRAINT exchanges_time_zone_check
                 CHECK (timezone(time_zone, timestamptz '2000-01-01 00:00Z') IS NOT NULL),
  currency     ledger.currency NOT NULL,
  day_starts   interval        NOT NULL DEFAULT '0',
  grid_starts  interval        NOT NULL DEFAULT '0'
               CONSTRAINT exchanges_grid_starts_check
                 CHECK (grid_starts >= interval '0' AND grid_starts < interval '24 hours'),
  hour_offset  smallint        NOT NULL DEFAULT 0
               CONSTRAINT exchanges_hour_offset_check CHECK (hour_offset IN (0, 15, 30, 45)),
  price_collar market.ratio    DEFAULT 10 CONSTRAINT exchanges_price_collar_check CHECK (price_collar > 1),
  stale_after  interval        NOT NULL DEFAULT '1 minute'
               CONSTRAINT exchanges_stale_after_check CHECK (stale_after > interval '0'),
  CONSTRAINT exchanges_day_starts_check CHECK (
    day_starts BETWEEN interval '-12 hours' AND interval '12 hours' AND mod(extract(epoch FROM day_starts), 900) = 0)
);
COMMENT ON TABLE  market.exchanges IS
  'A place where instruments trade, with the time zone that its sessions are written in.';
COMMENT ON COLUMN market.exchanges.exchange_id IS 'Identifier.';
COMMENT ON COLUMN market.exchanges.code IS 'Short upper-case code; EXCHANGE:SYMBOL names an instrument without doubt.';
COMMENT ON COLUMN market.exchanges.name IS 'Full name.';
COMMENT ON COLUMN market.exchanges.time_zone IS 'IANA time zone of sessions, holidays and day candles.';
COMMENT ON COLUMN market.exchanges.currency IS 'Currency of instruments that name no other.';
COMMENT ON COLUMN market.exchanges.day_starts IS
  'When a trading day begins, from its local midnight in steps of 15 minutes; negative is on the eve: -7 hours is '
  '17:00 of the day before.';
COMMENT ON COLUMN market.exchanges.grid_starts IS
  'Local time of day from which candles of other lengths than the kept ones count: the first open of the week''s '
  'sessions.';
COMMENT ON COLUMN market.exchanges.hour_offset IS
  'UTC minute at which hour candles begin, the open''s: 45 where trading opens at 09:15 in India, 30 in New York.';
COMMENT ON COLUMN market.exchanges.price_collar IS
  'A price this many times above or below both trades before it is a jump, and rejected; NULL rejects none.';
COMMENT ON COLUMN market.exchanges.stale_after IS 'Age at which a quote is too old to trade on.';

CREATE TABLE market.sessions (
  exchange_id int      NOT NULL CONSTRAINT sessions_exchange_id_fkey REFERENCES market.exchanges,
  weekday     smallint NOT NULL CONSTRAINT sessions_weekday_check CHECK (weekday BETWEEN 1 AND 7),
  opens       time     NOT NULL,
  closes      time     NOT NULL,
  valid_from  date     NOT NULL DEFAULT '-infinity',
  valid_until date     NOT NULL DEFAULT 'infinity',
  CONSTRAINT sessions_pkey PRIMARY KEY (exchange_id, weekday, opens, valid_from),
  CONSTRAINT sessions_closes_check CHECK (closes > opens),
  CONSTRAINT sessions_valid_until_check CHECK (valid_until > valid_from)
);
COMMENT ON TABLE  market.sessions IS
  'Weekly trading hours. A session over midnight is two rows: until 24:00, and from 00:00.';
COMMENT ON COLUMN market.sessions.exchange_id IS 'The exchange.';
COMMENT ON COLUMN market.sessions.weekday IS 'ISO day of the week in the exchange''s time zone, Monday = 1.';
COMMENT ON COLUMN market.sessions.opens IS 'Local time at which trading opens.';
COMMENT ON COLUMN market.sessions.closes IS 'Local time at which trading closes; 24:00 is the end of the day.';
COMMENT ON COLUMN market.sessions.valid_from IS 'First local day of these hours; -infinity is always.';
COMMENT ON COLUMN market.sessions.valid_until IS
  'First local day on which they are no longer in force; infinity is never.';

-- A day may have several sessions, and be a holiday all the same.
CREATE TABLE market.holidays (
  exchange_id int  NOT NULL CONSTRAINT holidays_exchange_id_fkey REFERENCES market.exchanges,
  day         date NOT NULL,
  name        text NOT NULL,
  opens       time,
  closes      time,
  session_key time GENERATED ALWAYS AS (coalesce(opens, '24:00')) STORED,
  CONSTRAINT holidays_pkey PRIMARY KEY (exchange_id, day, session_key),
  CONSTRAINT holidays_closes_check CHECK ((opens IS NULL) = (closes IS NULL) AND (closes > opens) IS NOT FALSE)
);
COMMENT ON TABLE  market.holidays IS
  'Days that differ from the weekly sessions, which do not take place on them: one row for each session that does, and '
  'one without hours for a holiday, whether there is a session on it or not.';
COMMENT ON COLUMN market.holidays.exchange_id IS 'The exchange.';
COMMENT ON COLUMN market.holidays.day IS 'Local calendar day.';
COMMENT ON COLUMN market.holidays.name IS 'Why.';
COMMENT ON COLUMN market.holidays.opens IS 'Local time at which this session opens; NULL for a holiday.';
COMMENT ON COLUMN market.holidays.closes IS 'Local time at which this session closes; NULL for a holiday.';
COMMENT ON COLUMN market.holidays.session_key IS
  'What tells the rows of a day apart: when it opens, 24:00 for a holiday.';

CREATE TABLE market.sale_conditions (
  exchange_id    int     NOT NULL CONSTRAINT sale_conditions_exchange_id_fkey REFERENCES market.exchanges,
  sale_condition text    NOT NULL,
  is_suspicious  boolean NOT NULL DEFAULT true,
  name           text,
  CONSTRAINT sale_conditions_pkey PRIMARY KEY (exchange_id, sale_condition)
);
COMMENT ON TABLE  market.sale_conditions IS
  'Rules: which sale conditions make a tick suspicious, so that candles and strategies leave it out. They count for '
  'ticks stored from then on.';
COMMENT ON COLUMN market.sale_conditions.exchange_id IS 'The exchange.';
COMMENT ON COLUMN market.sale_conditions.sale_condition IS 'The condition as the feed spells it.';
COMMENT ON COLUMN market.sale_conditions.is_suspicious IS 'True leaves its ticks out of candles.';
COMMENT ON COLUMN market.sale_conditions.name IS 'What it means; NULL when not known.';

-- Trigrams of our own over a GIN index of arrays, which is core PostgreSQL, instead of pg_trgm: one way that gives the
-- same results on every server, whether its contrib modules are installed and may be created or not.
CREATE FUNCTION market.trigrams(p_text text)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_text text := ' ' || regexp_replace(lower(left(p_text, 300)), '[^[:alnum:]]+', ' ', 'g') || ' ';
BEGIN
  RETURN ARRAY(SELECT DISTINCT substr(v_text, n, 3) FROM generate_series(1, length(v_text) - 2) AS n
                WHERE substr(v_text, n + 1, 1) <> ' ');
END
$$;
COMMENT ON FUNCTION market.trigrams(text) IS
  'Each three neighbouring characters of the text''s words in lower case; words begin and end with a blank, and other '
  'signs count as one.';

CREATE TABLE market.instruments (
  instrument_id      int                    GENERATED ALWAYS AS IDENTITY CONSTRAINT instruments_pkey PRIMARY KEY,
  exchange_id        int                    NOT NULL
                     CONSTRAINT instruments_exchange_id_fkey REFERENCES market.exchanges,
  symbol             market.symbol          NOT NULL,
  name               text,
  kind               market.instrument_kind NOT NULL DEFAULT 'equity',
  currency           ledger.currency        NOT NULL,
  tick_size          market.price           NOT NULL DEFAULT 0.01
                     CONSTRAINT instruments_tick_size_check CHECK (tick_size > 0),
  lot_size           market.quantity        NOT NULL DEFAULT 1
                     CONSTRAINT instruments_lot_size_check CHECK (lot_size > 0),
  multiplier         market.ratio           NOT NULL DEFAULT 1,
  initial_margin     market.ratio           NOT NULL DEFAULT 0.5,
  maintenance_margin market.ratio           NOT NULL DEFAULT 0.3,
  is_shortable       boolean                NOT NULL DEFAULT true,
  price_collar       market.ratio           CONSTRAINT instruments_price_collar_check CHECK (price_collar > 1),
  sector             text,
  underlying_id      int                    CONSTRAINT instruments_underlying_id_fkey REFERENCES market.instruments,
  strike             market.price           CONSTRAINT instruments_strike_check CHECK (strike > 0),
  option_right       market.option_right,
  expires_on         date,
  is_active          boolean                NOT NULL DEFAULT true,
  CONSTRAINT instruments_exchange_id_symbol_key UNIQUE (exchange_id, symbol),
  CONSTRAINT instruments_margin_check CHECK (maintenance_margin <= initial_margin AND initial_margin <= 10),
  CONSTRAINT instruments_option_check
    CHECK ((strike IS NOT NULL) = (option_right IS NOT NULL) AND (strike IS NULL OR kind = 'option')),
  CONSTRAINT instruments_option_terms_check CHECK (kind <> 'option' OR strike IS NOT NULL AND expires_on IS NOT NULL),
  CONSTRAINT instruments_underlying_id_check CHECK (underlying_id <> instrument_id)
);
CREATE INDEX instruments_symbol_idx ON market.instruments (symbol);
CREATE INDEX instruments_prefix_idx ON market.instruments (lower(symbol) COLLATE "C");
-- Option chains are many times as many, change weekly, and begin with their underlying's symbol: the prefix index finds
-- them.
CREATE INDEX instruments_trigrams_idx
  ON market.instruments USING gin (market.trigrams(symbol || ' ' || coalesce(name, ''))) WHERE expires_on IS NULL;
CREATE INDEX instruments_underlying_idx ON market.instruments (underlying_id, expires_on)
  WHERE underlying_id IS NOT NULL;
COMMENT ON TABLE  market.instruments IS 'What can be traded, with the steps in which price and quantity move.';
COMMENT ON COLUMN market.instruments.instrument_id IS 'Identifier.';
COMMENT ON COLUMN market.instruments.exchange_id IS 'Where it trades.';
COMMENT ON COLUMN market.instruments.symbol IS 'Ticker, unique on its exchange.';
COMMENT ON COLUMN market.instruments.name IS 'Full name; NULL when not known.';
COMMENT ON COLUMN market.instruments.kind IS 'What it is.';
COMMENT ON COLUMN market.instruments.currency IS 'Currency of its prices.';
COMMENT ON COLUMN market.instruments.tick_size IS
  'Smallest price step of an order; prices of orders are multiples of it.';
COMMENT ON COLUMN market.instruments.lot_size IS 'Smallest quantity step of an order.';
COMMENT ON COLUMN market.instruments.multiplier IS
  'Units of currency that one unit of quantity gains when the price rises by 1.';
COMMENT ON COLUMN market.instruments.initial_margin IS
  'Collateral that opening takes, as a fraction of the value (of strike × multiplier for a written option): for '
  'shorts, futures and written options.';
COMMENT ON COLUMN market.instruments.maintenance_margin IS
  'Collateral below which a margin call is due, as a fraction of the same value.';
COMMENT ON COLUMN market.instruments.is_shortable IS 'False refuses sales of more than is held.';
COMMENT ON COLUMN market.instruments.price_collar IS
  'Its own collar instead of its exchange''s; NULL is the exchange''s.';
COMMENT ON COLUMN market.instruments.sector IS 'Sector for exposure limits; NULL when not known.';
COMMENT ON COLUMN market.instruments.underlying_id IS
  'What a future or option is on; NULL for others, and where it is no instrument here.';
COMMENT ON COLUMN market.instruments.strike IS 'Strike price of an option; NULL for others.';
COMMENT ON COLUMN market.instruments.option_right IS 'Call or put; NULL for what is no option.';
COMMENT ON COLUMN market.instruments.expires_on IS 'Last trading day of a future or option; NULL for others.';
COMMENT ON COLUMN market.instruments.is_active IS 'False refuses new orders.';

CREATE TABLE market.underlying_names (
  name   text          CONSTRAINT underlying_names_pkey PRIMARY KEY,
  symbol market.symbol NOT NULL,
  CONSTRAINT underlying_names_symbol_check CHECK (symbol <> name)
);
COMMENT ON TABLE  market.underlying_names IS
  'Names by which contracts call an index that has another symbol: futures on NIFTY are on NIFTY 50.';
COMMENT ON COLUMN market.underlying_names.name IS 'What masters of contracts call it.';
COMMENT ON COLUMN market.underlying_names.symbol IS 'Symbol of the index.';

CREATE TABLE market.instrument_aliases (
  broker        text NOT NULL CONSTRAINT instrument_aliases_broker_check CHECK (broker ~ '^[a-z][a-z0-9_.-]{0,62}$'),
  alias         text NOT NULL
                CONSTRAINT instrument_aliases_alias_check
                  CHECK (alias ~ '^[[:graph:]]([[:print:]]{0,126}[[:graph:]])?$'),
  instrument_id int  NOT NULL CONSTRAINT instrument_aliases_instrument_id_fkey REFERENCES market.instruments,
  CONSTRAINT instrument_aliases_pkey PRIMARY KEY (broker, alias)
);
CREATE INDEX instrument_aliases_alias_idx ON market.instrument_aliases (alias);
CREATE INDEX instrument_aliases_instrument_idx ON market.instrument_aliases (instrument_id, broker);
COMMENT ON TABLE  market.instrument_aliases IS
  'What brokers and data vendors call an instrument: their symbols, tokens and codes.';
COMMENT ON COLUMN market.instrument_aliases.broker IS
  'Who calls it so, in lower case; for orders the word in trading.portfolios.broker.';
COMMENT ON COLUMN market.instrument_aliases.alias IS
  'The name or number, unique with that broker at a time: a token that is used again means the later instrument.';
COMMENT ON COLUMN market.instrument_aliases.instrument_id IS 'What is meant today.';

-- What internal.read_instrument_terms makes of one element of JSON.
CREATE TYPE market.instrument_terms AS (
  ordinal            int,
  exchange_id        int,
  symbol             text,
  name               text,
  kind               market.instrument_kind,
  currency           text,
  tick_size          numeric,
  lot_size           numeric,
  multiplier         numeric,
  sector             text,
  expires_on         date,
  strike             numeric,
  option_right       market.option_right,
  underlying         text,
  initial_margin     numeric,
  maintenance_margin numeric,
  is_shortable       boolean,
  is_active          boolean,
  alias              text,
  reason             text
);
COMMENT ON TYPE market.instrument_terms IS
  'Terms of an instrument as a master file gives them, NULL where it is silent; reason says why they cannot be used.';

CREATE TABLE market.corporate_actions (
  action_id     int                          GENERATED ALWAYS AS IDENTITY CONSTRAINT corporate_actions_pkey PRIMARY KEY,
  instrument_id int                          NOT NULL
                CONSTRAINT corporate_actions_instrument_id_fkey REFERENCES market.instruments,
  kind          market.corporate_action_kind NOT NULL,
  ex_date       date                         NOT NULL,
  numerator     market.ratio,
  denominator   market.ratio,
  amount        ledger.money,
  old_symbol    market.symbol,
  new_symbol    market.symbol,
  CONSTRAINT corporate_actions_instrument_id_kind_ex_date_key UNIQUE (instrument_id, kind, ex_date),
  CONSTRAINT corporate_actions_terms_check CHECK (
    CASE kind
      WHEN 'split'         THEN num_nonnulls(numerator, denominator) = 2 AND num_nonnulls(amount, new_symbol) = 0
      WHEN 'bonus'         THEN numerator > denominator AND num_nonnulls(amount, new_symbol) = 0
                                AND num_nonnulls(numerator, denominator) = 2
      WHEN 'dividend'      THEN amount > 0 AND num_nonnulls(numerator, denominator, new_symbol) = 0
      WHEN 'symbol_change' THEN new_symbol IS NOT NULL AND num_nonnulls(numerator, denominator, amount) = 0
    END)
);
-- One change of the number of shares a day.
CREATE UNIQUE INDEX corporate_actions_ratio_key ON market.corporate_actions (instrument_id, ex_date)
  WHERE numerator IS NOT NULL;
CREATE INDEX corporate_actions_old_symbol_idx ON market.corporate_actions (old_symbol) WHERE old_symbol IS NOT NULL;
COMMENT ON TABLE  market.corporate_actions IS
  'Splits, bonus issues, dividends and symbol changes, in force from the open of the ex-date.';
COMMENT ON COLUMN market.corporate_actions.action_id IS 'Identifier.';
COMMENT ON COLUMN market.corporate_actions.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.corporate_actions.kind IS 'What happened; it says which of the other columns are set.';
COMMENT ON COLUMN market.corporate_actions.ex_date IS
  'First trading day at the new terms, in the exchange''s calendar.';
COMMENT ON COLUMN market.corporate_actions.numerator IS
  'Shares after it for each denominator before; 2 in a 2:1 split and in a 1:1 bonus.';
COMMENT ON COLUMN market.corporate_actions.denominator IS 'Shares before it; 1 in a 2:1 split and in a 1:1 bonus.';
COMMENT ON COLUMN market.corporate_actions.amount IS 'Cash dividend per share in the instrument''s currency.';
COMMENT ON COLUMN market.corporate_actions.old_symbol IS
  'Ticker before the symbol change, under which the instrument stays findable; NULL for other actions, and until the '
  'change is made.';
COMMENT ON COLUMN market.corporate_actions.new_symbol IS 'Ticker from the ex-date on.';
