#include "tools/wish.h"

wish_order wish_default(void)
{
    return (wish_order){
        .order = WISH_NO_ORDER,
        .length_s = ARGUMENT_NO_LENGTH,
        .before_s = ARGUMENT_NO_LENGTH,
        .after_s = ARGUMENT_NO_LENGTH,
    };
}

void wish_options(wish_order *order, argument options[WISH_OPTIONS])
{
    const argument all[WISH_OPTIONS] = {
        {"barber", ARGUMENT_TEXT, .text = &order->barber},
        {"any", ARGUMENT_FLAG, .flag = &order->any},
        {"order", ARGUMENT_ORDER, .order = &order->order},
        {"shop", ARGUMENT_NAMED, .named = &order->shop},
        {"service", ARGUMENT_NAMED, .named = &order->service},
        {"client", ARGUMENT_NAMED, .named = &order->client},
        {"minutes", ARGUMENT_LENGTH, .seconds = &order->length_s},
        {"before", ARGUMENT_BUFFER, .seconds = &order->before_s},
        {"after", ARGUMENT_BUFFER, .seconds = &order->after_s},
    };
    for (size_t i = 0; i < WISH_OPTIONS; i++) options[i] = all[i];
}

int wish_check(const command_line *line, const wish_order *order)
{
    if (order->barber == NULL && !order->any) return arguments_missing(line, "barber (or --any)");
    if (order->barber != NULL && order->any)
        return arguments_wrong(line, "any", "and --barber are both given; give one");
    if (!order->any && order->order != WISH_NO_ORDER)
        return arguments_wrong(line, "order", "is whom --any takes; give --any too");
    if (!order->any && argument_named(&order->shop))
        return arguments_wrong(line, "shop", "is where --any is to be of; give --any too");
    if (order->length_s == ARGUMENT_NO_LENGTH && !argument_named(&order->service))
        return arguments_missing(line, "minutes (or --service)");
    return ARGUMENTS_GO;
}

static int resolve_barber(const session *at, const wish_order *order, fig_wish *wish, fig_barber *whose)
{
    *whose = fig_barber_default();
    if (!order->any) {
        int code = session_need_barber(at, order->barber, 0, whose);
        if (code == EXIT_DONE) wish->barber_id = whose->id;
        return code;
    }
    if (order->order != WISH_NO_ORDER) wish->any_order = order->order;
    int code = session_need_shop(at, &order->shop, 0, &wish->any_shop_id);
    whose->zone[0] = '\0';
    whose->shop_id = wish->any_shop_id != 0 ? wish->any_shop_id : 1;
    return code;
}

int wish_resolve(const session *at, const wish_order *order, fig_wish *wish, fig_barber *whose)
{
    *wish = fig_wish_default();
    int code = resolve_barber(at, order, wish, whose);
    if (code == EXIT_DONE) code = session_need_service(at, &order->service, 0, &wish->service_id);
    if (code == EXIT_DONE) code = session_need_client(at, &order->client, 0, &wish->client_id);
    if (order->length_s != ARGUMENT_NO_LENGTH) wish->duration_s = (uint32_t)order->length_s;
    if (order->before_s != ARGUMENT_NO_LENGTH) wish->buffer_before_s = (uint32_t)order->before_s;
    if (order->after_s != ARGUMENT_NO_LENGTH) wish->buffer_after_s = (uint32_t)order->after_s;
    return code;
}

json_t *wish_slot_object(const session *at, const fig_slot *slot)
{
    char barber[FIG_NAME_MAX + 1];
    output_barber_name(at, slot->barber_id, barber);
    json_t *object = json_object();
    json_object_set_new(object, "barber", json_string(barber));
    json_object_set_new(object, "start", output_instant(slot->start_s));
    json_object_set_new(object, "end", output_instant(slot->end_s));
    return object;
}

void wish_print_skipped(const session *at, const fig_slots *slots)
{
    size_t shown = slots->skipped_count < slots->skipped_capacity ? slots->skipped_count : slots->skipped_capacity;
    json_t *array = json_array();
    for (size_t i = 0; i < shown; i++) {
        char barber[FIG_NAME_MAX + 1];
        output_barber_name(at, slots->skipped[i], barber);
        json_array_append_new(array, json_string(barber));
        complain(0, "%s was skipped: their zone cannot be read, or nothing says how long the service lasts with them",
                 barber);
    }
    if (shown < slots->skipped_count) complain(0, "and %zu more were skipped", slots->skipped_count - shown);
    if (at->json && shown > 0) output_object(json_pack("{s:O}", "skipped", array));
    json_decref(array);
}
