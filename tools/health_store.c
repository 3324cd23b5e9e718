/* How a store is: what can be seen of it without its server's help. */
#include "tools/findings.h"
#include "tools/output.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MIB (1024.0 * 1024.0)

/* Below this a burst of bookings can fill the disk before anybody looks. */
#define ROOM_LEAST (64 << 20)

/* A start that takes longer is felt by those who wait for it. */
#define STARTUP_WARNING_NS UINT64_C(10000000000)

/* Commits that the tables are behind by: the next start runs through them. */
#define BEHIND_WARNING 100000

/* Who has the turn for longer than any commit takes is stopped, or its disk hangs. */
#define TURN_LOOKS   20
#define TURN_LOOK_US 50000

static void look_at_disk(findings *found, const fig_stats *stats)
{
    struct statvfs disk;
    if (statvfs(found->directory, &disk) != 0) {
        findings_say(found, FINDING_WARNING, "disk", "look at the directory's mode", "cannot be looked at: %s",
                     strerror(errno));
        return;
    }
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    finding_state state = FINDING_OK;
    if (room < 2 * stats->store_bytes) state = FINDING_WARNING;
    if (room < ROOM_LEAST) state = FINDING_BAD;
    findings_say(found, state, "disk",
                 state == FINDING_BAD ? "make room: on a full disk writes are refused and reads go on"
                                      : "make room: a backup beside the store would hardly fit",
                 "%.0f MiB free, the store takes %.1f MiB", (double)room / MIB, (double)stats->store_bytes / MIB);
}

static void look_at_start(findings *found, const fig_stats *stats)
{
    uint64_t behind = stats->frame - stats->checkpoint_frame;
    bool slow = stats->startup_ns > STARTUP_WARNING_NS, far = behind > BEHIND_WARNING;
    const char *advice = far ? "let the server write a checkpoint: fig_checkpoint(), or timeouts of 200 ms and more"
                             : "start a second server before the first is stopped";
    findings_say(found, slow || far ? FINDING_WARNING : FINDING_OK, "start", advice,
                 "opened in %.0f ms, the tables are %" PRIu64 " commit%s behind", (double)stats->startup_ns / 1e6,
                 behind, behind == 1 ? "" : "s");
}

/* The first commit that the journal or its archive has can be read: a file that is lost leaves a gap there. */
static void look_at_journal(findings *found)
{
    fig_journal *journal = NULL;
    fig_event event = fig_event_default();
    fig_status status = fig_journal_open(found->at->engine, 1, &journal);
    if (status == FIG_OK) status = fig_journal_next(journal, &event);
    fig_journal_close(journal);
    bool good = status == FIG_OK || status == FIG_NOT_FOUND;
    findings_say(found, good ? FINDING_OK : FINDING_BAD, "journal", "figaro verify says which commits are not there",
                 good ? "begins with version %" PRIu64 : "cannot be read from its beginning on", event.version);
}

static void look_at_unchecked(findings *found, const fig_stats *stats)
{
    findings_say(found, stats->unchecked > 0 ? FINDING_WARNING : FINDING_OK, "rules",
                 "see which: figaro list DIR --json, \"unchecked\"; the shop's on_rule_error says what becomes of them",
                 "%" PRIu64 " appointment%s let pass though a rule could not be evaluated", stats->unchecked,
                 stats->unchecked == 1 ? "" : "s");
}

/* 'T' as ps has it; 0: there is no such process to be seen here. */
static char state_of_process(uint32_t process)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%" PRIu32 "/stat", process);
    FILE *file = fopen(path, "re");
    if (file == NULL) return '\0';
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    const char *name_end = strrchr(text, ')');
    return name_end != NULL && name_end[1] == ' ' ? name_end[2] : '\0';
}

/* Whether one process keeps the turn from look to look, and nothing is committed meanwhile. */
static bool turn_is_kept(const findings *found, const fig_stats *first)
{
    fig_stats stats = *first;
    for (int look = 0; look < TURN_LOOKS && stats.holder != 0; look++) {
        fig_view view = session_view(found->at);
        fig_shop shop = fig_shop_default();
        usleep(TURN_LOOK_US);
        view.latest = true;
        fig_get_shop(found->at->engine, &view, 1, &shop); /* takes in what was committed */
        if (fig_get_stats(found->at->engine, &stats) != FIG_OK) return false;
        if (stats.holder != first->holder || stats.frame != first->frame) return false;
    }
    return stats.holder != 0;
}

static void look_at_turn(findings *found, const fig_stats *stats)
{
    if (!turn_is_kept(found, stats)) {
        findings_say(found, FINDING_OK, "writers' turn", NULL, "is passed on");
        return;
    }
    switch (state_of_process(stats->holder)) {
    case 'T':
    case 't':
        findings_say(found, FINDING_BAD, "writers' turn", "let it go on (kill -CONT) or end it: nobody else can write",
                     "process %" PRIu32 " has it and is stopped", stats->holder);
        break;
    case '\0':
        findings_say(found, FINDING_WARNING, "writers' turn", "look in the other containers that share the directory",
                     "process %" PRIu32 " has it and is not to be seen here", stats->holder);
        break;
    default:
        findings_say(found, FINDING_BAD, "writers' turn", "look at its disk, and at the kernel's log",
                     "process %" PRIu32 " has had it for more than %d ms", stats->holder,
                     TURN_LOOKS * TURN_LOOK_US / 1000);
    }
}

int health_of_store(findings *found)
{
    fig_stats stats = fig_stats_default();
    fig_status status = fig_get_stats(found->at->engine, &stats);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    findings_say(found, FINDING_OK, "store", NULL,
                 "version %" PRIu64 ", %" PRIu64 " appointments of %" PRIu64 " barbers, %.1f MiB in memory",
                 stats.version, stats.appointments, stats.barbers, (double)stats.memory_bytes / MIB);
    look_at_disk(found, &stats);
    look_at_start(found, &stats);
    look_at_journal(found);
    look_at_turn(found, &stats);
    look_at_unchecked(found, &stats);
    return EXIT_DONE;
}
