-- AFTER UPDATE OF time_zone on trading.portfolios; writes trading.portfolio_snapshots
CREATE OR REPLACE FUNCTION internal.tg_portfolios__relabel_days()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE trading.portfolio_snapshots AS s
     SET day = (s.at AT TIME ZONE coalesce(NEW.time_zone, 'UTC'))::date
   WHERE s.portfolio_id = NEW.portfolio_id
     AND s.day <> (s.at AT TIME ZONE coalesce(NEW.time_zone, 'UTC'))::date;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_portfolios__relabel_days() IS
  'Tells the days of a portfolio''s snapshots anew when its time zone changes.';
CREATE OR REPLACE TRIGGER relabel_days AFTER UPDATE OF time_zone ON trading.portfolios
  FOR EACH ROW WHEN (NEW.time_zone IS DISTINCT FROM OLD.time_zone)
  EXECUTE FUNCTION internal.tg_portfolios__relabel_days();
COMMENT ON TRIGGER relabel_days ON trading.portfolios IS 'Days of snapshots are those of the portfolio''s time zone.';
REVOKE ALL ON FUNCTION internal.tg_portfolios__relabel_days() FROM PUBLIC;
