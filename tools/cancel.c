#include "tools/change.h"
#include "tools/commands.h"

static const char help[] =
    "usage: figaro cancel DIR ID [options]\n"
    "\n"
    "Cancels an appointment; its time is free at once.\n"
    "\n"
    "  --key K              request key: the same request again with this key changes nothing\n"
    "  --series WHICH       this (the default), following (this one and those of its series that start after it) or "
    "all\n"
    "                       active ones of its series, all or nothing; a series is told by its keys, K#1, K#2 ...\n"
    "  --if-version V       refuse unless the appointment is at this version\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro cancel shop 17\n"
    "  figaro cancel shop 17 --key web-4712 --json\n"
    "  figaro cancel shop 17 --series following\n";

int command_cancel(int argc, char **argv) { return change_command(CHANGE_CANCEL, help, argc, argv); }
