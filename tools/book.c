#include "tools/change.h"
#include "tools/commands.h"

static const char help[] =
    "usage: figaro book DIR --barber B --start T --minutes N [options]\n"
    "\n"
    "Books an appointment and prints it, or prints what is in the way (exit 1).\n"
    "\n"
    "  --barber B           the barber's exact name, else their id\n"
    "  --start T            when it starts (RFC 3339, or without an offset in the barber's zone)\n"
    "  --minutes N          how long it lasts, 1 to 527040 minutes\n"
    "  --before M           buffer before it, 0 to 10080 minutes\n"
    "  --after M            buffer after it\n"
    "  --client ID          whom it is for\n"
    "  --service ID         what is done\n"
    "  --pending            as pending, not scheduled\n"
    "  --note TEXT          free text that is kept with it\n"
    "  --key K              request key: the same request again with this key changes nothing\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro book shop --barber Figaro --start 2026-03-02T10:00 --minutes 30\n"
    "  figaro book shop --barber 7 --start 2026-03-02T11:00:00Z --minutes 45 --after 10 --key web-4711 "
    "--json\n";

int command_book(int argc, char **argv) { return change_command(CHANGE_BOOK, help, argc, argv); }
