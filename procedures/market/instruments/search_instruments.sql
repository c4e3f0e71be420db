-- reads market.instruments, market.exchanges, market.instrument_aliases
CREATE OR REPLACE FUNCTION market.search_instruments(
  query text, max_results int DEFAULT 20, active_only boolean DEFAULT true)
RETURNS TABLE (instrument_id int, exchange text, symbol text, name text, kind market.instrument_kind, expires_on date,
               strike numeric, option_right market.option_right, match text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_limit    int := least(greatest(coalesce(search_instruments.max_results, 20), 1), 1000);
  v_all      boolean := NOT coalesce(search_instruments.active_only, true);
  v_query    text := lower(btrim(left(search_instruments.query, 200)));
  v_exchange int;
  v_words    text[];
  v_inner    text[];
  v_ids      int[] := ARRAY[]::int[]::int[];
  v_matches  text[] := ARRAY[]::text[]::text[];
  v_found    int[];
BEGIN
  IF v_query ~ '^[a-z][a-z0-9_]+:.' THEN
    SELECT e.exchange_id INTO v_exchange FROM market.exchanges AS e WHERE e.code = upper(split_part(v_query, ':', 1));
    IF FOUND THEN
      v_query := substr(v_query, strpos(v_query, ':') + 1);
    END IF;
  END IF;
  IF coalesce(v_query, '') = '' THEN
    RETURN;
  END IF;
  -- Each step looks for what those before have not found, until there are enough.
  v_found := ARRAY(SELECT DISTINCT a.instrument_id
                     FROM market.instrument_aliases AS a
                     JOIN market.instruments AS i USING (instrument_id)
                    WHERE a.alias = btrim(search_instruments.query) AND (v_all OR i.is_active)
                    ORDER BY 1
                    LIMIT v_limit);
  v_ids := v_found;
  v_matches := array_fill('alias'::text, ARRAY[cardinality(v_found)]);
  -- In the order of the index, so that a prefix of a long option chain costs no more than another: the symbol itself
  -- comes first.
  v_found := ARRAY(SELECT i.instrument_id FROM market.instruments AS i
                    WHERE lower(i.symbol) COLLATE "C" >= v_query
                      AND lower(i.symbol) COLLATE "C" < v_query || chr(1114111)
                      AND (v_all OR i.is_active) AND (v_exchange IS NULL OR i.exchange_id = v_exchange)
                      AND i.instrument_id <> ALL (v_ids)
                    ORDER BY lower(i.symbol) COLLATE "C" LIMIT v_limit - cardinality(v_ids));
  v_ids := v_ids || v_found;
  v_matches := v_matches || array_fill('prefix'::text, ARRAY[cardinality(v_found)]);
  v_words := regexp_split_to_array(btrim(regexp_replace(v_query, '[^[:alnum:]]+', ' ', 'g')), ' ');
  v_inner := ARRAY(SELECT DISTINCT substr(w, n, 3)
                     FROM unnest(v_words) AS w
                     CROSS JOIN LATERAL generate_series(1, length(w) - 2) AS n);
  IF cardinality(v_ids) < v_limit AND cardinality(v_inner) > 0 THEN
    v_found := ARRAY(SELECT i.instrument_id FROM market.instruments AS i
                      WHERE market.trigrams(i.symbol || ' ' || coalesce(i.name, '')) @> v_inner AND i.expires_on IS NULL
                        AND (SELECT bool_and(strpos(lower(i.symbol || ' ' || coalesce(i.name, '')), w) > 0)
                               FROM unnest(v_words) AS w)
                        AND (v_all OR i.is_active) AND (v_exchange IS NULL OR i.exchange_id = v_exchange)
                        AND i.instrument_id <> ALL (v_ids)
                      ORDER BY length(i.symbol || coalesce(i.name, '')), i.symbol COLLATE "C", i.instrument_id
                      LIMIT v_limit - cardinality(v_ids));
    v_ids := v_ids || v_found;
    v_matches := v_matches || array_fill('words'::text, ARRAY[cardinality(v_found)]);
  END IF;
  IF cardinality(v_ids) < v_limit AND cardinality(v_words) > 1 THEN
    v_found := ARRAY(SELECT i.instrument_id FROM market.instruments AS i
                      WHERE lower(i.symbol) COLLATE "C" >= v_words[1]
                        AND lower(i.symbol) COLLATE "C" < v_words[1] || chr(1114111) AND i.expires_on IS NOT NULL
                        AND (SELECT bool_and(strpos(lower(i.symbol), w) > 0) FROM unnest(v_words[2:]) AS w)
                        AND (v_all OR i.is_active) AND (v_exchange IS NULL OR i.exchange_id = v_exchange)
                        AND i.instrument_id <> ALL (v_ids)
                      ORDER BY i.expires_on, i.symbol COLLATE "C", i.instrument_id LIMIT v_limit - cardinality(v_ids));
    v_ids := v_ids || v_found;
    v_matches := v_matches || array_fill('words'::text, ARRAY[cardinality(v_found)]);
  END IF;
  -- Where nothing fits, misspelt names are looked for among what does not expire; a chain is found by the name of its
  -- underlying.
  IF cardinality(v_ids) = 0 THEN
    v_inner := market.trigrams(v_query);
    v_found := ARRAY(SELECT f.instrument_id
                       FROM (SELECT i.instrument_id, i.symbol,
                                    market.trigrams(i.symbol || ' ' || coalesce(i.name, '')) AS grams
                               FROM market.instruments AS i
                              WHERE market.trigrams(i.symbol || ' ' || coalesce(i.name, '')) && v_inner
                                AND i.expires_on IS NULL
                                AND (v_all OR i.is_active) AND (v_exchange IS NULL OR i.exchange_id = v_exchange)) AS f
                       CROSS JOIN LATERAL (SELECT count(*) AS shared
                                             FROM unnest(f.grams) AS g
                                            WHERE g = ANY (v_inner)) AS s
                      WHERE s.shared * 5 >= cardinality(v_inner) * 2
                      ORDER BY s.shared DESC, cardinality(f.grams), f.symbol COLLATE "C", f.instrument_id
                      LIMIT v_limit);
    v_ids := v_found;
    v_matches := array_fill('similar'::text, ARRAY[cardinality(v_found)]);
  END IF;
  RETURN QUERY
    SELECT i.instrument_id, e.code, i.symbol::text, i.name, i.kind, i.expires_on, trim_scale(i.strike), i.option_right,
           n.match
      FROM unnest(v_ids, v_matches) WITH ORDINALITY AS n (id, match, place)
      JOIN market.instruments AS i ON i.instrument_id = n.id
      JOIN market.exchanges AS e USING (exchange_id)
     ORDER BY n.place;
END
$$;
COMMENT ON FUNCTION market.search_instruments(text, int, boolean) IS
  'Instruments by what a person types, best first: a broker''s alias, the beginning of the symbol (EXCHANGE: may stand '
  'before it), all words somewhere in symbol or name (in chains: the underlying''s symbol first, then parts of the '
  'contract''s), or when there is none, similar spelling (two fifths of the trigrams). At most 1,000 results.';
