-- The table of contents, and the order in which the files are run: all of them, in one transaction. Each group has what
-- people and programs call first, and beneath it what only other functions call: in the schema internal, which nobody
-- may use, unless views and functions call it that run with the rights of whoever reads.

\ir preamble.sql

-- identity ------------------------------------------------------------------------------------------------------------

-- Who acts is ops.actor(); as what, which portfolios they may read and trade, and what owners show to others.
\ir identity/actor_role.sql
\ir identity/is_staff.sql
\ir identity/may_trade.sql
\ir identity/own_portfolios.sql
\ir identity/is_shown_all.sql
\ir identity/readable_portfolios.sql
\ir identity/tradable_portfolios.sql
\ir identity/readable_subjects.sql
\ir identity/shown_strategies.sql
\ir identity/share_portfolio.sql
\ir identity/unshare_portfolio.sql
-- Beneath, with the rights of whoever reads:
\ir identity/resolve_portfolio.sql
-- Beneath:
\ir internal/identity/shared_portfolio_id.sql
\ir internal/identity/require_portfolios.sql
\ir internal/identity/require_staff.sql
\ir internal/identity/strategy_id.sql
\ir internal/identity/is_user.sql

-- Whose the rows of each table are; policies.sql, at the end, makes row security of it.
\ir identity/row_keys.sql

-- ops -----------------------------------------------------------------------------------------------------------------

-- The journal of what happened, and its readers.
\ir ops/read_events.sql
\ir ops/add_consumer.sql
\ir ops/advance_consumer.sql
-- Beneath:
\ir internal/ops/clock.sql
\ir internal/ops/engine_function.sql
\ir internal/ops/emit_event.sql
\ir internal/ops/is_event_time.sql
\ir internal/ops/require_event_time.sql

-- Where it is written: each cluster and timeline is an epoch of it, above all that were before.
\ir ops/epoch_views.sql
\ir ops/begin_epoch.sql
-- Beneath, with the rights of whoever reads:
\ir ops/journal_end.sql
-- Beneath:
\ir internal/ops/stream_xid.sql
\ir internal/ops/begin_epoch.sql

-- Whether the books are sound: one row for each violation, and one word for all that was traded.
\ir ops/check_invariants.sql
\ir ops/fingerprint.sql
-- Beneath, with the rights of whoever reads:
\ir ops/check_ledger_invariants.sql
\ir ops/check_order_invariants.sql
\ir ops/check_fill_invariants.sql
\ir ops/check_position_invariants.sql
\ir ops/check_intraday_invariants.sql
\ir ops/check_settlement_invariants.sql
\ir ops/check_snapshot_invariants.sql
\ir ops/check_terms_invariants.sql
\ir ops/check_reference_invariants.sql
\ir ops/check_journal_invariants.sql

-- Triggers that keep what must stay.
\ir internal/ops/refuse_change.sql
\ir internal/ops/refuse_delete.sql

-- The audit: what only few may do, chained by hashes; the journal, sealed; and whether both are as they were written.
\ir ops/audit/seal_journal.sql
\ir ops/audit/verify_audit.sql
-- Beneath:
\ir internal/ops/audit/audit.sql
\ir internal/ops/audit/audit_change.sql
\ir internal/ops/audit/tg_audit_log__chain.sql
\ir internal/ops/audit/tg_audit_log__guard.sql
\ir internal/ops/audit/audit_hash.sql
\ir internal/ops/audit/no_seal.sql
\ir internal/ops/audit/last_seal.sql
\ir internal/ops/audit/sealed_rows.sql
\ir internal/ops/audit/seal_hash.sql
\ir internal/ops/audit/seal_portfolio.sql
\ir internal/ops/audit/verify_audit_log.sql
\ir internal/ops/audit/verify_seals.sql
\ir internal/ops/audit/seal_faults.sql
\ir internal/ops/audit/verify_numbers.sql
\ir internal/ops/audit/verify_orders.sql
\ir internal/ops/audit/verify_heads.sql

-- Runners: their start and signs of life, what blocks them, how far they have come, and how they are woken.
\ir ops/start_runner.sql
\ir ops/touch_runner.sql
\ir ops/runner_states.sql
\ir ops/blocked_portfolios.sql
\ir ops/save_cursor.sql
-- Beneath:
\ir internal/ops/ring_doorbell.sql

-- Alerts: rules, what they found, and who is told.
\ir ops/alerts/evaluate_alerts.sql
\ir ops/alerts/set_alert_rule.sql
\ir ops/alerts/enable_alert_rule.sql
\ir ops/alerts/remove_alert_rule.sql
\ir ops/alerts/acknowledge_alert.sql
\ir ops/alerts/silence_alert.sql
\ir ops/alerts/resolve_alert.sql
\ir ops/alerts/set_alert_channel.sql
\ir ops/alerts/remove_alert_channel.sql
\ir ops/alerts/test_alert_channel.sql
\ir ops/alerts/claim_notifications.sql
\ir ops/alerts/note_delivery.sql
\ir ops/alerts/replay_notifications.sql
\ir ops/alerts/report_gauge.sql
-- Beneath:
\ir internal/ops/alerts/find_alert_rule.sql
\ir internal/ops/alerts/find_alert_channel.sql
\ir internal/ops/alerts/find_alert.sql
\ir internal/ops/alerts/price_comparison.sql
\ir internal/ops/alerts/rule_fault.sql
\ir internal/ops/alerts/rule_text_fault.sql
\ir internal/ops/alerts/rule_query.sql
\ir internal/ops/alerts/owner_role.sql
\ir internal/ops/alerts/owner_rows.sql
\ir internal/ops/alerts/condition_rows.sql
\ir internal/ops/alerts/rows_as_groups.sql
\ir internal/ops/alerts/rule_breaches.sql
\ir internal/ops/alerts/price_breaches.sql
\ir internal/ops/alerts/apply_breaches.sql
\ir internal/ops/alerts/notify_alerts.sql
\ir internal/ops/alerts/quiet_until.sql
\ir internal/ops/alerts/iso_time.sql

-- Accounts at brokers, with credentials that the program has sealed.
\ir identity/secrets/put_connection.sql
\ir identity/secrets/remove_connection.sql
\ir identity/secrets/sealed_connections.sql
\ir identity/secrets/rotate_connections.sql

-- How often, how many at once, and what a login may take of the server.
\ir identity/limits/apply_login_limits.sql
-- Beneath:
\ir internal/identity/limits/require_capacity.sql
\ir internal/identity/limits/take_token.sql
\ir internal/identity/limits/take_place.sql

-- ledger --------------------------------------------------------------------------------------------------------------

-- Capital and interest, money that is held for a while, and what a portfolio did with its money.
\ir ledger/deposit.sql
\ir ledger/withdraw.sql
\ir ledger/record_interest.sql
\ir ledger/hold.sql
\ir ledger/post_pending.sql
\ir ledger/void_pending.sql
\ir ledger/reverse_transfer.sql
\ir ledger/statement.sql
-- Beneath:
\ir internal/ledger/move_capital.sql
\ir internal/ledger/resolve_pending.sql
\ir internal/ledger/draw_hold.sql
\ir internal/ledger/release_hold.sql

-- Currencies: rates, and money changed at them.
\ir ledger/set_exchange_rate.sql
\ir ledger/exchange_rate.sql
\ir ledger/convert.sql

-- What is left to spend, what capital made; accounts, and the writers of transfers.
\ir ledger/available.sql
\ir ledger/return_index.sql
-- Beneath:
\ir internal/ledger/find_portfolio.sql
\ir internal/ledger/account_id.sql
\ir internal/ledger/open_accounts.sql
\ir internal/ledger/missing_balance.sql
\ir internal/ledger/move_balances.sql
\ir internal/ledger/post.sql
\ir internal/ledger/require_amount.sql
\ir internal/ledger/require_reference.sql
\ir internal/ledger/prorate.sql
\ir internal/ledger/reserve.sql
\ir internal/ledger/release_reservation.sql
\ir internal/ledger/write_movements.sql

-- Who changes a portfolio: the lock that every transition takes first. Only programs ask for it by itself.
\ir ledger/lock_portfolios.sql
\ir ledger/lock_free_portfolios.sql
-- Beneath:
\ir internal/ledger/lock_portfolio.sql
\ir internal/ledger/lock_portfolios.sql
\ir internal/ledger/lock_clocks.sql

-- market --------------------------------------------------------------------------------------------------------------

-- Instruments, the exchanges that list them, and what brokers call them.
\ir market/instruments/listings.sql
\ir market/instruments/add_exchange.sql
\ir market/instruments/add_instrument.sql
\ir market/instruments/put_instruments.sql
\ir market/instruments/add_alias.sql
\ir market/instruments/search_instruments.sql
\ir market/instruments/instrument_id.sql
\ir market/instruments/find_instrument.sql
\ir market/instruments/exchange_id.sql
\ir market/instruments/alias_instrument_id.sql
\ir market/instruments/ensure_instruments.sql
-- Beneath:
\ir internal/market/instruments/read_instrument_terms.sql
\ir internal/market/instruments/find_underlyings.sql

-- When an exchange trades, and which day a time belongs to.
\ir market/calendar/add_holiday.sql
\ir market/calendar/remove_holiday.sql
\ir market/calendar/session_open.sql
\ir market/calendar/session_close.sql
\ir market/calendar/session_bounds.sql
\ir market/calendar/trading_day.sql
\ir market/calendar/day_start.sql
\ir market/calendar/trading_hours.sql
\ir market/calendar/last_closed_day.sql
\ir market/calendar/last_trading_day.sql
\ir market/calendar/next_day_end.sql

-- Splits, dividends and changes of symbol, and the factors by which they adjust prices.
\ir internal/market/actions/announce_split.sql
\ir market/actions/add_split.sql
\ir market/actions/add_bonus.sql
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
\ir market/ticks/reference_prices.sql
\ir market/ticks/apply_tick_retention.sql
\ir market/ticks/delete_ticks.sql
\ir market/ticks/storage_tier.sql
-- Beneath:
\ir internal/market/ticks/insert_new_ticks.sql
\ir internal/market/ticks/prices_before.sql
\ir internal/market/ticks/tg_ticks__accept.sql
\ir internal/market/ticks/tg_ticks__correct.sql
\ir internal/market/ticks/tg_ticks__forget.sql
\ir internal/market/ticks/tg_quote_ticks__accept.sql

-- The latest price of each instrument, and whether it is too old to trade on.
\ir market/quotes/quotes_at.sql
\ir market/quotes/quote_views.sql
\ir market/quotes/quote_is_stale.sql
\ir market/quotes/require_fresh_quote.sql
\ir market/quotes/upsert_quotes.sql
\ir market/quotes/rewind_quotes.sql
\ir market/quotes/step_back_quotes.sql
-- Beneath:
\ir internal/market/quotes/upsert_bids.sql
\ir internal/market/prices/price_of_day.sql
\ir internal/market/prices/last_price.sql

-- Candles of ticks: kept with the ticks, rolled up from finer to coarser, closed once.
\ir market/candles/candles.sql
\ir market/candles/candles_filled.sql
\ir market/candles/day_closes.sql
\ir market/candles/gaps.sql
\ir market/candles/set_tick_coverage.sql
\ir market/candles/check_candles.sql
\ir market/candles/rebuild_candles.sql
\ir market/candles/add_candles.sql
\ir market/candles/close_candles.sql
\ir market/candles/candle_bucket.sql
\ir market/candles/candle_end.sql
\ir market/candles/candle_span.sql
\ir market/candles/raw_candles.sql
\ir market/candles/candle_rows.sql
\if :timescaledb
\ir market/timescaledb/candles/candle_rows.sql
\endif
\ir market/candles/tick_candle_views.sql
\ir market/candles/ticks_are_complete.sql
\ir market/candles/mixed_candle.sql
\ir market/candles/candle_views.sql
-- Beneath, with the rights of whoever reads:
\ir market/candles/any_bucket.sql
\ir market/candles/adjusted_candles.sql
\ir market/candles/kept_candles.sql
\ir market/candles/price_range.sql
\ir market/candles/tick_candles.sql
-- Beneath:
\ir internal/market/candles/restore_candles.sql
\ir internal/market/candles/roll_candles.sql
\ir internal/market/candles/roll_level.sql
\ir internal/market/candles/journal_revisions.sql

-- Bars that a vendor made: read back as events, and rolled up beside the candles of ticks.
\ir market/bars/bar_events.sql
-- Beneath:
\ir internal/market/bars/tg_bars__roll_up.sql
\ir internal/market/bars/roll_bars.sql

-- Where ticks are a hypertable. A file whose path without timescaledb/ is above takes the place of that one.
\if :timescaledb
\ir market/timescaledb/ticks/claim_ticks.sql
\ir market/timescaledb/ticks/ensure_tick_partitions.sql
\ir market/timescaledb/ticks/apply_tick_retention.sql
\ir market/timescaledb/ticks/tick_target.sql
\ir market/timescaledb/candles/archive_candles.sql
-- Beneath:
\ir internal/market/timescaledb/ticks/insert_new_ticks.sql
\ir internal/market/timescaledb/ticks/tg_ticks__claim.sql
\ir internal/market/timescaledb/ticks/tg_ticks__correct.sql
\ir internal/market/timescaledb/candles/restore_candles.sql
\ir internal/market/timescaledb/candles/archive_day.sql
\endif

-- risk ----------------------------------------------------------------------------------------------------------------

-- Halts and other states of trading, and the way out of everything.
\ir risk/halt.sql
\ir risk/resume.sql
\ir risk/set_state.sql
\ir risk/emergency_exit.sql
-- Beneath:
\ir internal/risk/states/put_state.sql
\ir internal/risk/states/forbidding_states.sql
\ir internal/risk/states/lock_scope.sql
\ir internal/risk/states/scope_id.sql
\ir internal/risk/states/scope_portfolio_id.sql
\ir internal/risk/states/scope_portfolio_ids.sql

-- Limits, what they say of an order, and what was recorded when they were broken.
\ir risk/set_limit.sql
\ir risk/explain.sql
\ir risk/views.sql
-- Beneath:
\ir internal/risk/rules/check_rules.sql
\ir internal/risk/rules/reads_orders.sql
\ir internal/risk/rules/reduces_position.sql
\ir internal/risk/rules/record_verdicts.sql
\ir internal/risk/rules/record_breaches.sql

-- Protections: pauses after losses, each a lock that ends by itself or by a person.
\ir risk/set_protection.sql
\ir risk/release.sql
-- Beneath:
\ir internal/risk/protections/tg_fills__protect.sql
\ir internal/risk/protections/put_lock.sql
\ir internal/risk/protections/closed_trades.sql
\ir internal/risk/protections/settled_pnl.sql
\ir internal/risk/protections/is_stop.sql

-- The figures that limits measure, how much of each a portfolio uses, and how alike what it holds moves.
\ir risk/limit_use.sql
\ir risk/correlations.sql
-- Beneath:
\ir internal/risk/figures/measurable_limits.sql
\ir internal/risk/figures/limit_instruments.sql
\ir internal/risk/figures/latest_time.sql
\ir internal/risk/figures/metric_code.sql
\ir internal/risk/figures/measuring_rate.sql
\ir internal/risk/figures/exposure.sql
\ir internal/risk/figures/heat.sql
\ir internal/risk/figures/performance.sql
\ir internal/risk/figures/price_before.sql
\ir internal/risk/figures/loss.sql
\ir internal/risk/figures/result_before.sql
\ir internal/risk/figures/user_figure.sql
\ir internal/risk/figures/reset_peak.sql
\ir internal/risk/figures/period_start.sql
\ir internal/risk/figures/day_returns.sql
\ir internal/risk/figures/correlation.sql
\ir internal/risk/figures/return_correlations.sql
\ir internal/risk/figures/trade_risk.sql
\ir internal/risk/figures/price_reach.sql
\ir internal/risk/figures/orders_of.sql
\ir internal/risk/figures/order_rate.sql
\ir internal/risk/figures/open_orders.sql
\ir internal/risk/figures/quote_age.sql
\ir internal/risk/figures/minutes_to_open.sql

-- strategy ------------------------------------------------------------------------------------------------------------

-- Strategies in versions, and the check that each must pass.
\ir strategy/create_strategy.sql
\ir strategy/unchecked_versions.sql
\ir strategy/record_check.sql
-- Beneath:
\ir internal/strategy/is_figures.sql
\ir internal/strategy/parameters_fault.sql
\ir internal/strategy/check_rules.sql
\ir internal/strategy/put_check.sql
\ir internal/strategy/find_version.sql
\ir internal/strategy/require_checked.sql
\ir internal/strategy/tg_strategy_versions__keep.sql

-- Strategies seen before they start: what they mean, need and would have done, and which instruments meet a rule now.
\ir strategy/preview.sql
\ir strategy/explain.sql
\ir strategy/check.sql
\ir strategy/scan.sql
\ir strategy/parameters_with.sql
-- Beneath, with the rights of whoever reads:
\ir strategy/preview_columns.sql
\ir strategy/preview_candles.sql
\ir strategy/closed_candles.sql
\ir strategy/warm_up_from.sql
\ir strategy/model_id.sql
\ir strategy/predictions_at.sql
-- Beneath:
\ir internal/strategy/named_version.sql
\ir internal/strategy/report_rules.sql
\ir internal/strategy/preview_rules.sql

-- The agents that run them.
\ir strategy/create_agent.sql
\ir strategy/start_agent.sql
\ir strategy/pause_agent.sql
\ir strategy/resume_agent.sql
\ir strategy/stop_agent.sql
\ir strategy/set_agent_status.sql
-- Beneath:
\ir internal/strategy/agent_id.sql
\ir internal/strategy/find_agent.sql
\ir internal/strategy/refuse_agent_terms.sql
\ir internal/strategy/params_fault.sql
\ir internal/strategy/with_params.sql
\ir internal/strategy/leg_symbols.sql
\ir internal/strategy/flatten_agent.sql
\ir internal/strategy/tg_agents__guard.sql

-- What they made of their own orders; views of it are at the end.
\ir strategy/agent_fills.sql

-- What outside programs want of agents.
\ir strategy/record_signal.sql

-- What the runner writes for them.
\ir strategy/record_signals.sql
\ir strategy/handle_external_signals.sql
\ir strategy/save_agent_state.sql
\ir strategy/record_warm_ups.sql

-- research ------------------------------------------------------------------------------------------------------------

-- What models foresee.
\ir research/create_model.sql
\ir research/record_prediction.sql
\ir research/record_predictions.sql
-- Beneath:
\ir internal/research/put_models.sql
\ir internal/research/record_predictions.sql

-- Backtests: what people call, and what programs do in three steps.
\ir research/backtests/run_backtest.sql
\ir research/backtests/backtest_specification.sql
\ir research/backtests/backtest_bars.sql
\ir research/backtests/backtest_ticks.sql
\ir research/backtests/backtest_past.sql
\ir research/backtests/record_backtest.sql
-- Beneath:
\ir internal/research/backtests/backtest_specification.sql
\ir internal/research/backtests/refuse_backtest.sql
\ir internal/research/backtests/refuse_backtest_instruments.sql
\ir internal/research/backtests/backtest_settings.sql
\ir internal/research/backtests/backtest_portfolio.sql
\ir internal/research/backtests/backtest_instruments.sql
\ir internal/research/backtests/backtest_series.sql
\ir internal/research/backtests/backtest_resolution.sql
\ir internal/research/backtests/backtest_bounds.sql
\ir internal/research/backtests/backtest_calendars.sql
\ir internal/research/backtests/session_times.sql
\ir internal/research/backtests/clock_offsets.sql
\ir internal/research/backtests/backtest_spans.sql
\ir internal/research/backtests/span_times.sql
\ir internal/research/backtests/backtest_past_series.sql
\ir internal/research/backtests/backtest_actions.sql
\ir internal/research/backtests/backtest_fees.sql
\ir internal/research/backtests/backtest_rules.sql
\ir internal/research/backtests/backtest_limits.sql
\ir internal/research/backtests/concerns_backtest.sql
\ir internal/research/backtests/backtest_predictions.sql
\ir internal/research/backtests/backtest_figures.sql
\ir internal/research/backtests/write_backtest_rows.sql
\ir internal/research/backtests/tg_backtests__delete_rows.sql
\ir internal/research/backtests/microseconds.sql
\ir internal/research/backtests/instant.sql

-- Optimizations: what people call, and what programs do that run trials.
\ir research/optimizations/optimize.sql
\ir research/optimizations/work.sql
\ir research/optimizations/progress.sql
\ir research/optimizations/walk_forward.sql
\ir research/optimizations/begin_work.sql
\ir research/optimizations/run_trials.sql
\ir research/optimizations/claim_trials.sql
\ir research/optimizations/trial_runs.sql
\ir research/optimizations/record_trials.sql
\ir research/optimizations/advance_optimization.sql
-- Beneath:
\ir internal/research/optimizations/find_optimization.sql
\ir internal/research/optimizations/optimization_terms.sql
\ir internal/research/optimizations/most_trials.sql
\ir internal/research/optimizations/refuse_trials.sql
\ir internal/research/optimizations/market_fingerprint.sql
\ir internal/research/optimizations/walk_forward_windows.sql
\ir internal/research/optimizations/search_dimensions.sql
\ir internal/research/optimizations/dimension_value.sql
\ir internal/research/optimizations/dimension_place.sql
\ir internal/research/optimizations/draw.sql
\ir internal/research/optimizations/search_conditions.sql
\ir internal/research/optimizations/expression_sql.sql
\ir internal/research/optimizations/search_trials.sql
\ir internal/research/optimizations/propose_trials.sql
\ir internal/research/optimizations/tpe_candidates.sql
\ir internal/research/optimizations/choose_trial.sql
\ir internal/research/optimizations/claim_trials.sql
\ir internal/research/optimizations/trial_reports.sql
\ir internal/research/optimizations/trial_runs.sql
\ir internal/research/optimizations/trial_specification.sql
\ir internal/research/optimizations/run_trials.sql
\ir internal/research/optimizations/record_trials.sql
\ir internal/research/optimizations/trial_judge.sql
\ir internal/research/optimizations/fail_trials.sql

-- Look-ahead: what a strategy sees that nobody could have seen then.
\ir research/lookahead/check_lookahead.sql
\ir research/lookahead/lookahead_runs.sql
\ir research/lookahead/lookahead_findings.sql
-- Beneath:
\ir internal/research/lookahead/lookahead_runs.sql
\ir internal/research/lookahead/lookahead_data.sql

-- What came of them, and what portfolios and runs have realised: for people.
\ir research/backtests/summary.sql
\ir research/backtests/realised_gains.sql

-- How much of a result may be luck: resamples, overfitting, parameters; over arrays, and of runs.
\ir research/robustness/monte_carlo.sql
\ir research/robustness/bands.sql
\ir research/robustness/resample_run.sql
\ir research/robustness/resample_returns.sql
\ir research/robustness/resample_trades.sql
\ir research/robustness/random_entries.sql
\ir research/robustness/block_length.sql
\ir research/robustness/overfitting.sql
\ir research/robustness/parameter_stability.sql
\ir research/robustness/parameter_effects.sql
\ir research/robustness/random_bits.sql
-- Beneath, with the rights of whoever asks:
\ir research/robustness/parameter_positions.sql
\ir research/robustness/draw_blocks.sql
\ir research/robustness/sample_values.sql

-- Whether an optimization found something; how often anything was tried.
\ir research/judgement/verdict.sql
\ir research/judgement/optimization_record.sql
\ir research/judgement/parameter_grid.sql
-- Beneath:
\ir internal/research/judgement/count_trial.sql
\ir internal/research/judgement/tg_backtests__count_trial.sql
\ir internal/research/judgement/tg_trials__count_trial.sql

-- Runs beside each other, and beside what agents did on portfolios.
\ir research/comparison/compare.sql
\ir research/comparison/compare_trades.sql
-- Beneath, with the rights of whoever asks:
\ir research/comparison/compare_orders.sql

-- trading -------------------------------------------------------------------------------------------------------------

-- Statistics of performance over arrays of days and of trades: of portfolios, of agents and of backtests alike.
\ir trading/statistics/return_stats.sql
\ir trading/statistics/trade_stats.sql
\ir trading/statistics/drawdowns.sql
\ir trading/statistics/period_returns.sql
\ir trading/statistics/exposure.sql
\ir trading/statistics/turnover_rate.sql
\ir trading/statistics/sparkline.sql
\ir trading/statistics/probabilistic_sharpe.sql
\ir trading/statistics/expected_sharpe.sql
\ir trading/statistics/daily_index.sql
\ir trading/statistics/portfolio_drawdowns.sql
\ir trading/statistics/portfolio_returns.sql
-- Beneath, with the rights of whoever reads:
\ir trading/statistics/day_series.sql
\ir trading/statistics/compare_returns.sql
\ir trading/statistics/compounded.sql
\ir trading/statistics/normal_cdf.sql
\ir trading/statistics/normal_quantile.sql

-- Portfolios: the door by which a call names one, what they are worth and how they did.
\ir trading/portfolios/portfolio_id.sql
\ir trading/portfolios/portfolio_ids.sql
\ir trading/portfolios/create_portfolio.sql
\ir trading/portfolios/accounts.sql
\ir trading/portfolios/update_portfolio_value.sql
\ir trading/portfolios/record_snapshots.sql
\ir trading/portfolios/mark_periods.sql
\ir trading/portfolios/get_portfolio_stats.sql
-- Beneath:
\ir internal/trading/portfolios/book_flow.sql
\ir internal/trading/portfolios/mark_periods.sql
\ir internal/trading/portfolios/record_snapshot.sql
\ir internal/trading/portfolios/tg_reversals__book_flow.sql
\ir internal/trading/portfolios/tg_portfolios__relabel_days.sql
\ir internal/trading/portfolios/tg_portfolios__keep_terms.sql

-- Orders: submitted, changed and ended by people and agents; what brokers and the runner report of them.
\ir trading/orders/submit_order.sql
\ir trading/orders/submit_orders.sql
\ir trading/orders/submit_bracket.sql
\ir trading/orders/submit_oco.sql
\ir trading/orders/order_target.sql
\ir trading/orders/replace_order.sql
\ir trading/orders/replace_orders.sql
\ir trading/orders/cancel_order.sql
\ir trading/orders/approve_order.sql
\ir trading/orders/close_position.sql
\ir trading/orders/square_off.sql
\ir trading/orders/report_order.sql
\ir trading/orders/acknowledge_orders.sql
\ir trading/orders/trigger_orders.sql
\ir trading/orders/trail_orders.sql
\ir trading/orders/end_orders.sql
\ir trading/orders/expire_orders.sql
-- Beneath:
\ir internal/trading/orders/submit_orders.sql
\ir internal/trading/orders/decide_orders.sql
\ir internal/trading/orders/order_fault.sql
\ir internal/trading/orders/order_reason.sql
\ir internal/trading/orders/order_end.sql
\ir internal/trading/orders/write_orders.sql
\ir internal/trading/orders/order_terms.sql
\ir internal/trading/orders/terms_of.sql
\ir internal/trading/orders/agent_strategy.sql
\ir internal/trading/orders/refuse_terms.sql
\ir internal/trading/orders/known_order.sql
\ir internal/trading/orders/orders_ahead.sql
\ir internal/trading/orders/standing_orders.sql
\ir internal/trading/orders/links_fit.sql
\ir internal/trading/orders/exit_group.sql
\ir internal/trading/orders/replace_order.sql
\ir internal/trading/orders/explain_order.sql
\ir internal/trading/orders/find_order.sql
\ir internal/trading/orders/leaves_quantity.sql
\ir internal/trading/orders/open_quantity.sql
\ir internal/trading/orders/group_open_quantity.sql
\ir internal/trading/orders/freed_open_quantity.sql
\ir internal/trading/orders/keep_open_quantity.sql
\ir internal/trading/orders/reference_price.sql
\ir internal/trading/orders/trail_price.sql
\ir internal/trading/orders/activate_order.sql
\ir internal/trading/orders/apply_links.sql
\ir internal/trading/orders/leg_open.sql
\ir internal/trading/orders/child_quantity.sql
\ir internal/trading/orders/grow_order.sql
\ir internal/trading/orders/resize_order.sql
\ir internal/trading/orders/bound_sells.sql
\ir internal/trading/orders/end_order.sql
\ir internal/trading/orders/request_cancel.sql
\ir internal/trading/orders/end_children.sql
\ir internal/trading/orders/close_out.sql
\ir internal/trading/orders/tg_orders__validate.sql
\ir internal/trading/orders/tg_orders__guard.sql
\ir internal/trading/orders/tg_orders__record.sql
\ir internal/trading/orders/tg_orders__keep.sql

-- Fills: recorded once each, busted or corrected by new rows.
\ir trading/fills/record_fill.sql
\ir trading/fills/record_fills.sql
\ir trading/fills/slippage_bps.sql
\ir trading/fills/bust_fill.sql
\ir trading/fills/correct_fill.sql
-- Beneath:
\ir internal/trading/fills/record_fills.sql
\ir internal/trading/fills/decide_fills.sql
\ir internal/trading/fills/fill_verdict.sql
\ir internal/trading/fills/fill_fees.sql
\ir internal/trading/fills/fund_fill.sql
\ir internal/trading/fills/record_objections.sql
\ir internal/trading/fills/refused_fill.sql
\ir internal/trading/fills/write_fills.sql
\ir internal/trading/fills/fills_ahead.sql
\ir internal/trading/fills/standing_fills.sql
\ir internal/trading/fills/fill_movements.sql
\ir internal/trading/fills/fill_results.sql
\ir internal/trading/fills/drop_fill.sql
\ir internal/trading/fills/refuse_report.sql
\ir internal/trading/fills/follow_fill.sql
\ir internal/trading/fills/find_fill.sql
\ir internal/trading/fills/find_closures.sql
\ir internal/trading/fills/write_closures.sql
\ir internal/trading/fills/amend_fill.sql
\ir internal/trading/fills/amend_order.sql
\ir internal/trading/fills/replay_position.sql
\ir internal/trading/fills/replay_settlement.sql
\ir internal/trading/fills/tg_orders__guard_fill.sql

-- What an order must reserve, and whether there is as much.
\ir trading/funds/check_available_funds.sql
\ir trading/funds/required_reservation.sql
-- Beneath, with the rights of whoever reads:
\ir trading/funds/opening_money.sql

-- Fees by dated schedules and plans, whole or line by line.
\ir trading/fees/order_fee.sql
\ir trading/fees/order_fee_lines.sql
\ir trading/fees/order_fees.sql
-- Beneath, with the rights of whoever reads:
\ir trading/fees/planned_schedule.sql
\ir trading/fees/fee_terms_at.sql
\ir trading/fees/fees_of_lines.sql
\ir trading/fees/fee_on_fees.sql
\ir trading/fees/fees_to_come.sql
-- Beneath:
\ir internal/trading/fees/due_fees.sql
\ir internal/trading/fees/charge_exercise.sql
\ir internal/trading/fees/add_fee_lines.sql
\ir internal/trading/fees/fee_lines.sql
\ir internal/trading/fees/fee_users.sql
\ir internal/trading/fees/adjust_reservations.sql
\ir internal/trading/fees/tg_fee_plans__keep_terms.sql
\ir internal/trading/fees/tg_fee_components__compile.sql
\ir internal/trading/fees/tg_fee_schedules__compile.sql
\ir internal/trading/fees/tg_fee_schedules__keep_terms.sql
\ir internal/trading/fees/tg_portfolios__keep_fees.sql

-- How much to buy.
\ir trading/sizing/size_position.sql
\ir trading/sizing/size_quantity.sql
-- Beneath, with the rights of whoever reads:
\ir trading/sizing/sizing_terms.sql
\ir trading/sizing/kelly_value.sql
\ir trading/sizing/ceil_to_tick.sql

-- Positions, their value and what they require as margin.
\ir trading/positions/calculate_position_pnl.sql
\ir trading/positions/check_margin.sql
\ir trading/positions/held_before.sql
-- Beneath:
\ir internal/trading/positions/base_rate.sql
\ir internal/trading/positions/position_value.sql
\ir internal/trading/positions/market_value.sql
\ir internal/trading/positions/move_position.sql
\ir internal/trading/positions/close_lots.sql
\ir internal/trading/positions/intraday_part.sql
\ir internal/trading/positions/margin_requirement.sql
\ir internal/trading/positions/latch_margin_call.sql
\ir internal/trading/positions/revalue_portfolio.sql
\ir internal/trading/positions/raise_cash.sql
\ir internal/trading/positions/tg_positions__update_portfolio_value.sql
\ir internal/trading/positions/record_instrument_terms.sql
\ir internal/trading/positions/tg_positions__record_terms.sql
\ir internal/trading/positions/tg_instruments__keep_terms.sql
\ir internal/trading/positions/tg_transfers__update_portfolio_value.sql

-- Contracts that settle: futures each day, options at their end; each at a price of its day, or not at all.
\ir trading/contracts/settle_futures.sql
\ir trading/contracts/expire_options.sql
\ir trading/contracts/due_settlements.sql
\ir trading/contracts/settle_day.sql
\ir trading/contracts/has_late_prices.sql
\ir trading/contracts/settle_late.sql
-- Beneath:
\ir internal/trading/contracts/settle_portfolios.sql
\ir internal/trading/contracts/require_day_over.sql
\ir internal/trading/contracts/settle_contracts.sql
\ir internal/trading/contracts/days_to_settle.sql
\ir internal/trading/contracts/contract_is_over.sql
\ir internal/trading/contracts/settlement_source.sql
\ir internal/trading/contracts/settle_future.sql
\ir internal/trading/contracts/expire_option.sql
\ir internal/trading/contracts/settlement_price.sql
\ir internal/trading/contracts/note_unpriced.sql
\ir internal/trading/contracts/read_prices.sql
\ir internal/trading/contracts/reset_lots.sql
\ir internal/trading/contracts/end_expired_orders.sql

-- What is held short over the end of a trading day is borrowed, and costs.
\ir trading/borrow/charge_borrow.sql
-- Beneath:
\ir internal/trading/borrow/charge_borrow.sql
\ir internal/trading/borrow/borrow_cost.sql
\ir internal/trading/borrow/first_day_to_charge.sql
\ir internal/trading/borrow/tg_borrow_rates__announce.sql

-- Splits and dividends, applied to what portfolios hold and have ordered.
\ir trading/actions/apply_dividend.sql
\ir trading/actions/apply_split.sql
\ir trading/actions/due_actions.sql
-- Beneath:
\ir internal/trading/actions/split_quantity.sql
\ir internal/trading/actions/split_price.sql
\ir internal/trading/actions/split_lots.sql
\ir internal/trading/actions/pay_fraction.sql
\ir internal/trading/actions/split_order.sql
\ir internal/trading/actions/split_position.sql
\ir internal/trading/actions/tg_corporate_actions__keep_terms.sql

-- What analysts and panels read.
\ir trading/views/order_views.sql
\ir trading/views/position_views.sql
\ir trading/views/contract_views.sql
\ir trading/views/performance_views.sql

-- strategy, once more: what stands on what portfolios and positions are ----------------------------------------------

-- How agents do, what they signalled, and how an order came about.
\ir strategy/agent_views.sql
\ir strategy/signal_history.sql
\ir strategy/why.sql
-- Beneath:
\ir internal/strategy/describe_signal.sql
\ir internal/strategy/market_steps.sql

-- research, once more: how often each strategy was tried.
\ir research/judgement/trial_counts.sql

-- identity ------------------------------------------------------------------------------------------------------------

-- Users.
\ir identity/users/create_user.sql
\ir identity/users/update_user.sql
\ir identity/users/delete_user.sql
\ir identity/users/set_password.sql
\ir identity/users/change_password.sql
\ir identity/users/request_password_reset.sql
\ir identity/users/reset_password.sql
\ir identity/users/verify_email.sql
\ir identity/users/claim_letters.sql
\ir identity/users/letter_sent.sql
-- Login roles, which are principals without a row.
\ir identity/users/create_login.sql
\ir identity/users/disable_login.sql
-- Beneath:
\ir internal/identity/users/find_user.sql
\ir internal/identity/users/require_admin.sql
\ir internal/identity/users/require_login.sql
\ir internal/identity/users/put_password.sql
\ir internal/identity/users/refuse_user.sql
\ir internal/identity/users/refuse_document.sql
\ir internal/identity/users/require_password.sql
\ir internal/identity/users/password_hash.sql
\ir internal/identity/users/password_is_right.sql
\ir internal/identity/users/role_scopes.sql
\ir internal/identity/users/role_within.sql
\ir internal/identity/users/write_letter.sql

-- Logging in, and acting for a user.
\ir identity/sessions/login.sql
\ir identity/sessions/refresh.sql
\ir identity/sessions/logout.sql
\ir identity/sessions/use_token.sql
\ir identity/sessions/accept_token.sql
\ir identity/sessions/revoke_session.sql
\ir identity/sessions/rotate_signing_key.sql
-- Beneath:
\ir internal/identity/sessions/lock_name.sql
\ir internal/identity/sessions/count_failure.sql
\ir internal/identity/sessions/session_tokens.sql
\ir internal/identity/sessions/end_sessions.sql
\ir internal/identity/sessions/find_bearer.sql
\ir internal/identity/sessions/note_key_use.sql
\ir internal/identity/tokens/base64url.sql
\ir internal/identity/tokens/base64url_bytes.sql
\ir internal/identity/tokens/json_object.sql
\ir internal/identity/tokens/sign_token.sql
\ir internal/identity/tokens/token_claims.sql
\ir internal/identity/tokens/new_secret.sql
\ir internal/identity/tokens/secret_hash.sql
\ir internal/identity/tokens/spend_secret.sql

-- Keys of programs, and the second factor.
\ir identity/keys/create_api_key.sql
\ir identity/keys/revoke_api_key.sql
\ir identity/keys/begin_totp.sql
\ir identity/keys/enable_totp.sql
\ir identity/keys/disable_totp.sql
-- Beneath:
\ir internal/identity/totp/proof_of.sql
\ir internal/identity/totp/accept_totp.sql
\ir internal/identity/totp/totp_code.sql
\ir internal/identity/totp/base32.sql

-- What the groups may do, which sql/grants.sql says.
-- Beneath:
\ir internal/identity/users/grant_differences.sql

-- What tiers allow.
-- Beneath:
\ir internal/identity/tiers/require_tier.sql
\ir internal/identity/tiers/tg_users__apply_tier.sql

-- reporting -----------------------------------------------------------------------------------------------------------

-- What panels, alerts and reports read. docs/reporting.md lists the views by what they show.
\ir reporting/portfolios/value_views.sql
\ir reporting/portfolios/portfolio_values.sql
\ir reporting/portfolios/profit_views.sql
\ir reporting/portfolios/exposure_views.sql
\ir reporting/risk/limit_views.sql
\ir reporting/orders/order_views.sql
\ir reporting/orders/fill_quality.sql
\ir reporting/orders/latency_views.sql
\ir reporting/market/feed_views.sql
\ir reporting/operations/runner_views.sql
\ir reporting/operations/error_journal.sql
\ir reporting/operations/database_views.sql

-- row security --------------------------------------------------------------------------------------------------------

\ir policies.sql
