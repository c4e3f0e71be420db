-- New words of existing types come in a migration of their own: a transaction may not use a word that it added itself.
ALTER TYPE trading.order_type ADD VALUE 'trailing_stop';
ALTER TYPE trading.order_type ADD VALUE 'limit_if_touched';
ALTER TYPE trading.time_in_force ADD VALUE 'at_open';
ALTER TYPE trading.time_in_force ADD VALUE 'at_close';
ALTER TYPE trading.order_status ADD VALUE 'held' AFTER 'new';
ALTER TYPE trading.order_status ADD VALUE 'pending_approval' AFTER 'held';
ALTER TYPE ledger.account_kind ADD VALUE 'conversion';
ALTER TYPE ledger.transfer_kind ADD VALUE 'settlement';
COMMENT ON TYPE trading.order_type IS 'market; limit; stop (market once the stop price trades); stop_limit (limit once the stop price trades); trailing_stop (a stop that follows the best price since at trail_amount or trail_percent); limit_if_touched (limit once the stop price is touched from the favourable side).';
COMMENT ON TYPE trading.time_in_force IS 'day: until the session closes; gtc: until cancelled; gtd: until expires_at; ioc: now or never, in part; fok: now or never, in whole; at_open, at_close: at the opening or closing price of the session alone.';
COMMENT ON TYPE ledger.account_kind IS 'cash: free and reserved money; capital: the owner''s side of deposits; securities: cost of what is paid in full less realised profit; margin: proceeds and collateral of shorts, collateral of futures; conversion: the other side of currency conversions; fees; income: dividends and interest.';
