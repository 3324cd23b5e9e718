#include "engine/runtime/chain.h"

#include "engine/core/document.h"

#include <stdio.h>

struct following {
    const struct nodes_allocator *allocator;
    struct chain *chain;
};

static size_t texts_of(const struct entry *entry)
{
    size_t texts = 0;
    for (size_t i = 0; i < entry->event_count; i++) {
        const struct event *event = &entry->events[i];
        bool note = event->kind == EVENT_NOTE || event->kind == EVENT_NOTE_RESTORED;
        bool document = event->kind == EVENT_DOCUMENT || event->kind == EVENT_DOCUMENT_RESTORED;
        texts += note && event->is.note.text != NULL;
        texts += document && event->is.document.kind == DOCUMENT_CLIENT && event->is.document.bytes != NULL;
    }
    return texts;
}

const char *chain_read(const struct nodes_allocator *allocator, const void *bytes, size_t size,
                       struct frame_found *found)
{
    struct frame_reader reader;
    struct entry entry;
    *found = (struct frame_found){.texts = 0};
    const char *fault = frame_open(&reader, allocator, bytes, size, &found->head);
    found->newer = frame_is_newer(fault);
    if (fault != NULL) return fault;
    found->last_seq = found->head.first_seq - 1;
    enum frame_status read;
    while ((read = frame_next(&reader, &entry, &fault)) == FRAME_OK) {
        found->last_seq = entry.seq;
        found->texts += texts_of(&entry);
    }
    frame_reader_release(&reader);
    found->no_memory = read == FRAME_NO_MEMORY;
    if (read == FRAME_NO_MEMORY) return "there is not enough memory";
    return read == FRAME_BROKEN ? fault : NULL;
}

static const char *follows(const struct chain *chain, const struct frame_head *head, uint64_t number)
{
    static const struct digest nothing = {0, 0};
    if (head->number != number) return "it carries another number";
    if (number == 1 && !digest_equal(head->before, nothing)) return "it does not begin a journal";
    if (chain->first != 0 && !digest_equal(head->before, chain->hash))
        return "it does not follow from the frame before";
    return NULL;
}

static enum store_status link_frame(void *context, uint64_t number, const void *bytes, size_t size)
{
    const struct following *following = context;
    struct chain *chain = following->chain;
    struct frame_found found;
    const struct frame_head *head = &found.head;
    const char *fault = chain_read(following->allocator, bytes, size, &found);
    if (fault == NULL) fault = follows(chain, head, number);
    chain->newer = found.newer;
    chain->no_memory = found.no_memory;
    if (fault != NULL) {
        chain->fault_at = number;
        snprintf(chain->fault, sizeof chain->fault, "frame %llu: %s", (unsigned long long)number, fault);
        return STORE_STOPPED;
    }
    if (chain->first == 0) chain->first = number;
    chain->last = number;
    chain->last_seq = found.last_seq;
    chain->frames++;
    chain->entries += head->entry_count;
    chain->hash = head->hash;
    return STORE_OK;
}

void chain_follow(struct store *store, const struct nodes_allocator *allocator, uint64_t after, struct chain *chain)
{
    *chain = (struct chain){0};
    struct following following = {allocator, chain};
    struct frame_sink sink = {link_frame, &following};
    struct store_error said = {{0}};
    enum store_status walked = store->ops->since(store, after, &sink, &said);
    chain->cut = walked != STORE_OK;
    chain->trimmed = walked == STORE_NOT_FOUND;
    if (walked != STORE_OK && walked != STORE_STOPPED) snprintf(chain->fault, sizeof chain->fault, "%s", said.message);
}
