ALTER TABLE trading.portfolios
  ADD COLUMN participation_percent numeric(7, 4) CONSTRAINT portfolios_participation_percent_check CHECK (participation_percent > 0 AND participation_percent <= 100);
COMMENT ON COLUMN trading.portfolios.participation_percent IS 'Paper broker: a fill takes at most this percentage of the traded size; NULL: any quantity fills at once.';
