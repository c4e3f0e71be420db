ALTER TABLE market.corporate_actions
  ADD COLUMN old_symbol market.symbol,
  DROP CONSTRAINT corporate_actions_terms_check,
  ADD CONSTRAINT corporate_actions_terms_check CHECK (
    CASE kind
      WHEN 'split'         THEN num_nonnulls(numerator, denominator) = 2 AND num_nonnulls(amount, old_symbol, new_symbol) = 0
      WHEN 'dividend'      THEN amount > 0 AND num_nonnulls(numerator, denominator, old_symbol, new_symbol) = 0
      WHEN 'symbol_change' THEN num_nonnulls(old_symbol, new_symbol) = 2 AND old_symbol <> new_symbol AND num_nonnulls(numerator, denominator, amount) = 0
    END) NOT VALID;
UPDATE market.corporate_actions AS a SET old_symbol = i.symbol
  FROM market.instruments AS i WHERE i.instrument_id = a.instrument_id AND a.kind = 'symbol_change' AND i.symbol <> a.new_symbol;
ALTER TABLE market.corporate_actions VALIDATE CONSTRAINT corporate_actions_terms_check;
CREATE INDEX corporate_actions_symbols_idx ON market.corporate_actions (old_symbol) WHERE kind = 'symbol_change';
COMMENT ON COLUMN market.corporate_actions.old_symbol IS 'Ticker until the ex-date; NULL for what is no symbol change.';
COMMENT ON COLUMN market.corporate_actions.amount IS 'Cash dividend per share in the instrument''s currency, in shares of the ex-date.';
