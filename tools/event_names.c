#include "tools/event_names.h"

const char *event_operation_name(fig_operation operation)
{
    switch (operation) {
    case FIG_OP_BOOK: return "book";
    case FIG_OP_HOLD: return "hold";
    case FIG_OP_CONFIRM: return "confirm";
    case FIG_OP_MOVE: return "move";
    case FIG_OP_SET_STATUS: return "set_status";
    case FIG_OP_OPEN_WINDOW: return "open_window";
    case FIG_OP_CLOSE_WINDOW: return "close_window";
    case FIG_OP_DECLARE_WINDOWS: return "declare_windows";
    case FIG_OP_DECLARE_SHOP: return "declare_shop";
    case FIG_OP_DECLARE_BARBER: return "declare_barber";
    case FIG_OP_DECLARE_SCHEDULE: return "declare_schedule";
    case FIG_OP_DECLARE_SERVICE: return "declare_service";
    case FIG_OP_DECLARE_CLIENT: return "declare_client";
    case FIG_OP_DECLARE_RULE: return "declare_rule";
    case FIG_OP_DECLARE_ZONE: return "declare_zone";
    case FIG_OP_FORGET_CLIENT: return "forget_client";
    case FIG_OP_RESTORE: return "restore";
    }
    return "unknown";
}

const char *event_kind_name(fig_event_kind kind)
{
    switch (kind) {
    case FIG_EVENT_BOOKED: return "booked";
    case FIG_EVENT_MOVED: return "moved";
    case FIG_EVENT_STATUS: return "status";
    case FIG_EVENT_OPENED: return "opened";
    case FIG_EVENT_CLOSED: return "closed";
    case FIG_EVENT_WINDOWS_CLEARED: return "windows_cleared";
    case FIG_EVENT_SHOP: return "shop";
    case FIG_EVENT_BARBER: return "barber";
    case FIG_EVENT_NONE: return "none";
    case FIG_EVENT_SCHEDULE: return "schedule";
    case FIG_EVENT_SERVICE: return "service";
    case FIG_EVENT_CLIENT: return "client";
    case FIG_EVENT_RULE: return "rule";
    case FIG_EVENT_ZONE: return "zone";
    case FIG_EVENT_FORGOTTEN: return "forgotten";
    case FIG_EVENT_RESTORED: return "restored";
    case FIG_EVENT_REFUSED: return "refused";
    }
    return "unknown";
}
