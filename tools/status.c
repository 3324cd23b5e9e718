#include "tools/change.h"
#include "tools/commands.h"

static const char help[] =
    "usage: figaro status DIR ID NEW [options]\n"
    "\n"
    "Sets an appointment's status: pending, scheduled, confirmed, completed, cancelled, no_show or expired. "
    "What is\n"
    "not a legal change is refused (exit 1). Back from cancelled or no_show to scheduled is a booking again: "
    "only\n"
    "where the time is still free.\n"
    "\n"
    "  --key K              request key: the same request again with this key changes nothing\n"
    "  --series WHICH       this (the default), following (this one and those of its series that start after it) or "
    "all\n"
    "                       active ones of its series, all or nothing; a series is told by its keys, K#1, K#2 ...\n"
    "  --if-version V       refuse unless the appointment is at this version\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro status shop 17 completed\n"
    "  figaro status shop 17 no_show --json\n"
    "  figaro status shop 17 completed --series all\n";

int command_status(int argc, char **argv) { return change_command(CHANGE_STATUS, help, argc, argv); }
