#include "tools/change.h"
#include "tools/commands.h"

static const char help[] = "usage: figaro cancel DIR ID [options]\n"
                           "\n"
                           "Cancels an appointment; its time is free at once.\n"
                           "\n"
                           "  --key K              request key: the same request again with this key changes nothing\n"
                           "  --if-version V       refuse unless the appointment is at this version\n" COMMON_HELP "\n"
                           "examples:\n"
                           "  figaro cancel shop 17\n"
                           "  figaro cancel shop 17 --key web-4712 --json\n";

int command_cancel(int argc, char **argv) { return change_command(CHANGE_CANCEL, help, argc, argv); }
