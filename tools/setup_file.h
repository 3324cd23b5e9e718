/* A setup file: what a shop declares, as JSON. Nothing in it is ever passed over: unknown fields are refused by name,
 * and so is whatever is said twice. What it says of other things by their names is looked up when it is declared.
 *
 * The engine's own structs hold what was read, with the bits of the fields that were given; the lists that hang on them
 * are the file's and go with it. */
#ifndef FIG_TOOLS_SETUP_FILE_H
#define FIG_TOOLS_SETUP_FILE_H

#include "engine/figaro.h"
#include "tools/local_zone.h"

/* What another thing is called in the file. */
typedef struct setup_reference {
    uint64_t id; /* 0: by name */
    char name[FIG_NAME_MAX + 1];
} setup_reference;

typedef struct setup_references {
    setup_reference *list;
    size_t count;
} setup_references;

typedef struct setup_shop {
    fig_shop shop;
    fig_schedule schedule;            /* its cuts: first the blackouts, then the holidays */
    bool has_blackouts, has_holidays; /* which were given: the others stay */
} setup_shop;

typedef struct setup_barber {
    fig_barber barber;
    setup_reference shop;
    fig_schedule schedule;
    setup_references offered; /* the service of each offer */
    bool has_windows;         /* "special" was given: it replaces what the barber has */
    fig_window *windows;
    size_t window_count;
    bool *is_local; /* of each window: its times are those of clocks (as if in UTC) until setup_place_windows() */
    size_t local_count;
} setup_barber;

typedef struct setup_service {
    fig_service service; /* without its lists of services, which are */
    setup_references requires, incompatible;
    bool has_requires, has_incompatible;
    bool kind_is_guessed; /* from its name, when it is new */
} setup_service;

typedef struct setup_client {
    fig_client client; /* its flags are what status, flags and type turn on, */
    uint32_t cleared;  /* after these were turned off */
} setup_client;

typedef struct setup_rule {
    fig_rule rule;
    setup_references of; /* the shops, services or barbers that it is for */
} setup_rule;

typedef struct setup_file {
    setup_shop *shops;
    size_t shop_count;
    setup_service *services;
    size_t service_count;
    setup_client *clients;
    size_t client_count;
    setup_barber *barbers;
    size_t barber_count;
    setup_rule *rules;
    size_t rule_count;
} setup_file;

/* Reads a file. A reason names the file, the path to the field ("barbers[2].special[0].start") and what is
 * wrong; then nothing is to be freed. */
bool setup_file_read(const char *path, setup_file *setup, reason *why);
bool setup_file_parse(const char *name, const char *bytes, size_t size, setup_file *setup, reason *why);

/* Puts the windows that were given without an offset into the barber's zone; those that are empty there are dropped. A
 * reason begins with the window's place, "[2]". */
bool setup_place_windows(setup_barber *barber, const local_zone *zone, reason *why);
void setup_file_free(setup_file *setup);

#endif
