/* Frames: the entries of one commit, as the journal keeps them. storage/FORMAT.md draws the bytes.
 *
 *   frame_begin, frame_add ..., frame_finish     writing, into one growing buffer       O(bytes)
 *   frame_open, frame_next ...                   reading, in place                      O(bytes)
 *   frame_forget                                 blanks private texts, in place         O(bytes)
 *
 * An entry's checksum covers everything of it but the text and salt of notes, which their hash covers; the frame's
 * hash covers its head and the checksums of its entries. So a note can be forgotten, and the chain still verifies. */
#ifndef FIG_CORE_FRAME_H
#define FIG_CORE_FRAME_H

#include "engine/core/digest.h"
#include "engine/core/event.h"
#include "engine/core/nodes.h"

/* 1 to 3 are read, too: in 1 moves carry no flags, in 1 and 2 nothing is restored or forgotten, in none are refusals,
 * or bookings marked as recorded. */
#define FRAME_FORMAT     4
#define FRAME_HEAD_BYTES 96
#define FRAME_BYTES_MAX  (64 << 20)
/* What it begins with, and where in its head its size stands: by these it is found where nothing leads to it. */
#define FRAME_MAGIC   "FIGF"
#define FRAME_SIZE_AT 28
/* Whether a head, of which the bytes up to the size and with it are there, can be a frame's, of whatever format. */
bool frame_may_be(const void *head);

struct frame_head {
    uint64_t number;
    uint64_t first_seq;
    uint32_t entry_count;
    struct digest before; /* hash of the frame before; zero for the first */
    struct digest nonce;  /* the writer's, so that no two frames are alike */
    struct digest state;  /* digest of the state after it */
    struct digest hash;   /* of this frame */
};

/* A frame being written. Zero it, set the allocator, and use it again after frame_begin(). */
struct frame_writer {
    const struct nodes_allocator *allocator;
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    uint64_t first_seq; /* of its first entry */
    uint32_t entry_count;
};

void frame_begin(struct frame_writer *frame);
/* Where it ends now; frame_cut() takes what was added since out again. */
struct frame_mark {
    size_t size;
    uint32_t entry_count;
};
static inline struct frame_mark frame_mark(const struct frame_writer *frame)
{
    return (struct frame_mark){frame->size, frame->entry_count};
}
static inline void frame_cut(struct frame_writer *frame, struct frame_mark mark)
{
    frame->size = mark.size;
    frame->entry_count = mark.entry_count;
}
/* False: no memory, or the frame would be larger than FRAME_BYTES_MAX; the frame is as before. */
bool frame_add(struct frame_writer *frame, const struct entry *entry);
/* Takes number, before, nonce and state from head, and first_seq where there is no entry; sets its first_seq,
 * entry_count and hash. */
void frame_finish(struct frame_writer *frame, struct frame_head *head);
void frame_release(struct frame_writer *frame);

struct frame_reader {
    const uint8_t *at;
    const uint8_t *end;
    uint32_t entries_left;
    uint64_t next_seq;
    const struct nodes_allocator *allocator;
    struct event *events; /* of the entry that frame_next() gave last */
    size_t capacity;
    uint32_t format;
};

/* Checks the head, every entry's checksum and the frame's hash. NULL when sound, else what is wrong, in static words.
 * The bytes must outlive the reader. */
const char *frame_open(struct frame_reader *reader, const struct nodes_allocator *allocator, const void *bytes,
                       size_t size, struct frame_head *head);

/* Whether that is what was wrong: the frame verifies, and is of a format that only a newer program reads. */
bool frame_is_newer(const char *fault);

/* The same with a reader that has read another frame, whose list of events is used again. It is as before when the
 * frame is not sound. */
const char *frame_reopen(struct frame_reader *reader, const void *bytes, size_t size, struct frame_head *head);

/* The version that a frame which was just opened leaves. O(entries). */
uint64_t frame_last_seq(const struct frame_reader *opened);
/* The now of its first entry; 0: it has none. */
int64_t frame_first_now(const struct frame_reader *opened);

enum frame_status { FRAME_OK, FRAME_END, FRAME_BROKEN, FRAME_NO_MEMORY };

/* The next entry; it and its events last until the next call. On FRAME_BROKEN *fault says why. */
enum frame_status frame_next(struct frame_reader *reader, struct entry *entry, const char **fault);
void frame_reader_release(struct frame_reader *reader);

/* Which notes and clients' documents are to be forgotten; seq: of the entry that they stand in. */
struct frame_forgets {
    bool (*is_meant)(void *context, uint64_t seq, const struct event *event);
    void *context;
};
/* Blanks the private texts that are meant, with their salts, where they stand: the frame keeps its size, its checksums
 * and its hash. *count says how many there were. FRAME_OK; FRAME_BROKEN, and *fault says why; FRAME_NO_MEMORY. What
 * came before is then blanked. */
enum frame_status frame_forget(uint8_t *bytes, size_t size, const struct nodes_allocator *allocator,
                               const struct frame_forgets *forgets, size_t *count, const char **fault);

#endif
