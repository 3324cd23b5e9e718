#include "tools/change.h"
#include "tools/commands.h"

static const char help[] =
    "usage: figaro confirm DIR ID [options]\n"
    "\n"
    "Confirms a held, pending or scheduled appointment. A hold that has expired is gone: hold or book "
    "again.\n"
    "\n"
    "  --key K              request key: the same request again with this key changes nothing\n"
    "  --if-version V       refuse unless the appointment is at this version\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro confirm shop 17\n"
    "  figaro confirm shop 17 --if-version 42 --json\n";

int command_confirm(int argc, char **argv) { return change_command(CHANGE_CONFIRM, help, argc, argv); }
