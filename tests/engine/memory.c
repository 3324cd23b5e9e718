/* The memory of an engine that was given no allocator: large pieces are whole huge pages, as far as the kernel has
 * them. */
#include "tests/support.h"

#include "engine/runtime/engine.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE ((size_t)2 << 20)

static const size_t sizes[] = {1, 4096, HUGE - 1, HUGE, HUGE + 1, 3 * HUGE - 4096, 2 * HUGE};

static bool is_mapped(const char *page)
{
    unsigned char resident;
    return mincore((void *)(uintptr_t)page, 1, &resident) == 0;
}

Test(memory, is_all_there_and_goes_back)
{
    struct nodes_allocator system = system_allocator();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *piece = system.allocate(system.context, sizes[i]);
        cr_assert_not_null(piece);
        memset(piece, 1, sizes[i]);
        cr_expect_eq((uintptr_t)piece % (sizes[i] < HUGE ? 16 : HUGE), 0, "%zu bytes at %p", sizes[i], (void *)piece);
        system.release(system.context, piece, sizes[i]);
        if (sizes[i] < HUGE) continue;
        for (size_t at = 0; at < sizes[i]; at += 4096)
            cr_assert(!is_mapped(piece + at), "%zu of %zu bytes stayed", at, sizes[i]);
    }
}

/* What is taken to align a piece does not stay taken. */
Test(memory, takes_no_more_than_whole_huge_pages)
{
    struct nodes_allocator system = system_allocator();
    char *pieces[16];
    unsigned long before_pages, after_pages;
    FILE *statm = fopen("/proc/self/statm", "r");
    cr_assert(statm != NULL && fscanf(statm, "%lu", &before_pages) == 1);
    fclose(statm);
    for (size_t i = 0; i < 16; i++) cr_assert_not_null(pieces[i] = system.allocate(system.context, 2 * HUGE));
    statm = fopen("/proc/self/statm", "r");
    cr_assert(statm != NULL && fscanf(statm, "%lu", &after_pages) == 1);
    fclose(statm);
    cr_expect_leq((after_pages - before_pages) * (size_t)sysconf(_SC_PAGESIZE), 33 * HUGE);
    for (size_t i = 0; i < 16; i++) system.release(system.context, pieces[i], 2 * HUGE);
}

/* Whether the kernel was asked to use huge pages there. */
static bool is_advised(const char *piece)
{
    char line[512];
    bool inside = false, advised = false;
    FILE *maps = fopen("/proc/self/smaps", "r");
    cr_assert_not_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        uintptr_t from, to;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
            inside = (uintptr_t)piece >= from && (uintptr_t)piece < to;
        else if (inside && strncmp(line, "VmFlags:", 8) == 0)
            advised = strstr(line, " hg") != NULL;
    }
    fclose(maps);
    return advised;
}

Test(memory, large_pieces_ask_for_huge_pages)
{
    if (access("/sys/kernel/mm/transparent_hugepage/enabled", F_OK) != 0) cr_skip_test("a kernel without huge pages");
    struct nodes_allocator system = system_allocator();
    char *large = system.allocate(system.context, HUGE), *small = system.allocate(system.context, HUGE / 2);
    cr_expect(is_advised(large));
    cr_expect(!is_advised(small));
    system.release(system.context, large, HUGE);
    system.release(system.context, small, HUGE / 2);
}

Test(memory, that_is_not_there_is_refused)
{
    struct nodes_allocator system = system_allocator();
    cr_expect_null(system.allocate(system.context, SIZE_MAX));
    cr_expect_null(system.allocate(system.context, SIZE_MAX - 3 * HUGE));
    cr_expect_null(system.allocate(system.context, (size_t)1 << 62));
}
