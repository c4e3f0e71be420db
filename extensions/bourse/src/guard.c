/*
 * See guard.h. The linker leads all of the Swift part's allocations, and those of its calls of json-c that leave something
 * behind, to the __wrap_ functions below (Makefile). An allocation that fails leaves by the same jump as a trap.
 *
 * Swift makes some of its constants when they are first used, in memory that it allocates then. So that they go with the
 * arena in whose memory they are, each arena has the Swift part's variables (section swift_state, Makefile) to itself: they
 * are put in place when it is entered and put away afterwards, and in between they are as they were when the library was
 * loaded.
 */
#include "guard.h"

#include <dlfcn.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>

#include <json-c/json.h>

#include "lib/ilist.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* What the Swift part calls instead of the functions without a prefix, and these. */
extern int	__wrap_posix_memalign(void **result, size_t alignment, size_t size);
extern void __wrap_free(void *pointer);
extern struct json_tokener *__wrap_json_tokener_new_ex(int depth);
extern void __wrap_json_tokener_free(struct json_tokener *tokener);
extern struct json_object *__wrap_json_tokener_parse_ex(struct json_tokener *tokener, const char *text, int length);
extern int	__wrap_json_object_put(struct json_object *object);
extern struct json_tokener *__real_json_tokener_new_ex(int depth);
extern void __real_json_tokener_free(struct json_tokener *tokener);
extern struct json_object *__real_json_tokener_parse_ex(struct json_tokener *tokener, const char *text, int length);
extern int	__real_json_object_put(struct json_object *object);

#ifdef BOURSE_TRAPS
/* Of tests/traps.c: traps when it was told to. */
extern void bourse_before_allocation(void);
#endif

/* Kilobytes. */
static int	memory_limit;

/* The Swift part's variables, and what they were when the library was loaded. */
extern char __start_swift_state[] __attribute__((visibility("hidden")));
extern char __stop_swift_state[] __attribute__((visibility("hidden")));
static char *fresh_state;

#define STATE_SIZE ((size_t) (__stop_swift_state - __start_swift_state))

struct BourseArena
{
	MemoryContext context;
	MemoryContextCallback at_end;
	/* bytes that are allocated, and that may be */
	size_t		used;
	size_t		limit;
	/* what json-c has allocated */
	dlist_head	documents;
	char		state[FLEXIBLE_ARRAY_MEMBER];
};

/* In front of each allocation. A multiple of 16 bytes, so that most alignments cost nothing. */
typedef struct
{
	void	   *chunk;
	size_t		size;
} Header;

typedef struct
{
	dlist_node	node;
	struct json_tokener *tokener;
	struct json_object *object;
	/* what the object may take */
	size_t		size;
} Document;

typedef enum
{
	RETURNED, TRAPPED, LIMITED, EXHAUSTED
} Outcome;

/* While Swift code runs: the arena, the way out, and what is known of a fault. */
static BourseArena *arena_in_use = NULL;
static sigjmp_buf way_out;
static Outcome reason;
static void *fault_address;
static size_t size_wanted;

static void
jump(Outcome why)
{
	reason = why;
	siglongjmp(way_out, 1);
}

void
bourse_guard_init(void)
{
	DefineCustomIntVariable("bourse.memory_limit",
							"Memory that the extension's engine may take for one call.",
							"A call that needs more, such as a backtest with very many orders, ends with an error.",
							&memory_limit, 1024 * 1024, 64, MAX_KILOBYTES, PGC_SUSET, GUC_UNIT_KB, NULL, NULL, NULL);
	fresh_state = MemoryContextAlloc(TopMemoryContext, STATE_SIZE);
	memcpy(fresh_state, __start_swift_state, STATE_SIZE);
}

size_t
bourse_memory_limit(void)
{
	return (size_t) memory_limit * 1024;
}

static void
free_documents(void *argument)
{
	BourseArena *arena = argument;
	dlist_iter	iterator;

	dlist_foreach(iterator, &arena->documents)
	{
		Document   *document = dlist_container(Document, node, iterator.cur);

		if (document->tokener != NULL)
			__real_json_tokener_free(document->tokener);
		if (document->object != NULL)
			__real_json_object_put(document->object);
	}
}

BourseArena *
bourse_arena_create(void)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "bourse engine", ALLOCSET_DEFAULT_SIZES);
	BourseArena *arena = MemoryContextAlloc(context, offsetof(BourseArena, state) + STATE_SIZE);

	arena->context = context;
	arena->used = 0;
	arena->limit = bourse_memory_limit();
	dlist_init(&arena->documents);
	memcpy(arena->state, fresh_state, STATE_SIZE);
	arena->at_end.func = free_documents;
	arena->at_end.arg = arena;
	MemoryContextRegisterResetCallback(context, &arena->at_end);
	return arena;
}

void
bourse_arena_delete(BourseArena *arena)
{
	MemoryContextDelete(arena->context);
}

/* Of a fault that the processor found at an instruction of the Swift part: no call of a library is under way. */
static void
leave(int signal_number, siginfo_t *info, void *context)
{
	if (arena_in_use == NULL || info->si_code <= 0)
	{
		/* Somebody sent the signal, whenever it was. */
		signal(signal_number, SIG_DFL);
		raise(signal_number);
		return;
	}
	fault_address = info->si_addr;
	jump(TRAPPED);
}

static void
report(size_t used, size_t limit)
{
	Dl_info		library;

	if (reason == LIMITED)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("the engine needs more memory than it may take"),
				 errdetail("It has %zu kB and needs %zu kB more; bourse.memory_limit is %zu kB.",
						   used / 1024, (size_wanted + 1023) / 1024, limit / 1024),
				 errhint("Look at fewer candles or ticks at once, or have a superuser raise bourse.memory_limit.")));
	if (reason == EXHAUSTED)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory"),
				 errdetail("The engine has %zu kB and needs %zu kB more.", used / 1024, (size_wanted + 1023) / 1024)));
	if (dladdr(fault_address, &library) == 0)
		library.dli_fbase = 0;
	ereport(ERROR,
			(errcode(ERRCODE_INTERNAL_ERROR),
			 errmsg("the engine has stopped at a fault of its own"),
			 errdetail("The fault is at 0x%zx of the extension's library.",
					   (size_t) fault_address - (size_t) library.dli_fbase),
			 errhint("Nothing has been stored, and the session can go on. Report the call that did it.")));
}

void
bourse_run(BourseArena *arena, void (*body) (void *), void *argument)
{
	/* What a trap is depends on the processor. */
	static const int traps[] = {SIGILL, SIGTRAP};
	struct sigaction before[lengthof(traps)];
	struct sigaction action = {.sa_sigaction = leave, .sa_flags = SA_SIGINFO};
	size_t		used;
	size_t		limit;

	Assert(arena_in_use == NULL);
	sigemptyset(&action.sa_mask);
	for (int i = 0; i < lengthof(traps); i++)
		sigaction(traps[i], &action, &before[i]);
	memcpy(__start_swift_state, arena->state, STATE_SIZE);
	arena_in_use = arena;
	reason = RETURNED;
	if (sigsetjmp(way_out, 1) == 0)
		body(argument);
	arena_in_use = NULL;
	memcpy(arena->state, __start_swift_state, STATE_SIZE);
	memcpy(__start_swift_state, fresh_state, STATE_SIZE);
	for (int i = 0; i < lengthof(traps); i++)
		sigaction(traps[i], &before[i], NULL);

	if (reason == RETURNED)
		return;
	used = arena->used;
	limit = arena->limit;
	bourse_arena_delete(arena);
	report(used, limit);
}

static void
check_limit(size_t size)
{
	size_wanted = size;
	if (size > arena_in_use->limit - arena_in_use->used)
		jump(LIMITED);
}

/* Of the server's memory, or out by the jump: nothing that raises an error may be called from Swift code. */
static void *
allocate(size_t size)
{
	void	   *chunk;

	check_limit(size);
	chunk = MemoryContextAllocExtended(arena_in_use->context, size, MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
	if (chunk == NULL)
		jump(EXHAUSTED);
	arena_in_use->used += size;
	return chunk;
}

int
__wrap_posix_memalign(void **result, size_t alignment, size_t size)
{
	/* The server aligns to MAXIMUM_ALIGNOF. */
	size_t		space = Max(alignment, MAXIMUM_ALIGNOF) - MAXIMUM_ALIGNOF + sizeof(Header);
	char	   *chunk;
	Header	   *header;

#ifdef BOURSE_TRAPS
	bourse_before_allocation();
#endif
	/* More than there can be, and the sum would turn around. */
	size = Min(size, MaxAllocHugeSize - space);
	chunk = allocate(size + space);
	header = (Header *) TYPEALIGN(alignment, chunk + sizeof(Header)) - 1;
	header->chunk = chunk;
	header->size = size + space;
	*result = header + 1;
	return 0;
}

void
__wrap_free(void *pointer)
{
	Header	   *header = (Header *) pointer - 1;

	if (pointer == NULL)
		return;
	arena_in_use->used -= header->size;
	pfree(header->chunk);
}

/* Remembers what json-c allocates, until it is freed or the arena ends. */
static Document *
remember(struct json_tokener *tokener, struct json_object *object)
{
	Document   *document = allocate(sizeof(Document));

	document->tokener = tokener;
	document->object = object;
	document->size = 0;
	dlist_push_head(&arena_in_use->documents, &document->node);
	return document;
}

static void
forget(struct json_tokener *tokener, struct json_object *object)
{
	dlist_mutable_iter iterator;

	dlist_foreach_modify(iterator, &arena_in_use->documents)
	{
		Document   *document = dlist_container(Document, node, iterator.cur);

		if (document->tokener == tokener && document->object == object)
		{
			dlist_delete(iterator.cur);
			arena_in_use->used -= sizeof(Document) + document->size;
			pfree(document);
			return;
		}
	}
}

struct json_tokener *
__wrap_json_tokener_new_ex(int depth)
{
	/* Remembered first: there may be no room for it. */
	Document   *document = remember(NULL, NULL);

	document->tokener = __real_json_tokener_new_ex(depth);
	return document->tokener;
}

void
__wrap_json_tokener_free(struct json_tokener *tokener)
{
	forget(tokener, NULL);
	__real_json_tokener_free(tokener);
}

struct json_object *
__wrap_json_tokener_parse_ex(struct json_tokener *tokener, const char *text, int length)
{
	Document   *document = remember(NULL, NULL);
	size_t		size = 0;

	/* json-c asks nobody; so, what the text may take at most: texts, values, and the first places of arrays and objects. */
	for (int i = 0; i < length; i++)
		size += text[i] == ',' ? 200 : text[i] == '[' ? 500 : text[i] == '{' ? 1000 : 3;
	check_limit(size);
	arena_in_use->used += document->size = size;
	document->object = __real_json_tokener_parse_ex(tokener, text, length);
	if (document->object != NULL)
		return document->object;
	forget(NULL, NULL);
	return NULL;
}

/* Of what was parsed, which is all that the Swift part gives back. */
int
__wrap_json_object_put(struct json_object *object)
{
	forget(NULL, object);
	return __real_json_object_put(object);
}
