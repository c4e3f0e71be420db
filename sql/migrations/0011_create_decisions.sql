-- What internal functions hand to each other: what is asked, what is decided without a write, and what is written.

CREATE TYPE internal.portfolio_result AS (
  equity numeric, net_deposits numeric, profit numeric, index numeric, peak numeric
);
COMMENT ON TYPE internal.portfolio_result IS
  'How a portfolio does: equity, net deposits and their difference in its currency, the index of its time-weighted '
  'return, and the peak from which drawdown limits count.';

CREATE TYPE internal.order_terms AS (
  order_id bigint, portfolio_id int, client_order_id text, instrument_id int, agent_id int,
  side trading.order_side, type trading.order_type, time_in_force trading.time_in_force, product trading.product,
  quantity numeric, limit_price numeric, stop_price numeric, trail_amount numeric, trail_percent numeric,
  reduce_only boolean, post_only boolean, parent_order_id bigint, oco_group_id bigint,
  oco_leg smallint, expires_at timestamptz, replaces_order_id bigint, submitted_by text, submitted_at timestamptz,
  at timestamptz, approved_by text, stop_loss numeric, is_asleep boolean, filled numeric, filled_value numeric,
  maker_value numeric, busted numeric, paid numeric, reserved numeric, own numeric
);
COMMENT ON TYPE internal.order_terms IS
  'An order that is to be decided about: its terms as they came, not rounded to eight decimals, when (at) it is '
  'decided, who approved it, and where its protective stop will be (NULL: there is none). An order that is decided '
  'again (internal.terms_of) has its order_id, whether it waits still (is_asleep), what of it has filled and was '
  'paid, what it reserves, and the quantity that its position keeps for it (own); a new one has NULL and zeros there.';

CREATE TYPE internal.orders_ahead AS (
  orders int, buys numeric, sells numeric, is_again boolean
);
COMMENT ON TYPE internal.orders_ahead IS
  'What of a batch comes before an order: how many orders of its portfolio, what they buy and sell of its '
  'instrument, and whether its client_order_id is among theirs.';

CREATE TYPE internal.rule_result AS (
  code text, reason text, verdicts risk.verdict[], peak numeric
);
COMMENT ON TYPE internal.rule_result IS
  'What the risk rules say of an order: code and reason of the first that refuses it (NULL: it may pass), the '
  'verdicts of the rules that it breaks, and the index of its portfolio where that is a new peak.';

CREATE TYPE internal.movement AS (
  portfolio_id int, debit_id smallint, credit_id smallint, amount numeric, currency text,
  kind ledger.transfer_kind, component text, state ledger.transfer_state, at timestamptz, order_id bigint,
  fill_id bigint, pending_id bigint, pending_debit_id smallint, pending_credit_id smallint
);
COMMENT ON TYPE internal.movement IS
  'A transfer that is to be written, and the pending transfer that it answers with the accounts of that one; NULL '
  'when it answers none.';

CREATE TYPE internal.order_decision AS (
  clock xid8, number bigint, status trading.order_status, size numeric, planned_size numeric, stop numeric,
  group_id bigint, ends_at timestamptz, active_at timestamptz, opening numeric, reserve_price numeric,
  reservation internal.movement, reservation_id bigint, available numeric, kept numeric, code text, reason text,
  multiplier numeric, is_future boolean, is_foreign boolean, exchange_id int, rules internal.rule_result,
  fault text, is_known boolean, has_news boolean, is_alone boolean
);
COMMENT ON TYPE internal.order_decision IS
  'What becomes of an order: the portfolio''s event clock before it (clock); what its row says beyond its terms '
  '(number is its order_id, size its quantity, stop its stop_price); what it reserves, and the number that this '
  'transfer will have (NULL: nothing), out of how much; the quantity that its position keeps as open for it; what '
  'the row of a new position says of the instrument; what the risk rules say. fault is what is wrong with its terms '
  '(internal.refuse_terms); is_known: it was submitted before; has_news: rules has something to be kept; is_alone: '
  'it must find what was decided before it in the tables.';

CREATE TYPE internal.fill_report AS (
  portfolio_id int, order_id bigint, client_order_id text, quantity numeric, price numeric, broker text,
  execution_id text, fee numeric, liquidity trading.liquidity, at timestamptz, is_fact boolean
);
COMMENT ON TYPE internal.fill_report IS
  'An execution as it was reported: of an order by its order_id or else its client_order_id; fee NULL: by the '
  'portfolio''s schedule. is_fact: it is booked although it contradicts its order; NULL: if it comes from a broker.';

CREATE TYPE internal.objection AS (
  code text, reason text
);
COMMENT ON TYPE internal.objection IS 'What contradicts an execution: code, and words with figures.';

CREATE TYPE internal.fill_verdict AS (
  objections internal.objection[], code text, reason text
);
COMMENT ON TYPE internal.fill_verdict IS
  'What contradicts an execution (NULL: nothing), and the first of it that refuses it (NULL: it is booked).';

CREATE TYPE internal.fills_ahead AS (
  fills int, is_again boolean
);
COMMENT ON TYPE internal.fills_ahead IS
  'What of a batch comes before an execution: how many of its portfolio, and whether one of them is of the same '
  'instrument.';

CREATE TYPE internal.fill_decision AS (
  clock xid8, number bigint, target_id bigint, target_key text, ordered numeric, limited numeric, stopped numeric,
  former_code text, former_reason text, instrument_id int, side trading.order_side, size numeric, paid_price numeric,
  value numeric, charged numeric, charged_as trading.liquidity, at_broker text, from_status trading.order_status,
  status trading.order_status, version int, filled numeric, filled_value numeric, maker_value numeric,
  fees numeric, fee_lines numeric[], reserved numeric, average_price numeric, changed_at timestamptz, held numeric,
  cost numeric, realised numeric, fifo_pnl numeric, closed numeric, margin numeric, kept numeric,
  market_value numeric, intraday numeric, movements internal.movement[], closures trading.lot_closures[],
  opened numeric, opened_cost numeric, cash_id smallint, available numeric, cash numeric, code text, reason text,
  fault text, is_known boolean, is_linked boolean, is_alone boolean, objections internal.objection[], lacking numeric
);
COMMENT ON TYPE internal.fill_decision IS
  'What becomes of an execution: the portfolio''s event clock before it (clock); the fill (number is its fill_id), '
  'its order as it was (target_id, target_key, its quantity, prices and reason) and is after it, and its position '
  'after it (realised, fifo_pnl and margin by how much they change, kept by how much less the position keeps as '
  'open), the transfers, the lots that it closes and what it opens, the cash account with what is available and '
  'what the fill changes of it; or why it cannot be booked (code, reason), or what is wrong with the report (fault, '
  'internal.refuse_report). is_known: it was booked before; is_linked: other orders may depend on its order; '
  'is_alone: it must find what was decided before it in the tables; objections: what contradicts its order (NULL: '
  'nothing); lacking: cash that a fact still needs, whoever gives it (NULL: none).';

CREATE TYPE internal.fill_result AS (
  fill trading.fills, order_row trading.orders, position_quantity numeric, position_cost numeric,
  links_changed boolean, code text, reason text
);
COMMENT ON TYPE internal.fill_result IS
  'What became of an execution: the fill, its order and position as they stand then, whether other orders changed; '
  'or why it was not booked.';
