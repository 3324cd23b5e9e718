/* What declarations say, member by member: tables that their writer and their reader share. Not for others. */
#ifndef FIG_TOOLS_DECLARED_MEMBERS_H
#define FIG_TOOLS_DECLARED_MEMBERS_H

#include "engine/figaro.h"
#include "tools/reason.h"

#include <jansson.h>

enum { MINUTE_SECONDS = 60, HOUR_SECONDS = 3600 };

typedef enum member_kind {
    ID,       /* uint64_t */
    NAME,     /* char array of `most` bytes and a NUL */
    SPAN,     /* uint32_t of seconds, told in a unit; UINT32_MAX: not said */
    NUMBER,   /* uint32_t */
    PRIORITY, /* int32_t */
    FLAG,     /* bool */
    DECLINED, /* bool, told as its opposite */
    CLOCK,    /* uint32_t; UINT32_MAX: none */
    DATE,     /* int32_t of days; FIG_NO_DAY: none */
    WORD,     /* an enumeration */
    DAYS,     /* uint8_t of bits, a word for each */
    FLAGS,    /* uint32_t of bits, the same */
    TYPE,     /* of a rule */
    PARAMS,   /* of a rule: an object of what its type reads */
    WHOM,     /* of a rule: types of clients, or ids, by its scope */
    GROUP,    /* an object of other members of the same struct */
    IDS,      /* lists: a pointer, and the count at `count_at` */
    WEEKLY,
    CUTS,
    OFFERS,
} member_kind;

typedef struct member {
    const char *name;
    member_kind kind;
    size_t at, count_at; /* in the struct */
    uint32_t least, most;
    uint32_t unit_s;            /* of a SPAN: a minute or an hour */
    const char *seconds;        /* the name under which it is told in seconds */
    const char *words;          /* parted by "|" */
    const struct member *group; /* the members of a GROUP, or of one of OFFERS; of one without a name, which ends a
                                   table, that which the table goes on with */
    const struct cut_list *cuts;
} member;

/* Reads one into a fig_cut. */
typedef bool read_cut(const json_t *value, void *into, reason *why);

/* How a list of cuts tells of them. */
typedef struct cut_list {
    fig_cut_kind kind; /* of those that do not say another */
    bool of_all_kinds; /* else it has that kind alone, and other lists have the others */
    read_cut *read;
    read_cut *read_short; /* of a whole day as a text; NULL: there is none */
    size_t short_from;    /* what the text leaves out of a date: 5 for "12-25" */
} cut_list;

/* Everything that can be declared: as in new ones, the members that a record tells, and what of it they are in. */
struct declared {
    fig_schedule schedule;
    fig_service service;
    fig_client client;
    fig_rule rule;
};

struct declared declared_new(void);
const member *declared_members(const fig_record *record);
void *declared_part(struct declared *declared, fig_record_kind kind);
extern const member declared_offer[]; /* of one service that a barber does */
extern const fig_offer declared_usual_offer;

/* The members of a table; NULL: there are no more. */
const member *declared_first(const member *members);
const member *declared_after(const member *of);

/* What a rule of a type reads; NULL: no rule of it can be declared. */
const member *declared_params(fig_rule_type type);

#endif
