/* A trap ends the call that it happens in, and the process goes on; the Swift part is not entered again. */
#include <assert.h>
#include <stdio.h>

#include "guard.h"

static void
add_one(void *argument)
{
	++*(int *) argument;
}

static void
trap(void *argument)
{
	add_one(argument);
	__builtin_trap();
}

int
main(void)
{
	int			calls = 0;

	assert(bourse_run(add_one, &calls) && calls == 1);
	assert(!bourse_run(trap, &calls) && calls == 2);
	assert(!bourse_run(add_one, &calls) && calls == 2);
	puts("check-guard: a trap ends a call, not the process");
	return 0;
}
