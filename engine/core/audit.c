#include "engine/core/audit.h"

#include "engine/core/record.h"
#include "engine/core/status.h"

#include <string.h>

struct audit {
    const struct version *version;
    struct digest digest;
    uint64_t active;
    uint64_t unchecked;
    uint64_t windows;
    uint64_t pieces;   /* of the barber that is looked at */
    uint64_t in_trees; /* appointments found in barbers' trees */
    struct audit_fault *fault;
};

static bool found(struct audit *audit, const char *what, uint64_t id)
{
    *audit->fault = (struct audit_fault){what, id};
    return false;
}

static void add(struct audit *audit, const struct record *record) { digest_add(&audit->digest, record->digest); }

static bool same_item(const struct tree_item *a, const struct tree_item *b)
{
    return a->start_s == b->start_s && a->duration_s == b->duration_s && a->before_s == b->before_s &&
           a->after_s == b->after_s && a->held == b->held && a->id == b->id;
}

static bool check_maps(struct audit *audit)
{
    const struct version *version = audit->version;
    const struct radix *maps[] = {&version->appointments, &version->barbers,    &version->clients,
                                  &version->shops,        &version->keys,       &version->kept,
                                  &version->names,        &version->shop_names, &version->notes};
    const char *fault = NULL;
    for (size_t i = 0; fault == NULL && i < sizeof maps / sizeof maps[0]; i++) fault = radix_check(maps[i]);
    for (size_t i = 0; fault == NULL && i < DOCUMENT_KINDS; i++) {
        fault = radix_check(&version->documents[i]);
        if (fault == NULL) fault = radix_check(&version->document_names[i]);
    }
    return fault == NULL || found(audit, fault, 0);
}

static bool check_appointment(struct audit *audit, const struct appointment *appointment)
{
    const struct version *version = audit->version;
    const struct barber *barber = version_barber(version, appointment->barber_id);
    if (barber == NULL) return found(audit, "an appointment's barber is not there", appointment->id);
    bool active = status_is_active((fig_appointment_status)appointment->status);
    struct tree_item expected = appointment_item(appointment), there;
    const struct tree *tree = active ? &barber->diary : &barber->ended;
    if (!tree_find(tree, expected.start_s, expected.id, &there) || !same_item(&expected, &there))
        return found(audit, "an appointment is not in its barber's tree as it is", appointment->id);
    const struct client *client = version_client(version, appointment->client_id);
    if (appointment->client_id != 0 &&
        (client == NULL || !tree_find(&client->appointments, expected.start_s, expected.id, &there) ||
         !same_item(&expected, &there)))
        return found(audit, "an appointment is not in its client's tree as it is", appointment->id);
    if (appointment->key_size > 0 &&
        version_key(version, appointment_key(appointment), appointment->key_size, FIG_TIME_MIN).booking != appointment)
        return found(audit, "an appointment is not found by its key", appointment->id);
    struct record record;
    record_of_appointment(&record, appointment);
    add(audit, &record);
    audit->active += active;
    audit->unchecked += (appointment->flags & APPOINTMENT_UNCHECKED) != 0;
    return true;
}

static bool check_appointments(struct audit *audit)
{
    uint64_t id;
    void *there;
    const struct radix *map = &audit->version->appointments;
    for (uint64_t from = 0; radix_next(map, from, &id, &there); from = id + 1) {
        if (((struct appointment *)there)->id != id) return found(audit, "an appointment is kept under another id", id);
        if (!check_appointment(audit, there)) return false;
    }
    return true;
}

static bool check_windows(struct audit *audit, uint64_t barber_id, fig_window_kind kind, const struct tree *tree)
{
    struct tree_cursor cursor;
    for (bool more = tree_ceiling(tree, FIG_TIME_MIN, &cursor); more; more = tree_next(tree, &cursor)) {
        struct tree_item window = tree_at(&cursor);
        struct record record;
        if (kind == FIG_WINDOW_AVAILABLE) audit->pieces += (int64_t)window.id != window.start_s;
        record_of_window(&record, barber_id, kind, &window);
        add(audit, &record);
        audit->windows++;
    }
    return true;
}

static bool check_trees(struct audit *audit, uint64_t id, const struct tree *const *trees, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *fault = tree_check(trees[i]);
        if (fault != NULL) return found(audit, fault, id);
    }
    return true;
}

static bool check_last_booked(struct audit *audit, const struct barber *barber)
{
    const struct tree *trees[] = {&barber->diary, &barber->ended};
    uint64_t largest = 0;
    for (size_t i = 0; i < 2; i++) {
        struct tree_cursor cursor;
        for (bool more = tree_ceiling(trees[i], FIG_TIME_MIN, &cursor); more; more = tree_next(trees[i], &cursor)) {
            uint64_t id = tree_at(&cursor).id;
            if (id > largest) largest = id;
        }
    }
    return largest == barber->last_booked_id || found(audit, "a barber's last booking is wrong", barber->profile->id);
}

static bool check_barber(struct audit *audit, const struct barber *barber)
{
    uint64_t id = barber->profile->id;
    const struct tree *trees[] = {&barber->diary, &barber->ended, &barber->windows, &barber->cuts};
    if (!check_trees(audit, id, trees, sizeof trees / sizeof trees[0])) return false;
    if (barber->diary.crossings > 0) return found(audit, "two active appointments of a barber conflict", id);
    if (version_barber_named(audit->version, barber->profile->names, barber->profile->name_size) != barber)
        return found(audit, "a barber is not found by its name", id);
    audit->in_trees += (uint64_t)barber->diary.count + barber->ended.count;
    struct record record;
    record_of_barber(&record, barber->profile);
    add(audit, &record);
    if (!check_last_booked(audit, barber)) return false;
    audit->pieces = 0;
    if (!check_windows(audit, id, FIG_WINDOW_AVAILABLE, &barber->windows) ||
        !check_windows(audit, id, FIG_WINDOW_UNAVAILABLE, &barber->cuts))
        return false;
    return audit->pieces == barber->pieces || found(audit, "a barber's count of pieces is wrong", id);
}

static bool check_barbers(struct audit *audit)
{
    uint64_t id;
    void *there;
    for (uint64_t from = 0; radix_next(&audit->version->barbers, from, &id, &there); from = id + 1) {
        if (!check_barber(audit, there)) return false;
        if (id == UINT64_MAX) break;
    }
    return true;
}

static bool check_clients(struct audit *audit)
{
    uint64_t id;
    void *there;
    for (uint64_t from = 0; radix_next(&audit->version->clients, from, &id, &there); from = id + 1) {
        const struct tree *tree = &((struct client *)there)->appointments;
        if (!check_trees(audit, id, &tree, 1)) return false;
        if (id == UINT64_MAX) break;
    }
    return true;
}

static bool check_shops(struct audit *audit)
{
    uint64_t id;
    void *there;
    for (uint64_t from = 0; radix_next(&audit->version->shops, from, &id, &there); from = id + 1) {
        const struct shop *shop = there;
        if (version_shop_named(audit->version, shop->names, shop->name_size) != shop)
            return found(audit, "a shop is not found by its name", id);
        struct record record;
        record_of_shop(&record, shop);
        add(audit, &record);
        if (id == UINT64_MAX) break;
    }
    return true;
}

static bool check_kept_keys(struct audit *audit)
{
    uint64_t seq;
    void *there;
    for (uint64_t from = 0; radix_next(&audit->version->kept, from, &seq, &there); from = seq + 1) {
        const struct kept_key *kept = there;
        if (version_key(audit->version, kept->key, kept->key_size, kept->at_s).kept != kept)
            return found(audit, "a kept key is not found", seq);
        struct record record;
        record_of_kept_key(&record, kept);
        add(audit, &record);
    }
    return true;
}

/* ---- documents ---- */

/* Is it found by its name? Clients share names; then one of them is found. */
static bool is_found(const struct version *version, const struct document *document)
{
    if (document->name_size == 0) return true;
    enum document_kind kind = (enum document_kind)document->kind;
    const struct document *named = version_document_named(version, kind, document->name, document->name_size);
    bool shared = kind == DOCUMENT_CLIENT && version_name_is_shared(version, kind, document->name, document->name_size);
    return named == document || (named != NULL && shared);
}

static bool check_document(struct audit *audit, const struct document *document, uint8_t bytes[DOCUMENT_BYTES_MAX])
{
    if (!is_found(audit->version, document))
        return found(audit, "a declaration is not found by its name", document->id);
    if (document->bytes != NULL && (document_encode_again(document, bytes) != document->size ||
                                    memcmp(bytes, document->bytes, document->size) != 0))
        return found(audit, "a declaration means something else than its bytes", document->id);
    for (uint32_t piece = 0; piece < document_pieces(document); piece++) {
        struct record record;
        record_of_document(&record, document, piece);
        add(audit, &record);
    }
    return true;
}

static bool check_documents(struct audit *audit)
{
    uint8_t bytes[DOCUMENT_BYTES_MAX];
    for (size_t kind = 0; kind < DOCUMENT_KINDS; kind++) {
        uint64_t id;
        void *there;
        for (uint64_t from = 0; radix_next(&audit->version->documents[kind], from, &id, &there); from = id + 1) {
            const struct document *document = there;
            if (document->id != id || document->kind != kind)
                return found(audit, "a declaration is kept under another id", id);
            if (!check_document(audit, document, bytes)) return false;
            if (id == UINT64_MAX) break;
        }
    }
    return true;
}

static void add_notes(struct audit *audit)
{
    uint64_t id;
    void *there;
    for (uint64_t from = 0; radix_next(&audit->version->notes, from, &id, &there); from = id + 1) {
        const struct note *note = there;
        struct note_taken taken = {.id = id, .size = note->size, .text = note->forgotten ? NULL : note->text};
        memcpy(taken.salt, note->salt, sizeof taken.salt);
        memcpy(taken.hash, note->hash, sizeof taken.hash);
        struct record record;
        record_of_note(&record, &taken, note->version);
        add(audit, &record);
    }
}

bool audit_version(const struct version *version, struct digest table_notes, struct audit_fault *fault)
{
    struct audit audit = {.version = version, .digest = table_notes, .fault = fault};
    if (!check_maps(&audit) || !check_shops(&audit) || !check_barbers(&audit) || !check_clients(&audit) ||
        !check_appointments(&audit) || !check_kept_keys(&audit) || !check_documents(&audit))
        return false;
    add_notes(&audit);
    if (audit.in_trees != version->appointments.count)
        return found(&audit, "the trees hold more or fewer appointments than there are", 0);
    if (audit.active != version->active) return found(&audit, "the count of active appointments is wrong", 0);
    if (audit.unchecked != version->unchecked) return found(&audit, "the count of unchecked appointments is wrong", 0);
    if (audit.windows != version->windows) return found(&audit, "the count of windows is wrong", 0);
    if (!digest_equal(audit.digest, version->digest)) return found(&audit, "the digest is not that of the records", 0);
    return true;
}
