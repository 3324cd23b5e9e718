/* Two stores side by side. An appointment of one is the other's of the same key, or where neither has a key, of the
 * same id: replays under other settings give other ids to the same bookings. */
#include "tools/output.h"
#include "tools/replay_journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 256 };

struct comparing {
    session *left, *right;
    uint64_t same, changed, only_left, only_right;
};

static fig_status find_counterpart(const session *in, const fig_appointment *of, fig_appointment *found)
{
    fig_view view = session_view(in);
    if (of->key[0] != '\0') return fig_find_appointment(in->engine, &view, of->key, found);
    fig_status status = fig_get_appointment(in->engine, &view, of->id, found);
    return status == FIG_OK && found->key[0] != '\0' ? FIG_NOT_FOUND : status;
}

/* Versions and ids are the stores' own, and barbers are compared by their names. */
static json_t *comparable(const session *at, const fig_appointment *appointment)
{
    json_t *object = output_appointment_object(at, appointment);
    json_object_del(object, "id");
    json_object_del(object, "version");
    return object;
}

/* Takes both objects. */
static void say(struct comparing *comparing, const fig_appointment *of, json_t *left, json_t *right)
{
    if (comparing->left->json) {
        json_t *object = json_object();
        json_object_set_new(object, "id", output_id(of->id));
        json_object_set_new(object, "left", left != NULL ? left : json_null());
        json_object_set_new(object, "right", right != NULL ? right : json_null());
        output_object(object);
        return;
    }
    const char *name;
    json_t *value;
    printf("%s #%" PRIu64, right == NULL ? "<" : left == NULL ? ">" : "!", of->id);
    json_object_foreach(left != NULL ? left : right, name, value)
    {
        json_t *other = left != NULL && right != NULL ? json_object_get(right, name) : NULL;
        if (json_is_null(value) || (other != NULL && json_equal(value, other) && strcmp(name, "key") != 0)) continue;
        char *was = json_dumps(value, JSON_ENCODE_ANY), *is = other != NULL ? json_dumps(other, JSON_ENCODE_ANY) : NULL;
        bool differs = is != NULL && strcmp(was != NULL ? was : "", is) != 0;
        printf("  %s %s%s%s", name, was != NULL ? was : "", differs ? " -> " : "", differs ? is : "");
        free(was);
        free(is);
    }
    putchar('\n');
    json_decref(left);
    json_decref(right);
}

static fig_status compare_left(struct comparing *comparing, const fig_appointment *appointment)
{
    fig_appointment other = fig_appointment_default();
    fig_status status = find_counterpart(comparing->right, appointment, &other);
    if (status != FIG_OK && status != FIG_NOT_FOUND) return status;
    json_t *left = comparable(comparing->left, appointment);
    json_t *right = status == FIG_OK ? comparable(comparing->right, &other) : NULL;
    if (right != NULL && json_equal(left, right)) {
        comparing->same++;
        json_decref(left);
        json_decref(right);
        return FIG_OK;
    }
    comparing->changed += right != NULL;
    comparing->only_left += right == NULL;
    say(comparing, appointment, left, right);
    return FIG_OK;
}

static fig_status compare_right(struct comparing *comparing, const fig_appointment *appointment)
{
    fig_appointment other = fig_appointment_default();
    fig_status status = find_counterpart(comparing->left, appointment, &other);
    if (status != FIG_NOT_FOUND) return status;
    comparing->only_right++;
    say(comparing, appointment, NULL, comparable(comparing->right, appointment));
    return FIG_OK;
}

static fig_status for_each(struct comparing *comparing, const session *at,
                           fig_status (*compare)(struct comparing *, const fig_appointment *))
{
    static fig_appointment page[PAGE];
    fig_view view = session_view(at);
    fig_filter filter = fig_filter_default();
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list(at->engine, &view, &filter, &cursor, page, PAGE, &count);
        if (status == FIG_NOT_FOUND || (status == FIG_OK && count == 0)) return FIG_OK;
        for (size_t i = 0; status == FIG_OK && i < count; i++) status = compare(comparing, &page[i]);
        if (status != FIG_OK) return status;
    }
}

static bool same_state(const struct comparing *comparing)
{
    fig_stats left = fig_stats_default(), right = fig_stats_default();
    return fig_get_snapshot_stats(comparing->left->snapshot, &left) == FIG_OK &&
           fig_get_snapshot_stats(comparing->right->snapshot, &right) == FIG_OK &&
           memcmp(left.digest, right.digest, sizeof left.digest) == 0;
}

static void print_summary(const struct comparing *comparing, bool same)
{
    if (comparing->left->json) {
        json_t *object = json_object();
        json_object_set_new(object, "same_state", json_boolean(same));
        json_object_set_new(object, "same", output_id(comparing->same));
        json_object_set_new(object, "changed", output_id(comparing->changed));
        json_object_set_new(object, "only_left", output_id(comparing->only_left));
        json_object_set_new(object, "only_right", output_id(comparing->only_right));
        output_object(object);
        return;
    }
    printf("%" PRIu64 " appointments are the same, %" PRIu64 " differ, %" PRIu64 " are in the first alone, %" PRIu64
           " in the second; %s\n",
           comparing->same, comparing->changed, comparing->only_left, comparing->only_right,
           same ? "the digests are the same" : "the digests differ");
}

static int compare(struct comparing *comparing)
{
    fig_status status = fig_snapshot_open(comparing->left->engine, &comparing->left->snapshot);
    if (status == FIG_OK) status = fig_snapshot_open(comparing->right->engine, &comparing->right->snapshot);
    if (status == FIG_OK) status = for_each(comparing, comparing->left, compare_left);
    if (status == FIG_OK) status = for_each(comparing, comparing->right, compare_right);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    bool same = same_state(comparing);
    print_summary(comparing, same);
    bool differ = comparing->changed + comparing->only_left + comparing->only_right > 0;
    return differ ? EXIT_REFUSED : EXIT_DONE;
}

int replay_diff(session *at, const char *left, const char *right)
{
    session other = *at;
    struct comparing comparing = {.left = at, .right = &other};
    int code = session_open_to_read(at, left);
    if (code != EXIT_DONE) return code;
    code = session_open_to_read(&other, right);
    if (code == EXIT_DONE) code = session_close(&other, compare(&comparing));
    return session_close(at, code);
}
