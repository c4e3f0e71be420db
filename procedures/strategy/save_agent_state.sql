-- writes strategy.agent_instruments
CREATE OR REPLACE FUNCTION strategy.save_agent_state(
  portfolio_id int, agent_id int, instrument_id int, at timestamptz, state bytea)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  UPDATE strategy.agent_instruments AS a SET at = $4, state = $5
   WHERE a.portfolio_id = $1 AND a.agent_id = $2 AND a.instrument_id = $3;
END
$$;
COMMENT ON FUNCTION strategy.save_agent_state(int, int, int, timestamptz, bytea) IS
  'Keeps an agent''s memory of one instrument, in the transaction of the batch that made it.';
REVOKE ALL ON FUNCTION strategy.save_agent_state(int, int, int, timestamptz, bytea) FROM PUBLIC;
