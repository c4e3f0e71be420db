-- AFTER INSERT on ledger.reversals; writes what internal.book_flow writes
CREATE OR REPLACE FUNCTION internal.tg_reversals__book_flow()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM internal.book_flow(t, NEW.transfer_id) FROM ledger.transfers AS t
    WHERE t.portfolio_id = NEW.portfolio_id AND t.transfer_id = NEW.reversal_id;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_reversals__book_flow() IS
  'Takes a deposit or withdrawal that is reversed out of the net deposits, at the rate at which it came in.';
CREATE OR REPLACE TRIGGER book_flow AFTER INSERT ON ledger.reversals
  FOR EACH ROW EXECUTE FUNCTION internal.tg_reversals__book_flow();
COMMENT ON TRIGGER book_flow ON ledger.reversals IS 'A deposit or withdrawal that is reversed is a flow back.';
REVOKE ALL ON FUNCTION internal.tg_reversals__book_flow() FROM PUBLIC;
