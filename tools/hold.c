#include "tools/change.h"
#include "tools/commands.h"

static const char help[] =
    "usage: figaro hold DIR --barber B --start T --minutes N [--ttl SECONDS] [options]\n"
    "\n"
    "Holds a time: it is taken until the hold expires, or for good once `figaro confirm` confirms it. The "
    "same hold\n"
    "again with the same key renews it.\n"
    "\n"
    "  --barber B           the barber's exact name, else their id\n"
    "  --start T            when it starts (RFC 3339, or without an offset in the barber's zone)\n"
    "  --minutes N          how long it lasts, 1 to 527040 minutes\n"
    "  --ttl SECONDS        how long the hold lives (default 600)\n"
    "  --before M           buffer before it, 0 to 10080 minutes\n"
    "  --after M            buffer after it\n"
    "  --client ID          whom it is for\n"
    "  --service ID         what is done\n"
    "  --key K              request key\n"
    "  --if-version V       refuse unless the hold that is renewed is at this version\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro hold shop --barber Figaro --start 2026-03-02T10:00 --minutes 30 --ttl 300 --key cart-12\n"
    "  figaro confirm shop 17\n";

int command_hold(int argc, char **argv) { return change_command(CHANGE_HOLD, help, argc, argv); }
