/*
 * The entry points of the Swift part. They take plain buffers, return a status or nothing, and do not call the server: no
 * error can be raised below them. Those of Entry.swift do not allocate. Those of StrategyEntry.swift and BacktestEntry.swift
 * do, in the arena that they are called in: bourse_run (guard.h) is the only way to call them, and what they return lives as long as the arena.
 */
#ifndef BOURSE_ENTRY_H
#define BOURSE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "columns.h"

enum bourse_status
{
	BOURSE_MADE = 0,
	BOURSE_BAD_PERIOD = 1,
	BOURSE_BAD_FACTOR = 2,
	BOURSE_UNKNOWN = 3
};

/* IndicatorKind in TradingCore, in the same order. */
enum bourse_indicator
{
	BOURSE_SMA, BOURSE_EMA, BOURSE_WMA, BOURSE_DEMA, BOURSE_TEMA, BOURSE_KAMA, BOURSE_TRIX, BOURSE_RSI, BOURSE_ROC,
	BOURSE_MOM, BOURSE_STDEV, BOURSE_LINREG_SLOPE, BOURSE_ZSCORE, BOURSE_MACD, BOURSE_BBANDS, BOURSE_STOCHRSI,
	BOURSE_ATR, BOURSE_NATR, BOURSE_ADX, BOURSE_PLUS_DI, BOURSE_MINUS_DI, BOURSE_CCI, BOURSE_WILLR, BOURSE_STOCH,
	BOURSE_STOCHF, BOURSE_ULTOSC, BOURSE_KELTNER, BOURSE_SUPERTREND,
	BOURSE_AROON, BOURSE_SAR, BOURSE_DONCHIAN, BOURSE_OBV, BOURSE_VWAP, BOURSE_MFI, BOURSE_CORRELATION,
	BOURSE_VOLUME_SURGE,
	BOURSE_DOJI, BOURSE_HAMMER, BOURSE_ENGULFING, BOURSE_MORNING_STAR, BOURSE_EVENING_STAR
};

extern int32_t bourse_indicator_make(int32_t kind, const double *parameters, void *kernel, intptr_t capacity,
									 intptr_t *kernel_size, intptr_t *memory_count, double *refused);
extern void bourse_indicator_update(int32_t kind, void *kernel, double *memory, const double *inputs,
									double *outputs);

extern intptr_t bourse_candle_size(void);
extern void bourse_candle_make(void *state);
extern void bourse_candle_add(void *state, double price, double size, int64_t time, int64_t sequence);
extern void bourse_candle_merge(void *state, const void *other);
extern void bourse_candle_roll(void *state, const double *values, const int64_t *times, int64_t ticks);
extern int64_t bourse_candle_read(const void *state, double *values, int64_t *times);

/* A report of a strategy as JSON. Texts are UTF-8 and end with a NUL. */
extern const char *bourse_strategy_check(const char *type, int32_t months, int32_t days, int64_t microseconds,
										 const char *parameters);

/*
 * A preview (or, with checks, a count of how often conditions hold); candles that begin before from are the past, which
 * warms indicators up. NULL when the strategy is refused: error is then its message and, behind a line feed, where it is.
 */
extern void *bourse_preview_begin(const char *type, int32_t months, int32_t days, int64_t microseconds,
								  const char *parameters, int64_t from, bool checks, const char **error);
extern int32_t bourse_preview_series(const void *preview);
extern int32_t bourse_preview_predictions(const void *preview);
extern bool bourse_preview_needs_clock(const void *preview);
extern int32_t bourse_preview_operands(const void *preview);
extern char **bourse_preview_operand_names(const void *preview);
/* Takes in candles first to last - 1; rows has room for as many. */
extern void bourse_preview_advance(void *preview, const BourseCandles *candles, int64_t first, int64_t last,
								   BourseRows *rows);
/* What a check has counted, as JSON. */
extern const char *bourse_preview_conditions(const void *preview);

/* A backtest, fed with bars, or with candles of the past and then ticks. NULL or false: refused, and good for nothing more. */
extern void *bourse_backtest_begin(const char *specification, bool *is_of_ticks, BourseRefusal *refusal);
extern bool bourse_backtest_add_bars(void *backtest, const BourseEvents *events, BourseRefusal *refusal);
extern bool bourse_backtest_add_past(void *backtest, const BourseEvents *events, BourseRefusal *refusal);
extern bool bourse_backtest_add_ticks(void *backtest, const BourseEvents *events, BourseRefusal *refusal);
/* The result as JSON. */
extern const char *bourse_backtest_finish(void *backtest, BourseRefusal *refusal);
extern void bourse_backtest_end(void *backtest);

/* Backtests that differ in their parameters, and in where their events begin. NULL likewise. */
extern void *bourse_trials_begin(const char *specification, bool *is_of_ticks, BourseRefusal *refusal);
extern void *bourse_trial_begin(void *trials, const char *parameters, int64_t begins, BourseRefusal *refusal);

#endif							/* BOURSE_ENTRY_H */
