-- The table of contents, and the order in which the files are run: all of them, in one transaction. Each group has what
-- people and programs call first, and beneath it what only other functions call.

\ir preamble.sql

-- ops -----------------------------------------------------------------------------------------------------------------

-- The journal of what happened, and its readers.
\ir ops/read_events.sql
\ir ops/add_consumer.sql
\ir ops/advance_consumer.sql
-- Beneath:
\ir ops/emit_event.sql

-- Whether the books are sound: one row for each violation, and one word for all that was traded.
\ir ops/check_invariants.sql
\ir ops/fingerprint.sql
-- Beneath:
\ir ops/check_ledger_invariants.sql
\ir ops/check_order_invariants.sql
\ir ops/check_position_invariants.sql
\ir ops/check_settlement_invariants.sql
\ir ops/check_reference_invariants.sql

-- Runners: their start and signs of life, how far they have come, and how they are woken.
\ir ops/start_runner.sql
\ir ops/touch_runner.sql
\ir ops/blocked_portfolios.sql
\ir ops/save_cursor.sql
-- Beneath:
\ir ops/ring_doorbell.sql

-- Triggers that keep what must stay.
\ir ops/refuse_change.sql
\ir ops/refuse_delete.sql

-- ledger --------------------------------------------------------------------------------------------------------------

-- Accounts, transfers, money set aside, conversions, statements.
\ir ledger/account_id.sql
\ir ledger/available.sql
\ir ledger/convert.sql
\ir ledger/deposit.sql
\ir ledger/draw_reservation.sql
\ir ledger/exchange_rate.sql
\ir ledger/find_portfolio.sql
\ir ledger/free_books.sql
\ir ledger/hold.sql
\ir ledger/hold_books.sql
\ir ledger/lock_book.sql
\ir ledger/lock_books.sql
\ir ledger/move_capital.sql
\ir ledger/open_accounts.sql
\ir ledger/post.sql
\ir ledger/post_pending.sql
\ir ledger/prorate.sql
\ir ledger/record_interest.sql
\ir ledger/release.sql
\ir ledger/resolve_pending.sql
\ir ledger/reverse_transfer.sql
\ir ledger/set_exchange_rate.sql
\ir ledger/statement.sql
\ir ledger/void_pending.sql
\ir ledger/withdraw.sql

-- market --------------------------------------------------------------------------------------------------------------

-- Instruments, the exchanges that list them, and what brokers call them.
\ir market/instruments/listings.sql
\ir market/instruments/add_exchange.sql
\ir market/instruments/add_instrument.sql
\ir market/instruments/put_instruments.sql
\ir market/instruments/add_alias.sql
\ir market/instruments/search_instruments.sql
\ir market/instruments/instrument_id.sql
\ir market/instruments/exchange_id.sql
\ir market/instruments/alias_instrument_id.sql
\ir market/instruments/ensure_instruments.sql
-- Beneath:
\ir market/instruments/read_instrument_terms.sql
\ir market/instruments/find_underlyings.sql

-- When an exchange trades, and which day a time belongs to.
\ir market/calendar/session_open.sql
\ir market/calendar/session_close.sql
\ir market/calendar/session_bounds.sql
\ir market/calendar/trading_day.sql
\ir market/calendar/day_start.sql
\ir market/calendar/last_closed_day.sql
\ir market/calendar/next_day_end.sql

-- Splits, dividends and changes of symbol, and the factors by which they adjust prices.
\ir market/actions/add_split.sql
\ir market/actions/add_dividend.sql
\ir market/actions/add_symbol_change.sql
\ir market/actions/apply_symbol_changes.sql
\ir market/actions/adjustment_factors.sql

-- Trades and quotes as they come in: what is refused, what is stored, how long it is kept.
\ir market/ticks/store_live.sql
\ir market/ticks/reject_ticks.sql
\ir market/ticks/next_ticks.sql
\ir market/ticks/last_tick.sql
\ir market/ticks/ensure_tick_partitions.sql
\ir market/ticks/tick_target.sql
\ir market/ticks/apply_tick_retention.sql
\ir market/ticks/delete_ticks.sql
\ir market/ticks/storage_tier.sql
-- Beneath:
\ir market/ticks/tg_ticks__accept.sql
\ir market/ticks/tg_ticks__correct.sql
\ir market/ticks/tg_ticks__forget.sql
\ir market/ticks/tg_quote_ticks__accept.sql

-- The latest price of each instrument, and whether it is too old to trade on.
\ir market/quotes/quotes_at.sql
\ir market/quotes/quote_views.sql
\ir market/quotes/quote_is_stale.sql
\ir market/quotes/require_fresh_quote.sql
\ir market/quotes/upsert_quotes.sql
\ir market/quotes/upsert_bids.sql
\ir market/quotes/rewind_quotes.sql
\ir market/quotes/step_back_quotes.sql

-- Candles of ticks: kept with the ticks, rolled up from finer to coarser, closed once.
\ir market/candles/candles.sql
\ir market/candles/candles_filled.sql
\ir market/candles/gaps.sql
\ir market/candles/check_candles.sql
\ir market/candles/rebuild_candles.sql
\ir market/candles/add_candles.sql
\ir market/candles/close_candles.sql
\ir market/candles/candle_bucket.sql
\ir market/candles/candle_end.sql
\ir market/candles/candle_span.sql
\ir market/candles/candle_rows.sql
\if :timescaledb
\ir market/timescaledb/candles/candle_rows.sql
\endif
\ir market/candles/candle_views.sql
-- Beneath:
\ir market/candles/raw_candles.sql
\ir market/candles/adjusted_candles.sql
\ir market/candles/kept_candles.sql
\ir market/candles/any_bucket.sql
\ir market/candles/restore_candles.sql
\ir market/candles/roll_candles.sql
\ir market/candles/roll_level.sql
\ir market/candles/journal_revisions.sql

-- Bars that a vendor made: read back as events, and rolled up beside the candles of ticks.
\ir market/bars/bar_events.sql
-- Beneath:
\ir market/bars/tg_bars__roll_up.sql
\ir market/bars/roll_bars.sql

-- Where ticks are a hypertable. A file whose path without timescaledb/ is above takes the place of that one.
\if :timescaledb
\ir market/timescaledb/ticks/claim_ticks.sql
\ir market/timescaledb/ticks/ensure_tick_partitions.sql
\ir market/timescaledb/ticks/apply_tick_retention.sql
\ir market/timescaledb/ticks/tg_ticks__claim.sql
\ir market/timescaledb/ticks/tg_ticks__correct.sql
\ir market/timescaledb/ticks/tick_target.sql
\ir market/timescaledb/candles/restore_candles.sql
\ir market/timescaledb/candles/archive_candles.sql
\ir market/timescaledb/candles/archive_day.sql
\endif

\ir risk/closed_trades.sql
\ir risk/correlation.sql
\ir risk/day_returns.sql
\ir risk/emergency_exit.sql
\ir risk/explain.sql
\ir risk/exposure.sql
\ir risk/halt.sql
\ir risk/heat.sql
\ir risk/is_stop.sql
\ir risk/lock_scope.sql
\ir risk/loss.sql
\ir risk/metric_code.sql
\ir risk/minutes_to_open.sql
\ir risk/order_rate.sql
\ir risk/period_start.sql
\ir risk/price_reach.sql
\ir risk/profit.sql
\ir risk/quote_age.sql
\ir risk/rate.sql
\ir risk/put_lock.sql
\ir risk/put_state.sql
\ir risk/record_breaches.sql
\ir risk/reduces_position.sql
\ir risk/release.sql
\ir risk/reset_peak.sql
\ir risk/resume.sql
\ir risk/scope_id.sql
\ir risk/scope_portfolio_id.sql
\ir risk/scope_portfolio_ids.sql
\ir risk/set_limit.sql
\ir risk/set_protection.sql
\ir risk/set_state.sql
\ir risk/stops.sql
\ir risk/tg_fills__protect.sql
\ir risk/views.sql

-- strategy ------------------------------------------------------------------------------------------------------------

-- Strategies and the agents that run them.
\ir strategy/create_strategy.sql
\ir strategy/create_agent.sql
\ir strategy/start_agent.sql
\ir strategy/pause_agent.sql
\ir strategy/stop_agent.sql
\ir strategy/set_agent_status.sql
-- Beneath:
\ir strategy/agent_id.sql
\ir strategy/tg_agents__guard.sql

-- What the runner writes for them.
\ir strategy/record_signals.sql
\ir strategy/save_agent_state.sql

-- What only other functions call: decisions without writes, and the writers that carry them out.
\ir internal/ledger/lock_books.sql
\ir internal/ledger/release_reservation.sql
\ir internal/ledger/reserve.sql
\ir internal/ledger/write_movements.sql
\ir internal/risk/check_rules.sql
\ir internal/risk/find_peak.sql
\ir internal/risk/reads_orders.sql
\ir internal/risk/record_verdicts.sql
\ir internal/risk/trade_risk.sql
\ir internal/trading/agent_strategy.sql
\ir internal/trading/decide_fills.sql
\ir internal/trading/decide_orders.sql
\ir internal/trading/drop_fill.sql
\ir internal/trading/explain_order.sql
\ir internal/trading/fee_on_fees.sql
\ir internal/trading/fill_movements.sql
\ir internal/trading/fill_results.sql
\ir internal/trading/fills_ahead.sql
\ir internal/trading/find_closures.sql
\ir internal/trading/follow_fill.sql
\ir internal/trading/kept_less.sql
\ir internal/trading/known_order.sql
\ir internal/trading/leg_open.sql
\ir internal/trading/links_fit.sql
\ir internal/trading/move_position.sql
\ir internal/trading/opening_cost.sql
\ir internal/trading/order_terms.sql
\ir internal/trading/orders_ahead.sql
\ir internal/trading/position_value.sql
\ir internal/trading/record_fills.sql
\ir internal/trading/refuse_report.sql
\ir internal/trading/refuse_terms.sql
\ir internal/trading/reserved_need.sql
\ir internal/trading/standing_fills.sql
\ir internal/trading/standing_orders.sql
\ir internal/trading/submit_orders.sql
\ir internal/trading/terms_of.sql
\ir internal/trading/unfilled_quantity.sql
\ir internal/trading/write_closures.sql
\ir internal/trading/write_fills.sql
\ir internal/trading/write_orders.sql

\ir trading/accounts.sql
\ir trading/acknowledge_orders.sql
\ir trading/add_lines.sql
\ir trading/amend_fill.sql
\ir trading/apply_dividend.sql
\ir trading/apply_split.sql
\ir trading/bound_sells.sql
\ir trading/approve_order.sql
\ir trading/base_rate.sql
\ir trading/bust_fill.sql
\ir trading/calculate_position_pnl.sql
\ir trading/cancel_order.sql
\ir trading/ceil_to_tick.sql
\ir trading/check_available_funds.sql
\ir trading/check_margin.sql
\ir trading/child_quantity.sql
\ir trading/close_lots.sql
\ir trading/close_out.sql
\ir trading/close_position.sql
\ir trading/correct_fill.sql
\ir trading/create_portfolio.sql
\ir trading/due_actions.sql
\ir trading/end_expired_orders.sql
\ir trading/end_children.sql
\ir trading/end_order.sql
\ir trading/end_orders.sql
\ir trading/expire_option.sql
\ir trading/expire_options.sql
\ir trading/expire_orders.sql
\ir trading/fee_lines.sql
\ir trading/find_order.sql
\ir trading/find_fill.sql
\ir trading/get_portfolio_stats.sql
\ir trading/group_open.sql
\ir trading/grow_order.sql
\ir trading/held_before.sql
\ir trading/intraday_part.sql
\ir trading/kelly_value.sql
\ir trading/latch_margin_call.sql
\ir trading/margin_requirement.sql
\ir trading/market_value.sql
\ir trading/opening_money.sql
\ir trading/order_fee.sql
\ir trading/order_fee_lines.sql
\ir trading/order_fees.sql
\ir trading/order_need.sql
\ir trading/order_target.sql
\ir trading/portfolio_id.sql
\ir trading/promise_quantity.sql
\ir trading/promised.sql
\ir trading/raise_cash.sql
\ir trading/read_prices.sql
\ir trading/record_fill.sql
\ir trading/record_fills.sql
\ir trading/record_snapshots.sql
\ir trading/reference_price.sql
\ir trading/replace_order.sql
\ir trading/replay_position.sql
\ir trading/report_order.sql
\ir trading/reset_lots.sql
\ir trading/resize_order.sql
\ir trading/revalue.sql
\ir trading/settle_contracts.sql
\ir trading/settle_day.sql
\ir trading/settle_future.sql
\ir trading/settle_futures.sql
\ir trading/settle_links.sql
\ir trading/settlement_price.sql
\ir trading/split_lots.sql
\ir trading/split_quantity.sql
\ir trading/size_position.sql
\ir trading/size_quantity.sql
\ir trading/sizing_terms.sql
\ir trading/split_order.sql
\ir trading/split_price.sql
\ir trading/square_off.sql
\ir trading/submit_bracket.sql
\ir trading/submit_oco.sql
\ir trading/submit_order.sql
\ir trading/submit_orders.sql
\ir trading/tg_fee_components__compile.sql
\ir trading/tg_fee_schedules__compile.sql
\ir trading/tg_fee_schedules__keep_terms.sql
\ir trading/tg_orders__guard.sql
\ir trading/tg_orders__guard_fill.sql
\ir trading/tg_orders__keep.sql
\ir trading/tg_orders__record.sql
\ir trading/tg_orders__validate.sql
\ir trading/tg_portfolios__keep_fees.sql
\ir trading/tg_positions__update_portfolio_value.sql
\ir trading/tg_transfers__update_portfolio_value.sql
\ir trading/trail_orders.sql
\ir trading/trail_price.sql
\ir trading/trigger_orders.sql
\ir trading/update_portfolio_value.sql
\ir trading/wake_order.sql
\ir trading/order_views.sql
\ir trading/position_views.sql
\ir trading/performance_views.sql
