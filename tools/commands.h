/* The subcommands. Each reads its own command line (argv[0] is its name) and returns the exit code. */
#ifndef FIG_TOOLS_COMMANDS_H
#define FIG_TOOLS_COMMANDS_H

int command_init(int argc, char **argv);
int command_setup(int argc, char **argv);
int command_book(int argc, char **argv);
int command_hold(int argc, char **argv);
int command_confirm(int argc, char **argv);
int command_cancel(int argc, char **argv);
int command_move(int argc, char **argv);
int command_status(int argc, char **argv);
int command_batch(int argc, char **argv);
int command_check(int argc, char **argv);
int command_slots(int argc, char **argv);
int command_next(int argc, char **argv);
int command_tz(int argc, char **argv);
int command_list(int argc, char **argv);
int command_show(int argc, char **argv);
int command_history(int argc, char **argv);
int command_day(int argc, char **argv);
int command_import(int argc, char **argv);
int command_export(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_journal(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_repair(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_stats(int argc, char **argv);

/* The lines on --now, --json and --help that every help ends with. */
#define COMMON_HELP                                                                                                    \
    "  --now T              the instant that stands in for the clock (RFC 3339 with Z or an offset)\n"                 \
    "  --json               one JSON object a line\n"                                                                  \
    "  --help               this text\n"

#endif
