/* What the build says of itself is true: help lists every target, and README's commands exist. */
#include "tests/support.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void visit_target(const char *target, const char *makefile, const char *help);

static void for_each_target(visit_target *visitor)
{
    char *makefile = support_read_file("Makefile", NULL);
    struct support_child help = SUPPORT_RUN("make", "--no-print-directory", "help");
    cr_assert_eq(help.exit_code, 0, "%s", help.err);
    for (const char *at = strstr(makefile, "\n.PHONY: "); at != NULL; at = strstr(at + 1, "\n.PHONY: ")) {
        char names[512] = "";
        sscanf(at + 9, "%511[^\n]", names);
        for (char *name = strtok(names, " "); name != NULL; name = strtok(NULL, " ")) visitor(name, makefile, help.out);
    }
    support_free(&help);
    free(makefile);
}

static void check_help(const char *target, const char *makefile, const char *help)
{
    char rule[128], line[128];
    support_format(rule, sizeof rule, "\n%s:", target);
    const char *found = strstr(makefile, rule);
    cr_assert_not_null(found, "%s is .PHONY but has no rule", target);
    char head[512] = "";
    sscanf(found + 1, "%511[^\n]", head);
    cr_expect_not_null(strstr(head, " ## "), "target %s has no ## comment", target);
    support_format(line, sizeof line, "make %s ", target);
    cr_expect_not_null(strstr(help, line), "make help does not list %s", target);
}

Test(house, help_lists_every_target) { for_each_target(check_help); }

/* Does the Makefile know `make <name>`? */
static bool is_target(const char *name)
{
    char rule[128];
    char *makefile = support_read_file("Makefile", NULL);
    support_format(rule, sizeof rule, "\n.PHONY: %s\n", name);
    bool found = strstr(makefile, rule) != NULL;
    free(makefile);
    return found;
}

static bool begins_a_command(const char *text, const char *at)
{
    if (at == text) return true;
    return at[-1] == '\n' || at[-1] == '`' || (at >= text + 2 && strncmp(at - 2, "$ ", 2) == 0) ||
           (at >= text + 3 && strncmp(at - 3, "&& ", 3) == 0);
}

/* Every `make x` at the start of a line, after a prompt or in backquotes. */
static void check_commands(const char *file)
{
    char *text = support_read_file(file, NULL);
    unsigned seen = 0;
    for (const char *at = strstr(text, "make "); at != NULL; at = strstr(at + 1, "make ")) {
        char name[64] = "";
        if (!begins_a_command(text, at) || sscanf(at + 5, "%63[a-z-]", name) != 1 || name[0] == '-') continue;
        if (at[5 + strlen(name)] == '=') continue;
        cr_expect(is_target(name), "%s says `make %s`, which is no target", file, name);
        seen++;
    }
    cr_expect(seen > 0, "%s names no make command", file);
    free(text);
}

Test(house, readme_commands_are_targets) { check_commands("README.md"); }

Test(house, ci_runs_what_readme_says)
{
    char *script = support_read_file(".ci/run", NULL);
    cr_assert_not_null(strstr(script, "\nmake test"), ".ci/run does not run make test");
    cr_assert_not_null(strstr(script, "set -euo pipefail"));
    free(script);
}
