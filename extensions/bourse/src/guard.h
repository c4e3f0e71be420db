/*
 * Runs Swift code in such a way that a trap in it (an overflow, an index out of bounds: a fault of the engine's own, since
 * bad input is answered with an error) ends the call and not the server. Knows nothing of the server, so that
 * tests/guard.c can try it out.
 */
#ifndef BOURSE_GUARD_H
#define BOURSE_GUARD_H

#include <stdbool.h>

/*
 * Calls body(argument); false when it trapped. Swift frames are left behind then, with the memory that they had
 * allocated: nothing of the Swift part that allocates may be entered in this process again, and bourse_run refuses to.
 */
extern bool bourse_run(void (*body) (void *), void *argument);

#endif							/* BOURSE_GUARD_H */
