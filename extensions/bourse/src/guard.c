/* See guard.h. */
#include "guard.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

static sigjmp_buf way_out;
static bool has_trapped = false;

static void
leave(int signal_number)
{
	/* The signal is the trap's own, at an instruction of the Swift part: no library call is under way. */
	siglongjmp(way_out, 1);
}

bool
bourse_run(void (*body) (void *), void *argument)
{
	/* What a trap is depends on the processor. */
	static const int traps[] = {SIGILL, SIGTRAP};
	struct sigaction before[2];
	struct sigaction action = {.sa_handler = leave};

	if (has_trapped)
		return false;
	sigemptyset(&action.sa_mask);
	for (int i = 0; i < 2; i++)
		sigaction(traps[i], &action, &before[i]);
	if (sigsetjmp(way_out, 1) == 0)
		body(argument);
	else
		has_trapped = true;
	for (int i = 0; i < 2; i++)
		sigaction(traps[i], &before[i], NULL);
	return !has_trapped;
}
