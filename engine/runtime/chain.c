#include "engine/runtime/chain.h"

#include <stdio.h>

struct following {
    const struct nodes_allocator *allocator;
    struct chain *chain;
};

static const char *read_frame(const struct following *following, const void *bytes, size_t size,
                              struct frame_head *head)
{
    struct frame_reader reader;
    struct entry entry;
    const char *fault = frame_open(&reader, following->allocator, bytes, size, head);
    if (fault != NULL) return fault;
    enum frame_status read;
    while ((read = frame_next(&reader, &entry, &fault)) == FRAME_OK) continue;
    frame_reader_release(&reader);
    if (read == FRAME_NO_MEMORY) following->chain->no_memory = true;
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
    struct frame_head head;
    const char *fault = read_frame(following, bytes, size, &head);
    if (fault == NULL) fault = follows(chain, &head, number);
    if (fault != NULL) {
        snprintf(chain->fault, sizeof chain->fault, "frame %llu: %s", (unsigned long long)number, fault);
        return STORE_STOPPED;
    }
    if (chain->first == 0) chain->first = number;
    chain->last = number;
    chain->last_seq = head.first_seq + head.entry_count - 1;
    chain->frames++;
    chain->entries += head.entry_count;
    chain->hash = head.hash;
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
