#include "tools/change.h"
#include "tools/commands.h"

static const char help[] =
    "usage: figaro confirm DIR ID [options]\n"
    "\n"
    "Confirms a held, pending or scheduled appointment. A hold that has expired is gone: hold or book "
    "again.\n"
    "\n"
    "  --key K              request key: the same request again with this key changes nothing\n"
    "  --series WHICH       this (the default), following (this one and those of its series that start after it) or "
    "all\n"
    "                       active ones of its series, all or nothing; a series is told by its keys, K#1, K#2 ...\n"
    "  --if-version V       refuse unless the appointment is at this version\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro confirm shop 17\n"
    "  figaro confirm shop 17 --if-version 42 --json\n"
    "  figaro confirm shop 17 --series all\n";

int command_confirm(int argc, char **argv) { return change_command(CHANGE_CONFIRM, help, argc, argv); }
