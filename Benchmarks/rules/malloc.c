/* Counts what the whole program allocates: this malloc stands before glibc's. */
#include <stddef.h>

extern void *__libc_malloc(size_t size);

long		malloc_count = 0;

void *
malloc(size_t size)
{
	malloc_count++;
	return __libc_malloc(size);
}
