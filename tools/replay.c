/* `figaro replay`: which of its ways is meant. */
#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/output.h"
#include "tools/replay_journal.h"
#include "tools/replay_requests.h"
#include "tools/replay_workload.h"

#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: figaro replay DIR FILE [--batch N] [--acks FILE] [--skip N] [--refusals] [--json]\n"
    "       figaro replay DIR STORE [--from V] [--to V] [--speed S] [--verify] [--json]\n"
    "       figaro replay DIR STORE --diff [--json]\n"
    "       figaro replay DIR STORE|FILE --setup FILE.json|--without B|--requests [--within MINUTES] [--summary]\n"
    "\n"
    "Plays a workload file (CSV or .csv.gz with the columns at,op,barber,key,start,end) into a store, which "
    "is made when\n"
    "it is missing. Each row's `at` is its now. Refused rows are counted and passed over; a malformed row "
    "ends the\n"
    "replay (exit 2), and the rows before it stay played.\n"
    "\n"
    "  --batch N            rows in a commit, 1 to 4096 (default 256)\n"
    "  --acks FILE          after each durable commit, append the number of rows acknowledged so far\n"
    "  --skip N             pass over the first N rows, to go on where an interrupted replay "
    "stopped\n"
    "  --refusals           journal refused rows, too, so that they can be asked again under other settings (but for "
    "those\n"
    "                       whose span is empty)\n"
    "\n"
    "Where the second is the directory of a store, its journal is played into DIR: made when it is missing, or gone "
    "on\n"
    "with behind what it has. Nothing is decided again: the frames become DIR's own, each held against the digest that "
    "it\n"
    "carries.\n"
    "\n"
    "  --from V             the frames before version V are played at once, and --speed begins there\n"
    "  --to V               stop behind the last frame that ends at version V or before\n"
    "  --speed S            max (the default), real, or how many times as fast as the requests' own clocks, as in 60\n"
    "  --verify             check the whole of DIR at the end, as `figaro verify` does\n"
    "  --diff               play nothing: compare the two stores and name the appointments that differ (by key, else "
    "by\n"
    "                       id); exit 1 when there are any\n"
    "\n"
    "What if? With --requests, --setup or --without, what was asked of the store (or stands in the workload file) is "
    "asked\n"
    "again of DIR, a new store, under other settings; everything is decided anew. A start that was chosen from the "
    "slots of\n"
    "its day must be listed again; lengths and buffers that were those of the settings are those of the new ones. Who "
    "is\n"
    "refused takes the nearest free slot of the barber, else of any barber of the shop. A line says of each request "
    "that came\n"
    "to something else what became of it; the summary counts them all. What was refused then is asked again, too, "
    "where the\n"
    "store journaled it.\n"
    "\n"
    "  --setup FILE.json    what is to be otherwise, as for `figaro setup`\n"
    "  --without B          a barber who takes no bookings\n"
    "  --requests           the settings as they were\n"
    "  --within MINUTES     how far the nearest slot may be (default 120, at most 1440; 0: the same time, another "
    "barber)\n"
    "  --from V             ask again from version V on (default: the first request on an appointment); all before is "
    "taken\n"
    "                       as it was\n"
    "  --to V               as far as version V\n"
    "  --recorded           judge what was booked for the record, too (by an import, say: else no setting is asked of "
    "it)\n"
    "  --summary            only the counts\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro replay shop february.workload.csv.gz\n"
    "  figaro replay shop february.workload.csv.gz --batch 1024 --acks acks.txt --json\n"
    "  figaro replay copy shop --to 4711\n"
    "  figaro replay trial shop --diff\n"
    "  figaro replay trial shop --setup quarter-hours.json --summary\n";

#define NOT_GIVEN UINT64_MAX

enum { BATCH = 256, WITHIN_MINUTES = 120 };

struct options {
    workload_order file;
    journal_order journal;
    requests_order requests;
    const char *speed;
    uint64_t from, to, within_minutes;
    bool diff, asks;
};

static bool is_directory(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

/* The first option that was given and does not go with this way; NULL: there is none. */
static const char *stray_of_requests(const struct options *wanted)
{
    if (wanted->within_minutes != NOT_GIVEN) return "within";
    if (wanted->requests.recorded) return "recorded";
    return wanted->requests.summary ? "summary" : NULL;
}

static const char *stray_of_files(const struct options *wanted)
{
    if (wanted->file.acks != NULL) return "acks";
    if (wanted->file.batch != NOT_GIVEN) return "batch";
    return wanted->file.skip > 0 ? "skip" : wanted->file.refusals ? "refusals" : NULL;
}

static const char *stray_of_pace(const struct options *wanted)
{
    return wanted->speed != NULL ? "speed" : wanted->journal.verify ? "verify" : NULL;
}

static const char *stray_of_range(const struct options *wanted)
{
    return wanted->from > 0 ? "from" : wanted->to != INT64_MAX ? "to" : NULL;
}

static const char *first_of(const char *a, const char *b, const char *c) { return a != NULL ? a : b != NULL ? b : c; }

static bool asks_again(const struct options *wanted)
{
    return wanted->asks || wanted->requests.setup != NULL || wanted->requests.without != NULL;
}

static int run_requests(const command_line *line, session *at, struct options *wanted)
{
    const char *stray = first_of(stray_of_files(wanted), stray_of_pace(wanted), wanted->diff ? "diff" : NULL);
    if (stray != NULL) return arguments_wrong(line, stray, "does not go with requests that are asked again");
    uint64_t minutes = wanted->within_minutes != NOT_GIVEN ? wanted->within_minutes : WITHIN_MINUTES;
    wanted->requests.from = wanted->from;
    wanted->requests.to = wanted->to;
    wanted->requests.within_s = (int64_t)minutes * 60;
    return replay_requests(at, &wanted->requests);
}

static int run_diff(const command_line *line, session *at, const struct options *wanted)
{
    const char *stray = first_of(stray_of_files(wanted), stray_of_pace(wanted), stray_of_range(wanted));
    if (stray == NULL) stray = stray_of_requests(wanted);
    if (stray != NULL) return arguments_wrong(line, stray, "does not go with --diff");
    return replay_diff(at, wanted->journal.directory, wanted->journal.source);
}

static int run_journal(const command_line *line, session *at, struct options *wanted)
{
    reason why;
    const char *stray = stray_of_files(wanted);
    if (stray != NULL) return arguments_wrong(line, stray, "goes with a workload file alone");
    stray = stray_of_requests(wanted);
    if (stray != NULL) return arguments_wrong(line, stray, "goes with --setup, --without or --requests");
    if (wanted->speed != NULL && !replay_speed(wanted->speed, &wanted->journal.speed, &why))
        return arguments_wrong(line, "speed", why.text);
    wanted->journal.from = wanted->from > 0 ? wanted->from : 1;
    wanted->journal.to = wanted->to;
    return replay_journal(at, &wanted->journal);
}

static int run_file(const command_line *line, session *at, struct options *wanted)
{
    const char *stray = first_of(wanted->diff ? "diff" : NULL, stray_of_pace(wanted), stray_of_range(wanted));
    if (stray != NULL)
        return complain(EXIT_USAGE,
                        "%s: is no directory of a store, and --%s goes with one alone (see `figaro %s --help`)",
                        wanted->file.file, stray, line->command);
    stray = stray_of_requests(wanted);
    if (stray != NULL) return arguments_wrong(line, stray, "goes with --setup, --without or --requests");
    if (wanted->file.batch == NOT_GIVEN) wanted->file.batch = BATCH;
    return replay_workload(at, &wanted->file);
}

int command_replay(int argc, char **argv)
{
    session at = session_default();
    struct options wanted = {.file.batch = NOT_GIVEN, .to = INT64_MAX, .within_minutes = NOT_GIVEN};
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {
        {"batch", ARGUMENT_NUMBER, .number = &wanted.file.batch, .least = 1, .most = FIG_BATCH_MAX},
        {"acks", ARGUMENT_TEXT, .text = &wanted.file.acks},
        {"skip", ARGUMENT_NUMBER, .number = &wanted.file.skip, .least = 0, .most = INT64_MAX},
        {"refusals", ARGUMENT_FLAG, .flag = &wanted.file.refusals},
        {"from", ARGUMENT_NUMBER, .number = &wanted.from, .least = 1, .most = INT64_MAX},
        {"to", ARGUMENT_NUMBER, .number = &wanted.to, .least = 1, .most = INT64_MAX},
        {"speed", ARGUMENT_TEXT, .text = &wanted.speed},
        {"verify", ARGUMENT_FLAG, .flag = &wanted.journal.verify},
        {"diff", ARGUMENT_FLAG, .flag = &wanted.diff},
        {"requests", ARGUMENT_FLAG, .flag = &wanted.asks},
        {"setup", ARGUMENT_TEXT, .text = &wanted.requests.setup},
        {"without", ARGUMENT_TEXT, .text = &wanted.requests.without},
        {"within", ARGUMENT_NUMBER, .number = &wanted.within_minutes, .least = 0, .most = 1440},
        {"recorded", ARGUMENT_FLAG, .flag = &wanted.requests.recorded},
        {"summary", ARGUMENT_FLAG, .flag = &wanted.requests.summary},
    };
    const command_line line = {"replay", help, "DIR FILE", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    if (wanted.from > wanted.to) return arguments_wrong(&line, "to", "must not lie before --from");
    wanted.file.directory = wanted.journal.directory = wanted.requests.directory = operands[0];
    wanted.file.file = wanted.journal.source = wanted.requests.source = operands[1];
    wanted.requests.is_file = !is_directory(operands[1]);
    if (asks_again(&wanted)) return run_requests(&line, &at, &wanted);
    if (wanted.diff && !wanted.requests.is_file) return run_diff(&line, &at, &wanted);
    return wanted.requests.is_file ? run_file(&line, &at, &wanted) : run_journal(&line, &at, &wanted);
}
