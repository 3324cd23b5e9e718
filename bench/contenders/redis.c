/* Redis 7 over a unix socket, the report's plan for the future: a sorted set for each barber, the check and the booking
 * (or the move) in one Lua script, every write synced (appendfsync always).
 *
 *   b:<barber>   the active appointments by start, each "start:end:id"
 *   a:<id>       a hash for each appointment, also those that were cancelled
 *   h:<barber>   opening hours by weekday, "opens:closes"
 *   seq          the last id */
#include "bench/contenders/common.h"
#include "bench/contenders/server.h"
#include "bench/figures.h"
#include "bench/load/audit.h"

#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PIPELINED 1000

static const char book_script[] =
    "local last = redis.call('ZREVRANGEBYSCORE', KEYS[1], '(' .. ARGV[2], '-inf', 'LIMIT', 0, 1)[1]\n"
    "if last and tonumber(string.match(last, ':(%d+):')) > tonumber(ARGV[1]) then return 0 end\n"
    "local id = redis.call('INCR', 'seq')\n"
    "redis.call('ZADD', KEYS[1], ARGV[1], ARGV[1] .. ':' .. ARGV[2] .. ':' .. string.format('%d', id))\n"
    "redis.call('HSET', 'a:' .. string.format('%d', id), 'b', string.sub(KEYS[1], 3), 's', ARGV[1], 'e', ARGV[2],"
    " 'c', ARGV[3], 'v', ARGV[4], 'at', ARGV[5], 'st', 'scheduled')\n"
    "return id";
static const char cancel_script[] = "local a = redis.call('HMGET', 'a:' .. ARGV[1], 'b', 's', 'e')\n"
                                    "if not a[1] then return 0 end\n"
                                    "redis.call('HSET', 'a:' .. ARGV[1], 'st', 'cancelled')\n"
                                    "return redis.call('ZREM', 'b:' .. a[1], a[2] .. ':' .. a[3] .. ':' .. ARGV[1])";

/* Of the last two that begin before the end one may be the one that moves, which is not in its own way. */
static const char move_script[] =
    "local a = redis.call('HMGET', 'a:' .. ARGV[1], 'b', 's', 'e', 'st')\n"
    "if a[4] ~= 'scheduled' then return 0 end\n"
    "local from, own = 'b:' .. a[1], a[2] .. ':' .. a[3] .. ':' .. ARGV[1]\n"
    "for _, last in ipairs(redis.call('ZREVRANGEBYSCORE', KEYS[1], '(' .. ARGV[3], '-inf', 'LIMIT', 0, 2)) do\n"
    "    if last ~= own and tonumber(string.match(last, ':(%d+):')) > tonumber(ARGV[2]) then return 0 end\n"
    "end\n"
    "redis.call('ZREM', from, own)\n"
    "redis.call('ZADD', KEYS[1], ARGV[2], ARGV[2] .. ':' .. ARGV[3] .. ':' .. ARGV[1])\n"
    "redis.call('HSET', 'a:' .. ARGV[1], 'b', string.sub(KEYS[1], 3), 's', ARGV[2], 'e', ARGV[3])\n"
    "return 1";

struct redis_base {
    struct base base;
    struct server server;
    char socket[128];
    char book[64]; /* the scripts' digests */
    char cancel[64];
    char move[64];
};

struct redis_session {
    struct session session;
    redisContext *context;
};

/* ------------------------------------------------------------------ the server */

static bool failed(struct redis_session *own)
{
    return base_fail(own->session.base, "Redis: %s", own->context != NULL ? own->context->errstr : "no connection");
}

static void disconnect(struct session *session)
{
    struct redis_session *own = (struct redis_session *)session;
    if (own->context != NULL) redisFree(own->context);
    free(own);
}

static struct session *connect_session(struct base *base)
{
    struct redis_session *own = session_make(sizeof *own, base);
    if (own == NULL) return NULL;
    own->context = redisConnectUnix(((struct redis_base *)base)->socket);
    if (own->context != NULL && own->context->err == 0) return &own->session;
    failed(own);
    disconnect(&own->session);
    return NULL;
}

/* NULL: it failed, or Redis said an error. */
__attribute__((format(printf, 2, 3))) static redisReply *ask(struct redis_session *own, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    redisReply *reply = redisvCommand(own->context, format, arguments);
    va_end(arguments);
    if (reply == NULL) {
        failed(own);
        return NULL;
    }
    if (reply->type != REDIS_REPLY_ERROR) return reply;
    base_fail(own->session.base, "Redis: %s", reply->str);
    freeReplyObject(reply);
    return NULL;
}

/* Answers, and is not loading any more. */
static bool answers(struct redis_base *own)
{
    struct redis_session *session = (struct redis_session *)connect_session(&own->base);
    if (session == NULL) return false;
    redisReply *reply = ask(session, "PING");
    if (reply != NULL) freeReplyObject(reply);
    disconnect(&session->session);
    return reply != NULL;
}

static bool start_server(struct redis_base *own)
{
    const char *const arguments[] = {"/usr/bin/redis-server",
                                     "--port",
                                     "0",
                                     "--unixsocket",
                                     own->socket,
                                     "--dir",
                                     own->base.directory,
                                     "--appendonly",
                                     "yes",
                                     "--appendfsync",
                                     "always",
                                     "--save",
                                     "",
                                     "--daemonize",
                                     "no",
                                     NULL};
    int64_t began_ns = clock_ns();
    if (!server_folder(own->base.directory) || !server_sockets(&own->server)) return false;
    snprintf(own->socket, sizeof own->socket, "%s/redis.sock", own->server.sockets);
    if (!server_start(&own->server, arguments)) return false;
    while (!answers(own)) {
        if (!server_runs(&own->server) || clock_ns() - began_ns > INT64_C(300000000000)) return false;
        struct timespec some = {0, 5000000};
        nanosleep(&some, NULL);
    }
    own->base.startup_ns = clock_ns() - began_ns;
    return true;
}

static bool load_script(struct redis_session *session, const char *script, char digest[64])
{
    redisReply *reply = ask(session, "SCRIPT LOAD %s", script);
    if (reply == NULL) return false;
    snprintf(digest, 64, "%s", reply->str);
    freeReplyObject(reply);
    return true;
}

static bool load_scripts(struct redis_base *own)
{
    struct redis_session *session = (struct redis_session *)connect_session(&own->base);
    if (session == NULL) return false;
    bool good = load_script(session, book_script, own->book) && load_script(session, cancel_script, own->cancel) &&
                load_script(session, move_script, own->move);
    disconnect(&session->session);
    return good;
}

static struct base *open_base(const struct contender *contender, const char *directory, char error[CONTENDER_ERROR_MAX])
{
    struct redis_base *own = base_make(sizeof *own, contender, directory);
    if (own == NULL) return NULL;
    snprintf(own->server.log, sizeof own->server.log, "%s.log", directory);
    if (start_server(own) && load_scripts(own)) return &own->base;
    snprintf(error, CONTENDER_ERROR_MAX, "Redis does not start as an unprivileged user; see %.200s (%.200s)",
             own->server.log, own->base.error);
    server_stop(&own->server, SIGTERM);
    free(own);
    return NULL;
}

static void close_base(struct base *base)
{
    struct redis_base *own = (struct redis_base *)base;
    server_stop(&own->server, SIGTERM);
    free(own);
}

/* ------------------------------------------------------------------ asking */

/* "start:end:id" */
static void read_member(const redisReply *reply, int64_t *start_s, int64_t *end_s)
{
    char *rest;
    *start_s = strtoll(reply->str, &rest, 10);
    *end_s = strtoll(rest + 1, NULL, 10);
}

static enum answer check(struct session *session, const struct request *request)
{
    redisReply *reply = ask((struct redis_session *)session, "ZREVRANGEBYSCORE b:%llu (%lld -inf LIMIT 0 1",
                            (unsigned long long)request->barber_id, (long long)request->end_s);
    if (reply == NULL) return ANSWER_FAILED;
    int64_t start_s = 0, end_s = 0;
    if (reply->elements > 0) read_member(reply->element[0], &start_s, &end_s);
    freeReplyObject(reply);
    return end_s > request->start_s ? ANSWER_TAKEN : ANSWER_FREE;
}

static bool take_reply(struct redis_session *own, redisReply **reply)
{
    *reply = NULL;
    if (redisGetReply(own->context, (void **)reply) != REDIS_OK) return failed(own);
    if ((*reply)->type != REDIS_REPLY_ERROR) return true;
    base_fail(own->session.base, "Redis: %s", (*reply)->str);
    freeReplyObject(*reply);
    return false;
}

static bool mark_reply(struct redis_session *own, int64_t day_s, int32_t opens_s, struct day_marks *marks)
{
    redisReply *reply;
    if (!take_reply(own, &reply)) return false;
    for (size_t i = 0; i < reply->elements; i++) {
        int64_t start_s, end_s;
        read_member(reply->element[i], &start_s, &end_s);
        marks_take(marks, day_s, opens_s, start_s, end_s);
    }
    freeReplyObject(reply);
    return true;
}

/* Three questions in one trip. The day's are asked for all of its hours; those outside the opening are not marked. */
static enum answer available(struct session *session, const struct request *request, struct day_marks *marks)
{
    struct redis_session *own = (struct redis_session *)session;
    unsigned long long barber = request->barber_id;
    long long day_s = (long long)request->day * TOWN_DAY_S;
    int opens_s = 0, closes_s = 0;
    redisReply *hours;
    redisAppendCommand(own->context, "HGET h:%llu %d", barber, weekday_of(request->day));
    redisAppendCommand(own->context, "ZREVRANGEBYSCORE b:%llu (%lld -inf LIMIT 0 1", barber, day_s);
    redisAppendCommand(own->context, "ZRANGEBYSCORE b:%llu %lld (%lld", barber, day_s, day_s + TOWN_DAY_S);
    marks->count = 0;
    if (!take_reply(own, &hours)) return ANSWER_FAILED;
    if (hours->type == REDIS_REPLY_STRING && sscanf(hours->str, "%d:%d", &opens_s, &closes_s) == 2)
        marks_begin(marks, opens_s, closes_s);
    freeReplyObject(hours);
    bool good = mark_reply(own, day_s, opens_s, marks) && mark_reply(own, day_s, opens_s, marks);
    return good ? ANSWER_FREE : ANSWER_FAILED;
}

static enum answer book(struct session *session, const struct request *request, uint64_t *id)
{
    struct redis_base *base = (struct redis_base *)session->base;
    redisReply *reply =
        ask((struct redis_session *)session, "EVALSHA %s 1 b:%llu %lld %lld %llu %u %lld", base->book,
            (unsigned long long)request->barber_id, (long long)request->start_s, (long long)request->end_s,
            (unsigned long long)request->client_id, request->service_id, (long long)request->now_s);
    if (reply == NULL) return ANSWER_FAILED;
    *id = (uint64_t)reply->integer;
    freeReplyObject(reply);
    return *id != 0 ? ANSWER_FREE : ANSWER_TAKEN;
}

/* A script that says 1 when it did it. */
static enum answer take_done(redisReply *reply)
{
    if (reply == NULL) return ANSWER_FAILED;
    bool done = reply->integer == 1;
    freeReplyObject(reply);
    return done ? ANSWER_FREE : ANSWER_TAKEN;
}

static enum answer cancel(struct session *session, uint64_t id, int64_t now_s)
{
    struct redis_base *base = (struct redis_base *)session->base;
    (void)now_s;
    return take_done(ask((struct redis_session *)session, "EVALSHA %s 0 %llu", base->cancel, (unsigned long long)id));
}

static enum answer move(struct session *session, uint64_t id, const struct request *request)
{
    struct redis_base *base = (struct redis_base *)session->base;
    return take_done(ask((struct redis_session *)session, "EVALSHA %s 1 b:%llu %llu %lld %lld", base->move,
                         (unsigned long long)request->barber_id, (unsigned long long)id, (long long)request->start_s,
                         (long long)request->end_s));
}

/* ------------------------------------------------------------------ loading */

static bool drain(struct redis_session *own, unsigned *waiting)
{
    for (; *waiting > 0; --*waiting) {
        redisReply *reply;
        if (!take_reply(own, &reply)) return false;
        freeReplyObject(reply);
    }
    return true;
}

static void put_row(struct redis_session *own, const struct town_appointment *row, unsigned *waiting)
{
    unsigned long long id = row->id, barber = row->barber_id, client = row->client_id;
    long long start_s = row->start_s, end_s = row->end_s, booked_s = row->booked_s;
    redisAppendCommand(own->context, "HSET a:%llu b %llu s %lld e %lld c %llu v %u at %lld st %s", id, barber, start_s,
                       end_s, client, row->service_id, booked_s, row->active ? "scheduled" : "cancelled");
    ++*waiting;
    if (!row->active) return;
    redisAppendCommand(own->context, "ZADD b:%llu %lld %lld:%lld:%llu", barber, start_s, start_s, end_s, id);
    ++*waiting;
}

static bool fill_hours(struct redis_session *own, const struct town *town)
{
    unsigned waiting = 0;
    for (unsigned barber = 1; barber <= town->barbers; barber++)
        for (int day = 0; day < 7; day++, waiting++) {
            if (waiting >= PIPELINED && !drain(own, &waiting)) return false;
            redisAppendCommand(own->context, "HSET h:%u %d %d:%d", barber, day, TOWN_OPENS_S, TOWN_CLOSES_S);
        }
    return drain(own, &waiting);
}

static bool fill_rows(struct redis_session *own, const struct town *town)
{
    struct town_walk walk;
    struct town_appointment row;
    unsigned waiting = 0;
    town_begin(&walk, town);
    while (town_next(&walk, &row)) {
        put_row(own, &row, &waiting);
        if (waiting >= PIPELINED && !drain(own, &waiting)) return false;
    }
    redisAppendCommand(own->context, "SET seq %llu", (unsigned long long)town->rows);
    waiting++;
    return drain(own, &waiting);
}

/* Writes the file anew, so that the next start reads each appointment once. */
static bool compact(struct redis_session *own)
{
    redisReply *reply = ask(own, "BGREWRITEAOF");
    bool busy = reply != NULL;
    freeReplyObject(reply);
    while (busy) {
        struct timespec some = {0, 50000000};
        nanosleep(&some, NULL);
        if ((reply = ask(own, "INFO persistence")) == NULL) return false;
        busy = strstr(reply->str, "aof_rewrite_in_progress:1") != NULL ||
               strstr(reply->str, "aof_rewrite_scheduled:1") != NULL;
        freeReplyObject(reply);
    }
    return true;
}

static bool load(struct base *base, const struct town *town)
{
    struct redis_session *own = (struct redis_session *)connect_session(base);
    if (own == NULL) return false;
    bool good = (town->always_open || fill_hours(own, town)) && fill_rows(own, town) && compact(own);
    disconnect(&own->session);
    return good;
}

/* ------------------------------------------------------------------ afterwards */

static bool audit_barber(struct redis_session *own, const char *key, struct audit *audit)
{
    redisReply *reply = ask(own, "ZRANGE %s 0 -1", key);
    if (reply == NULL) return false;
    for (size_t i = 0; i < reply->elements; i++) {
        int64_t start_s, end_s;
        read_member(reply->element[i], &start_s, &end_s);
        audit_add(audit, strtoull(key + 2, NULL, 10), start_s, end_s);
    }
    freeReplyObject(reply);
    return true;
}

static bool audit(struct session *session, struct audit *audit)
{
    struct redis_session *own = (struct redis_session *)session;
    redisReply *keys = ask(own, "KEYS b:*");
    bool good = keys != NULL;
    for (size_t i = 0; good && i < keys->elements; i++) good = audit_barber(own, keys->element[i]->str, audit);
    freeReplyObject(keys);
    return good && !audit->failed;
}

static bool sizes(struct session *session, struct sizes *sizes)
{
    struct redis_base *base = (struct redis_base *)session->base;
    sizes->disk_bytes = directory_bytes(base->base.directory);
    sizes->memory_bytes = server_memory_bytes(&base->server);
    return true;
}

static pid_t answering(struct session *session) { return ((struct redis_base *)session->base)->server.pid; }

static bool version(struct session *session, char text[CONTENDER_VERSION_MAX])
{
    char number[32] = "of no known version";
    redisReply *reply = ask((struct redis_session *)session, "INFO server");
    const char *at = reply != NULL ? strstr(reply->str, "redis_version:") : NULL;
    bool found = at != NULL && sscanf(at, "redis_version:%31[0-9.]", number) == 1;
    freeReplyObject(reply);
    snprintf(text, CONTENDER_VERSION_MAX, "Redis %s", number);
    return found;
}

const struct contender contender_redis = {
    .name = "redis",
    .title = "Redis, Lua",
    .base_name = "redis",
    .settings =
        "private server, unix socket, appendonly=yes, appendfsync=always, else as installed; a sorted set for each "
        "barber; check and booking, or move, in one Lua script",
    .works_on_copy = true,
    .sessions_max = CONTENDER_MANY,
    .open = open_base,
    .load = load,
    .connect = connect_session,
    .disconnect = disconnect,
    .check = check,
    .available = available,
    .book = book,
    .cancel = cancel,
    .move = move,
    .audit = audit,
    .sizes = sizes,
    .answering = answering,
    .version = version,
    .close = close_base,
};
