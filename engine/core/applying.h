/* What the apply_*.c files share: taking memory, owning a node, keeping the digest and the list of changes. */
#ifndef FIG_CORE_APPLYING_H
#define FIG_CORE_APPLYING_H

#include "engine/core/apply.h"
#include "engine/core/record.h"

/* The most that radix and tree edits of one event take; reserved before each step so that none of them can fail. */
bool applying_reserve(struct applying *applying, size_t bytes);

/* Whether a node was born in the generation under work, and so may be changed in place. */
bool applying_owns(const struct applying *applying, uint64_t born);

/* The barber, ready to be changed; made when there is none (profile NULL then). Reserve BARBER_RESERVE_BYTES before. */
struct barber *applying_barber(struct applying *applying, uint64_t id);
#define BARBER_RESERVE_BYTES (sizeof(struct barber) + 64 + RADIX_RESERVE_BYTES)
struct client *applying_client(struct applying *applying, uint64_t id);

void applying_add(struct applying *applying, const struct record *record);
void applying_subtract(struct applying *applying, const struct record *record);
/* Notes that a record changed. False: no memory. */
bool applying_changed(struct applying *applying, struct change change);

/* Puts a text into a hashed map, puts another pointer in its place, or takes it out. Reserve RADIX_RESERVE_BYTES
 * before. */
void applying_place(struct applying *applying, struct radix *map, const char *text, size_t size, const void *place);
void applying_replace_place(struct applying *applying, struct radix *map, const char *text, size_t size,
                            const void *old, const void *place);
void applying_leave_place(struct applying *applying, struct radix *map, const char *text, size_t size,
                          const void *place);

/* In a map by name, the node `is` takes the place of `was`, which may be NULL or go by another name. */
void applying_rename(struct applying *applying, struct radix *map, struct words old_name, const void *was,
                     struct words new_name, const void *is);

/* Drops the kept key of that text, if there is one: another entry takes it. False: no memory. */
bool applying_forget_key(struct applying *applying, struct words key);

bool apply_booked(struct applying *applying, const struct booked *booked);
bool apply_moved(struct applying *applying, const struct moved *moved);
bool apply_status(struct applying *applying, const struct status_changed *changed);
bool apply_window_opened(struct applying *applying, const struct window_changed *window);
bool apply_window_closed(struct applying *applying, const struct window_changed *window);
bool apply_window_cut(struct applying *applying, const struct window_changed *window);
bool apply_windows_cleared(struct applying *applying, const struct window_changed *window);
bool apply_shop(struct applying *applying, const struct shop_declared *declared);
bool apply_barber(struct applying *applying, const struct barber_declared *declared);
bool apply_note(struct applying *applying, const struct note_taken *note);
bool apply_key(struct applying *applying, const struct key_kept *kept);
bool apply_document(struct applying *applying, const struct document_declared *declared);
bool apply_forgotten(struct applying *applying, const struct client_forgotten *forgotten);

/* What was put back: apply_restored.c, and the files of each kind. */
bool record_fits(const struct applying *applying, const struct record_restored *restored);
bool apply_record(struct applying *applying, const struct record_restored *restored);
bool apply_window_restored(struct applying *applying, uint64_t barber_id, fig_window_kind kind,
                           const struct tree_item *window);
bool apply_appointment_restored(struct applying *applying, const struct appointment *fixed, struct words key,
                                const struct image *image);
bool apply_key_restored(struct applying *applying, const struct kept_key *fixed, struct words key);

#endif
