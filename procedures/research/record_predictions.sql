-- locks ledger.portfolio_clocks; writes research.models, research.predictions; rings doorbells; errors TR101, TR103,
-- TR249, TR524, TR525, TR604
CREATE OR REPLACE FUNCTION research.record_predictions(
  models text[], symbols text[], times timestamptz[], "values" float8[], confidences float8[] DEFAULT NULL)
RETURNS int
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (cardinality($1) <= 100000
      AND cardinality($1) = ALL (ARRAY[cardinality($2), cardinality($3), cardinality($4),
                                       coalesce(cardinality($5), cardinality($1))])) IS NOT TRUE THEN
    RAISE EXCEPTION 'the arrays of a batch of predictions differ in length, or are too long'
      USING ERRCODE = 'TR604', DETAIL = format('%s models, %s symbols, %s values.', cardinality($1), cardinality($2),
                                               cardinality($4)),
            HINT = 'Give one element per prediction in each array, at most 100,000.';
  END IF;
  RETURN internal.record_predictions($1, $2, $3, $4, $5);
END
$$;
COMMENT ON FUNCTION research.record_predictions(text[], text[], timestamptz[], float8[], float8[]) IS
  'research.record_prediction for many at once; confidences NULL: none has one. Returns how many were new. Errors '
  'TR101, TR103, TR249, TR524, TR525, TR604.';
REVOKE ALL ON FUNCTION research.record_predictions(text[], text[], timestamptz[], float8[], float8[]) FROM PUBLIC;
