/* Appointments made, moved and brought to another status. Each change keeps the record, the barber's and the client's
 * trees, the digest and the count of active ones in step. */
#include "engine/core/applying.h"

#include "engine/core/status.h"

#include <string.h>

static bool is_active(const struct appointment *appointment)
{
    return status_is_active((fig_appointment_status)appointment->status);
}

/* The tree of its barber that an appointment belongs in. */
static struct tree *home(struct barber *barber, const struct appointment *appointment)
{
    return is_active(appointment) ? &barber->diary : &barber->ended;
}

static bool reserve_for_tree(struct applying *applying, const struct tree *tree)
{
    return applying_reserve(applying, tree_reserve_bytes(tree));
}

static bool enter_barber(struct applying *applying, const struct appointment *appointment)
{
    if (!applying_reserve(applying, BARBER_RESERVE_BYTES)) return false;
    struct tree *tree = home(applying_barber(applying, appointment->barber_id), appointment);
    if (!reserve_for_tree(applying, tree)) return false;
    struct tree_item item = appointment_item(appointment);
    tree_insert(applying->nodes, tree, &item);
    struct barber *barber = applying_barber(applying, appointment->barber_id);
    if (item.id > barber->last_booked_id) barber->last_booked_id = item.id;
    return true;
}

static uint64_t largest_id(const struct tree *tree)
{
    uint64_t largest = 0;
    struct tree_cursor cursor;
    for (bool more = tree_ceiling(tree, FIG_TIME_MIN, &cursor); more; more = tree_next(tree, &cursor)) {
        uint64_t id = tree_at(&cursor).id;
        if (id > largest) largest = id;
    }
    return largest;
}

/* The newest booking went to another barber: which one is the newest now is not known without looking at all. */
static void forget_last_booked(struct applying *applying, uint64_t barber_id, uint64_t id)
{
    struct barber *barber = applying_barber(applying, barber_id);
    if (barber->last_booked_id != id) return;
    uint64_t active = largest_id(&barber->diary), ended = largest_id(&barber->ended);
    barber->last_booked_id = active > ended ? active : ended;
}

static bool leave_barber(struct applying *applying, const struct appointment *appointment)
{
    if (!applying_reserve(applying, BARBER_RESERVE_BYTES)) return false;
    struct tree *tree = home(applying_barber(applying, appointment->barber_id), appointment);
    if (!reserve_for_tree(applying, tree)) return false;
    tree_remove(applying->nodes, tree, appointment->start_s, appointment->id);
    return true;
}

static bool enter_client(struct applying *applying, const struct appointment *appointment)
{
    if (appointment->client_id == 0) return true;
    if (!applying_reserve(applying, BARBER_RESERVE_BYTES)) return false;
    struct tree *tree = &applying_client(applying, appointment->client_id)->appointments;
    if (!reserve_for_tree(applying, tree)) return false;
    struct tree_item item = appointment_item(appointment);
    tree_insert(applying->nodes, tree, &item);
    return true;
}

static bool leave_client(struct applying *applying, const struct appointment *appointment)
{
    if (appointment->client_id == 0) return true;
    if (!applying_reserve(applying, BARBER_RESERVE_BYTES)) return false;
    struct tree *tree = &applying_client(applying, appointment->client_id)->appointments;
    if (!reserve_for_tree(applying, tree)) return false;
    tree_remove(applying->nodes, tree, appointment->start_s, appointment->id);
    return true;
}

static bool same_item(const struct tree_item *a, const struct tree_item *b)
{
    return a->start_s == b->start_s && a->duration_s == b->duration_s && a->before_s == b->before_s &&
           a->after_s == b->after_s && a->held == b->held;
}

/* In the same tree and at the same start, an item is changed where it is. */
static bool replace_item(struct applying *applying, struct tree *tree, const struct tree_item *item)
{
    if (!reserve_for_tree(applying, tree)) return false;
    tree_replace(applying->nodes, tree, item);
    return true;
}

static bool follow_in_barber(struct applying *applying, const struct appointment *was, const struct appointment *is)
{
    bool stays = was->barber_id == is->barber_id && is_active(was) == is_active(is) && was->start_s == is->start_s;
    if (!stays) {
        if (!leave_barber(applying, was) || !enter_barber(applying, is)) return false;
        if (was->barber_id != is->barber_id) forget_last_booked(applying, was->barber_id, was->id);
        return true;
    }
    if (!applying_reserve(applying, BARBER_RESERVE_BYTES)) return false;
    struct tree_item item = appointment_item(is);
    return replace_item(applying, home(applying_barber(applying, is->barber_id), is), &item);
}

static bool follow_in_client(struct applying *applying, const struct appointment *was, const struct appointment *is)
{
    if (is->client_id == 0) return true;
    if (was->start_s != is->start_s) return leave_client(applying, was) && enter_client(applying, is);
    if (!applying_reserve(applying, BARBER_RESERVE_BYTES)) return false;
    struct tree_item item = appointment_item(is);
    return replace_item(applying, &applying_client(applying, is->client_id)->appointments, &item);
}

/* The trees follow an appointment from what it was to what it is. */
static bool follow(struct applying *applying, const struct appointment *was, const struct appointment *is)
{
    struct tree_item before = appointment_item(was);
    struct tree_item after = appointment_item(is);
    bool same = same_item(&before, &after);
    bool same_home = was->barber_id == is->barber_id && is_active(was) == is_active(is);
    if ((!same || !same_home) && !follow_in_barber(applying, was, is)) return false;
    return same || follow_in_client(applying, was, is);
}

static bool is_unchecked(const struct appointment *appointment)
{
    return (appointment->flags & APPOINTMENT_UNCHECKED) != 0;
}

static void account(struct applying *applying, const struct appointment *was, const struct appointment *is)
{
    struct record record;
    if (was != NULL) {
        record_of_appointment(&record, was);
        applying_subtract(applying, &record);
        applying->version->active -= is_active(was);
        applying->version->unchecked -= is_unchecked(was);
    }
    record_of_appointment(&record, is);
    applying_add(applying, &record);
    applying->version->active += is_active(is);
    applying->version->unchecked += is_unchecked(is);
}

static bool appointment_changed(struct applying *applying, uint64_t id)
{
    return applying_changed(applying, (struct change){.table = RECORD_APPOINTMENT, .id = id});
}

bool apply_booked(struct applying *applying, const struct booked *booked)
{
    struct version *version = applying->version;
    size_t size = sizeof(struct appointment) + booked->key.size;
    if (booked->key.size > 0 && !applying_forget_key(applying, booked->key)) return false;
    if (!applying_reserve(applying, size + 64 + 2 * RADIX_RESERVE_BYTES)) return false;
    struct appointment *made = nodes_alloc(applying->nodes, size);
    *made = (struct appointment){
        .born = nodes_generation(applying->nodes),
        .id = booked->id,
        .barber_id = booked->barber_id,
        .client_id = booked->client_id,
        .service_id = booked->service_id,
        .start_s = booked->start_s,
        .booked_s = applying->now_s,
        .expires_s = booked->expires_s,
        .version = applying->seq,
        .booked_version = applying->seq,
        .content = booked->content,
        .duration_s = booked->duration_s,
        .before_s = booked->before_s,
        .after_s = booked->after_s,
        .status = booked->status,
        .first_status = booked->status,
        .key_size = (uint8_t)booked->key.size,
        .flags =
            (uint8_t)((booked->has_note ? APPOINTMENT_HAS_NOTE : 0) | (booked->by_batch ? APPOINTMENT_BY_BATCH : 0) |
                      (booked->unchecked ? APPOINTMENT_UNCHECKED : 0)),
    };
    if (booked->key.size > 0) {
        memcpy((char *)made + sizeof *made, booked->key.text, booked->key.size);
        applying_place(applying, &version->keys, booked->key.text, booked->key.size, place_of_id(made->id));
    }
    radix_put(applying->nodes, &version->appointments, made->id, made);
    if (made->id >= version->next_appointment_id) version->next_appointment_id = made->id + 1;
    account(applying, NULL, made);
    return enter_barber(applying, made) && enter_client(applying, made) && appointment_changed(applying, made->id);
}

bool apply_appointment_restored(struct applying *applying, const struct appointment *fixed, struct words key,
                                const struct image *image)
{
    struct version *version = applying->version;
    size_t size = appointment_size(fixed);
    if (!applying_reserve(applying, size + 64 + 2 * RADIX_RESERVE_BYTES)) return false;
    struct appointment *made = nodes_alloc(applying->nodes, size);
    *made = *fixed;
    made->born = nodes_generation(applying->nodes);
    char *tail = (char *)made + sizeof *made;
    if (key.size > 0) memcpy(tail, key.text, key.size);
    if ((made->flags & APPOINTMENT_HAS_IMAGE) != 0) memcpy(tail + key.size, image, sizeof *image);
    if (key.size > 0) applying_place(applying, &version->keys, key.text, key.size, place_of_id(made->id));
    radix_put(applying->nodes, &version->appointments, made->id, made);
    if (made->id >= version->next_appointment_id) version->next_appointment_id = made->id + 1;
    account(applying, NULL, made);
    return enter_barber(applying, made) && enter_client(applying, made) && appointment_changed(applying, made->id);
}

/* Whether the first answer to its key could no longer be told after this change. */
static bool needs_image(const struct appointment *was, const struct appointment *is)
{
    bool keyed = was->key_size > 0 || (was->flags & APPOINTMENT_BY_BATCH) != 0;
    if (!keyed || (was->flags & APPOINTMENT_HAS_IMAGE) != 0) return false;
    struct tree_item before = appointment_item(was);
    struct tree_item after = appointment_item(is);
    before.held = after.held;
    return !same_item(&before, &after) || was->barber_id != is->barber_id || was->service_id != is->service_id ||
           was->expires_s != is->expires_s;
}

/* Puts the changed fixed fields in the place of what was: in a node of its own, with its tail. */
static bool change_appointment(struct applying *applying, const struct appointment *was, struct appointment fixed)
{
    bool add_image = needs_image(was, &fixed);
    struct image image = appointment_first_image(was);
    size_t old_size = appointment_size(was);
    size_t size = old_size + (add_image ? sizeof image : 0);
    if (!applying_reserve(applying, size + 64 + RADIX_RESERVE_BYTES)) return false;

    struct appointment *is = nodes_alloc(applying->nodes, size);
    memcpy(is, was, old_size);
    fixed.born = nodes_generation(applying->nodes);
    fixed.version = applying->seq;
    if (add_image) {
        fixed.flags |= APPOINTMENT_HAS_IMAGE;
        memcpy((char *)is + old_size, &image, sizeof image);
    }
    *is = fixed;
    radix_put(applying->nodes, &applying->version->appointments, is->id, is);
    account(applying, was, is);
    bool followed = follow(applying, was, is);
    nodes_retire(applying->nodes, (void *)(uintptr_t)was, old_size, was->born);
    return followed && appointment_changed(applying, is->id);
}

bool apply_moved(struct applying *applying, const struct moved *moved)
{
    const struct appointment *was = version_appointment(applying->version, moved->id);
    struct appointment fixed = *was;
    fixed.barber_id = moved->barber_id;
    fixed.service_id = moved->service_id;
    fixed.start_s = moved->start_s;
    fixed.duration_s = moved->duration_s;
    fixed.before_s = moved->before_s;
    fixed.after_s = moved->after_s;
    fixed.flags = (uint8_t)(fixed.flags & ~APPOINTMENT_UNCHECKED);
    if (moved->unchecked) fixed.flags |= APPOINTMENT_UNCHECKED;
    return change_appointment(applying, was, fixed);
}

bool apply_status(struct applying *applying, const struct status_changed *changed)
{
    const struct appointment *was = version_appointment(applying->version, changed->id);
    struct appointment fixed = *was;
    fixed.status = changed->status;
    fixed.expires_s = changed->expires_s;
    return change_appointment(applying, was, fixed);
}
