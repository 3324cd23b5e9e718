#include "tools/change.h"
#include "tools/commands.h"

static const char help[] =
    "usage: figaro move DIR ID [--start T] [--minutes N] [--barber B] [--service S] [--before M] [--after "
    "M]\n"
    "\n"
    "Moves an appointment in one step: what is given changes, the rest stays. It does not stand in its own "
    "way.\n"
    "\n"
    "  --start T            the new start (RFC 3339, or without an offset in the barber's zone); the length stays\n"
    "                       unless --minutes is given\n"
    "  --minutes N          the new length, 1 to 527040 minutes\n"
    "  --barber B           the new barber's exact name, else their id\n"
    "  --service S          the new service (exact name, else id)\n"
    "  --before M           the new buffer before it, 0 to 10080 minutes\n"
    "  --after M            the new buffer after it\n"
    "  --nearest            when it is refused, say the nearest start that would do\n"
    "  --key K              request key: the same request again with this key changes nothing\n"
    "  --series WHICH       this (the default), following (this one and those of its series that start after it) or "
    "all\n"
    "                       active ones of its series, all or nothing; a series is told by its keys, K#1, K#2 ...\n"
    "  --if-version V       refuse unless the appointment is at this version\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro move shop 17 --start 2026-03-02T15:00\n"
    "  figaro move shop 17 --barber Susanna --if-version 42\n"
    "  figaro move shop 17 --start 2026-03-03T10:30 --series following\n";

int command_move(int argc, char **argv) { return change_command(CHANGE_MOVE, help, argc, argv); }
