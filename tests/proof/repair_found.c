/* Repair where nothing leads to the frames any more: the trees' roots and branches are destroyed, leaves of overflow
 * pages, meta pages, indexes of archives. The frames are found by themselves and the state is the same; stale copies
 * and frames of another history, strewn between them, are not believed. Budget: ten seconds. */
#include "engine/core/frame.h"
#include "tests/proof/patient.h"
#include "tests/storage/faults.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

TestSuite(repair_found, .timeout = 120);

/* ---- the journal's tree ---- */

/* Destroys the pages down to a depth, or with `leaves` all those that have a far value. Returns how many. */
static unsigned destroy_below(const struct patient_tree *tree, uint64_t number, uint32_t depth, bool branches,
                              bool far_leaves)
{
    unsigned char page[PATIENT_PAGE];
    struct store_error error;
    unsigned destroyed = 0;
    bool leaf = depth == tree->tree.depth, far = false;
    cr_assert_eq(pages_read(&tree->pages, number, 1, page, &error), STORE_OK, "%s", error.message);
    for (uint32_t i = 0; i < page_nodes(page); i++) {
        struct page_node node = page_node(page, i, leaf ? PAGE_LEAF : PAGE_BRANCH);
        if (leaf)
            far = far || node.far;
        else
            destroyed += destroy_below(tree, node.page, depth + 1, branches, far_leaves);
    }
    bool doomed = leaf ? far && far_leaves : branches;
    if (doomed) patient_destroy_page(tree, number);
    return destroyed + doomed;
}

static unsigned destroy(const struct patient *p, const char *name, bool branches, bool far_leaves)
{
    struct patient_tree tree = patient_tree(p, name);
    unsigned destroyed = destroy_below(&tree, tree.tree.root, 1, branches, far_leaves);
    close(tree.pages.fd);
    return destroyed;
}

static void destroy_first_leaf(const struct patient *p)
{
    unsigned char page[PATIENT_PAGE];
    struct store_error error;
    struct patient_tree tree = patient_tree(p, "journal");
    uint64_t number = tree.tree.root;
    cr_assert_geq(tree.tree.depth, 2);
    for (uint32_t depth = 1; depth < tree.tree.depth; depth++) {
        cr_assert_eq(pages_read(&tree.pages, number, 1, page, &error), STORE_OK, "%s", error.message);
        number = page_node(page, 0, PAGE_BRANCH).page;
    }
    patient_destroy_page(&tree, number);
    close(tree.pages.fd);
}

/* ---- what comes out ---- */

static fig_repaired must_be_whole(struct patient *p)
{
    fig_repaired repaired = patient_must_be_repaired(p);
    fig_stats stats = patient_stats(p);
    must_be_equal(&p->stats, &stats);
    cr_assert_eq(repaired.version, stats.version);
    return repaired;
}

static void must_lack_nothing(const fig_repaired *repaired)
{
    cr_assert(!repaired->history_lost && !repaired->newest_lost && repaired->first_frame == 1, "%s", repaired->text);
}

/* ---- trees ---- */

/* A booking's own frame lies in a leaf, that of many together on overflow pages. */
static void book_together(fig_engine *engine, int from, int count)
{
    static fig_request requests[64];
    static fig_outcome outcomes[64];
    for (int i = 0; i < count; i++) {
        requests[i] = a_booking(FIGARO, NOON + (from + i) * HOUR, NOON + (from + i) * HOUR + HOUR);
        outcomes[i] = fig_outcome_default();
    }
    must_be(fig_write(engine, requests, (size_t)count, outcomes), FIG_OK);
}

/* The tables stand in the midst of the large frames. */
static struct patient of_deep_trees(void)
{
    struct patient p = patient_make(5000, 0);
    fig_engine *engine = fixture_open(p.store);
    for (int i = 0; i < 20; i++) {
        book_together(engine, 6000 + 64 * i, 64);
        if (i == 10) must_be(fig_checkpoint(engine, NULL), FIG_OK);
    }
    fixture_close(engine);
    patient_look(&p);
    return p;
}

Test(repair_found, without_root_and_branches_of_the_journal_it_is_the_same)
{
    struct patient p = of_deep_trees();
    struct patient_tree tree = patient_tree(&p, "journal");
    close(tree.pages.fd);
    cr_assert_geq(tree.tree.depth, 3);
    patient_break_tables(&p);
    unsigned destroyed = destroy(&p, "journal", true, false);
    cr_assert(destroyed == tree.tree.branch_pages && destroyed >= 3, "%u", destroyed);
    fig_repaired repaired = must_be_whole(&p);
    must_lack_nothing(&repaired);
    cr_assert_eq(repaired.found_frames, p.stats.frame);
    cr_assert(!repaired.from_tables && strstr(repaired.text, "every byte was searched for frames") != NULL, "%s",
              repaired.text);
    patient_end(&p);
}

Test(repair_found, what_lies_on_overflow_pages_is_found_without_its_leaf)
{
    struct patient p = of_deep_trees();
    struct patient_tree tree = patient_tree(&p, "journal");
    close(tree.pages.fd);
    cr_assert_geq(tree.tree.overflow_pages, 40);
    cr_assert_geq(destroy(&p, "journal", false, true), 1);
    fig_repaired repaired = must_be_whole(&p);
    cr_assert_not(repaired.newest_lost, "%s", repaired.text);
    patient_end(&p);
}

/* Both states of the file lead through it, or through a copy of it. */
static void destroy_all_states(const struct patient *p)
{
    struct patient_tree file = patient_tree(p, "journal");
    for (uint32_t slot = 0; slot < 2; slot++) {
        struct page_state state;
        struct store_error error;
        if (pages_read_state(file.pages.fd, p->store, slot, PATIENT_PAGE, &state, &error) == STORE_OK)
            patient_destroy_page(&file, state.main.root);
    }
    close(file.pages.fd);
}

Test(repair_found, without_any_state_of_the_file_it_is_the_same_and_says_that_it_cannot_know)
{
    struct patient p = patient_make(200, 50);
    destroy_all_states(&p);
    fig_repaired repaired = must_be_whole(&p);
    cr_assert(repaired.newest_lost && !repaired.history_lost, "%s", repaired.text);
    memset(p.bytes, 0x5a, 2 * PATIENT_PAGE);
    support_write_file(p.file, p.bytes, p.size);
    repaired = must_be_whole(&p);
    cr_assert(repaired.newest_lost && !repaired.history_lost, "%s", repaired.text);
    patient_end(&p);
}

/* Sectors that the disk does not give back any more, the tree's root in the first case and a leaf in the second. */
Test(repair_found, what_cannot_be_read_is_passed_over_and_told)
{
    struct patient p = patient_make(300, 0);
    struct patient_tree journal = patient_tree(&p, "journal");
    close(journal.pages.fd);
    uint64_t root = journal.tree.root * PATIENT_PAGE;
    faults_spoil(p.file, root, root + PATIENT_PAGE);
    fig_repaired repaired = must_be_whole(&p);
    must_lack_nothing(&repaired);
    cr_assert(strstr(repaired.text, "4096 bytes cannot be read") != NULL, "%s", repaired.text);
    uint64_t leaf = page_node((unsigned char *)p.bytes + root, 0, PAGE_BRANCH).page * PATIENT_PAGE;
    faults_spoil(p.file, leaf, leaf + PATIENT_PAGE);
    repaired = must_be_whole(&p);
    cr_assert_not(repaired.newest_lost, "%s", repaired.text);
    cr_assert(strstr(repaired.text, "4096 bytes cannot be read") != NULL, "%s", repaired.text);
    faults_disarm();
    patient_end(&p);
}

/* ---- what is not live ---- */

/* As pages would be that are free by now. */
static void strew(const struct patient *p, const char *bytes, size_t size)
{
    int fd = open(p->file, O_WRONLY | O_APPEND);
    cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

static void go_on(const struct patient *p, int from, int to)
{
    fig_engine *engine = fixture_open(p->store);
    for (int i = from; i < to; i++) must_be(patient_book(engine, i), FIG_OK);
    fixture_close(engine);
}

/* The same store with another future: its frames follow the same ones, and are as sound. */
static void strew_another_future(struct patient *p, int bookings, bool checkpoint)
{
    go_on(p, 1000, 1000 + bookings);
    size_t other_size;
    char *other = support_read_file(p->file, &other_size);
    support_write_file(p->file, p->bytes, p->size);
    go_on(p, 2000, 2005);
    if (checkpoint) {
        fig_engine *engine = fixture_open(p->store);
        must_be(fig_checkpoint(engine, NULL), FIG_OK);
        fixture_close(engine);
    }
    patient_look(p);
    strew(p, other, other_size);
    free(other);
}

Test(repair_found, a_future_that_leads_less_far_is_not_believed)
{
    struct patient p = patient_make(100, 20);
    strew_another_future(&p, 4, false);
    destroy(&p, "journal", true, false);
    fig_repaired repaired = must_be_whole(&p);
    must_lack_nothing(&repaired);
    patient_end(&p);
}

Test(repair_found, of_two_futures_that_lead_equally_far_neither_is_believed_where_nothing_tells)
{
    struct patient p = patient_make(100, 20);
    uint64_t common = p.stats.frame, version = p.stats.version;
    strew_another_future(&p, 5, false);
    destroy(&p, "journal", true, false);
    fig_repaired repaired = patient_must_be_repaired(&p);
    cr_assert(repaired.newest_lost && repaired.last_frame == common && repaired.version == version, "%s",
              repaired.text);
    cr_assert_eq(patient_stats(&p).version, version);
    patient_end(&p);
}

/* Equally far, and further. */
Test(repair_found, of_two_futures_the_one_is_believed_that_the_tables_give)
{
    for (int bookings = 5; bookings <= 7; bookings++) {
        struct patient p = patient_make(100, 20);
        strew_another_future(&p, bookings, true);
        destroy(&p, "journal", true, false);
        fig_repaired repaired = must_be_whole(&p);
        must_lack_nothing(&repaired);
        patient_end(&p);
    }
}

/* Something else of it is damaged, so that it is searched. */
Test(repair_found, of_two_futures_the_one_is_believed_that_the_tree_leads_to)
{
    for (int bookings = 5; bookings <= 7; bookings++) {
        struct patient p = patient_make(100, 20);
        strew_another_future(&p, bookings, false);
        patient_break_tables(&p);
        destroy_first_leaf(&p);
        fig_repaired repaired = must_be_whole(&p);
        must_lack_nothing(&repaired);
        cr_assert_gt(repaired.found_frames, 0);
        patient_end(&p);
    }
}

Test(repair_found, a_frame_behind_those_that_are_counted_is_told)
{
    struct patient p = patient_make(60, 10);
    go_on(&p, 1000, 1001);
    size_t later_size;
    char *later = support_read_file(p.file, &later_size);
    support_write_file(p.file, p.bytes, p.size);
    destroy(&p, "journal", true, false);
    strew(&p, later, later_size);
    fig_repaired repaired = patient_must_be_repaired(&p);
    cr_assert(!repaired.newest_lost && strstr(repaired.text, "their commit may have failed"), "%s", repaired.text);
    cr_assert_eq(repaired.last_frame, p.stats.frame + 1);
    free(later);
    patient_end(&p);
}

/* ---- of a newer program ---- */

/* As frame.c puts it together: all of the head but the hash, and the checksum of each entry. */
static void hash_again(unsigned char *frame, uint32_t size)
{
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    XXH3_128bits_update(&state, frame, FRAME_HEAD_BYTES - 16);
    for (uint32_t at = FRAME_HEAD_BYTES; at < size;) {
        uint32_t sizes[2];
        memcpy(sizes, frame + at, sizeof sizes);
        XXH3_128bits_update(&state, frame + at + sizes[1], 8);
        at += sizes[0];
    }
    XXH128_hash_t hash = XXH3_128bits_digest(&state);
    memcpy(frame + FRAME_HEAD_BYTES - 16, &hash, sizeof hash);
}

/* Every copy of the last frame says that it is of the next format. */
static void renew_last_frame(struct patient *p)
{
    unsigned found = 0;
    char *end = p->bytes + p->size;
    for (char *at = p->bytes; (at = memmem(at, (size_t)(end - at), FRAME_MAGIC, 4)) != NULL; at++) {
        uint64_t number;
        uint32_t size, format = FRAME_FORMAT + 1;
        if (end - at < FRAME_HEAD_BYTES) break;
        memcpy(&number, at + 8, sizeof number);
        memcpy(&size, at + FRAME_SIZE_AT, sizeof size);
        if (number != p->stats.frame || size > (size_t)(end - at)) continue;
        memcpy(at + 4, &format, sizeof format);
        hash_again((unsigned char *)at, size);
        found++;
    }
    cr_assert_geq(found, 1);
    support_write_file(p->file, p->bytes, p->size);
}

static void must_be_newer(struct patient *p)
{
    fig_repaired repaired;
    fig_error error = fig_error_default();
    fig_report report = fig_report_default();
    fig_engine *engine = NULL;
    fig_options options = fig_options_default();
    must_be(fig_open(p->store, &options, &engine, &error), FIG_NEWER);
    cr_assert(strstr(error.message, "newer") != NULL, "%s", error.message);
    must_be(fig_verify(p->store, NULL, &report, &error), FIG_NEWER);
    must_be(patient_repair(p, &repaired, &error), FIG_NEWER);
    cr_assert_neq(access(p->repaired, F_OK), 0, "repair made something of it");
}

Test(repair_found, what_only_a_newer_program_reads_is_not_damage)
{
    struct patient p = patient_make(20, 5);
    renew_last_frame(&p);
    must_be_newer(&p);
    destroy(&p, "journal", true, true);
    struct patient_tree journal = patient_tree(&p, "journal");
    patient_destroy_page(&journal, journal.tree.root);
    close(journal.pages.fd);
    fig_repaired repaired;
    fig_error error;
    must_be(patient_repair(&p, &repaired, &error), FIG_NEWER);
    patient_end(&p);
    p = patient_make(20, 0); /* the tables stand there */
    renew_last_frame(&p);
    must_be_newer(&p);
    patient_end(&p);
}

/* ---- what was forgotten ---- */

#define SECRET "allergic to the soap of the house"

#define SINCE "likes the window seat"

static bool has(const char *path, const char *words)
{
    struct support_child child = SUPPORT_RUN("grep", "-rqs", words, path);
    bool found = child.exit_code == 0;
    support_free(&child);
    return found;
}

static struct patient with_secrets(void)
{
    struct patient p = patient_make(0, 0);
    fig_engine *engine = fixture_open(p.store);
    for (int i = 0; i < 40; i++) {
        fig_request request = a_booking(FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        request.client_id = (uint64_t)(i % 2) + 1;
        request.note = SECRET;
        must(engine, request, FIG_OK);
    }
    fixture_close(engine);
    patient_look(&p);
    return p;
}

static void forget_clients(const struct patient *p)
{
    fig_engine *engine = fixture_open(p->store);
    for (uint64_t client = 1; client <= 2; client++) {
        fig_request request = fig_forget_client_default();
        request.client_id = client;
        request.now_s = NOON;
        must_be(fig_forget_client(engine, &request, NULL, NULL), FIG_OK);
    }
    fig_request later = a_booking(BARTOLO, NOON, NOON + HOUR);
    later.client_id = 1;
    later.note = SINCE;
    must(engine, later, FIG_OK);
    fixture_close(engine);
}

/* Stale copies have the texts still. With `blanked` destroyed they are all there is. */
static void must_stay_forgotten(bool blanked_destroyed)
{
    struct patient p = with_secrets();
    uint64_t secrets_to = p.stats.frame;
    size_t old_size = p.size;
    char *old = p.bytes, backup[SUPPORT_PATH];
    p.bytes = NULL;
    forget_clients(&p);
    patient_look(&p);
    if (blanked_destroyed) cr_assert_geq(patient_destroy_frames(&p, 5, secrets_to), 36);
    patient_break_tables(&p);
    destroy(&p, "journal", true, false);
    struct patient_tree journal = patient_tree(&p, "journal");
    patient_destroy_page(&journal, journal.tree.root);
    close(journal.pages.fd);
    strew(&p, old, old_size);
    cr_assert(has(p.store, SECRET));
    fig_repaired repaired = must_be_whole(&p);
    must_lack_nothing(&repaired);
    if (!blanked_destroyed) cr_assert_not(has(p.repaired, SECRET));
    support_format(backup, sizeof backup, "%.400s/backup", p.root);
    struct support_child child = SUPPORT_FIGARO("backup", p.repaired, backup);
    cr_assert_eq(child.exit_code, 0, "%s", child.err);
    support_free(&child);
    cr_assert_not(has(backup, SECRET), "what was forgotten came back");
    cr_assert(has(backup, SINCE), "what was said since is gone");
    free(old);
    patient_end(&p);
}

Test(repair_found, the_copy_from_which_a_text_was_erased_is_taken) { must_stay_forgotten(false); }
Test(repair_found, a_text_that_came_back_with_an_older_copy_is_erased_again) { must_stay_forgotten(true); }

/* The client is forgotten and declared anew by one commit, and repair forgets again what it finds. */
Test(repair_found, what_was_declared_anew_in_the_same_frame_stays)
{
    struct patient p = with_secrets();
    fig_client clients[] = {fig_client_default(), fig_client_default()};
    fig_request requests[] = {fig_declare_client_default(), fig_forget_client_default(), fig_declare_client_default()};
    fig_outcome outcomes[] = {fig_outcome_default(), fig_outcome_default()};
    for (int i = 0; i < 2; i++) {
        clients[i].id = 1;
        clients[i].fields = FIG_CLIENT_NAME;
        support_format(clients[i].name, sizeof clients[i].name, i == 0 ? "Rosina Secreta" : "Rosina Nuova");
        requests[2 * i].client = &clients[i];
        requests[2 * i].now_s = NOON;
    }
    requests[1].client_id = 1;
    requests[1].now_s = NOON;
    fig_engine *engine = fixture_open(p.store);
    must(engine, requests[0], FIG_OK);
    must_be(fig_write(engine, requests + 1, 2, outcomes), FIG_OK);
    fixture_close(engine);
    patient_look(&p);
    patient_break_tables(&p);
    destroy(&p, "journal", true, false);
    struct patient_tree journal = patient_tree(&p, "journal");
    patient_destroy_page(&journal, journal.tree.root);
    close(journal.pages.fd);
    fig_repaired repaired = must_be_whole(&p);
    must_lack_nothing(&repaired);
    fig_options options = fig_options_default();
    options.from_journal = options.read_only = true;
    must_be(fig_open(p.repaired, &options, &engine, NULL), FIG_OK);
    fig_view view = fig_view_default();
    fig_client found = fig_client_default();
    view.now_s = NOON;
    must_be(fig_find_client(engine, &view, "Rosina Nuova", &found), FIG_OK);
    must_be(fig_find_client(engine, &view, "Rosina Secreta", &found), FIG_NOT_FOUND);
    fixture_close(engine);
    patient_end(&p);
}

/* ---- gaps ---- */

Test(repair_found, of_frames_that_are_gone_the_tables_keep_the_state_and_the_gaps_are_named)
{
    struct patient p = patient_make(120, 30);
    cr_assert_geq(patient_destroy_frames(&p, 40, 40), 1);
    cr_assert_geq(patient_destroy_frames(&p, 60, 60), 1);
    fig_repaired repaired = must_be_whole(&p);
    cr_assert(repaired.from_tables && repaired.history_lost && !repaired.newest_lost, "%s", repaired.text);
    cr_assert_eq(repaired.first_frame, 61);
    cr_assert(strstr(repaired.text, "data.mdb: frame 40 is not there, nor a copy of it; 41 follows") != NULL &&
                  strstr(repaired.text, "data.mdb: frame 60 is") != NULL,
              "%s", repaired.text);
    patient_break_tables(&p);
    repaired = patient_must_be_repaired(&p);
    cr_assert(!repaired.from_tables && repaired.newest_lost && repaired.last_frame == 39, "%s", repaired.text);
    patient_end(&p);
}
