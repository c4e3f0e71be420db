-- Trigrams of our own over a GIN index of arrays, which is core PostgreSQL, instead of pg_trgm: one way that gives the same results
-- on every server, whether its contrib modules are installed and may be created or not.
CREATE FUNCTION market.trigrams(p_text text)
RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_text text := ' ' || regexp_replace(lower(left(p_text, 300)), '[^[:alnum:]]+', ' ', 'g') || ' ';
BEGIN
  RETURN ARRAY(SELECT DISTINCT substr(v_text, n, 3) FROM generate_series(1, length(v_text) - 2) AS n WHERE substr(v_text, n + 1, 1) <> ' ');
END
$$;
COMMENT ON FUNCTION market.trigrams(text) IS
  'Each three neighbouring characters of the text''s words in lower case; words begin and end with a blank, and other signs count as one.';

-- Option chains are many times as many, change weekly, and begin with their underlying's symbol: the prefix index finds them.
CREATE INDEX instruments_trigrams_idx ON market.instruments USING gin (market.trigrams(symbol || ' ' || coalesce(name, ''))) WHERE expires_on IS NULL;
CREATE INDEX instruments_prefix_idx ON market.instruments (lower(symbol) COLLATE "C");
CREATE INDEX instruments_underlying_idx ON market.instruments (underlying_id, expires_on) WHERE underlying_id IS NOT NULL;

CREATE TABLE market.instrument_aliases (
  broker        text NOT NULL CONSTRAINT instrument_aliases_broker_check CHECK (broker ~ '^[a-z][a-z0-9_.-]{0,62}$'),
  alias         text NOT NULL CONSTRAINT instrument_aliases_alias_check CHECK (alias ~ '^[[:graph:]]([[:print:]]{0,126}[[:graph:]])?$'),
  instrument_id int  NOT NULL CONSTRAINT instrument_aliases_instrument_id_fkey REFERENCES market.instruments,
  CONSTRAINT instrument_aliases_pkey PRIMARY KEY (broker, alias)
);
CREATE INDEX instrument_aliases_alias_idx ON market.instrument_aliases (alias);
CREATE INDEX instrument_aliases_instrument_idx ON market.instrument_aliases (instrument_id, broker);
COMMENT ON TABLE  market.instrument_aliases IS 'What brokers and data vendors call an instrument: their symbols, tokens and codes.';
COMMENT ON COLUMN market.instrument_aliases.broker IS 'Who calls it so, in lower case; for orders the word in trading.portfolios.broker.';
COMMENT ON COLUMN market.instrument_aliases.alias IS 'The name or number, unique with that broker at a time: a token that is used again means the later instrument.';
COMMENT ON COLUMN market.instrument_aliases.instrument_id IS 'What is meant today.';

-- What market.read_instrument_terms makes of one element of JSON.
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
COMMENT ON TYPE market.instrument_terms IS 'Terms of an instrument as a master file gives them, NULL where it is silent; reason says why they cannot be used.';

ALTER TABLE ops.imports
  DROP CONSTRAINT imports_kind_check,
  ADD CONSTRAINT imports_kind_check CHECK (kind IN ('bars', 'ticks', 'instruments'));
COMMENT ON COLUMN ops.imports.kind IS 'bars, ticks or instruments.';
