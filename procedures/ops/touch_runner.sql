-- writes ops.runners
CREATE OR REPLACE FUNCTION ops.touch_runner(runner_id int, is_stopping boolean DEFAULT false)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE ops.runners AS r
     SET seen_at = clock_timestamp(), stopped_at = CASE WHEN $2 THEN clock_timestamp() END
   WHERE r.runner_id = $1
$$;
COMMENT ON FUNCTION ops.touch_runner(int, boolean) IS 'A runner''s sign of life, or its orderly stop.';
REVOKE ALL ON FUNCTION ops.touch_runner(int, boolean) FROM PUBLIC;
