/*
 * What the library has in the test build (make check-guard) beside the extension's own: ta_trap runs into a fault, and
 * ta_trap_at makes an allocation of the calls behind it run into one.
 */
#include "bourse.h"

#include <malloc.h>

#include "guard.h"

extern intptr_t bourse_trap(int32_t kind, intptr_t count);
extern void bourse_before_allocation(void);

/* Allocations until a trap; none when negative. */
static int64 allocations = -1;

void
bourse_before_allocation(void)
{
	if (allocations >= 0 && allocations-- == 0)
		__builtin_trap();
}

typedef struct
{
	int32		kind;
	intptr_t	count;
	intptr_t	result;
} Trap;

static void
trap(void *argument)
{
	Trap	   *call = argument;

	call->result = bourse_trap(call->kind, call->count);
}

PG_FUNCTION_INFO_V1(ta_trap);

/* (kind, size) -> number; kinds are those of Traps.swift. */
Datum
ta_trap(PG_FUNCTION_ARGS)
{
	Trap		call = {.kind = PG_GETARG_INT32(0), .count = PG_GETARG_INT32(1)};
	BourseArena *arena = bourse_arena_create();

	bourse_run(arena, trap, &call);
	bourse_arena_delete(arena);
	PG_RETURN_INT64(call.result);
}

PG_FUNCTION_INFO_V1(ta_trap_at);

/* (allocation) -> whether the one that was asked for before has come; -1: none */
Datum
ta_trap_at(PG_FUNCTION_ARGS)
{
	bool		has_come = allocations < 0;

	/* What is freed is overwritten, so that whoever still looks at it is found out. */
	mallopt(M_PERTURB, 0xA5);
	allocations = PG_GETARG_INT64(0);
	PG_RETURN_BOOL(has_come);
}
