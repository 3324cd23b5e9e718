#include "tools/arguments.h"

#include "tools/output.h"
#include "tools/text.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_FIRST = 256, OPTION_NOW = ARGUMENTS_MAX, OPTION_JSON, OPTION_HELP, OPTION_COUNT };

static bool take_minutes(const argument *option, const char *text, uint64_t least_s, uint64_t most_s, reason *why)
{
    uint64_t minutes;
    if (!text_number(text, (least_s + 59) / 60, most_s / 60, &minutes, why)) {
        size_t used = strlen(why->text);
        snprintf(why->text + used, sizeof why->text - used, " (in minutes)");
        return false;
    }
    *option->seconds = (int64_t)minutes * 60;
    return true;
}

static bool take_status(const argument *option, const char *text, reason *why)
{
    if (fig_appointment_status_from_name(text, option->status) == FIG_OK) return true;
    return reason_set(why,
                      "'%.32s' is no status; there are held, pending, scheduled, confirmed, completed, cancelled, "
                      "no_show, expired",
                      text);
}

static bool take_text(const argument *option, const char *text, size_t most, reason *why)
{
    if (most == 0 ? *text == '\0' : !text_check(text, most, why))
        return most == 0 ? reason_set(why, "is empty") : false;
    if (option->kind == ARGUMENT_NAMED)
        option->named->text = text;
    else
        *option->text = text;
    return true;
}

static bool take_id(const argument *option, const char *text, reason *why)
{
    if (!text_is_decimal(text)) return reason_set(why, "'%.64s' is no id; give the decimal number", text);
    return text_number(text, 1, ARGUMENT_ID_MAX, option->number, why);
}

static bool take_order(const argument *option, const char *text, reason *why)
{
    static const char *const orders[] = {"first", "least-loaded", "least-recent", "priority"};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (strcmp(text, orders[i]) != 0) continue;
        *option->order = (fig_any_order)i;
        return true;
    }
    return reason_set(why, "'%.32s' is no order; there are first, least-loaded, least-recent, priority", text);
}

bool argument_named(const named *thing) { return thing->text != NULL || thing->id != 0; }

bool argument_given(moment at) { return at.is_local || at.seconds != ARGUMENT_NO_INSTANT; }

bool argument_take(const argument *option, const char *text, reason *why)
{
    switch (option->kind) {
    case ARGUMENT_FLAG: *option->flag = true; return true;
    case ARGUMENT_TEXT: return take_text(option, text, 0, why);
    case ARGUMENT_KEY: return take_text(option, text, FIG_KEY_MAX, why);
    case ARGUMENT_NOTE: return take_text(option, text, FIG_NOTE_MAX, why);
    case ARGUMENT_INSTANT: return rfc3339_parse(text, option->seconds, why) || reason_prefix(why, "'%.64s': ", text);
    case ARGUMENT_MOMENT:
        return rfc3339_parse_moment(text, option->moment, why) || reason_prefix(why, "'%.64s': ", text);
    case ARGUMENT_DATE: return rfc3339_parse_date(text, option->seconds, why) || reason_prefix(why, "'%.64s': ", text);
    case ARGUMENT_LENGTH: return take_minutes(option, text, 60, FIG_DURATION_MAX, why);
    case ARGUMENT_BUFFER: return take_minutes(option, text, 0, FIG_BUFFER_MAX, why);
    case ARGUMENT_ID: return take_id(option, text, why);
    case ARGUMENT_NUMBER: return text_number(text, option->least, option->most, option->number, why);
    case ARGUMENT_STATUS: return take_status(option, text, why);
    case ARGUMENT_NAMED: return take_text(option, text, 0, why);
    case ARGUMENT_ORDER: return take_order(option, text, why);
    }
    return false;
}

int arguments_wrong(const command_line *line, const char *option, const char *words)
{
    return complain(EXIT_USAGE, "--%s: %s (see `figaro %s --help`)", option, words, line->command);
}

int arguments_missing(const command_line *line, const char *option)
{
    return complain(EXIT_USAGE, "--%s is missing (see `figaro %s --help`)", option, line->command);
}

static void list_options(const command_line *line, struct option *list)
{
    size_t count = 0;
    for (; count < line->option_count; count++) {
        const argument *option = &line->options[count];
        int has_value = option->kind == ARGUMENT_FLAG ? no_argument : required_argument;
        list[count] = (struct option){option->name, has_value, NULL, OPTION_FIRST + (int)count};
    }
    list[count++] = (struct option){"now", required_argument, NULL, OPTION_FIRST + OPTION_NOW};
    list[count++] = (struct option){"json", no_argument, NULL, OPTION_FIRST + OPTION_JSON};
    list[count++] = (struct option){"help", no_argument, NULL, OPTION_FIRST + OPTION_HELP};
    list[count] = (struct option){0};
}

static int take_option(const command_line *line, int index, session *at)
{
    argument now = {.name = "now", .kind = ARGUMENT_INSTANT, .seconds = &at->now_s};
    argument json = {.name = "json", .kind = ARGUMENT_FLAG, .flag = &at->json};
    const argument *option = index == OPTION_NOW ? &now : index == OPTION_JSON ? &json : &line->options[index];
    reason why;
    if (index == OPTION_NOW) at->now_given = true;
    if (argument_take(option, optarg, &why)) return ARGUMENTS_GO;
    return arguments_wrong(line, option->name, why.text);
}

static const char *list_name(const command_line *line, int index)
{
    return index == OPTION_NOW ? "now" : index == OPTION_JSON ? "json" : line->options[index].name;
}

static int take_options(const command_line *line, int argc, char **argv, session *at)
{
    struct option list[ARGUMENTS_MAX + 4];
    bool given[OPTION_COUNT] = {false};
    list_options(line, list);
    optind = 0; /* glibc: begin anew, also in a process that has parsed before */
    opterr = 0;
    for (;;) {
        int found = getopt_long(argc, argv, ":h", list, NULL);
        if (found == -1) return ARGUMENTS_GO;
        const char *word = argv[optind > 0 ? optind - 1 : 0];
        if (found == 'h' || found == OPTION_FIRST + OPTION_HELP) {
            fputs(line->help, stdout);
            return EXIT_DONE;
        }
        if (found == ':') return complain(EXIT_USAGE, "%s needs a value (see `figaro %s --help`)", word, line->command);
        if (found == '?')
            return complain(EXIT_USAGE, "%s: no such option (see `figaro %s --help`)", word, line->command);
        int index = found - OPTION_FIRST;
        if (given[index]) return complain(EXIT_USAGE, "--%s is given twice", list_name(line, index));
        given[index] = true;
        int code = take_option(line, index, at);
        if (code != ARGUMENTS_GO) return code;
    }
}

static size_t word_count(const char *words)
{
    size_t count = *words != '\0';
    for (; *words != '\0'; words++) count += *words == ' ';
    return count;
}

int arguments_read(const command_line *line, int argc, char **argv, session *at,
                   const char *operands[ARGUMENT_OPERANDS])
{
    int code = take_options(line, argc, argv, at);
    if (code != ARGUMENTS_GO) return code;
    size_t wanted = word_count(line->operands), given = (size_t)(argc - optind);
    if (given != wanted)
        return complain(EXIT_USAGE, "%s: usage is `figaro %s %s [options]` (see `figaro %s --help`)",
                        given < wanted ? "something is missing" : "there is one too many", line->command,
                        line->operands, line->command);
    for (size_t i = 0; i < wanted; i++) operands[i] = argv[optind + (int)i];
    return ARGUMENTS_GO;
}
