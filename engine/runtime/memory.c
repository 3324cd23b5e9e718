/* The memory of an engine that was given no allocator.
 *
 * Small pieces are the C library's. Pieces of HUGE_BYTES and more, which are nearly all of a large store, are mapped at
 * a multiple of that, and the kernel is asked to back them by huge pages: a check looks at a few places far apart, and
 * for each one in small pages the processor would first have to look up where its page is, in tables that are not in
 * its cache either. Starting up, too, takes one page fault where it took 512. A kernel that has no huge pages, or none
 * left, gives small ones. */
#include "engine/runtime/engine.h"

#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_BYTES ((size_t)2 << 20) /* a huge page of x86-64, and of others with small pages of 4 KiB */

static size_t round_up(size_t size) { return (size + HUGE_BYTES - 1) & ~(HUGE_BYTES - 1); }

static void unmap(char *from, const char *to)
{
    if (from < to) munmap(from, (size_t)(to - from));
}

/* Maps HUGE_BYTES more than is wanted, and gives back what lies before and after. */
static void *map_huge(size_t size)
{
    if (size > SIZE_MAX - 2 * HUGE_BYTES) return NULL;
    size_t wanted = round_up(size), taken = wanted + HUGE_BYTES;
    char *memory = mmap(NULL, taken, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    char *aligned = memory + (-(uintptr_t)memory & (HUGE_BYTES - 1));
    unmap(memory, aligned);
    unmap(aligned + wanted, memory + taken);
    madvise(aligned, wanted, MADV_HUGEPAGE); /* refused where there are none: then pages are small */
    return aligned;
}

static void *allocate(void *context, size_t size)
{
    (void)context;
    return size < HUGE_BYTES ? malloc(size) : map_huge(size);
}

static void release(void *context, void *memory, size_t size)
{
    (void)context;
    if (size < HUGE_BYTES)
        free(memory);
    else
        munmap(memory, round_up(size));
}

struct nodes_allocator system_allocator(void) { return (struct nodes_allocator){allocate, release, NULL}; }
