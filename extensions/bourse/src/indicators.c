/*
 * The indicator aggregates. All share one state, one transition and one final step; what differs is a descriptor.
 *
 * The state is one piece of the aggregate's memory: this header, the Swift kernel, its window. It has no pointers into
 * itself and nothing to free but itself.
 */
#include "bourse.h"

#include <math.h>

#include "utils/float.h"

#include "entry.h"

#define MAX_INPUTS 4
#define MAX_PARAMETERS 3
#define MAX_OUTPUTS 3
/* Above the size of every kernel; making a larger one is refused, not done. */
#define KERNEL_CAPACITY 1024

typedef struct
{
	enum bourse_indicator kind;
	/* float8 columns, which come first in the argument list after the state */
	int			inputs;
	/* then parameters, one letter each: i for an integer period, f for a float8 factor */
	const char *parameters;
	/* rows that the result depends on: window_base + the first parameter; -1 when on all of history */
	int			window_base;
} Descriptor;

typedef struct
{
	int32		kind;
	double		parameters[MAX_PARAMETERS];
	double		outputs[MAX_OUTPUTS];
	/* rows in the frame, and whether rows have left it (only when the result depends on a window alone) */
	int64		rows;
	bool		rows_left;
	int64		window;
	double	   *memory;
	double		kernel[FLEXIBLE_ARRAY_MEMBER];
} IndicatorState;

static void
read_parameters(FunctionCallInfo fcinfo, const Descriptor *descriptor, double *parameters)
{
	for (int i = 0; i < MAX_PARAMETERS; i++)
		parameters[i] = 0;
	for (int i = 0; descriptor->parameters[i] != '\0'; i++)
	{
		int			argument = 1 + descriptor->inputs + i;

		if (PG_ARGISNULL(argument))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_INDICATOR_PERIOD),
					 errmsg("parameter of an indicator must not be null"),
					 errdetail("Parameter %d is null.", i + 1),
					 errhint("Give a whole number between 1 and %d.", BOURSE_LARGEST_PERIOD)));
		parameters[i] = descriptor->parameters[i] == 'i' ? PG_GETARG_INT32(argument) : PG_GETARG_FLOAT8(argument);
	}
}

static IndicatorState *
make_state(MemoryContext context, const Descriptor *descriptor, const double *parameters)
{
	double		kernel[KERNEL_CAPACITY / sizeof(double)];
	intptr_t	kernel_size = 0;
	intptr_t	memory_count = 0;
	double		refused = 0;
	IndicatorState *state;

	switch (bourse_indicator_make(descriptor->kind, parameters, kernel, sizeof(kernel), &kernel_size, &memory_count,
								  &refused))
	{
		case BOURSE_MADE:
			break;
		case BOURSE_BAD_PERIOD:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_INDICATOR_PERIOD),
					 errmsg("period of an indicator is out of range"),
					 errdetail("The period is %.0f.", refused),
					 errhint("Give a whole number between %d and %d.",
							 descriptor->kind == BOURSE_LINREG_SLOPE ? 2 : 1, BOURSE_LARGEST_PERIOD)));
			break;
		case BOURSE_BAD_FACTOR:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_INDICATOR_PERIOD),
					 errmsg("factor of an indicator is out of range"),
					 errdetail("The factor is %g.", refused),
					 errhint("Give a positive finite number.")));
			break;
		default:
			elog(ERROR, "unknown indicator %d", (int) descriptor->kind);
	}

	state = MemoryContextAllocZero(context,
								   offsetof(IndicatorState, kernel) + kernel_size + memory_count * sizeof(double));
	state->kind = descriptor->kind;
	memcpy(state->parameters, parameters, sizeof(state->parameters));
	for (int i = 0; i < MAX_OUTPUTS; i++)
		state->outputs[i] = get_float8_nan();
	state->window = descriptor->window_base < 0 ? 0 : descriptor->window_base + (int64) parameters[0];
	state->memory = state->kernel + kernel_size / sizeof(double);
	memcpy(state->kernel, kernel, kernel_size);
	return state;
}

/* Reads and checks the inputs; false when one of them is null and the row is skipped. */
static inline bool
read_inputs(FunctionCallInfo fcinfo, const Descriptor *descriptor, double *inputs)
{
	for (int i = 0; i < descriptor->inputs; i++)
	{
		if (PG_ARGISNULL(1 + i))
			return false;
		inputs[i] = PG_GETARG_FLOAT8(1 + i);
	}
	for (int i = 0; i < descriptor->inputs; i++)
		if (unlikely(!isfinite(inputs[i])))
			bourse_check_finite(inputs[i]);
	return true;
}

/* The transition of every indicator: state, inputs, parameters -> state. */
static inline Datum
advance(FunctionCallInfo fcinfo, const Descriptor *descriptor)
{
	double		parameters[MAX_PARAMETERS];
	double		inputs[MAX_INPUTS] = {0};
	IndicatorState *state;

	read_parameters(fcinfo, descriptor, parameters);
	if (PG_ARGISNULL(0))
		state = make_state(bourse_aggregate_context(fcinfo), descriptor, parameters);
	else
	{
		state = (IndicatorState *) PG_GETARG_POINTER(0);
		for (int i = 0; i < MAX_PARAMETERS; i++)
			if (unlikely(state->parameters[i] != parameters[i]))
				ereport(ERROR,
						(errcode(ERRCODE_INVALID_INDICATOR_PERIOD),
						 errmsg("parameter of an indicator changed within one aggregation"),
						 errdetail("Parameter %d was %g and is %g.", i + 1, state->parameters[i], parameters[i]),
						 errhint("Give a constant, or group by what the parameter depends on.")));
	}

	if (read_inputs(fcinfo, descriptor, inputs))
	{
		bourse_indicator_update(state->kind, state->kernel, state->memory, inputs, state->outputs);
		state->rows++;
		for (int i = 0; i < MAX_OUTPUTS; i++)
			if (unlikely(isinf(state->outputs[i])))
				float_overflow_error();
	}
	PG_RETURN_POINTER(state);
}

/*
 * The inverse transition of indicators whose result depends on a window of rows alone: the oldest row leaves the frame.
 * The kernel may keep it, because a result is only given while its whole window lies in the frame.
 */
static inline Datum
retire(FunctionCallInfo fcinfo, const Descriptor *descriptor)
{
	IndicatorState *state;

	(void) bourse_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (IndicatorState *) PG_GETARG_POINTER(0);
	for (int i = 0; i < descriptor->inputs; i++)
		if (PG_ARGISNULL(1 + i))
			PG_RETURN_POINTER(state);
	state->rows--;
	state->rows_left = true;
	PG_RETURN_POINTER(state);
}

static inline bool
is_missing(const IndicatorState *state, int output)
{
	return isnan(state->outputs[output]) || (state->rows_left && state->rows < state->window);
}

PG_FUNCTION_INFO_V1(ta_value);

/* The final step of indicators with one result; leaves the state as it is, as window frames need. */
Datum
ta_value(PG_FUNCTION_ARGS)
{
	IndicatorState *state;

	(void) bourse_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (IndicatorState *) PG_GETARG_POINTER(0);
	if (is_missing(state, 0))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(state->outputs[0]);
}

PG_FUNCTION_INFO_V1(ta_values);

/* The final step of indicators with a row as result; the row is null during warm-up. */
Datum
ta_values(PG_FUNCTION_ARGS)
{
	IndicatorState *state;
	Datum		values[MAX_OUTPUTS];
	bool		nulls[MAX_OUTPUTS] = {false};

	(void) bourse_aggregate_context(fcinfo);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	state = (IndicatorState *) PG_GETARG_POINTER(0);
	if (is_missing(state, 0))
		PG_RETURN_NULL();
	for (int i = 0; i < MAX_OUTPUTS; i++)
		values[i] = Float8GetDatum(state->outputs[i]);
	return bourse_result_row(fcinfo, values, nulls);
}

#define INDICATOR(name, kind, inputs, parameters) \
	PG_FUNCTION_INFO_V1(ta_##name); \
	Datum \
	ta_##name(PG_FUNCTION_ARGS) \
	{ \
		static const Descriptor descriptor = {kind, inputs, parameters, -1}; \
		return advance(fcinfo, &descriptor); \
	} \
	extern int	bourse_no_semicolon

/* With an inverse: the result depends on the last window_base + period rows alone, and on them exactly. */
#define WINDOW_INDICATOR(name, kind, inputs, parameters, window_base) \
	static const Descriptor name##_descriptor = {kind, inputs, parameters, window_base}; \
	PG_FUNCTION_INFO_V1(ta_##name); \
	Datum \
	ta_##name(PG_FUNCTION_ARGS) \
	{ \
		return advance(fcinfo, &name##_descriptor); \
	} \
	PG_FUNCTION_INFO_V1(ta_##name##_inverse); \
	Datum \
	ta_##name##_inverse(PG_FUNCTION_ARGS) \
	{ \
		return retire(fcinfo, &name##_descriptor); \
	} \
	extern int	bourse_no_semicolon

INDICATOR(sma, BOURSE_SMA, 1, "i");
INDICATOR(ema, BOURSE_EMA, 1, "i");
INDICATOR(wma, BOURSE_WMA, 1, "i");
INDICATOR(dema, BOURSE_DEMA, 1, "i");
INDICATOR(tema, BOURSE_TEMA, 1, "i");
INDICATOR(kama, BOURSE_KAMA, 1, "i");
INDICATOR(trix, BOURSE_TRIX, 1, "i");
INDICATOR(rsi, BOURSE_RSI, 1, "i");
WINDOW_INDICATOR(roc, BOURSE_ROC, 1, "i", 1);
WINDOW_INDICATOR(mom, BOURSE_MOM, 1, "i", 1);
INDICATOR(stdev, BOURSE_STDEV, 1, "i");
INDICATOR(linreg_slope, BOURSE_LINREG_SLOPE, 1, "i");
INDICATOR(zscore, BOURSE_ZSCORE, 1, "i");
INDICATOR(macd, BOURSE_MACD, 1, "iii");
INDICATOR(bbands, BOURSE_BBANDS, 1, "if");
INDICATOR(stochrsi, BOURSE_STOCHRSI, 1, "iii");
INDICATOR(atr, BOURSE_ATR, 3, "i");
INDICATOR(natr, BOURSE_NATR, 3, "i");
INDICATOR(adx, BOURSE_ADX, 3, "i");
INDICATOR(plus_di, BOURSE_PLUS_DI, 3, "i");
INDICATOR(minus_di, BOURSE_MINUS_DI, 3, "i");
INDICATOR(cci, BOURSE_CCI, 3, "i");
WINDOW_INDICATOR(willr, BOURSE_WILLR, 3, "i", 0);
INDICATOR(stoch, BOURSE_STOCH, 3, "iii");
INDICATOR(stochf, BOURSE_STOCHF, 3, "ii");
INDICATOR(ultosc, BOURSE_ULTOSC, 3, "iii");
INDICATOR(keltner, BOURSE_KELTNER, 3, "iif");
INDICATOR(supertrend, BOURSE_SUPERTREND, 3, "if");
WINDOW_INDICATOR(aroon, BOURSE_AROON, 2, "i", 1);
INDICATOR(sar, BOURSE_SAR, 2, "ff");
WINDOW_INDICATOR(donchian, BOURSE_DONCHIAN, 2, "i", 0);
INDICATOR(obv, BOURSE_OBV, 2, "");
INDICATOR(vwap, BOURSE_VWAP, 2, "");
INDICATOR(mfi, BOURSE_MFI, 4, "i");
INDICATOR(correlation, BOURSE_CORRELATION, 2, "i");
INDICATOR(volume_surge, BOURSE_VOLUME_SURGE, 1, "i");
WINDOW_INDICATOR(doji, BOURSE_DOJI, 4, "", 1);
WINDOW_INDICATOR(hammer, BOURSE_HAMMER, 4, "", 1);
WINDOW_INDICATOR(engulfing, BOURSE_ENGULFING, 4, "", 2);
WINDOW_INDICATOR(morning_star, BOURSE_MORNING_STAR, 4, "", 3);
WINDOW_INDICATOR(evening_star, BOURSE_EVENING_STAR, 4, "", 3);
