/* What `slots` and `next` look for: whose time, how long, for whom. Read from options that both have. */
#ifndef FIG_TOOLS_WISH_H
#define FIG_TOOLS_WISH_H

#include "tools/arguments.h"
#include "tools/output.h"

#define WISH_NO_ORDER ((fig_any_order)-1)

typedef struct wish_order {
    const char *barber; /* NULL: any */
    bool any;
    fig_any_order order; /* WISH_NO_ORDER: not given */
    named shop, service, client;
    int64_t length_s, before_s, after_s; /* ARGUMENT_NO_LENGTH: not given */
} wish_order;

wish_order wish_default(void);

#define WISH_OPTIONS 9
/* Puts the descriptions of the options in front of a command's own. */
void wish_options(wish_order *order, argument options[WISH_OPTIONS]);

/* What can be said against the values without a store; returns ARGUMENTS_GO, or complains. */
int wish_check(const command_line *line, const wish_order *order);

/* Looks up what was named. `whose` is the barber, or for any one who stands for the shop's zone. */
int wish_resolve(const session *at, const wish_order *order, fig_wish *wish, fig_barber *whose);

/* A slot as {"barber","start","end"}. */
json_t *wish_slot_object(const session *at, const fig_slot *slot);

/* Room for the barbers who are skipped. */
#define WISH_SKIPPED 256

/* Names barbers whose data fails on stderr; with --json also in a last line, when there are any. */
void wish_print_skipped(const session *at, const fig_slots *slots);

#define WISH_HELP                                                                                                      \
    "  --barber B           the barber's exact name, else their id\n"                                                  \
    "  --any                in place of --barber: any barber\n"                                                        \
    "  --order O            whom --any takes: first (smallest id, the default), least-loaded (that day),\n"            \
    "                       least-recent, priority; ties go by id\n"                                                   \
    "  --shop S             --any is of this shop (exact name, else id)\n"                                             \
    "  --service S          what is to be done (exact name, else id)\n"                                                \
    "  --client C           for whom (exact name, else id): rules may ask about them\n"                                \
    "  --minutes N          how long it lasts; may be left out where the service has a length\n"                       \
    "  --before M           buffer before it, 0 to 10080 minutes (default: the barber's or the service's)\n"           \
    "  --after M            buffer after it\n"

#endif
