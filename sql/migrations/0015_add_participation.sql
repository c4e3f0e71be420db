ALTER TABLE trading.portfolios
  ADD COLUMN participation_percent numeric(18, 8)
    CONSTRAINT portfolios_participation_percent_check CHECK (participation_percent BETWEEN 0.0001 AND 100);
COMMENT ON COLUMN trading.portfolios.participation_percent IS
  'Most that the paper broker fills of one tick''s size or one bar''s volume, in percent; NULL: orders fill whole.';
