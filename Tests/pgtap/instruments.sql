-- The instrument master: what becomes of each row, aliases, and search.
BEGIN;
SELECT no_plan();
\ir setup/book.sql

CREATE FUNCTION pg_temp.put(terms jsonb, exchange text DEFAULT NULL, broker text DEFAULT NULL) RETURNS text LANGUAGE sql
AS $$ SELECT string_agg(coalesce(p.reason, p.outcome), ', ' ORDER BY p.ordinal) FROM market.put_instruments(terms, exchange, broker) AS p $$;

-- A broker's file as it comes: zeros where something does not apply, CE and PE as kinds.
SELECT is(pg_temp.put($$[
  {"exchange": "NFO", "symbol": "NIFTY25DEC24500CE", "name": "NIFTY", "expires_on": "2025-12-30", "strike": "24500", "tick_size": "0.05", "lot_size": "75", "kind": "CE", "underlying": "NSE:NIFTY 50", "alias": "12345"},
  {"exchange": "NFO", "symbol": "NIFTY25DEC24500PE", "name": "NIFTY", "expires_on": "2025-12-30", "strike": 24500, "tick_size": 0.05, "lot_size": 75, "kind": "PE", "underlying": "NSE:NIFTY 50", "alias": "12346"},
  {"exchange": "NFO", "symbol": "RELIANCE25DECFUT", "name": "RELIANCE", "expires_on": "2025-12-30", "strike": "0", "tick_size": "0.05", "lot_size": "500", "kind": "FUT", "underlying": "RELIANCE", "initial_margin": "0.2"},
  {"exchange": "nse", "symbol": "NIFTY 50", "kind": "index", "tick_size": "0", "lot_size": "0"},
  {"exchange": "NSE", "symbol": "RELIANCE", "name": "Reliance Industries", "kind": "EQ", "tick_size": "0.05", "sector": "Energy", "alias": "738561"},
  {"exchange": "CRYPTO", "symbol": "BTC/USDT", "kind": "crypto", "currency": "usdt", "tick_size": "1e-2", "lot_size": "0.00001", "is_shortable": "no"}]$$, broker => 'zerodha'),
  'added, added, added, added, added, added', 'shares, indices, futures, options and coins');
SELECT results_eq($$SELECT i.symbol::text, i.kind::text, i.currency::text, i.lot_size::text, i.expires_on, i.strike::numeric, i.option_right::text, u.symbol::text, i.initial_margin::text || ' ' || i.maintenance_margin::text
                      FROM market.instruments AS i LEFT JOIN market.instruments AS u ON u.instrument_id = i.underlying_id WHERE i.symbol <> 'IBM' ORDER BY i.symbol COLLATE "C"$$,
  $$VALUES ('BTC/USDT', 'crypto', 'USDT', '0.00001000', NULL::date, NULL::numeric, NULL, NULL, '0.50000000 0.30000000'),
           ('NIFTY 50', 'index', 'INR', '1.00000000', NULL, NULL, NULL, NULL, '0.50000000 0.30000000'),
           ('NIFTY25DEC24500CE', 'option', 'INR', '75.00000000', '2025-12-30', 24500, 'call', 'NIFTY 50', '0.50000000 0.30000000'),
           ('NIFTY25DEC24500PE', 'option', 'INR', '75.00000000', '2025-12-30', 24500, 'put', 'NIFTY 50', '0.50000000 0.30000000'),
           ('RELIANCE', 'equity', 'INR', '1.00000000', NULL, NULL, NULL, NULL, '0.50000000 0.30000000'),
           ('RELIANCE25DECFUT', 'future', 'INR', '500.00000000', '2025-12-30', NULL, NULL, 'RELIANCE', '0.20000000 0.20000000')$$,
  'their terms, the underlying too when it comes later in the array');
SELECT is((SELECT is_shortable FROM market.instruments WHERE symbol = 'BTC/USDT'), false, 'flags');

-- The same again, changed, and contradicting.
SELECT max(instrument_id) AS last_id FROM market.instruments \gset
SELECT is(pg_temp.put('[{"exchange": "NSE", "symbol": "RELIANCE", "name": "Reliance Industries", "kind": "EQ", "tick_size": "0.05"}, {"symbol": "RELIANCE25DECFUT", "exchange": "NFO", "kind": "FUT", "expires_on": "2025-12-30"}]'),
  'known, known', 'the same again, or silence, changes nothing');
SELECT is(pg_temp.put('[{"symbol": "NEXT"}]', 'US'), 'added', 'a symbol is enough: a share in dollars');
SELECT is((SELECT instrument_id FROM market.instruments WHERE symbol = 'NEXT'), :last_id + 1, 'rows that are known use up no identifiers');
SELECT is(pg_temp.put('[{"exchange": "NSE", "symbol": "RELIANCE", "kind": "EQ", "tick_size": "0.1", "is_active": false}]'), 'changed', 'new terms');
SELECT is((SELECT (tick_size, sector, name, is_active)::text FROM market.instruments WHERE symbol = 'RELIANCE'), '(0.10000000,Energy,"Reliance Industries",f)', 'and only those');
SELECT is(pg_temp.put('[{"symbol": "IBM", "kind": "etf"}]', 'US'), 'changed', 'what it is may be corrected while nobody has traded it');
SELECT is(pg_temp.put('[{"symbol": "IBM", "kind": "equity"}]', 'us'), 'changed', 'and back');
SELECT pg_temp.submit('first', 'buy', 1, 10) \g /dev/null
SELECT matches(pg_temp.put('[{"symbol": "IBM", "kind": "etf"}]', 'US'), 'has been traded', 'not afterwards');
SELECT is(pg_temp.put('[{"symbol": "IBM", "lot_size": 5}]', 'US'), 'changed', 'lots and ticks may');

-- Rejected, each for its reason, and the others go in.
SELECT is(pg_temp.put(terms, 'NFO'), reason, left(terms::text, 80)) FROM (VALUES
  ('[{"name": "x"}]'::jsonb, 'the symbol is missing, too long or not readable'), ('[{"symbol": "A:B"}]', 'the symbol is missing, too long or not readable'),
  ('[{"symbol": "A", "kind": "swap"}]', 'unknown kind swap'), ('[{"symbol": "A", "currency": "$"}]', 'the currency is no code'),
  ('[{"symbol": "A", "tick_size": "0"}]', 'tick_size is no positive number'), ('[{"symbol": "A", "lot_size": "-1"}]', 'lot_size is no positive number'), ('[{"symbol": "A", "multiplier": "NaN"}]', 'multiplier is no positive number'),
  ('[{"symbol": "A", "multiplier": "1e90"}]', 'multiplier is no positive number'), ('[{"symbol": "A", "tick_size": "0.000000001"}]', 'tick_size is no positive number'),
  ('[{"symbol": "A", "kind": "fut", "expires_on": "2025-02-29"}]', 'expires_on is no date such as 2025-12-30'), ('[{"symbol": "A", "kind": "fut", "expires_on": "soon"}]', 'expires_on is no date such as 2025-12-30'),
  ('[{"symbol": "A", "kind": "fut"}]', 'a future or option needs expires_on'), ('[{"symbol": "A", "kind": "eq", "expires_on": "2025-02-28"}]', 'only a future or option expires'),
  ('[{"symbol": "A", "kind": "ce", "expires_on": "2024-02-29", "strike": 0}]', 'an option needs a positive strike'), ('[{"symbol": "A", "kind": "opt", "expires_on": "2024-02-29", "strike": 1}]', 'an option needs option_right: call or put'),
  ('[{"symbol": "A", "kind": "eq", "strike": 1}]', 'only an option has a strike'), ('[{"symbol": "A", "kind": "eq", "option_right": "call"}]', 'only an option has option_right'),
  ('[{"symbol": "A", "initial_margin": 11}]', 'initial_margin is not in 0 to 10'), ('[{"symbol": "A", "initial_margin": 0.1, "maintenance_margin": 0.2}]', 'maintenance_margin is not positive, or above initial_margin'),
  ('[{"symbol": "A", "is_active": "perhaps"}]', 'is_active is neither true nor false'), ('[{"symbol": "A", "is_shortable": 2}]', 'is_shortable is neither true nor false'), ('[{"symbol": "A", "alias": " x"}]', 'the alias is not readable, or longer than 128 characters'),
  ('[{"symbol": "A1"}, {"symbol": "A1"}, {"symbol": "A2"}]', 'added, the symbol stands here twice, added')) AS w (terms, reason);
SELECT is(pg_temp.put('[{"symbol": "A", "exchange": "NOPE"}, {"symbol": "A"}]'), 'unknown exchange NOPE, the exchange is missing', 'exchanges');
SELECT pg_temp.refuses(format('SELECT market.put_instruments(%s)', a), c, left(a, 60)) FROM (VALUES ('NULL', 'TR604'), ('''{}''', 'TR604'), ('''[1]''', '22023'), ('(SELECT jsonb_agg(''{}''::jsonb) FROM generate_series(1, 10001))', 'TR604'), ('''[]'', ''NOPE''', 'TR102')) AS w (a, c);
SELECT is_empty($$SELECT * FROM market.put_instruments('[]')$$, 'nothing makes nothing');

-- Aliases.
SELECT is(market.alias_instrument_id('zerodha', '12345'), market.instrument_id('NIFTY25DEC24500CE'), 'what the broker calls it');
SELECT pg_temp.refuses($$SELECT market.alias_instrument_id('zerodha', 'IBM')$$, 'TR101', 'a name that the broker does not use');
SELECT pg_temp.refuses($$SELECT market.alias_instrument_id('other', '12345')$$, 'TR101', 'another broker''s');
SELECT is((market.add_alias('ibkr', '8314', 'US:IBM')).instrument_id, market.instrument_id('IBM'), 'one by hand');
SELECT is(pg_temp.put('[{"symbol": "A3", "alias": "12345"}]', 'NFO', 'zerodha'), 'added', 'a token that is used again');
SELECT is(market.alias_instrument_id('zerodha', '12345'), market.instrument_id('A3'), 'means the later instrument');
SELECT pg_temp.refuses(format('SELECT market.add_alias(%s)', a), c, a) FROM (VALUES ('NULL, ''x'', ''IBM''', 'TR108'), ('''ibkr'', NULL, ''IBM''', 'TR108'), ('''ibkr'', ''x'', NULL', 'TR108'), ('''ibkr'', ''x'', ''NONE''', 'TR101'), ('''IB KR'', ''x'', ''IBM''', 'TR108'), ('''ibkr'', '''', ''IBM''', 'TR108')) AS w (a, c);

-- Search.
SELECT pg_temp.put('[{"symbol": "HDFCBANK", "name": "HDFC Bank"}, {"symbol": "ICICIBANK", "name": "ICICI Bank"}, {"symbol": "TATASTEEL", "name": "Tata Steel"}, {"symbol": "TATAMOTORS", "name": "Tata Motors"}]', 'NSE') \g /dev/null
CREATE FUNCTION pg_temp.search(query text, max_results int DEFAULT 20, active_only boolean DEFAULT true) RETURNS text LANGUAGE sql
AS $$ SELECT coalesce(string_agg(s.symbol || ' ' || s.match, ', '), '') FROM market.search_instruments(query, max_results, active_only) AS s $$;
SELECT is(pg_temp.search(query), expected, quote_literal(query)) FROM (VALUES
  ('nif', 'NIFTY 50 prefix, NIFTY25DEC24500CE prefix, NIFTY25DEC24500PE prefix'), ('nifty 24500 pe', 'NIFTY25DEC24500PE words'), ('ICIC', 'ICICIBANK prefix'), ('bank icici', 'ICICIBANK words'), ('steel', 'TATASTEEL words'),
  ('tata', 'TATAMOTORS prefix, TATASTEEL prefix'), ('NSE:tatas', 'TATASTEEL prefix'), ('US:tatas', ''), ('icici bamk', 'ICICIBANK similar'), ('tatastel', 'TATASTEEL similar'), ('12346', 'NIFTY25DEC24500PE alias'),
  ('reliance', 'RELIANCE25DECFUT prefix'), ('%', ''), ('', ''), ('zzzz', ''), ('b', 'BTC/USDT prefix'), ('''; DROP', '')) AS w (query, expected);
SELECT is(pg_temp.search('RELIANCE', active_only => false), 'RELIANCE prefix, RELIANCE25DECFUT prefix', 'what no longer trades is found on demand, the symbol itself first');
SELECT is(pg_temp.search('tata', 1), 'TATAMOTORS prefix', 'as many as are wanted');
SELECT set_eq($$SELECT unnest(market.trigrams('Tata-AG'))$$, ARRAY[' ag', ' ta', 'ag ', 'ata', 'ta ', 'tat'], 'trigrams of words');

SELECT * FROM finish();
ROLLBACK;
