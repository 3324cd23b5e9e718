/* Request keys: the same key with the same content is answered as it was the first time.
 *
 * Content is a hash over the fields that an operation reads: now, time-outs and a hold's ttl do not count. A booking
 * keeps its key in its own record, for good; other keys are kept for 30 days of the requests' own clocks. */
#include "engine/core/deciding.h"

#include "engine/core/bytes.h"
#include "engine/core/record.h"

/* --- content --- */

struct content {
    XXH3_state_t hash;
};

static void mix_u64(struct content *content, uint64_t value)
{
    uint8_t bytes[8];
    struct writer writer = {.at = bytes, .end = bytes + sizeof bytes};
    put_u64(&writer, value);
    XXH3_64bits_update(&content->hash, bytes, sizeof bytes);
}

static void mix_text(struct content *content, const char *text)
{
    struct words words = words_of(text);
    mix_u64(content, text == NULL ? UINT64_MAX : words.size);
    if (words.size > 0) XXH3_64bits_update(&content->hash, words.text, words.size);
}

static void mix_barber_and_span(struct content *content, const fig_request *request)
{
    mix_u64(content, request->barber_id);
    mix_text(content, request->barber_name);
    mix_u64(content, (uint64_t)request->start_s);
    mix_u64(content, (uint64_t)request->end_s);
}

static void mix_target(struct content *content, const fig_request *request)
{
    mix_u64(content, request->if_version);
    mix_u64(content, request->appointment_id);
    mix_text(content, request->booking_key);
}

static void mix_service_and_buffers(struct content *content, const fig_request *request)
{
    mix_u64(content, request->service_id);
    mix_u64(content, request->buffer_before_s);
    mix_u64(content, request->buffer_after_s);
}

static void mix_booking(struct content *content, const fig_request *request)
{
    mix_barber_and_span(content, request);
    mix_service_and_buffers(content, request);
    mix_u64(content, request->client_id);
    mix_u64(content, request->operation == FIG_OP_BOOK && request->pending);
    mix_text(content, request->note);
    if (!request->any) return; /* nothing is mixed in for what older requests could not say */
    mix_u64(content, request->any_order);
    mix_u64(content, request->any_shop_id);
}

static void mix_move(struct content *content, const fig_request *request)
{
    mix_target(content, request);
    mix_barber_and_span(content, request);
    mix_service_and_buffers(content, request);
}

static void mix_status(struct content *content, const fig_request *request)
{
    mix_target(content, request);
    mix_u64(content, request->status);
}

static void mix_windows(struct content *content, const fig_request *request)
{
    mix_u64(content, request->barber_id);
    mix_text(content, request->barber_name);
    mix_u64(content, request->window_count);
    for (size_t i = 0; i < request->window_count; i++) {
        mix_u64(content, (uint64_t)request->windows[i].start_s);
        mix_u64(content, (uint64_t)request->windows[i].end_s);
        mix_u64(content, request->windows[i].kind);
    }
}

static void mix_shop(struct content *content, const fig_shop *shop)
{
    mix_u64(content, shop->fields);
    mix_u64(content, shop->id);
    if ((shop->fields & FIG_SHOP_BUFFERS) != 0) mix_u64(content, shop->buffers);
    if ((shop->fields & FIG_SHOP_PAST) != 0) mix_u64(content, shop->past);
    if ((shop->fields & FIG_SHOP_NAME) != 0) mix_text(content, shop->name);
    if ((shop->fields & FIG_SHOP_ZONE) != 0) mix_text(content, shop->zone);
}

static void mix_barber(struct content *content, const fig_barber *barber)
{
    mix_u64(content, barber->fields);
    mix_u64(content, barber->id);
    if ((barber->fields & FIG_BARBER_SHOP) != 0) mix_u64(content, barber->shop_id);
    if ((barber->fields & FIG_BARBER_OPEN) != 0) mix_u64(content, barber->open);
    if ((barber->fields & FIG_BARBER_PRIORITY) != 0) mix_u64(content, (uint32_t)barber->priority);
    if ((barber->fields & FIG_BARBER_ACTIVE) != 0) mix_u64(content, barber->active);
    if ((barber->fields & FIG_BARBER_NAME) != 0) mix_text(content, barber->name);
    if ((barber->fields & FIG_BARBER_ZONE) != 0) mix_text(content, barber->zone);
}

/* Lists of plain elements: every field, so that nothing depends on what lies between them. */
static void mix_weekly(struct content *content, const fig_weekly *weekly, size_t count)
{
    mix_u64(content, count);
    for (size_t i = 0; i < count; i++) {
        mix_u64(content, weekly[i].weekday);
        mix_u64(content, (uint64_t)weekly[i].start_s << 32 | weekly[i].end_s);
    }
}

static void mix_cuts(struct content *content, const fig_cut *cuts, size_t count)
{
    mix_u64(content, count);
    for (size_t i = 0; i < count; i++) {
        mix_u64(content, (uint64_t)cuts[i].kind << 8 | (uint64_t)cuts[i].state << 4 | (uint64_t)cuts[i].yearly << 1 |
                             cuts[i].whole_days);
        mix_u64(content, (uint64_t)(uint32_t)cuts[i].from_day << 32 | (uint32_t)cuts[i].to_day);
        mix_u64(content, (uint64_t)cuts[i].start_s << 32 | cuts[i].end_s);
    }
}

static void mix_ids(struct content *content, const uint64_t *ids, size_t count)
{
    mix_u64(content, count);
    for (size_t i = 0; i < count; i++) mix_u64(content, ids[i]);
}

static void mix_offers(struct content *content, const fig_offer *offers, size_t count)
{
    mix_u64(content, count);
    for (size_t i = 0; i < count; i++) {
        mix_u64(content, offers[i].service_id);
        mix_u64(content, (uint64_t)offers[i].duration_s << 1 | offers[i].declined);
        mix_u64(content, (uint64_t)offers[i].buffer_before_s << 32 | offers[i].buffer_after_s);
    }
}

static void mix_schedule(struct content *content, const fig_schedule *s)
{
    mix_u64(content, (uint64_t)s->owner << 32 | s->fields);
    mix_u64(content, s->owner_id);
    if ((s->fields & FIG_SCHEDULE_WEEKLY) != 0) mix_weekly(content, s->weekly, s->weekly_count);
    if ((s->fields & FIG_SCHEDULE_CUTS) != 0) mix_cuts(content, s->cuts, s->cut_count);
    if ((s->fields & FIG_SCHEDULE_OFFERS) != 0) mix_offers(content, s->offers, s->offer_count);
    if ((s->fields & FIG_SCHEDULE_CLIP) != 0) mix_u64(content, s->clip_to_hours);
    if ((s->fields & FIG_SCHEDULE_GRID) != 0) mix_u64(content, s->grid_s);
    if ((s->fields & FIG_SCHEDULE_LEAD) != 0) mix_u64(content, s->lead_s);
    if ((s->fields & FIG_SCHEDULE_HORIZON) != 0) mix_u64(content, s->horizon_days);
    if ((s->fields & FIG_SCHEDULE_SAME_DAY) != 0) mix_u64(content, s->same_day);
    if ((s->fields & FIG_SCHEDULE_CUTOFF) != 0) mix_u64(content, s->cutoff_s);
    if ((s->fields & FIG_SCHEDULE_RULE_ERRORS) != 0) mix_u64(content, s->rule_errors);
}

static void mix_service(struct content *content, const fig_service *s)
{
    mix_u64(content, s->fields);
    mix_u64(content, s->id);
    if ((s->fields & FIG_SERVICE_NAME) != 0) mix_text(content, s->name);
    if ((s->fields & FIG_SERVICE_DURATION) != 0) mix_u64(content, s->duration_s);
    if ((s->fields & FIG_SERVICE_BUFFER_BEFORE) != 0) mix_u64(content, s->buffer_before_s);
    if ((s->fields & FIG_SERVICE_BUFFER_AFTER) != 0) mix_u64(content, s->buffer_after_s);
    if ((s->fields & FIG_SERVICE_ACTIVE) != 0) mix_u64(content, s->active);
    if ((s->fields & FIG_SERVICE_KIND) != 0) mix_u64(content, s->kind);
    if ((s->fields & FIG_SERVICE_MIN_ADVANCE) != 0) mix_u64(content, s->min_advance_s);
    if ((s->fields & FIG_SERVICE_MAX_ADVANCE) != 0) mix_u64(content, s->max_advance_days);
    if ((s->fields & FIG_SERVICE_MIN_AGE) != 0) mix_u64(content, s->min_age);
    if ((s->fields & FIG_SERVICE_MAX_AGE) != 0) mix_u64(content, s->max_age);
    if ((s->fields & FIG_SERVICE_CONSULTED) != 0) mix_u64(content, s->consultation);
    if ((s->fields & FIG_SERVICE_PATCH_TESTED) != 0) mix_u64(content, s->patch_test_s);
    if ((s->fields & FIG_SERVICE_MAX_PER_DAY) != 0) mix_u64(content, s->max_per_day);
    if ((s->fields & FIG_SERVICE_MIN_DAYS) != 0) mix_u64(content, s->min_days_between);
    if ((s->fields & FIG_SERVICE_BLOCKED_DAYS) != 0) mix_u64(content, s->blocked_days);
    if ((s->fields & FIG_SERVICE_REQUIRED) != 0) mix_ids(content, s->required, s->required_count);
    if ((s->fields & FIG_SERVICE_INCOMPATIBLE) != 0) mix_ids(content, s->incompatible, s->incompatible_count);
}

static void mix_client(struct content *content, const fig_client *client)
{
    mix_u64(content, client->fields);
    mix_u64(content, client->id);
    if ((client->fields & FIG_CLIENT_NAME) != 0) mix_text(content, client->name);
    if ((client->fields & FIG_CLIENT_BORN) != 0) mix_u64(content, (uint32_t)client->born_day);
    if ((client->fields & FIG_CLIENT_TYPE) != 0) mix_text(content, client->type);
    if ((client->fields & FIG_CLIENT_FLAGS) != 0) mix_u64(content, client->flags);
}

static void mix_rule(struct content *content, const fig_rule *rule)
{
    mix_u64(content, rule->fields);
    mix_u64(content, rule->id);
    if ((rule->fields & FIG_RULE_NAME) != 0) mix_text(content, rule->name);
    if ((rule->fields & FIG_RULE_TYPE) != 0) {
        mix_u64(content, (uint64_t)rule->type << 32 | rule->limit_s);
        mix_u64(content, (uint64_t)rule->limit_days << 32 | rule->clock_s);
        if (rule->type == FIG_RULE_BUSINESS_HOURS) mix_weekly(content, rule->weekly, rule->weekly_count);
        bool cuts = rule->type == FIG_RULE_BLACKOUT_DATES || rule->type == FIG_RULE_HOLIDAYS;
        if (cuts) mix_cuts(content, rule->cuts, rule->cut_count);
    }
    if ((rule->fields & FIG_RULE_SCOPE) != 0) {
        bool by_type = rule->scope == FIG_SCOPE_CLIENT_TYPE;
        mix_u64(content, rule->scope);
        if (rule->scope != FIG_SCOPE_ALL && !by_type) mix_ids(content, rule->ids, rule->id_count);
        for (size_t i = 0; by_type && i < rule->client_type_count; i++) mix_text(content, rule->client_types[i]);
    }
    if ((rule->fields & FIG_RULE_PRIORITY) != 0) mix_u64(content, (uint32_t)rule->priority);
    if ((rule->fields & FIG_RULE_ACTIVE) != 0) mix_u64(content, rule->active);
}

static void mix_zone(struct content *content, const fig_zone_data *zone)
{
    mix_text(content, zone->name);
    mix_u64(content, zone->bytes != NULL ? zone->size : UINT64_MAX);
    if (zone->bytes != NULL) XXH3_64bits_update(&content->hash, zone->bytes, zone->size);
}

static void mix_request(struct content *content, const fig_request *request)
{
    mix_u64(content, request->operation);
    switch (request->operation) {
    case FIG_OP_BOOK:
    case FIG_OP_HOLD: mix_booking(content, request); break;
    case FIG_OP_MOVE: mix_move(content, request); break;
    case FIG_OP_CONFIRM:
    case FIG_OP_SET_STATUS: mix_status(content, request); break;
    case FIG_OP_OPEN_WINDOW:
    case FIG_OP_CLOSE_WINDOW: mix_barber_and_span(content, request); break;
    case FIG_OP_DECLARE_WINDOWS: mix_windows(content, request); break;
    case FIG_OP_DECLARE_SHOP: mix_shop(content, request->shop); break;
    case FIG_OP_DECLARE_BARBER: mix_barber(content, request->barber); break;
    case FIG_OP_DECLARE_SCHEDULE: mix_schedule(content, request->schedule); break;
    case FIG_OP_DECLARE_SERVICE: mix_service(content, request->service); break;
    case FIG_OP_DECLARE_CLIENT: mix_client(content, request->client); break;
    case FIG_OP_DECLARE_RULE: mix_rule(content, request->rule); break;
    case FIG_OP_DECLARE_ZONE: mix_zone(content, request->zone); break;
    case FIG_OP_RESTORE: break; /* carries no key */
    }
}

uint64_t request_content(const fig_request *request)
{
    if (request->key == NULL) return 0;
    struct content content;
    XXH3_64bits_reset(&content.hash);
    mix_request(&content, request);
    return XXH3_64bits_digest(&content.hash);
}

uint64_t batch_content(const fig_request *requests, size_t count)
{
    if (requests[0].key == NULL) return 0;
    struct content content;
    XXH3_64bits_reset(&content.hash);
    mix_u64(&content, count);
    for (size_t i = 0; i < count; i++) {
        mix_text(&content, requests[i].key);
        mix_request(&content, &requests[i]);
    }
    return XXH3_64bits_digest(&content.hash);
}

/* --- the first answer again --- */

static void show_image(const struct appointment *appointment, const struct image *image, fig_outcome *outcome)
{
    fig_appointment *shown = &outcome->appointment;
    appointment_show(appointment, FIG_TIME_MIN, shown);
    shown->barber_id = image->barber_id;
    shown->service_id = image->service_id;
    shown->start_s = image->start_s;
    shown->end_s = image->start_s + image->duration_s;
    shown->expires_s = image->status == FIG_HELD ? image->expires_s : 0;
    shown->buffer_before_s = image->before_s;
    shown->buffer_after_s = image->after_s;
    shown->status = (fig_appointment_status)image->status;
    shown->version = image->version;
    outcome->barber_id = image->barber_id;
}

static void repeat_booking(const struct appointment *booking, fig_outcome *outcome)
{
    struct image image = appointment_first_image(booking);
    outcome->status = FIG_OK;
    outcome->repeated = true;
    outcome->version = booking->booked_version;
    show_image(booking, &image, outcome);
}

static void show_declared(const struct kept_key *kept, fig_outcome *outcome)
{
    bool of_barber = kept->operation <= FIG_OP_DECLARE_BARBER && kept->operation != FIG_OP_DECLARE_SHOP;
    if (of_barber) outcome->barber_id = kept->subject_id;
    if (kept->operation >= FIG_OP_DECLARE_SHOP) outcome->declared_id = kept->subject_id;
}

static void repeat_kept(const struct version *version, const struct kept_key *kept, fig_outcome *outcome)
{
    outcome->status = FIG_OK;
    outcome->repeated = true;
    outcome->version = kept->version;
    if (kept->image.barber_id != 0)
        show_image(version_appointment(version, kept->subject_id), &kept->image, outcome);
    else
        show_declared(kept, outcome);
}

static struct key_match match_key(const struct decision *decision, const char *key)
{
    struct words words = words_of(key);
    return version_key(decision->base, words.text, words.size, decision->now_s);
}

static enum key_answer reused(fig_outcome *outcome)
{
    refuse(outcome, FIG_KEY_REUSED, "key", "this request key was used before, for another content");
    return KEY_ANSWERED;
}

/* A hold whose key comes again lives on, unless it became something else meanwhile. */
static enum key_answer answer_hold(const struct appointment *booking, fig_outcome *outcome)
{
    if (booking->status == FIG_HELD) return KEY_RENEWS;
    if (booking->status == FIG_CANCELLED || booking->status == FIG_EXPIRED) {
        refuse(outcome, FIG_ILLEGAL_STATUS, "key", "the hold of this key has ended; hold again with a new key");
        return KEY_ANSWERED;
    }
    repeat_booking(booking, outcome);
    return KEY_ANSWERED;
}

enum key_answer answer_key(const struct decision *decision, const fig_request *request, uint64_t content,
                           fig_outcome *outcome)
{
    if (request->key == NULL) return KEY_FRESH;
    struct key_match match = match_key(decision, request->key);
    if (match.booking != NULL) {
        if (match.booking->content != content) return reused(outcome);
        if (request->operation == FIG_OP_HOLD) return answer_hold(match.booking, outcome);
        repeat_booking(match.booking, outcome);
        return KEY_ANSWERED;
    }
    if (match.kept == NULL) return KEY_FRESH;
    if (match.kept->content != content) return reused(outcome);
    repeat_kept(decision->base, match.kept, outcome);
    return KEY_ANSWERED;
}

/* The appointment that a member of a batch was about. New ones were given ids in the order of the members; *next_id is
 * that of the next one. */
static const struct appointment *member_appointment(const struct decision *decision, const fig_request *request,
                                                    uint64_t version, uint64_t *next_id)
{
    if (!books(request)) {
        if (request->appointment_id != 0) return version_appointment(decision->base, request->appointment_id);
        return match_key(decision, request->booking_key).booking;
    }
    const struct appointment *booking = request->key != NULL ? match_key(decision, request->key).booking
                                                             : version_appointment(decision->base, *next_id);
    if (booking != NULL && booking->booked_version == version) *next_id = booking->id + 1;
    return booking;
}

/* Bookings are shown as they were made; members that changed another appointment show it as it is now. */
static void repeat_batch(const struct decision *decision, const fig_request *requests, size_t count, uint64_t first_id,
                         uint64_t version, fig_outcome *outcomes)
{
    for (size_t i = 0; i < count; i++) {
        const struct appointment *appointment = member_appointment(decision, &requests[i], version, &first_id);
        outcomes[i].status = FIG_OK;
        outcomes[i].repeated = true;
        outcomes[i].version = version;
        if (appointment == NULL) continue;
        if (appointment->booked_version == version && books(&requests[i])) {
            struct image image = appointment_first_image(appointment);
            show_image(appointment, &image, &outcomes[i]);
        } else {
            appointment_show(appointment, decision->now_s, &outcomes[i].appointment);
            outcomes[i].barber_id = appointment->barber_id;
        }
    }
}

enum key_answer answer_batch_key(const struct decision *decision, const fig_request *requests, size_t count,
                                 uint64_t content, fig_outcome *outcomes)
{
    if (requests[0].key == NULL) return KEY_FRESH;
    struct key_match match = match_key(decision, requests[0].key);
    if (match.booking == NULL && match.kept == NULL) return KEY_FRESH;
    if ((match.booking != NULL ? match.booking->content : match.kept->content) != content) return reused(&outcomes[0]);
    uint64_t first_id = match.booking != NULL ? match.booking->id : match.kept->subject_id;
    uint64_t version = match.booking != NULL ? match.booking->booked_version : match.kept->version;
    repeat_batch(decision, requests, count, first_id, version, outcomes);
    return KEY_ANSWERED;
}

void keep_key(struct decision *decision, const char *key, uint64_t content, uint64_t subject_id)
{
    if (key == NULL) return;
    struct event *event = decision_event(decision, EVENT_KEY);
    if (event == NULL) return;
    event->is.key = (struct key_kept){
        .subject_id = subject_id,
        .content = content,
        .operation = (uint8_t)decision->operation,
        .key = words_of(key),
    };
}
