/* Damage at random: bytes flipped, pages swapped, zeroed and copied, files cut short or made longer. `figaro verify`
 * ends by itself and says what it found; where it finds nothing, the state is the one there was. Budget:
 * FIGARO_DAMAGES (300) damages, half a minute. */
#include "tests/engine/fixture.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 4096 };

#ifdef FIG_CHECKERS
#define DAMAGES 30
#else
#define DAMAGES 300
#endif

struct victim {
    struct support_random random;
    char root[SUPPORT_PATH], store[SUPPORT_PATH + 8], file[SUPPORT_PATH + 32];
    char digest[64];
    char *bytes; /* of the file, sound */
    size_t size;
};

static void digest_of(const char *store, char digest[64])
{
    struct support_child child = SUPPORT_FIGARO("stats", store, "--json");
    cr_assert(child.exit_code == 0, "stats: exit %d, signal %d: %s", child.exit_code, child.signal, child.err);
    json_t *stats = json_loads(child.out, 0, NULL);
    support_format(digest, 64, "%s", json_string_value(json_object_get(stats, "digest")));
    json_decref(stats);
    support_free(&child);
}

/* Something of everything: tables up to a checkpoint, frames after it, notes, keys, holds, windows. */
static void fill(fig_engine *engine)
{
    for (int i = 0; i < 60; i++) {
        char key[16];
        support_format(key, sizeof key, "order-%d", i);
        fig_request booking = a_booking(i % 2 ? FIGARO : BARTOLO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        booking.key = i % 3 ? key : NULL;
        booking.client_id = (uint64_t)i % 7;
        booking.note = i % 5 ? NULL : "cut and beard; comes ten minutes late as a rule";
        uint64_t id = must(engine, booking, FIG_OK).appointment.id;
        if (i % 4 == 0) must(engine, a_status(id, FIG_CANCELLED), FIG_OK);
        if (i == 40) must_be(fig_checkpoint(engine, NULL), FIG_OK);
    }
    must(engine, a_hold(FIGARO, NOON - DAY, NOON - DAY + HOUR, 600), FIG_OK);
    must(engine, a_window(FIG_OP_OPEN_WINDOW, BARTOLO, NOON, NOON + 9 * DAY), FIG_OK);
    must(engine, a_window(FIG_OP_CLOSE_WINDOW, BARTOLO, NOON + DAY, NOON + 2 * DAY), FIG_OK);
}

static struct victim make_victim(unsigned part)
{
    struct victim v = {.random = support_random_from(0xda3a6e + part)};
    support_make_fast_directory(v.root);
    support_format(v.store, sizeof v.store, "%s/store", v.root);
    support_format(v.file, sizeof v.file, "%s/data.mdb", v.store);
    fig_engine *engine = fixture_open(v.store);
    fill(engine);
    fixture_close(engine);
    digest_of(v.store, v.digest);
    v.bytes = support_read_file(v.file, &v.size);
    cr_assert_gt(v.size, 8 * PAGE);
    return v;
}

/* Does one kind of damage to a copy of the bytes; returns its new size and says what it did. */
static size_t damage(struct victim *v, char *bytes, char *what, size_t capacity)
{
    size_t pages = v->size / PAGE, at = support_below(&v->random, v->size), length = 1;
    size_t a = support_below(&v->random, pages) * PAGE, b = support_below(&v->random, pages) * PAGE;
    switch (support_below(&v->random, 8)) {
    case 0:
    case 1:
    case 2:
        bytes[at] ^= (char)(1u << support_below(&v->random, 8));
        support_format(what, capacity, "a bit of byte %zu flipped", at);
        return v->size;
    case 3:
        length = 1 + support_below(&v->random, PAGE);
        if (length > v->size - at) length = v->size - at;
        memset(bytes + at, support_chance(&v->random, 50) ? 0 : 0xff, length);
        support_format(what, capacity, "%zu bytes at %zu wiped", length, at);
        return v->size;
    case 4:
        for (size_t i = 0; i < PAGE; i++) {
            char moved = bytes[a + i];
            bytes[a + i] = bytes[b + i];
            bytes[b + i] = moved;
        }
        support_format(what, capacity, "pages %zu and %zu swapped", a / PAGE, b / PAGE);
        return v->size;
    case 5:
        memmove(bytes + a, bytes + b, PAGE);
        support_format(what, capacity, "page %zu written over page %zu", b / PAGE, a / PAGE);
        return v->size;
    case 6:
        for (size_t i = at; i < v->size && i < at + 64; i++) bytes[i] = (char)support_next(&v->random);
        support_format(what, capacity, "64 bytes at %zu made up", at);
        return v->size;
    default: support_format(what, capacity, "cut at %zu", at); return at;
    }
}

/* True when it was found. */
static bool try_damage(struct victim *v, uint64_t number)
{
    char what[128], digest[64], *bytes = malloc(v->size);
    cr_assert_not_null(bytes);
    memcpy(bytes, v->bytes, v->size);
    size_t size = damage(v, bytes, what, sizeof what);
    support_write_file(v->file, bytes, size);
    free(bytes);
    struct support_child child = SUPPORT_FIGARO("verify", v->store);
    int code = child.exit_code;
    cr_assert(code == 0 || code == 3, "damage %" PRIu64 ", %s: verify exit %d, signal %d\n%s%s(kept in %s)", number,
              what, code, child.signal, child.out, child.err, v->root);
    cr_assert(code == 0 || child.err[0] != '\0' || child.out[0] != '\0', "%s: found without a word", what);
    support_free(&child);
    if (code == 0) {
        digest_of(v->store, digest);
        cr_assert_str_eq(digest, v->digest, "damage %" PRIu64 ", %s: unnoticed (kept in %s)", number, what, v->root);
    }
    return code == 3;
}

static void damage_share(unsigned part, unsigned parts)
{
    struct victim v = make_victim(part);
    uint64_t count = support_setting("FIGARO_DAMAGES", DAMAGES) / parts, found = 0;
    for (uint64_t i = 0; i < count; i++) found += try_damage(&v, i);
    cr_assert_gt(found, count / 4, "only %" PRIu64 " of %" PRIu64 " damages were found", found, count);
    support_write_file(v.file, v.bytes, v.size);
    struct support_child child = SUPPORT_FIGARO("verify", v.store);
    cr_assert_eq(child.exit_code, 0, "the sound bytes again: %s%s", child.out, child.err);
    support_free(&child);
    free(v.bytes);
    support_remove(v.root);
}

Test(damage, is_found_or_harmless_1) { damage_share(0, 2); }
Test(damage, is_found_or_harmless_2) { damage_share(1, 2); }

/* What lies beside the data is only for taking turns: whatever becomes of it while nobody is there, nothing is lost. */
Test(damage, of_the_gate_loses_nothing)
{
    struct victim v = make_victim(9);
    char gate[SUPPORT_PATH + 32], digest[64], noise[PAGE];
    support_format(gate, sizeof gate, "%s/gate", v.store);
    for (int i = 0; i < 12; i++) {
        for (size_t at = 0; at < sizeof noise; at++) noise[at] = (char)support_next(&v.random);
        if (i % 4 == 3)
            cr_assert_eq(unlink(gate), 0);
        else
            support_write_file(gate, noise, i % 4 == 0 ? sizeof noise : support_below(&v.random, sizeof noise));
        struct support_child child = SUPPORT_FIGARO("verify", v.store);
        cr_assert(child.exit_code == 0 || child.exit_code == 3, "verify exit %d, signal %d: %s", child.exit_code,
                  child.signal, child.err);
        support_free(&child);
        child = SUPPORT_FIGARO("stats", v.store, "--json");
        cr_assert(child.exit_code == 0 || child.exit_code == 3, "stats exit %d, signal %d: %s", child.exit_code,
                  child.signal, child.err);
        if (child.exit_code == 3) unlink(gate); /* it said so; taking it away must help */
        support_free(&child);
        digest_of(v.store, digest);
        cr_assert_str_eq(digest, v.digest);
    }
    free(v.bytes);
    support_remove(v.root);
}
