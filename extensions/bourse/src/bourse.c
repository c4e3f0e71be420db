/*
 * Module magic and what the other files share. C owns everything that touches the server: memory contexts, errors,
 * tuples. The maths is TradingCore's, reached through entry.h.
 */
#include "bourse.h"

#include <math.h>

#include "access/htup_details.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"

#include "guard.h"

PG_MODULE_MAGIC;

extern void _PG_init(void);

void
_PG_init(void)
{
	bourse_guard_init();
}

MemoryContext
bourse_aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate function called in non-aggregate context");
	return context;
}

void
bourse_check_finite(double value)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_INDICATOR_INPUT),
				 errmsg("input of an indicator must be finite"),
				 errdetail("A value is %s.", isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity"),
				 errhint("Leave such rows out, for example with FILTER (WHERE ...), or make them NULL: NULLs are skipped.")));
}

char *
bourse_server_text(const char *text)
{
	return pg_any_to_server(pstrdup(text), strlen(text), PG_UTF8);
}

Datum
bourse_result_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	descriptor = (TupleDesc) fcinfo->flinfo->fn_extra;

	/* Looked up once per query, not per row: as a window function this runs for each row. */
	if (descriptor == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);

		if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		descriptor = BlessTupleDesc(CreateTupleDescCopy(descriptor));
		fcinfo->flinfo->fn_extra = descriptor;
		MemoryContextSwitchTo(old);
	}
	return HeapTupleGetDatum(heap_form_tuple(descriptor, values, nulls));
}
