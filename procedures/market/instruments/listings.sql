-- The one place where an instrument gets the name that people read: views and statements join it.
CREATE OR REPLACE VIEW market.listings WITH (security_invoker = true) AS
SELECT i.instrument_id, e.code || ':' || i.symbol AS symbol, i.currency, i.multiplier
  FROM market.instruments AS i
  JOIN market.exchanges AS e USING (exchange_id);
COMMENT ON VIEW market.listings IS
  'Each instrument by its full name, EXCHANGE:SYMBOL, which every procedure understands where it asks for a symbol.';
COMMENT ON COLUMN market.listings.instrument_id IS 'Identifier of the instrument.';
COMMENT ON COLUMN market.listings.symbol IS 'The exchange''s code and the present symbol, as NSE:INFY.';
COMMENT ON COLUMN market.listings.currency IS 'Currency of its prices.';
COMMENT ON COLUMN market.listings.multiplier IS 'Money per unit of price and quantity; 1 for shares.';
