-- What risk.explain says of an order that is not submitted is what becomes of it when it is: random orders in random
-- worlds.
BEGIN;
SELECT no_plan();
\ir setup/book.sql
\ir setup/random_orders.sql
SELECT setseed(0.42) \g /dev/null

-- What is said of an order: the error, or what refuses it. What the market, the holdings or the funds say is in the row
-- "order", which is there only when it is they who refuse; otherwise it is the first rule that rejects.
CREATE FUNCTION pg_temp.explained(t pg_temp.terms) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT concat_ws(' ', e.code, e.reason)
            FROM risk.explain(t.portfolio, t.symbol, t.side::trading.order_side, t.quantity, t.type::trading.order_type,
                              t.limit_price, t.stop_price, t.tif::trading.time_in_force, t.agent, t.reduce_only, t.at)
                 WITH ORDINALITY AS e (rule, scope, figure, bound, action, verdict, code, reason, n)
           WHERE e.verdict = 'rejects' ORDER BY e.rule = 'order' DESC, e.n LIMIT 1);
EXCEPTION WHEN OTHERS THEN
  RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION pg_temp.submitted(t pg_temp.terms) RETURNS trading.orders LANGUAGE plpgsql AS $$
BEGIN
  RETURN trading.submit_order(t.portfolio, t.symbol, t.side::trading.order_side, t.quantity, t.type::trading.order_type,
                              t.limit_price, t.stop_price, t.tif::trading.time_in_force, client_order_id => t.id,
                              agent => t.agent, at => t.at, reduce_only => t.reduce_only);
EXCEPTION WHEN OTHERS THEN
  RETURN jsonb_populate_record(NULL::trading.orders, jsonb_build_object('reason_code', SQLSTATE, 'reason', SQLERRM));
END $$;

CREATE TEMP TABLE tried (terms text, status trading.order_status, code text, said text, happened text, recorded text,
                         has_written boolean);
DO $$
DECLARE
  v_tried  tried[];
  v_at     timestamptz;
  v_terms  pg_temp.terms;
  v_order  trading.orders;
  v_before text;
  v_row    tried;
BEGIN
  FOR v_world IN 1 .. 24 LOOP
    v_tried := '{}';
    BEGIN
      PERFORM pg_temp.make_rules(v_world % 6);
      FOR n IN 1 .. 25 LOOP
        v_at := timestamptz '2024-01-08 15:00Z' + n * interval '1 minute';
        v_terms := pg_temp.random_terms(n::text, v_at, random() < 0.6, random() < 0.5);
        -- What risk.explain can be asked about.
        CONTINUE WHEN v_terms.type = 'trailing_stop' OR v_terms.tif = 'gtd' OR v_terms.side IS NULL;
        v_before := pg_temp.books();
        v_row := NULL;
        v_row.terms := v_terms::text;
        v_row.said := pg_temp.explained(v_terms);
        v_row.has_written := pg_temp.books() <> v_before;
        v_order := pg_temp.submitted(v_terms);
        v_row.status := v_order.status;
        v_row.code := v_order.reason_code;
        v_row.happened := nullif(concat_ws(' ', v_order.reason_code, v_order.reason), '');
        -- Afterwards the breaches are told that were recorded then.
        IF v_order.order_id IS NOT NULL THEN
          v_row.recorded := (SELECT concat_ws(' ', e.code, e.reason)
                               FROM risk.explain(v_terms.portfolio, v_order.order_id)
                                    WITH ORDINALITY AS e (rule, scope, figure, bound, action, verdict, code, reason, n)
                              WHERE e.verdict = 'at submission: rejected' ORDER BY e.n LIMIT 1);
        END IF;
        v_tried := v_tried || v_row;
        IF v_order.status = 'accepted' AND random() < 0.6 THEN
          PERFORM trading.record_fills(ARRAY[v_order.portfolio_id], ARRAY[v_order.order_id], ARRAY[v_order.quantity],
                                       ARRAY[98 + round(random()::numeric * 4, 2)], 'paper', ARRAY['x' || n],
                                       ARRAY[v_at]);
        END IF;
        PERFORM pg_temp.move_on(n::text, v_at + interval '50 seconds');
      END LOOP;
      RAISE EXCEPTION USING ERRCODE = 'ZZ001';
    EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
      NULL;  -- the next world begins anew, what a variable knows stays
    END;
    INSERT INTO tried SELECT t.* FROM unnest(v_tried) AS t;
  END LOOP;
END $$;

SELECT is_empty($$SELECT * FROM tried
                   WHERE status IS DISTINCT FROM 'pending_approval' AND said IS DISTINCT FROM happened LIMIT 3$$,
                'what is said is what happens, with the same code and figures');
SELECT is_empty($$SELECT * FROM tried WHERE code LIKE 'TR3%' AND recorded IS DISTINCT FROM happened LIMIT 3$$,
                'what a rule refused is told afterwards, too');
SELECT is_empty($$SELECT * FROM tried WHERE has_written LIMIT 3$$, 'to ask writes nothing');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE status = 'accepted'), '>', 100::bigint, 'many were accepted');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE status = 'rejected' AND code LIKE 'TR3%'), '>', 50::bigint,
              'many refused by rules');
SELECT cmp_ok((SELECT count(DISTINCT code) FROM tried WHERE code LIKE 'TR3%'), '>', 8::bigint, 'of many kinds');
SELECT is(ARRAY(SELECT DISTINCT t.code FROM tried AS t
                 WHERE t.status = 'rejected' AND t.code NOT LIKE 'TR3%' ORDER BY 1),
          '{TR105,TR220,TR225,TR401,TR402}', 'and by market, position, account, funds and holdings');
SELECT cmp_ok((SELECT count(*) FROM tried WHERE status IS NULL), '>', 5::bigint, 'some made no sense');
SELECT * FROM finish();
ROLLBACK;
