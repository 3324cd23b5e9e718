#include "engine/figaro.h"
#include "tools/commands.h"
#include "tools/crash.h"
#include "tools/output.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"init", command_init, "make a store"},
    {"setup", command_setup, "declare shops, barbers, services, clients and rules from a JSON file"},
    {"book", command_book, "book an appointment"},
    {"hold", command_hold, "hold a time that expires unless it is confirmed"},
    {"confirm", command_confirm, "confirm an appointment or a hold"},
    {"cancel", command_cancel, "cancel an appointment"},
    {"move", command_move, "change an appointment's time, barber, service or buffers"},
    {"status", command_status, "set an appointment's status"},
    {"batch", command_batch, "make several changes, all or nothing"},
    {"check", command_check, "ask whether a time is free"},
    {"slots", command_slots, "list the starts of a day that can be booked, and why others cannot"},
    {"next", command_next, "find the earliest start that can be booked"},
    {"list", command_list, "list appointments"},
    {"show", command_show, "show one appointment"},
    {"history", command_history, "tell every change of one appointment"},
    {"day", command_day, "draw the day of all barbers"},
    {"import", command_import, "book the rows of a CSV file"},
    {"export", command_export, "write a store's appointments, or all that it knows, to a file"},
    {"replay", command_replay, "play a workload file of requests"},
    {"journal", command_journal, "print the journal of changes"},
    {"tz", command_tz, "compare the store's time zones with the system's"},
    {"backup", command_backup, "copy a store, also while others write"},
    {"restore", command_restore, "make a store of a backup, checked before and after"},
    {"repair", command_repair, "make a store of what is sound in a damaged one"},
    {"verify", command_verify, "check every byte of a store"},
    {"stats", command_stats, "print a store's numbers and the digest of its state"},
};

static void print_usage(FILE *to)
{
    fputs("figaro - books appointments, and never two at one time\n\nusage: figaro COMMAND DIR [options]\n\n", to);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(to, "  %-8s  %s\n", commands[i].name, commands[i].summary);
    fputs("\nfigaro COMMAND --help says more, with examples; figaro --version says which figaro this is.\n"
          "exit code: 0 done, 1 refused, 2 wrong usage or input file, 3 fault or damaged store\n",
          to);
}

static int dispatch(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    if (name == NULL) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    if (strcmp(name, "--version") == 0) {
        puts("figaro " FIG_VERSION);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(name, commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1);
    return complain(EXIT_USAGE, "'%s' is no command (see `figaro --help`)", name);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "");
    signal(SIGPIPE, SIG_IGN); /* a reader that has gone is a failed write, and that is said */
    crash_install();
    return output_finish(dispatch(argc, argv));
}
