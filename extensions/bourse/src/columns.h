/* What C and Swift (which imports this header) hand to each other in columns. */
#ifndef BOURSE_COLUMNS_H
#define BOURSE_COLUMNS_H

#include <stdint.h>

/*
 * Candles of all series that a strategy reads, in the order in which they close: those of series 0 are the instrument's
 * own and come behind others that close at the same time. Times are microseconds since 2000-01-01 UTC.
 */
typedef struct BourseCandles
{
	int64_t		count;
	const int32_t *series;
	const int64_t *buckets;
	const int64_t *closes_at;
	const double *open;
	const double *high;
	const double *low;
	const double *close;
	const double *volume;
	/* The exchange's clock at the close; NULL when the strategy does not look at it. */
	const double *minutes;
	const int32_t *weekdays;
	/* The session in which the candle closed; -infinity (the smallest number) outside of sessions. */
	const int64_t *opens_at;
	const int64_t *ends_at;
	/* Of each candle one value for each prediction that the strategy reads; NaN when there is none. */
	const double *predictions;
} BourseCandles;

/* What came of the candles of series 0. */
typedef struct BourseRows
{
	int64_t		count;
	/* The candle's place among all. */
	int64_t    *candles;
	/* 0 nothing, 1 buy, 2 sell, 3 exit */
	int32_t    *actions;
	/* Of each candle one value for each operand. */
	double	   *operands;
} BourseRows;

/* What a backtest is fed with, in its order. */
typedef struct BourseEvents
{
	int64_t		count;
	const int32_t *instruments;
	/* of candles of the past: which of the instrument's series they are of */
	const int32_t *series;
	/* when a bar or a candle opens, and when it closes; when a tick comes */
	const int64_t *times;
	const int64_t *closes_at;
	const double *open;
	const double *high;
	const double *low;
	/* or a tick's price, and its size */
	const double *close;
	const double *volume;
} BourseEvents;

/* Why a backtest cannot be made or cannot go on. */
typedef struct BourseRefusal
{
	/* an SQLSTATE */
	const char *code;
	const char *message;
	const char *detail;
	const char *hint;
} BourseRefusal;

#endif							/* BOURSE_COLUMNS_H */
