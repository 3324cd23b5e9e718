/* Tells a forked child from its parent.
 *
 * A store that was opened before a fork() must not be used after it: LMDB's reader slots, the locks of the
 * directory and the robust mutexes all belong to the parent. getpid() would tell, for the price of a system
 * call each time. So one page is mapped that the kernel hands to a child as zeros (MADV_WIPEONFORK), and its
 * first word is compared: a load. It also tells in children made without fork handlers (_Fork, clone). Where
 * the kernel is too old for that (before 4.14), a fork handler writes the zero.
 *
 * Invariants: the word is 0 or `generation`; no two processes of one line of forks give out the same mark. */
#include "storage/internal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic uint32_t *word; /* first word of the page; NULL: it could not be mapped */
static uint32_t generation;    /* survives the fork, so that a child's marks differ from its parent's */
static pthread_mutex_t marking = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t mapping = PTHREAD_ONCE_INIT;

static void forget_in_child(void)
{
    /* Another thread of the parent may have been inside; the child has no such thread. */
    pthread_mutex_init(&marking, NULL);
    if (word) atomic_store(word, 0);
}

static void map_page(void)
{
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return;
    bool wiped = madvise(page, size, MADV_WIPEONFORK) == 0;
    bool handled = pthread_atfork(NULL, NULL, forget_in_child) == 0;
    if (wiped || handled)
        word = page;
    else
        munmap(page, size);
}

uint32_t fork_mark(void)
{
    pthread_once(&mapping, map_page);
    if (!word) return 0;
    pthread_mutex_lock(&marking);
    uint32_t mark = atomic_load(word);
    if (mark == 0) {
        mark = ++generation;
        atomic_store(word, mark);
    }
    pthread_mutex_unlock(&marking);
    return mark;
}

bool fork_mark_holds(uint32_t mark) { return atomic_load_explicit(word, memory_order_relaxed) == mark; }

enum store_status fork_refusal(struct store_error *error)
{
    return store_fail(error, STORE_FORKED,
                      "this store was opened before a fork() and is used after it (process %d): "
                      "open it again in the child",
                      (int)getpid());
}
