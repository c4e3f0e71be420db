/*
 * ta.run_backtest and ta.run_trials: read the events of a specification by the engine's own functions, with the rights of
 * whoever calls, and feed them to the Swift part, which has all that it makes in the call's arena (guard.h).
 */
#include "bourse.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "tcop/dest.h"
#include "tcop/pquery.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/guc.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/portal.h"
#include "utils/timestamp.h"

#include "entry.h"
#include "guard.h"

/* Events that go in at once, between two looks for a cancel request. */
#define CHUNK 8192
#define MAX_COLUMNS 9

/* What is read, by the cursor of which function, and where its columns go. */
typedef struct
{
	const char *name;
	int			columns;
	/* i an identifier or a number, t a time, f a float8 */
	const char *types;
	/* in the order of BourseEvents */
	int			places[MAX_COLUMNS];
	bool		(*add) (void *backtest, const BourseEvents *events, BourseRefusal *refusal);
} Feed;

enum
{
	INSTRUMENTS, SERIES, TIMES, CLOSES_AT, OPEN, HIGH, LOW, CLOSE, VOLUME
};

static const Feed bars = {
	"research.backtest_bars", 8, "ittfffff",
	{INSTRUMENTS, TIMES, CLOSES_AT, OPEN, HIGH, LOW, CLOSE, VOLUME}, bourse_backtest_add_bars
};
static const Feed past = {
	"research.backtest_past", 9, "iittfffff",
	{INSTRUMENTS, SERIES, TIMES, CLOSES_AT, OPEN, HIGH, LOW, CLOSE, VOLUME}, bourse_backtest_add_past
};
static const Feed ticks = {
	"research.backtest_ticks", 4, "itff",
	{INSTRUMENTS, TIMES, CLOSE, VOLUME}, bourse_backtest_add_ticks
};

/* Rows that went in together, or wait for that. */
typedef struct
{
	const Feed *feed;
	int64		count;
	/* columns of int32, int64 or double, CHUNK of each */
	void	   *columns[MAX_COLUMNS];
} Chunk;

typedef struct
{
	BourseArena *arena;
	const char *specification;
	void	   *backtest;
	bool		is_of_ticks;

	/* of trials: what they have in common, the present one, and all events */
	void	   *trials;
	const char *parameters;
	int64		trial_begins;
	MemoryContext context;
	Chunk	   *stored;
	int			stored_count;
	int			stored_room;
	size_t		stored_size;

	const char *result;
	BourseRefusal refusal;

	/* the rows that go in now, those before the first one left out */
	Chunk		chunk;
	int64		first;
	bool		is_added;

	/* where the events begin and end, and the part of them that was reported last */
	int64		begins;
	int64		until;
	int			percent;

	/* for those who measure */
	int64		events;
	instr_time	in_engine;
} Run;

/* The rows of a query, on their way into a run. */
typedef struct
{
	DestReceiver receiver;
	Run		   *run;
} Sink;

/* Raises the error that the Swift part answered with. */
static void
refuse(const BourseRefusal *refusal)
{
	const char *code = refusal->code;

	ereport(ERROR,
			(errcode(MAKE_SQLSTATE(code[0], code[1], code[2], code[3], code[4])),
			 errmsg("%s", bourse_server_text(refusal->message)),
			 errdetail("%s", bourse_server_text(refusal->detail)),
			 errhint("%s", bourse_server_text(refusal->hint))));
}

static void
begin(void *argument)
{
	Run		   *run = argument;

	run->backtest = bourse_backtest_begin(run->specification, &run->is_of_ticks, &run->refusal);
}

static void
begin_trials(void *argument)
{
	Run		   *run = argument;

	run->trials = bourse_trials_begin(run->specification, &run->is_of_ticks, &run->refusal);
}

static void
begin_trial(void *argument)
{
	Run		   *run = argument;

	run->backtest = bourse_trial_begin(run->trials, run->parameters, run->trial_begins, &run->refusal);
}

static void
end(void *argument)
{
	Run		   *run = argument;

	bourse_backtest_end(run->backtest);
}

static void
add(void *argument)
{
	Run		   *run = argument;
	void	  **columns = run->chunk.columns;
	int64		first = run->first;
	BourseEvents events = {
		.count = run->chunk.count - first, .instruments = (int32 *) columns[INSTRUMENTS] + first,
		.series = (int32 *) columns[SERIES] + first, .times = (int64 *) columns[TIMES] + first,
		.closes_at = (int64 *) columns[CLOSES_AT] + first, .open = (double *) columns[OPEN] + first,
		.high = (double *) columns[HIGH] + first, .low = (double *) columns[LOW] + first,
		.close = (double *) columns[CLOSE] + first, .volume = (double *) columns[VOLUME] + first
	};

	run->is_added = run->chunk.feed->add(run->backtest, &events, &run->refusal);
}

static void
finish(void *argument)
{
	Run		   *run = argument;

	run->result = bourse_backtest_finish(run->backtest, &run->refusal);
}

/* Calls the Swift part. */
static void
step(Run *run, void (*body) (void *))
{
	instr_time	before;
	instr_time	after;

	INSTR_TIME_SET_CURRENT(before);
	bourse_run(run->arena, body, run);
	INSTR_TIME_SET_CURRENT(after);
	INSTR_TIME_ACCUM_DIFF(run->in_engine, after, before);
}

/* Says in application_name how far the run is, until the function ends. */
static void
report_progress(Run *run)
{
	int64		time = ((int64 *) run->chunk.columns[TIMES])[run->chunk.count - 1];
	double		part = ((double) time - run->begins) / ((double) run->until - run->begins);
	/* not a number when there is no time in between */
	int			percent = part > 0 ? Min((int) (part * 100), 100) : 0;
	char		name[NAMEDATALEN];

	if (run->chunk.feed == &past || percent <= run->percent)
		return;
	run->percent = percent;
	snprintf(name, sizeof(name), "bourse backtest %d %%", percent);
	(void) set_config_option("application_name", name, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/* Room for rows: each column has the width of the widest. */
static void
allocate_chunk(Run *run)
{
	for (int i = 0; i < MAX_COLUMNS; i++)
		run->chunk.columns[i] = MemoryContextAlloc(run->context, CHUNK * sizeof(int64));
}

/* Keeps the rows that wait for trials that they go into later. */
static void
store(Run *run)
{
	run->stored_size += MAX_COLUMNS * CHUNK * sizeof(int64);
	if (run->stored_size > bourse_memory_limit())
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("the events of the trials need more memory than the engine may take"),
				 errdetail("%lld events take %zu kB; bourse.memory_limit is %zu kB.",
						   (long long) run->events + run->chunk.count, run->stored_size / 1024,
						   bourse_memory_limit() / 1024),
				 errhint("Choose a shorter time or longer bars, or have a superuser raise bourse.memory_limit.")));
	if (run->stored_count == run->stored_room)
	{
		run->stored_room = Max(64, 2 * run->stored_room);
		run->stored = run->stored == NULL
			? MemoryContextAlloc(run->context, run->stored_room * sizeof(Chunk))
			: repalloc(run->stored, run->stored_room * sizeof(Chunk));
	}
	run->stored[run->stored_count++] = run->chunk;
	allocate_chunk(run);
}

/* Lets the rows that wait go in. */
static void
flush(Run *run)
{
	CHECK_FOR_INTERRUPTS();
	if (run->chunk.count == 0)
		return;
	if (run->trials != NULL)
		store(run);
	else
	{
		step(run, add);
		if (!run->is_added)
			refuse(&run->refusal);
		report_progress(run);
	}
	run->events += run->chunk.count;
	run->chunk.count = 0;
}

static void
start_rows(DestReceiver *receiver, int operation, TupleDesc descriptor)
{
	const Feed *feed = ((Sink *) receiver)->run->chunk.feed;
	bool		is_right = descriptor->natts == feed->columns;

	for (int i = 0; is_right && i < feed->columns; i++)
		is_right = TupleDescAttr(descriptor, i)->atttypid ==
			(feed->types[i] == 'i' ? INT4OID : feed->types[i] == 't' ? TIMESTAMPTZOID : FLOAT8OID);
	if (!is_right)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("function %s returns other columns than this version of the extension reads", feed->name),
				 errdetail("It returns %d columns, expected were %d.", descriptor->natts, feed->columns),
				 errhint("Install extension and schema of the same version: \"bourse migrate\", ALTER EXTENSION bourse UPDATE.")));
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *receiver)
{
	Run		   *run = ((Sink *) receiver)->run;
	const Feed *feed = run->chunk.feed;
	int64		row = run->chunk.count;

	slot_getallattrs(slot);
	for (int i = 0; i < feed->columns; i++)
	{
		void	   *column = run->chunk.columns[feed->places[i]];
		Datum		value = slot->tts_values[i];

		if (slot->tts_isnull[i] && feed->types[i] != 'f')
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("function %s returns a null in column %d", feed->name, i + 1)));
		switch (feed->types[i])
		{
			case 'i':
				((int32 *) column)[row] = DatumGetInt32(value);
				break;
			case 't':
				((int64 *) column)[row] = DatumGetTimestampTz(value);
				break;
			default:
				((double *) column)[row] = slot->tts_isnull[i] ? get_float8_nan() : DatumGetFloat8(value);
		}
	}
	run->chunk.count++;
	if (run->chunk.count == CHUNK)
		flush(run);
	return true;
}

static void
end_rows(DestReceiver *receiver)
{
}

/* Feeds the run with all rows of the cursor that a function opens. */
static void
read_events(Run *run, const Feed *feed, Datum specification)
{
	Sink		sink = {.receiver = {receive_row, start_rows, end_rows, end_rows, DestNone}, .run = run};
	Oid			type = JSONBOID;
	const char *query = psprintf("SELECT %s($1)", feed->name);
	int			answer = SPI_execute_with_args(query, 1, &type, &specification, NULL, true, 1);
	char	   *name;
	Portal		portal;

	if (answer != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args: %s", SPI_result_code_string(answer));
	name = SPI_processed == 1 ? SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1) : NULL;
	portal = name == NULL ? NULL : SPI_cursor_find(name);
	if (portal == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_CURSOR_NAME),
				 errmsg("function %s opens no cursor", feed->name),
				 errhint("Install extension and schema of the same version: \"bourse migrate\", ALTER EXTENSION bourse UPDATE.")));
	run->chunk.feed = feed;
	/* The rows come as they are found: nothing gathers them first. */
	PortalRunFetch(portal, FETCH_FORWARD, FETCH_ALL, &sink.receiver);
	flush(run);
	SPI_cursor_close(portal);
}

/* A whole number of the specification; 0 when it is none, which the Swift part refuses. */
static int64
member(Jsonb *specification, const char *name)
{
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(specification)
		|| getKeyJsonValueFromContainer(&specification->root, name, strlen(name), &value) == NULL
		|| value.type != jbvNumeric || numeric_is_nan(value.val.numeric))
		return 0;
	return (int64) DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(value.val.numeric)));
}

/* All events of the run's specification. */
static void
read_all(Run *run, Datum specification)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (run->is_of_ticks)
	{
		read_events(run, &past, specification);
		read_events(run, &ticks, specification);
	}
	else
		read_events(run, &bars, specification);
	SPI_finish();
}

static Run *
make_run(const char *specification)
{
	Run		   *run = palloc0(sizeof(Run));

	run->arena = bourse_arena_create();
	run->context = CurrentMemoryContext;
	run->specification = pg_server_to_any(specification, strlen(specification), PG_UTF8);
	run->percent = -1;
	allocate_chunk(run);
	return run;
}

static void
end_run(Run *run)
{
	ereport(DEBUG1,
			(errmsg_internal("backtest: %lld events, %.6f s in the engine", (long long) run->events,
							 INSTR_TIME_GET_DOUBLE(run->in_engine))));
	bourse_arena_delete(run->arena);
}

PG_FUNCTION_INFO_V1(ta_run_backtest);

/* (specification) -> result */
Datum
ta_run_backtest(PG_FUNCTION_ARGS)
{
	char	   *json = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Datum		specification = DirectFunctionCall1(jsonb_in, CStringGetDatum(json));
	int			settings = NewGUCNestLevel();
	Run		   *run = make_run(json);
	text	   *result;

	run->begins = member(DatumGetJsonbP(specification), "begins");
	run->until = member(DatumGetJsonbP(specification), "until");
	step(run, begin);
	if (run->backtest == NULL)
		refuse(&run->refusal);
	read_all(run, specification);
	step(run, finish);
	if (run->result == NULL)
		refuse(&run->refusal);
	result = cstring_to_text(bourse_server_text(run->result));
	end_run(run);
	AtEOXact_GUC(true, settings);
	PG_RETURN_TEXT_P(result);
}

/* Why a trial has no result, as JSON. */
static text *
refusal_text(const BourseRefusal *refusal)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"code\":");
	escape_json(&json, bourse_server_text(refusal->code));
	appendStringInfoString(&json, ",\"error\":");
	escape_json(&json, psprintf("%s: %s", bourse_server_text(refusal->message), bourse_server_text(refusal->detail)));
	appendStringInfoChar(&json, '}');
	return cstring_to_text_with_len(json.data, json.len);
}

/* Runs a trial over the stored events. */
static text *
run_trial(Run *run)
{
	text	   *result = NULL;

	step(run, begin_trial);
	if (run->backtest == NULL)
		return refusal_text(&run->refusal);
	run->is_added = true;
	for (int i = 0; run->is_added && i < run->stored_count; i++)
	{
		int64	   *times = run->stored[i].columns[TIMES];

		CHECK_FOR_INTERRUPTS();
		run->chunk = run->stored[i];
		run->first = 0;
		while (run->chunk.feed == &bars && run->first < run->chunk.count && times[run->first] < run->trial_begins)
			run->first++;
		step(run, add);
	}
	if (run->is_added)
	{
		step(run, finish);
		if (run->result != NULL)
			result = cstring_to_text(bourse_server_text(run->result));
	}
	step(run, end);
	return result != NULL ? result : refusal_text(&run->refusal);
}

PG_FUNCTION_INFO_V1(ta_run_trials);

/* (specification, parameters, begins) -> results */
Datum
ta_run_trials(PG_FUNCTION_ARGS)
{
	char	   *json = text_to_cstring(PG_GETARG_TEXT_PP(0));
	ArrayType  *parameters = PG_GETARG_ARRAYTYPE_P(1);
	ArrayType  *begins = PG_GETARG_ARRAYTYPE_P(2);
	Run		   *run = make_run(json);
	Datum	   *texts;
	Datum	   *times;
	int			count;
	int			times_count;

	if (array_contains_nulls(parameters) || array_contains_nulls(begins))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BATCH), errmsg("trials have parameters and a begin each"),
				 errdetail("Some are NULL."), errhint("research.trial_runs(...) gives them.")));
	deconstruct_array(parameters, TEXTOID, -1, false, TYPALIGN_INT, &texts, NULL, &count);
	deconstruct_array(begins, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &times, NULL, &times_count);
	if (count != times_count)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BATCH), errmsg("trials have parameters and a begin each"),
				 errdetail("There are %d parameters and %d begins.", count, times_count),
				 errhint("research.trial_runs(...) gives them.")));
	step(run, begin_trials);
	if (run->trials == NULL)
		refuse(&run->refusal);
	read_all(run, DirectFunctionCall1(jsonb_in, CStringGetDatum(json)));
	for (int i = 0; i < count; i++)
	{
		char	   *given = TextDatumGetCString(texts[i]);

		run->parameters = pg_server_to_any(given, strlen(given), PG_UTF8);
		run->trial_begins = DatumGetInt64(times[i]);
		texts[i] = PointerGetDatum(run_trial(run));
	}
	end_run(run);
	PG_RETURN_ARRAYTYPE_P(construct_array(texts, count, TEXTOID, -1, false, TYPALIGN_INT));
}
