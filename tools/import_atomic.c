#include "tools/import_atomic.h"

#include "tools/output.h"

/* Held from before it is copied until the copy is in its place: nothing that others write is lost. */
static int hold(session *held, const char *directory)
{
    fig_error error = fig_error_default();
    fig_options options = session_options(held);
    options.exclusive = true;
    fig_status status = fig_open(directory, &options, &held->engine, &error);
    if (status == FIG_OK) return EXIT_DONE;
    if (status != FIG_UNAVAILABLE) return session_complain(directory, status, &error);
    return complain(output_exit_code(status),
                    "%s is in use, and --atomic wants it alone: stop what has it open until the import is done, or "
                    "import without --atomic",
                    directory);
}

int import_atomic_begin(const session *at, const char *directory, import_atomic *import)
{
    *import = (import_atomic){.held = *at};
    if (staging_is_new(directory)) return staging_begin(directory, &import->staged);
    int code = hold(&import->held, directory);
    if (code != EXIT_DONE) return code;
    code = staging_begin_copy(directory, &import->staged);
    return code == EXIT_DONE ? code : session_close(&import->held, code);
}

int import_atomic_end(import_atomic *import, int code)
{
    if (code == EXIT_DONE)
        code = staging_publish(&import->staged);
    else
        staging_drop(&import->staged);
    return session_close(&import->held, code);
}
