CREATE OR REPLACE FUNCTION internal.add_fee_lines(p_lines numeric[], p_more numeric[])
RETURNS numeric[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_lines numeric[] := p_more;
BEGIN
  FOR n IN 1 .. cardinality(p_lines) LOOP
    v_lines[n] := coalesce(v_lines[n], 0) + p_lines[n];
  END LOOP;
  RETURN v_lines;
END
$$;
COMMENT ON FUNCTION internal.add_fee_lines(numeric[], numeric[]) IS
  'Sums of fees by component; the shorter array counts as zero beyond its end.';
