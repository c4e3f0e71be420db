/* What the C files of the extension share. */
#ifndef BOURSE_H
#define BOURSE_H

#include "postgres.h"

#include "fmgr.h"

/* Class TR of the project's error codes (sql/errcodes.txt). */
#define ERRCODE_INVALID_INDICATOR_INPUT MAKE_SQLSTATE('T', 'R', '1', '1', '0')
#define ERRCODE_INVALID_INDICATOR_PERIOD MAKE_SQLSTATE('T', 'R', '1', '1', '1')

#define ERRCODE_RULE_REFUSED MAKE_SQLSTATE('T', 'R', '5', '1', '0')
#define ERRCODE_INVALID_BATCH MAKE_SQLSTATE('T', 'R', '6', '0', '4')

#define BOURSE_LARGEST_PERIOD 100000

/* The aggregate's memory; raises an error when not called as part of an aggregate. */
extern MemoryContext bourse_aggregate_context(FunctionCallInfo fcinfo);

/* Refuses NaN and infinities. */
extern void bourse_check_finite(double value);

/* A text of the Swift part in the server's encoding, in the current memory context. */
extern char *bourse_server_text(const char *text);

/* A row of the composite type that the calling function returns. */
extern Datum bourse_result_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls);

#endif							/* BOURSE_H */
