#include "tests/proof/patient.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

fig_status patient_book(fig_engine *engine, int i)
{
    char key[24];
    support_format(key, sizeof key, "order-%d", i);
    fig_request request = a_booking(i % 2 ? FIGARO : BARTOLO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    request.key = key;
    request.client_id = (uint64_t)i % 7;
    request.note = i % 5 ? NULL : "cut and beard; comes ten minutes late as a rule, and talks";
    return ask(engine, request).status;
}

struct patient patient_make(int before, int after)
{
    struct patient p = {.bytes = NULL};
    support_make_fast_directory(p.root);
    support_format(p.store, sizeof p.store, "%s/store", p.root);
    support_format(p.file, sizeof p.file, "%s/data.mdb", p.store);
    support_format(p.repaired, sizeof p.repaired, "%s/repaired", p.root);
    fig_engine *engine = fixture_open(p.store);
    for (int i = 0; i < before; i++) must_be(patient_book(engine, i), FIG_OK);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    for (int i = before; i < before + after; i++) must_be(patient_book(engine, i), FIG_OK);
    fixture_close(engine);
    patient_look(&p);
    return p;
}

void patient_look(struct patient *p)
{
    fig_engine *engine = fixture_open(p->store);
    p->stats = stats_of(engine);
    fixture_close(engine);
    free(p->bytes);
    p->bytes = support_read_file(p->file, &p->size);
}

void patient_end(struct patient *p)
{
    free(p->bytes);
    support_remove(p->root);
}

fig_status patient_repair(struct patient *p, fig_repaired *repaired, fig_error *error)
{
    if (access(p->repaired, F_OK) == 0) support_remove(p->repaired);
    *repaired = fig_repaired_default();
    *error = fig_error_default();
    return fig_repair(p->store, p->repaired, repaired, error);
}

fig_stats patient_stats(const struct patient *p)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.read_only = true;
    must_be(fig_open(p->repaired, &options, &engine, NULL), FIG_OK);
    fig_stats stats = stats_of(engine);
    fixture_close(engine);
    return stats;
}

fig_repaired patient_must_be_repaired(struct patient *p)
{
    fig_repaired repaired;
    fig_error error;
    fig_status status = patient_repair(p, &repaired, &error);
    cr_assert_eq(status, FIG_OK, "%s: %s%s", fig_status_name(status), error.message, repaired.text);
    return repaired;
}

struct patient_tree patient_tree(const struct patient *p, const char *name)
{
    struct patient_tree found = {.pages = {.shown = p->store, .page_size = PATIENT_PAGE}};
    struct page_state state;
    struct page_cursor *cursor;
    struct store_error error;
    struct bytes record;
    found.pages.fd = open(p->file, O_RDWR);
    cr_assert_geq(found.pages.fd, 0);
    cr_assert_eq(pages_read_newest(found.pages.fd, p->store, &state, &error), STORE_OK, "%s", error.message);
    cr_assert_eq(page_cursor_open(&found.pages, &state.main, false, &cursor, &error), STORE_OK);
    cr_assert_eq(page_cursor_seek(cursor, (struct bytes){name, strlen(name)}, &error), STORE_OK);
    cr_assert_eq(page_cursor_value(cursor, &record, &error), STORE_OK);
    cr_assert(page_tree_decode(record, name, &found.tree));
    page_cursor_close(cursor);
    return found;
}

void patient_destroy_page(const struct patient_tree *tree, uint64_t number)
{
    char junk[PATIENT_PAGE];
    memset(junk, 0x5a, sizeof junk);
    cr_assert_eq(pwrite(tree->pages.fd, junk, sizeof junk, (off_t)(number * PATIENT_PAGE)), PATIENT_PAGE);
}

void patient_break_tables(const struct patient *p)
{
    static const char *const tables[] = {"shops", "barbers", "appointments", "notes", "clients"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct patient_tree tree = patient_tree(p, tables[i]);
        if (tree.tree.root != PAGES_NO_ROOT) patient_destroy_page(&tree, tree.tree.root);
        close(tree.pages.fd);
    }
}

size_t patient_destroy_frames(struct patient *p, uint64_t first, uint64_t last)
{
    size_t copies = 0;
    for (char *at = p->bytes; (at = memmem(at, p->size - (size_t)(at - p->bytes), "FIGF", 4)) != NULL; at += 4) {
        uint64_t number;
        memcpy(&number, at + 8, sizeof number);
        if (number < first || number > last) continue;
        at[88] ^= 1; /* of its hash */
        copies++;
    }
    support_write_file(p->file, p->bytes, p->size);
    return copies;
}
