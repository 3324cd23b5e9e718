/* A journal that is being read: journal.c tells its events, journal_request.c the requests behind them. */
#ifndef FIG_RUNTIME_JOURNAL_H
#define FIG_RUNTIME_JOURNAL_H

#include "engine/core/document.h"
#include "engine/core/frame.h"
#include "engine/runtime/engine.h"

#include <string.h>

/* What the request that was told last points to. */
struct asked {
    char key[FIG_KEY_MAX + 1];
    char note[FIG_NOTE_MAX + 1];
    fig_shop shop;
    fig_barber barber;
    fig_schedule schedule;
    fig_service service;
    fig_client client;
    fig_rule rule;
    fig_zone_data zone;
    fig_window *windows;
    size_t window_capacity;
    void *document; /* the lists of a declaration are in it */
    size_t document_bytes;
};

void asked_release(struct asked *asked, const struct nodes_allocator *allocator);

struct fig_journal {
    struct fig_engine *engine;
    uint8_t *ahead; /* frames in a row: size u32, number u64, bytes, padded to 16 */
    size_t size;
    size_t capacity;
    size_t at;
    uint64_t last_frame; /* that was read ahead */
    uint64_t stop_frame; /* not read ahead beyond: the engine's version has taken in as much */
    uint64_t from_version;
    uint64_t only_id; /* events of this appointment alone; 0: of all */
    struct frame_reader reader;
    struct frame_head head;
    bool in_frame;
    struct entry entry;
    size_t event;
    bool in_entry;
    const struct event *shown; /* that fig_journal_next() gave last; NULL: none */
    struct asked asked;
    fig_status status; /* of the walk that is under way */
};

static inline void copy_words(char *to, struct words words)
{
    memcpy(to, words.text, words.size);
    to[words.size] = '\0';
}

/* As they are declared. */
fig_shop journal_shop(const struct shop_declared *declared);
fig_barber journal_barber(const struct barber_declared *declared);

#endif
