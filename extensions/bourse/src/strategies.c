/*
 * Strategies as data: ta.check_strategy reads one and says what it means, ta.preview_strategy shows what it would have done.
 * All that the Swift part makes for a call is in the call's arena (guard.h).
 */
#include "bourse.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "entry.h"
#include "guard.h"

/* Candles between two looks for a cancel request. */
#define BATCH 4096

/* What a strategy is made of, and what the Swift part answers. */
typedef struct
{
	BourseArena *arena;
	const char *type;
	const char *parameters;
	Interval	timeframe;
	TimestampTz from;
	bool		checks;
	/* a report, what a check has counted, or the error of a strategy that is refused */
	const char *report;
	/* of bourse_preview_begin, and what it reads and compares */
	void	   *preview;
	int32		series;
	int32		predictions;
	bool		needs_clock;
	int32		operands;
	char	  **operand_names;
} Strategy;

/* The first three arguments of both functions: type, timeframe, parameters. */
static Strategy *
read_strategy(FunctionCallInfo fcinfo)
{
	Strategy   *strategy = palloc0(sizeof(Strategy));
	char	   *type = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *parameters = text_to_cstring(PG_GETARG_TEXT_PP(2));

	strategy->arena = bourse_arena_create();
	strategy->type = pg_server_to_any(type, strlen(type), PG_UTF8);
	strategy->timeframe = *PG_GETARG_INTERVAL_P(1);
	strategy->parameters = pg_server_to_any(parameters, strlen(parameters), PG_UTF8);
	return strategy;
}

static void
check(void *argument)
{
	Strategy   *strategy = argument;

	strategy->report = bourse_strategy_check(strategy->type, strategy->timeframe.month, strategy->timeframe.day,
											 strategy->timeframe.time, strategy->parameters);
}

static void
begin(void *argument)
{
	Strategy   *strategy = argument;

	strategy->preview = bourse_preview_begin(strategy->type, strategy->timeframe.month, strategy->timeframe.day,
											 strategy->timeframe.time, strategy->parameters, strategy->from,
											 strategy->checks, &strategy->report);
	if (strategy->preview == NULL)
		return;
	strategy->series = bourse_preview_series(strategy->preview);
	strategy->predictions = bourse_preview_predictions(strategy->preview);
	strategy->needs_clock = bourse_preview_needs_clock(strategy->preview);
	strategy->operands = bourse_preview_operands(strategy->preview);
	strategy->operand_names = bourse_preview_operand_names(strategy->preview);
}

static void
count_up(void *argument)
{
	Strategy   *strategy = argument;

	strategy->report = bourse_preview_conditions(strategy->preview);
}

/* The report as jsonb; the arena ends. */
static Datum
answer(Strategy *strategy)
{
	Datum		result = DirectFunctionCall1(jsonb_in, CStringGetDatum(bourse_server_text(strategy->report)));

	bourse_arena_delete(strategy->arena);
	return result;
}

PG_FUNCTION_INFO_V1(ta_check_strategy);

/* (type, timeframe, parameters) -> report */
Datum
ta_check_strategy(PG_FUNCTION_ARGS)
{
	Strategy   *strategy = read_strategy(fcinfo);

	bourse_run(strategy->arena, check, strategy);
	return answer(strategy);
}

/* The arguments of ta.preview_strategy and ta.check_candles behind the first three, and the columns of the first one's result. */
enum
{
	SERIES = 3, BUCKETS, CLOSES_AT, OPEN, HIGH, LOW, CLOSE, VOLUME, MINUTES, WEEKDAYS, OPENS_AT, ENDS_AT, PREDICTIONS, FROM
};
enum
{
	ROW_BUCKET, ROW_CLOSE, ROW_ACTION, ROW_OPERANDS, ROW_COLUMNS
};

/* A part of a preview: candles first to last - 1, and what came of them. */
typedef struct
{
	Strategy   *strategy;
	BourseCandles candles;
	int64		first;
	int64		last;
	BourseRows	rows;
} Batch;

static void
advance(void *argument)
{
	Batch	   *batch = argument;

	bourse_preview_advance(batch->strategy->preview, &batch->candles, batch->first, batch->last, &batch->rows);
}

/* The data of an array without nulls, of as many elements as there are candles (times each). */
static const void *
column(FunctionCallInfo fcinfo, int argument, int64 elements)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(argument);
	int64		count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	if (array_contains_nulls(array) || count != elements)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BATCH),
				 errmsg("columns of candles must have an element for each candle, and no nulls"),
				 errdetail("Argument %d has %lld elements%s, expected were %lld.", argument + 1, (long long) count,
						   array_contains_nulls(array) ? ", nulls among them" : "", (long long) elements),
				 errhint("Call strategy.preview or strategy.check, which put them together.")));
	return ARR_DATA_PTR(array);
}

/* An object of names and values; what is not known is null. */
static Datum
named_values(const char *const *names, const double *values, int count)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < count; i++)
	{
		JsonbValue	key = {.type = jbvString};
		JsonbValue	value = {.type = jbvNull};

		key.val.string.val = (char *) names[i];
		key.val.string.len = strlen(names[i]);
		pushJsonbValue(&state, WJB_KEY, &key);
		if (isfinite(values[i]))
		{
			value.type = jbvNumeric;
			/* By way of text, which is the shortest that gives the same number again. */
			value.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in,
																	CStringGetDatum(float8out_internal(values[i])),
																	ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
		}
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

/* Raises the error that bourse_preview_begin reported: a message, and behind a line feed where it was found. */
static void
refuse(const char *report)
{
	char	   *message = bourse_server_text(report);
	char	   *detail = strchr(message, '\n');

	if (detail != NULL)
		*detail++ = '\0';
	ereport(ERROR,
			(errcode(ERRCODE_RULE_REFUSED),
			 errmsg("%s", message),
			 detail == NULL || *detail == '\0' ? 0 : errdetail("%s", detail),
			 errhint("docs/rules.md has every word of the language.")));
}

/* Reads and checks the columns of candles. */
static Batch
read_candles(FunctionCallInfo fcinfo, Strategy *strategy)
{
	Batch		batch = {.strategy = strategy};
	BourseCandles *candles = &batch.candles;
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(SERIES);
	int64		count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	candles->count = count;
	candles->series = column(fcinfo, SERIES, count);
	candles->buckets = column(fcinfo, BUCKETS, count);
	candles->closes_at = column(fcinfo, CLOSES_AT, count);
	candles->open = column(fcinfo, OPEN, count);
	candles->high = column(fcinfo, HIGH, count);
	candles->low = column(fcinfo, LOW, count);
	candles->close = column(fcinfo, CLOSE, count);
	candles->volume = column(fcinfo, VOLUME, count);
	if (strategy->needs_clock)
	{
		candles->minutes = column(fcinfo, MINUTES, count);
		candles->weekdays = column(fcinfo, WEEKDAYS, count);
		candles->opens_at = column(fcinfo, OPENS_AT, count);
		candles->ends_at = column(fcinfo, ENDS_AT, count);
	}
	candles->predictions = column(fcinfo, PREDICTIONS, count * strategy->predictions);
	for (int64 i = 0; i < count; i++)
		if (candles->series[i] < 0 || candles->series[i] >= strategy->series || TIMESTAMP_NOT_FINITE(candles->buckets[i])
			|| TIMESTAMP_NOT_FINITE(candles->closes_at[i])
			|| (i > 0 && candles->closes_at[i] < candles->closes_at[i - 1]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BATCH),
					 errmsg("candles must be in the order of their closes, and of series that the strategy reads"),
					 errdetail("Candle %lld is of series %d and closes at %s.", (long long) i + 1, candles->series[i],
							   timestamptz_to_str(candles->closes_at[i])),
					 errhint("Call strategy.preview or strategy.check, which put them together.")));
	batch.rows.candles = palloc(sizeof(int64) * BATCH);
	batch.rows.actions = palloc(sizeof(int32) * BATCH);
	batch.rows.operands = palloc(sizeof(double) * BATCH * Max(strategy->operands, 1));
	return batch;
}

/* Goes on with the next candles; false at their end. */
static bool
next_batch(Batch *batch)
{
	CHECK_FOR_INTERRUPTS();
	batch->first = batch->last;
	batch->last = Min(batch->first + BATCH, batch->candles.count);
	if (batch->first == batch->last)
		return false;
	bourse_run(batch->strategy->arena, advance, batch);
	return true;
}

/* Begins a preview or a check of the strategy that the first arguments are, or raises an error. */
static void
begin_preview(FunctionCallInfo fcinfo, Strategy *strategy, bool checks)
{
	strategy->from = PG_GETARG_TIMESTAMPTZ(FROM);
	strategy->checks = checks;
	bourse_run(strategy->arena, begin, strategy);
	if (strategy->preview == NULL)
		refuse(strategy->report);
}

static void
store_rows(ReturnSetInfo *result, Batch *batch)
{
	static const char *const actions[] = {NULL, "buy", "sell", "exit"};
	int			operands = batch->strategy->operands;
	const char **names = palloc(sizeof(char *) * Max(operands, 1));
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "preview", ALLOCSET_SMALL_SIZES);

	for (int i = 0; i < operands; i++)
		names[i] = bourse_server_text(batch->strategy->operand_names[i]);
	while (next_batch(batch))
	{
		for (int64 i = 0; i < batch->rows.count; i++)
		{
			MemoryContext old = MemoryContextSwitchTo(row_context);
			int64		candle = batch->rows.candles[i];
			const char *action = actions[batch->rows.actions[i]];
			Datum		values[ROW_COLUMNS] = {0};
			bool		nulls[ROW_COLUMNS] = {false};

			values[ROW_BUCKET] = TimestampTzGetDatum(batch->candles.buckets[candle]);
			values[ROW_CLOSE] = Float8GetDatum(batch->candles.close[candle]);
			if (action == NULL)
				nulls[ROW_ACTION] = true;
			else
				values[ROW_ACTION] = CStringGetTextDatum(action);
			values[ROW_OPERANDS] = named_values(names, batch->rows.operands + i * operands, operands);
			tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
			MemoryContextSwitchTo(old);
			MemoryContextReset(row_context);
		}
	}
}

PG_FUNCTION_INFO_V1(ta_preview_strategy);

/* (type, timeframe, parameters, columns of candles, from) -> rows */
Datum
ta_preview_strategy(PG_FUNCTION_ARGS)
{
	Strategy   *strategy = read_strategy(fcinfo);
	Batch		batch;

	InitMaterializedSRF(fcinfo, 0);
	begin_preview(fcinfo, strategy, false);
	batch = read_candles(fcinfo, strategy);
	store_rows((ReturnSetInfo *) fcinfo->resultinfo, &batch);
	bourse_arena_delete(strategy->arena);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(ta_check_candles);

/* (type, timeframe, parameters, columns of candles, from) -> counts */
Datum
ta_check_candles(PG_FUNCTION_ARGS)
{
	Strategy   *strategy = read_strategy(fcinfo);
	Batch		batch;

	begin_preview(fcinfo, strategy, true);
	batch = read_candles(fcinfo, strategy);
	while (next_batch(&batch))
		 /* the counts are what is wanted */ ;
	bourse_run(strategy->arena, count_up, strategy);
	return answer(strategy);
}
