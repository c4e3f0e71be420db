/*
 * Where Swift code that allocates runs: in an arena, and in such a way that a trap in it (an overflow, an index out of
 * bounds: a fault of the engine's own, since bad input is answered with an error) is an error of the statement. What it
 * allocates, also while it is called later in the same arena, goes with the arena, at the end as after a fault.
 */
#ifndef BOURSE_GUARD_H
#define BOURSE_GUARD_H

#include "postgres.h"

typedef struct BourseArena BourseArena;

/* Registers bourse.memory_limit. */
extern void bourse_guard_init(void);

/* The setting, in bytes. */
extern size_t bourse_memory_limit(void);

/* An arena in a memory context of its own below the current one, with which it goes. */
extern BourseArena *bourse_arena_create(void);
extern void bourse_arena_delete(BourseArena *arena);

/*
 * Calls body(argument), which may enter Swift code but must not call the server. Raises an error when it traps or needs
 * more memory than bourse.memory_limit; the arena, and all that was made in it, is gone then.
 */
extern void bourse_run(BourseArena *arena, void (*body) (void *), void *argument);

#endif							/* BOURSE_GUARD_H */
