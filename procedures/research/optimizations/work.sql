-- writes research.trials, research.optimization_windows, research.optimizations, in a transaction for each batch;
-- errors TR526, TR542, TR543, TR544, TR604, TR755
CREATE OR REPLACE PROCEDURE research.work(optimization bigint, batch int DEFAULT 20)
LANGUAGE plpgsql SECURITY INVOKER
AS $$
DECLARE
  v_name  text := pg_catalog.current_setting('application_name');
  v_state text;
  v_pause float8 := 0.01;
BEGIN
  PERFORM research.begin_work(work.optimization);
  COMMIT;
  LOOP
    IF research.run_trials(work.optimization, work.batch) OPERATOR(pg_catalog.>) 0 THEN
      v_pause := 0.01;
      PERFORM pg_catalog.set_config(
        'application_name', pg_catalog.format('bourse work %s: %s %%', p.optimization_id,
                                              pg_catalog.round((100 OPERATOR(pg_catalog.*) p.share)::numeric)), false)
        FROM research.progress AS p WHERE p.optimization_id OPERATOR(pg_catalog.=) work.optimization;
      COMMIT;
    ELSE
      v_state := research.advance_optimization(work.optimization);
      COMMIT;
      EXIT WHEN v_state OPERATOR(pg_catalog.=) 'finished';
      IF v_state OPERATOR(pg_catalog.=) 'waiting' THEN
        PERFORM pg_catalog.pg_sleep(v_pause);
        v_pause := least(v_pause OPERATOR(pg_catalog.*) 2, 0.5);
      END IF;
    END IF;
  END LOOP;
  PERFORM pg_catalog.set_config('application_name', v_name, false);
  COMMIT;
END
$$;
COMMENT ON PROCEDURE research.work(bigint, int) IS
  'Runs the trials of an optimization until none is left, batch by batch, each in a transaction of its own: in any '
  'number of sessions at once, from any trial on, and killed at any time, with the same results. application_name '
  'says how far all of them are. Needs the extension bourse: else "bourse work" does the same. Errors TR526, TR542, '
  'TR543, TR544, TR604, TR755.';
REVOKE ALL ON PROCEDURE research.work(bigint, int) FROM PUBLIC;
