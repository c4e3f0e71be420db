/*
 * ta.ohlcv: ticks into a candle, and ta.rollup: candles into a candle. The state is a TickSummary of TradingCore, which
 * does not depend on the order of ticks; so partial states combine, also between parallel workers.
 */
#include "bourse.h"

#include <math.h>

#include "access/htup_details.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "entry.h"

/* The columns of ta.candle. */
enum
{
	OPEN, HIGH, LOW, CLOSE, VOLUME, VWAP, TICKS, FIRST_TS, LAST_TS, CANDLE_COLUMNS
};

/* The state to add to: the caller's, or a new one. */
static void *
candle_state(FunctionCallInfo fcinfo)
{
	void	   *state;

	if (!PG_ARGISNULL(0))
		return PG_GETARG_POINTER(0);
	state = MemoryContextAlloc(bourse_aggregate_context(fcinfo), bourse_candle_size());
	bourse_candle_make(state);
	return state;
}

static Datum
same_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(PG_GETARG_POINTER(0));
}

static void
check_size(double size)
{
	bourse_check_finite(size);
	if (size < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_INDICATOR_INPUT),
				 errmsg("size of a tick must not be negative"),
				 errdetail("The size is %g.", size),
				 errhint("Give the quantity traded, 0 when none was.")));
}

static void
check_time(TimestampTz time)
{
	if (TIMESTAMP_NOT_FINITE(time))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_INDICATOR_INPUT),
				 errmsg("time of a tick must be finite"),
				 errdetail("A time is %s.", time > 0 ? "infinity" : "-infinity"),
				 errhint("Leave such rows out, or make them NULL: NULLs are skipped.")));
}

PG_FUNCTION_INFO_V1(ta_ohlcv);

/* (state, price, size, ts [, seq]) -> state */
Datum
ta_ohlcv(PG_FUNCTION_ARGS)
{
	void	   *state;
	double		price;
	double		size;
	TimestampTz time;
	int64		sequence = 0;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return same_state(fcinfo);
	if (PG_NARGS() > 4)
	{
		if (PG_ARGISNULL(4))
			return same_state(fcinfo);
		sequence = PG_GETARG_INT64(4);
	}
	price = PG_GETARG_FLOAT8(1);
	size = PG_GETARG_FLOAT8(2);
	time = PG_GETARG_TIMESTAMPTZ(3);
	bourse_check_finite(price);
	check_size(size);
	check_time(time);

	state = candle_state(fcinfo);
	bourse_candle_add(state, price, size, time, sequence);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(ta_rollup);

/* (state, candle) -> state */
Datum
ta_rollup(PG_FUNCTION_ARGS)
{
	HeapTupleHeader row;
	HeapTupleData tuple;
	TupleDesc	descriptor;
	Datum		columns[CANDLE_COLUMNS];
	bool		nulls[CANDLE_COLUMNS];
	double		values[6];
	int64		times[2];
	void	   *state;

	if (PG_ARGISNULL(1))
		return same_state(fcinfo);
	row = PG_GETARG_HEAPTUPLEHEADER(1);
	descriptor = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(row), HeapTupleHeaderGetTypMod(row));
	if (descriptor->natts != CANDLE_COLUMNS)
		elog(ERROR, "ta.candle has %d columns, expected %d", descriptor->natts, CANDLE_COLUMNS);
	tuple.t_len = HeapTupleHeaderGetDatumLength(row);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = row;
	heap_deform_tuple(&tuple, descriptor, columns, nulls);
	ReleaseTupleDesc(descriptor);

	for (int i = 0; i < CANDLE_COLUMNS; i++)
		if (nulls[i] && i != VWAP)
			return same_state(fcinfo);
	for (int i = OPEN; i <= CLOSE; i++)
	{
		values[i] = DatumGetFloat8(columns[i]);
		bourse_check_finite(values[i]);
	}
	values[VOLUME] = DatumGetFloat8(columns[VOLUME]);
	check_size(values[VOLUME]);
	/* the turnover; a candle without volume has none */
	values[5] = nulls[VWAP] ? 0 : DatumGetFloat8(columns[VWAP]) * values[VOLUME];
	bourse_check_finite(values[5]);
	times[0] = DatumGetTimestampTz(columns[FIRST_TS]);
	times[1] = DatumGetTimestampTz(columns[LAST_TS]);
	check_time(times[0]);
	check_time(times[1]);

	state = candle_state(fcinfo);
	bourse_candle_roll(state, values, times, DatumGetInt64(columns[TICKS]));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(ta_candle_combine);

Datum
ta_candle_combine(PG_FUNCTION_ARGS)
{
	void	   *state;

	if (PG_ARGISNULL(1))
		return same_state(fcinfo);
	state = candle_state(fcinfo);
	bourse_candle_merge(state, PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(ta_candle_serialize);

/* Between the workers of one server, so the bytes of the state will do. */
Datum
ta_candle_serialize(PG_FUNCTION_ARGS)
{
	(void) bourse_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(cstring_to_text_with_len((const char *) PG_GETARG_POINTER(0), (int) bourse_candle_size()));
}

PG_FUNCTION_INFO_V1(ta_candle_deserialize);

Datum
ta_candle_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	intptr_t	size = bourse_candle_size();
	void	   *state;

	(void) bourse_aggregate_context(fcinfo);
	if ((intptr_t) VARSIZE_ANY_EXHDR(bytes) != size)
		elog(ERROR, "invalid candle state");
	state = palloc(size);
	memcpy(state, VARDATA_ANY(bytes), size);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(ta_candle);

/* The final step of both aggregates; leaves the state as it is. */
Datum
ta_candle(PG_FUNCTION_ARGS)
{
	double		values[6];
	int64		times[2];
	int64		ticks;
	Datum		columns[CANDLE_COLUMNS];
	bool		nulls[CANDLE_COLUMNS] = {false};

	(void) bourse_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	ticks = bourse_candle_read(PG_GETARG_POINTER(0), values, times);
	if (isinf(values[VOLUME]) || isinf(values[VWAP]))
		float_overflow_error();
	nulls[VWAP] = isnan(values[VWAP]);
	for (int i = OPEN; i <= VWAP; i++)
		columns[i] = Float8GetDatum(values[i]);
	columns[TICKS] = Int64GetDatum(ticks);
	columns[FIRST_TS] = TimestampTzGetDatum(times[0]);
	columns[LAST_TS] = TimestampTzGetDatum(times[1]);
	return bourse_result_row(fcinfo, columns, nulls);
}
