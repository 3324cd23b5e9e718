/* Dated windows: opening, closing, and declaring the whole list. None of these touches an appointment. */
#include "engine/core/deciding.h"

static fig_status add_window(struct decision *decision, enum event_kind kind, uint64_t barber_id, int64_t start_s,
                             int64_t end_s, fig_outcome *outcome)
{
    struct event *event = decision_event(decision, kind);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.window = (struct window_changed){.barber_id = barber_id, .start_s = start_s, .end_s = end_s};
    return FIG_OK;
}

/* Whether opening this span would leave everything as it is. */
static bool is_open_already(const struct barber *barber, int64_t start_s, int64_t end_s)
{
    struct tree_item there;
    return barber->profile->open_declared && tree_find(&barber->windows, start_s, (uint64_t)start_s, &there) &&
           there.start_s + there.duration_s >= end_s;
}

static bool is_closed_already(const struct barber *barber, int64_t start_s, int64_t end_s)
{
    struct tree_cursor cursor;
    return !tree_first_overlap(&barber->windows, start_s, end_s, &cursor);
}

fig_status decide_window(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    const struct barber *barber;
    fig_status status = find_barber(decision, request, &barber, outcome);
    if (status != FIG_OK) return status;
    bool opens = request->operation == FIG_OP_OPEN_WINDOW;
    bool changes = opens ? !is_open_already(barber, request->start_s, request->end_s)
                         : !is_closed_already(barber, request->start_s, request->end_s);
    if (!changes) return FIG_OK;
    bool begins_hours = opens && !barber->profile->open_declared;
    decision->affected = (struct affected){
        .barber_id = barber->profile->id,
        .from_s = begins_hours ? decision->now_s : request->start_s,
        .to_s = begins_hours ? FIG_TIME_MAX : request->end_s,
    };
    enum event_kind kind = opens ? EVENT_WINDOW_OPENED : EVENT_WINDOW_CLOSED;
    return add_window(decision, kind, barber->profile->id, request->start_s, request->end_s, outcome);
}

/* Whether the barber's windows are those of the list already: each is there as declared, and none besides. The list
 * must ascend for that, so that it cannot name one twice; another list is declared anew, to the same effect. */
static bool is_declared_already(const struct barber *barber, const fig_request *request)
{
    size_t there_count = (size_t)barber->windows.count + barber->cuts.count;
    if (request->window_count != there_count || !barber->profile->open_declared) return false;
    int64_t last_start_s[2] = {INT64_MIN, INT64_MIN};
    for (size_t i = 0; i < request->window_count; i++) {
        const fig_window *window = &request->windows[i];
        const struct tree *tree = window->kind == FIG_WINDOW_AVAILABLE ? &barber->windows : &barber->cuts;
        struct tree_item there;
        if (window->start_s <= last_start_s[window->kind]) return false;
        last_start_s[window->kind] = window->start_s;
        if (!tree_find(tree, window->start_s, (uint64_t)window->start_s, &there)) return false;
        if (there.start_s + there.duration_s != window->end_s) return false;
    }
    return true;
}

fig_status decide_windows(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    const struct barber *barber;
    fig_status status = find_barber(decision, request, &barber, outcome);
    if (status != FIG_OK || is_declared_already(barber, request)) return status;
    uint64_t id = barber->profile->id;
    if (barber->windows.count + barber->cuts.count > 0)
        status = add_window(decision, EVENT_WINDOWS_CLEARED, id, 0, 0, outcome);
    for (size_t i = 0; i < request->window_count && status == FIG_OK; i++) {
        const fig_window *window = &request->windows[i];
        enum event_kind kind = window->kind == FIG_WINDOW_AVAILABLE ? EVENT_WINDOW_OPENED : EVENT_WINDOW_CUT;
        status = add_window(decision, kind, id, window->start_s, window->end_s, outcome);
    }
    decision->affected = (struct affected){.barber_id = id, .from_s = decision->now_s, .to_s = FIG_TIME_MAX};
    return status;
}
