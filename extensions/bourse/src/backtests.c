/*
 * ta.run_backtest: reads the events of a specification by the engine's own functions, with the rights of whoever calls it,
 * and feeds them to the Swift part, which has all that it makes in the call's arena (guard.h).
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
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
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

typedef struct
{
	BourseArena *arena;
	const char *specification;
	void	   *backtest;
	bool		is_of_ticks;
	const char *result;
	BourseRefusal refusal;

	/* what is read now, and the rows of it that wait to go in */
	const Feed *feed;
	int64		count;
	/* columns of int32, int64 or double, CHUNK of each */
	void	   *columns[MAX_COLUMNS];
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
add(void *argument)
{
	Run		   *run = argument;
	BourseEvents events = {
		.count = run->count, .instruments = run->columns[INSTRUMENTS], .series = run->columns[SERIES],
		.times = run->columns[TIMES], .closes_at = run->columns[CLOSES_AT], .open = run->columns[OPEN],
		.high = run->columns[HIGH], .low = run->columns[LOW], .close = run->columns[CLOSE],
		.volume = run->columns[VOLUME]
	};

	run->is_added = run->feed->add(run->backtest, &events, &run->refusal);
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
	int64		time = ((int64 *) run->columns[TIMES])[run->count - 1];
	double		part = ((double) time - run->begins) / ((double) run->until - run->begins);
	/* not a number when there is no time in between */
	int			percent = part > 0 ? Min((int) (part * 100), 100) : 0;
	char		name[NAMEDATALEN];

	if (run->feed == &past || percent <= run->percent)
		return;
	run->percent = percent;
	snprintf(name, sizeof(name), "bourse backtest %d %%", percent);
	(void) set_config_option("application_name", name, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/* Lets the rows that wait go in. */
static void
flush(Run *run)
{
	CHECK_FOR_INTERRUPTS();
	if (run->count == 0)
		return;
	step(run, add);
	if (!run->is_added)
		refuse(&run->refusal);
	report_progress(run);
	run->events += run->count;
	run->count = 0;
}

static void
start_rows(DestReceiver *receiver, int operation, TupleDesc descriptor)
{
	const Feed *feed = ((Sink *) receiver)->run->feed;
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
	const Feed *feed = run->feed;
	int64		row = run->count;

	slot_getallattrs(slot);
	for (int i = 0; i < feed->columns; i++)
	{
		void	   *column = run->columns[feed->places[i]];
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
	run->count++;
	if (run->count == CHUNK)
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
	run->feed = feed;
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

PG_FUNCTION_INFO_V1(ta_run_backtest);

/* (specification) -> result */
Datum
ta_run_backtest(PG_FUNCTION_ARGS)
{
	Run		   *run = palloc0(sizeof(Run));
	char	   *json = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Datum		specification = DirectFunctionCall1(jsonb_in, CStringGetDatum(json));
	int			settings = NewGUCNestLevel();
	text	   *result;

	run->arena = bourse_arena_create();
	run->specification = pg_server_to_any(json, strlen(json), PG_UTF8);
	run->begins = member(DatumGetJsonbP(specification), "begins");
	run->until = member(DatumGetJsonbP(specification), "until");
	run->percent = -1;
	for (int i = 0; i < MAX_COLUMNS; i++)
		run->columns[i] = palloc(CHUNK * sizeof(int64));

	step(run, begin);
	if (run->backtest == NULL)
		refuse(&run->refusal);
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

	step(run, finish);
	if (run->result == NULL)
		refuse(&run->refusal);
	ereport(DEBUG1,
			(errmsg_internal("backtest: %lld events, %.6f s in the engine", (long long) run->events,
							 INSTR_TIME_GET_DOUBLE(run->in_engine))));
	result = cstring_to_text(bourse_server_text(run->result));
	bourse_arena_delete(run->arena);
	AtEOXact_GUC(true, settings);
	PG_RETURN_TEXT_P(result);
}
