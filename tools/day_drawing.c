#include "tools/day_drawing.h"

#include "tools/rfc3339.h"
#include "tools/text.h"

#include <inttypes.h>
#include <string.h>

enum {
    HOUR = 3600,
    HOURS_MIN = 8,       /* drawn at least */
    CELLS_MAX = 27 * 60, /* a cell is a minute or more */
    COLUMNS_MIN = 48,
    SUMMARY_WIDTH = 7, /* " 12:30 " at a row's end */
    SPACED_ROWS = 20   /* so many rows have a line of air between them */
};

/* What is painted in a cell, later ones over earlier ones. */
enum paint { OPEN, CLOSED, BUFFER, DONE, HELD, BOOKED, PAINTS };

struct cell {
    enum paint paint;
    char label;     /* 0: none */
    bool edge;      /* a block begins here */
    bool before;    /* it began on an earlier day */
    bool after;     /* it goes on after what is drawn */
    uint8_t starts; /* blocks that begin here */
};

/* The look of paints, and of what stands around them. */
struct glyphs {
    const char *fill[PAINTS];
    const char *edge[PAINTS];
    const char *grid, *line, *tick, *now, *before, *after, *ellipsis;
};

static const struct glyphs unicode = {
    .fill = {" ", "░", "·", "▚", "▒", "█"},
    .edge = {" ", "░", "·", "▞", "▌", "▐"},
    .grid = "┊",
    .line = "─",
    .tick = "┬",
    .now = "▼",
    .before = "◀",
    .after = "▶",
    .ellipsis = "…",
};

/* On a terminal with colours blocks are their background, and only a thin edge parts one from the next. */
static const struct glyphs coloured = {
    .fill = {" ", "░", "·", " ", " ", " "},
    .edge = {" ", "░", "·", "▏", "▏", "▏"},
    .grid = "┊",
    .line = "─",
    .tick = "┬",
    .now = "▼",
    .before = "◀",
    .after = "▶",
    .ellipsis = "…",
};

static const struct glyphs ascii = {
    .fill = {" ", ":", "~", "-", "?", "="},
    .edge = {" ", ":", "~", "{", "(", "["},
    .grid = ".",
    .line = "-",
    .tick = "+",
    .now = "v",
    .before = "<",
    .after = ">",
    .ellipsis = ".",
};

static const char *const colours[PAINTS] = {"\033[90m",     "\033[90m",    "\033[36m",
                                            "\033[37;100m", "\033[30;43m", "\033[30;46m"};

/* One drawing: what is drawn, and where a cell lies in time. */
struct drawing {
    FILE *out;
    const day_look *look;
    const struct glyphs *glyphs;
    const day_axis *axis;
    int first_hour, hours, cells_per_hour; /* hours are counted from the day's beginning, whatever clocks show */
    int name_width;
};

/* ---- how much is drawn ---- */

/* The first and last second, from the day's beginning, that hold something. */
struct extent {
    int64_t first_s, last_s;
};

static void reach(struct extent *extent, const day_axis *axis, int64_t start_s, int64_t end_s)
{
    if (start_s < axis->start_s) start_s = axis->start_s;
    if (end_s > axis->end_s) end_s = axis->end_s;
    if (start_s >= end_s) return;
    start_s -= axis->start_s;
    end_s -= axis->start_s;
    if (start_s < extent->first_s) extent->first_s = start_s;
    if (end_s > extent->last_s) extent->last_s = end_s;
}

static struct extent extent_of(const day_row *rows, size_t count, const day_axis *axis)
{
    struct extent extent = {axis->end_s - axis->start_s, 0};
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; rows[i].by_hours && j < rows[i].open_count; j++)
            reach(&extent, axis, rows[i].open[j].start_s, rows[i].open[j].end_s);
        for (size_t j = 0; j < rows[i].block_count; j++)
            reach(&extent, axis, rows[i].blocks[j].start_s, rows[i].blocks[j].end_s);
    }
    if (extent.first_s >= extent.last_s) extent = (struct extent){9 * HOUR, 17 * HOUR};
    return extent;
}

/* Whole hours with one of air on either side, and never so few that the day looks like another one. */
static void choose_hours(struct drawing *drawing, struct extent extent)
{
    int first = (int)(extent.first_s / HOUR) - 1, last = (int)((extent.last_s + HOUR - 1) / HOUR) + 1;
    int most = (int)((drawing->axis->end_s - drawing->axis->start_s + HOUR - 1) / HOUR);
    if (first < 0) first = 0;
    if (last > most) last = most;
    while (last - first < HOURS_MIN && last - first < most) {
        if (last < most) last++;
        if (last - first < HOURS_MIN && first > 0) first--;
    }
    drawing->first_hour = first;
    drawing->hours = last - first;
}

/* Cells to the hour, such that quarters or tens of minutes fall on a cell's edge. */
static void choose_scale(struct drawing *drawing)
{
    static const int scales[] = {60, 30, 24, 20, 16, 12, 8, 6, 4, 2, 1};
    int columns = drawing->look->columns < COLUMNS_MIN ? COLUMNS_MIN : drawing->look->columns;
    int room = columns - drawing->name_width - SUMMARY_WIDTH - 4;
    size_t i = 0;
    while (scales[i] > 1 && scales[i] * drawing->hours > room) i++;
    drawing->cells_per_hour = scales[i];
}

static void choose_name_width(struct drawing *drawing, const day_row *rows, size_t count)
{
    int most = drawing->look->columns / 4 < 10 ? 10 : drawing->look->columns / 4, width = 6;
    for (size_t i = 0; i < count; i++)
        if (text_width(rows[i].name) > width) width = text_width(rows[i].name);
    drawing->name_width = width > most ? most : width;
}

/* ---- cells ---- */

static int cell_count(const struct drawing *drawing) { return drawing->hours * drawing->cells_per_hour; }

static int64_t first_instant(const struct drawing *drawing)
{
    return drawing->axis->start_s + (int64_t)drawing->first_hour * HOUR;
}

/* The cell that an instant lies in, or the one after an end; beyond the drawing's ends where it does. */
static int cell_of(const struct drawing *drawing, int64_t instant_s, bool round_up)
{
    int64_t scaled = (instant_s - first_instant(drawing)) * drawing->cells_per_hour + (round_up ? HOUR - 1 : 0);
    int64_t cell = scaled < 0 ? (scaled - HOUR + 1) / HOUR : scaled / HOUR;
    return cell < -1 ? -1 : cell > CELLS_MAX + 1 ? CELLS_MAX + 1 : (int)cell;
}

static bool holds(const day_span *spans, size_t count, int64_t instant_s)
{
    for (size_t i = 0; i < count; i++)
        if (spans[i].start_s <= instant_s && instant_s < spans[i].end_s) return true;
    return false;
}

/* A cell is as open as its middle. */
static void paint_hours(const struct drawing *drawing, const day_row *row, struct cell *cells)
{
    for (int i = 0; i < cell_count(drawing); i++) {
        int64_t middle = first_instant(drawing) + (2 * (int64_t)i + 1) * HOUR / (2 * drawing->cells_per_hour);
        cells[i].paint = holds(row->open, row->open_count, middle) ? OPEN : CLOSED;
    }
}

static void paint_span(const struct drawing *drawing, int64_t start_s, int64_t end_s, enum paint paint,
                       struct cell *cells)
{
    int first = cell_of(drawing, start_s, false), end = cell_of(drawing, end_s, true);
    for (int i = first < 0 ? 0 : first; i < end && i < cell_count(drawing); i++)
        cells[i] = (struct cell){.paint = paint, .starts = cells[i].starts};
}

/* What the clock on the wall shows, in minutes from 00:00. */
static int minute_at(const struct drawing *drawing, int64_t instant_s)
{
    int64_t clock_s = local_zone_clock(drawing->axis->zone, instant_s);
    return (int)((clock_s - rfc3339_midnight(clock_s)) / 60);
}

/* "10:05 #12" where there is room for it, else "#12", else nothing. */
static void label_block(const struct drawing *drawing, const day_block *block, int first, int end, struct cell *cells)
{
    char with_time[48], id[24];
    int minute = minute_at(drawing, block->start_s);
    snprintf(id, sizeof id, "#%" PRIu64, block->id);
    snprintf(with_time, sizeof with_time, "%02d:%02d %s", minute / 60, minute % 60, id);
    int room = end - first - 1;
    const char *label = (int)strlen(with_time) <= room ? with_time : (int)strlen(id) <= room ? id : "";
    for (int i = 0; label[i] != '\0' && first + 1 + i < cell_count(drawing); i++) cells[first + 1 + i].label = label[i];
}

static void paint_block(const struct drawing *drawing, const day_block *block, struct cell *cells)
{
    static const enum paint paints[] = {[DAY_BOOKED] = BOOKED, [DAY_HELD] = HELD, [DAY_DONE] = DONE};
    int count = cell_count(drawing);
    int first = cell_of(drawing, block->start_s, false), end = cell_of(drawing, block->end_s, true);
    bool before = first<0, after = end> count;
    if (before) first = 0;
    if (after) end = count;
    if (first >= end) return;
    paint_span(drawing, block->start_s, block->end_s, paints[block->kind], cells);
    label_block(drawing, block, first, end - after, cells);
    cells[first].edge = true;
    cells[first].before = before;
    cells[end - 1].after = after;
    if (cells[first].starts < UINT8_MAX) cells[first].starts++;
}

static void paint_row(const struct drawing *drawing, const day_row *row, struct cell *cells)
{
    memset(cells, 0, sizeof *cells * CELLS_MAX);
    paint_hours(drawing, row, cells);
    for (size_t i = 0; i < row->block_count; i++)
        if (row->blocks[i].kind == DAY_DONE) paint_block(drawing, &row->blocks[i], cells);
    for (size_t i = 0; i < row->block_count; i++) {
        const day_block *block = &row->blocks[i];
        if (block->kind == DAY_DONE) continue;
        paint_span(drawing, block->start_s - block->buffer_before_s, block->start_s, BUFFER, cells);
        paint_span(drawing, block->end_s, block->end_s + block->buffer_after_s, BUFFER, cells);
    }
    for (size_t i = 0; i < row->block_count; i++)
        if (row->blocks[i].kind != DAY_DONE) paint_block(drawing, &row->blocks[i], cells);
}

/* ---- text ---- */

static void colour(const struct drawing *drawing, const char *code)
{
    if (drawing->look->colour) fputs(code, drawing->out);
}

/* Writes the name in exactly its column, cut where it is too long. */
static void put_name(const struct drawing *drawing, const char *name)
{
    bool cut = text_width(name) > drawing->name_width;
    int left = drawing->name_width - cut;
    uint32_t character = 0;
    for (size_t length; (length = text_next(name, &character)) > 0 && text_width_of(character) <= left;
         name += length) {
        left -= text_width_of(character);
        if (character < 0x80 || drawing->look->utf8)
            fwrite(name, 1, length, drawing->out);
        else
            fprintf(drawing->out, "%*s", text_width_of(character), "?");
    }
    if (cut) fputs(drawing->glyphs->ellipsis, drawing->out);
    fprintf(drawing->out, "%*s", left, "");
}

static void put_cell(const struct drawing *drawing, const struct cell *cell, bool on_hour)
{
    const struct glyphs *glyphs = drawing->glyphs;
    if (cell->label != 0)
        fputc(cell->label, drawing->out);
    else if (cell->edge && cell->starts > 1)
        fputc(cell->starts < 10 ? '0' + cell->starts : '+', drawing->out);
    else if (cell->before)
        fputs(glyphs->before, drawing->out);
    else if (cell->after)
        fputs(glyphs->after, drawing->out);
    else if (cell->edge)
        fputs(glyphs->edge[cell->paint], drawing->out);
    else
        fputs(cell->paint == OPEN && on_hour ? glyphs->grid : glyphs->fill[cell->paint], drawing->out);
}

static void put_cells(const struct drawing *drawing, const struct cell *cells)
{
    int painted = -1;
    for (int i = 0; i < cell_count(drawing); i++) {
        if ((int)cells[i].paint != painted) {
            colour(drawing, "\033[0m");
            colour(drawing, colours[cells[i].paint]);
        }
        painted = (int)cells[i].paint;
        put_cell(drawing, &cells[i], i % drawing->cells_per_hour == 0);
    }
    colour(drawing, "\033[0m\033[90m");
    fputs(drawing->glyphs->grid, drawing->out);
    colour(drawing, "\033[0m");
}

/* How long the row is booked within the day, as 3:20. */
static void put_summary(const struct drawing *drawing, const day_row *row)
{
    int64_t seconds = 0;
    for (size_t i = 0; i < row->block_count; i++) {
        int64_t start_s = row->blocks[i].start_s, end_s = row->blocks[i].end_s;
        if (row->blocks[i].kind == DAY_DONE) continue;
        if (start_s < drawing->axis->start_s) start_s = drawing->axis->start_s;
        if (end_s > drawing->axis->end_s) end_s = drawing->axis->end_s;
        seconds += end_s - start_s;
    }
    if (seconds > 0) fprintf(drawing->out, " %3d:%02d", (int)(seconds / HOUR), (int)(seconds / 60 % 60));
    fputc('\n', drawing->out);
}

static void put_margin(const struct drawing *drawing) { fprintf(drawing->out, " %*s  ", drawing->name_width, ""); }

static void put_hours(const struct drawing *drawing)
{
    static const int steps[] = {1, 2, 3, 4, 6, 12};
    size_t i = 0;
    while (i < 5 && steps[i] * drawing->cells_per_hour < 6) i++;
    put_margin(drawing);
    for (int hour = 0; hour <= drawing->hours; hour += steps[i]) {
        bool last = hour + steps[i] > drawing->hours;
        int64_t instant_s = first_instant(drawing) + (int64_t)hour * HOUR;
        int minute = minute_at(drawing, instant_s);
        if (instant_s == drawing->axis->end_s && minute == 0) minute = 24 * 60;
        fprintf(drawing->out, "%02d:%02d%*s", minute / 60, minute % 60,
                last ? 0 : steps[i] * drawing->cells_per_hour - 5, "");
    }
    fputc('\n', drawing->out);
}

static void put_ticks(const struct drawing *drawing)
{
    int now = cell_of(drawing, drawing->look->now_s, false);
    put_margin(drawing);
    colour(drawing, "\033[90m");
    for (int i = 0; i <= cell_count(drawing); i++) {
        bool is_now = i == now && i < cell_count(drawing);
        if (is_now) colour(drawing, "\033[0m\033[31m");
        fputs(is_now                             ? drawing->glyphs->now
              : i % drawing->cells_per_hour == 0 ? drawing->glyphs->tick
                                                 : drawing->glyphs->line,
              drawing->out);
        if (is_now) colour(drawing, "\033[0m\033[90m");
    }
    colour(drawing, "\033[0m");
    fputc('\n', drawing->out);
}

/* The hours' lines alone. */
static void put_air(const struct drawing *drawing)
{
    put_margin(drawing);
    colour(drawing, "\033[90m");
    for (int i = 0; i <= drawing->hours; i++)
        fprintf(drawing->out, "%s%*s", drawing->glyphs->grid, i < drawing->hours ? drawing->cells_per_hour - 1 : 0, "");
    colour(drawing, "\033[0m");
    fputc('\n', drawing->out);
}

static int64_t offset_at(const struct drawing *drawing, int64_t instant_s)
{
    return local_zone_clock(drawing->axis->zone, instant_s) - instant_s;
}

/* The first instant of the day with the offset that it ends with; the day's start where no clock changes. */
static int64_t change_of(const struct drawing *drawing)
{
    int64_t before_s = drawing->axis->start_s, after_s = drawing->axis->end_s - 1;
    if (offset_at(drawing, before_s) == offset_at(drawing, after_s)) return before_s;
    while (after_s - before_s > 1) {
        int64_t middle_s = before_s + (after_s - before_s) / 2;
        if (offset_at(drawing, middle_s) == offset_at(drawing, drawing->axis->start_s))
            before_s = middle_s;
        else
            after_s = middle_s;
    }
    return after_s;
}

/* " (23 hours: at 02:00 clocks go forward to 03:00)", on a day that is longer or shorter than others. */
static void put_change(const struct drawing *drawing)
{
    int64_t length_s = drawing->axis->end_s - drawing->axis->start_s, change_s = change_of(drawing);
    if (length_s == DAY_SECONDS) return;
    fprintf(drawing->out, " (%d", (int)(length_s / HOUR));
    if (length_s % HOUR != 0) fprintf(drawing->out, ":%02d", (int)(length_s / 60 % 60));
    fputs(" hours", drawing->out);
    if (change_s > drawing->axis->start_s) {
        int64_t gain_s = offset_at(drawing, change_s) - offset_at(drawing, change_s - 1);
        int to = minute_at(drawing, change_s), from = (to - (int)(gain_s / 60) + 24 * 60) % (24 * 60);
        fprintf(drawing->out, ": at %02d:%02d clocks go %s to %02d:%02d", from / 60, from % 60,
                gain_s > 0 ? "forward" : "back", to / 60, to % 60);
    }
    fputc(')', drawing->out);
}

static void put_title(const struct drawing *drawing, const day_row *rows, size_t count)
{
    static const char *const weekdays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                           "Friday", "Saturday", "Sunday"};
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    char date[DATE_SIZE];
    size_t counts[3] = {0};
    int64_t clock_s = local_zone_clock(drawing->axis->zone, drawing->axis->start_s);
    rfc3339_print_date(clock_s, date);
    int month = (date[5] - '0') * 10 + date[6] - '0', day = (date[8] - '0') * 10 + date[9] - '0';
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < rows[i].block_count; j++) counts[rows[i].blocks[j].kind]++;
    colour(drawing, "\033[1m");
    fprintf(drawing->out, " %s %d %s %.4s", weekdays[rfc3339_weekday(clock_s)], day, months[month - 1], date);
    colour(drawing, "\033[0m");
    fprintf(drawing->out, ", %s", drawing->axis->zone->name);
    put_change(drawing);
    fprintf(drawing->out, ": %zu booked", counts[DAY_BOOKED]);
    if (counts[DAY_HELD] > 0) fprintf(drawing->out, ", %zu held", counts[DAY_HELD]);
    if (counts[DAY_DONE] > 0) fprintf(drawing->out, ", %zu done", counts[DAY_DONE]);
    fputs("\n\n", drawing->out);
}

/* ---- the key ---- */

/* Where the key's next sign goes. */
struct key {
    const struct drawing *drawing;
    int margin, column; /* column 0: nothing stands there yet */
};

/* Begins a line where a sign of that width has no room any more. */
static void put_gap(struct key *key, int width)
{
    FILE *out = key->drawing->out;
    bool fits = key->column > 0 && key->column + 2 + width <= key->drawing->look->columns;
    if (fits)
        fputs("  ", out);
    else
        fprintf(out, "\n%*s", key->margin, "");
    key->column = (fits ? key->column + 2 : key->margin) + width;
}

static void put_paint(struct key *key, enum paint paint, const char *word)
{
    const struct drawing *drawing = key->drawing;
    put_gap(key, 4 + text_width(word));
    colour(drawing, colours[paint]);
    fputs(paint == OPEN ? drawing->glyphs->grid : drawing->glyphs->edge[paint], drawing->out);
    fputs(drawing->glyphs->fill[paint], drawing->out);
    fputs(drawing->glyphs->fill[paint], drawing->out);
    colour(drawing, "\033[0m");
    fprintf(drawing->out, " %s", word);
}

static void put_sign(struct key *key, const char *sign, const char *word)
{
    put_gap(key, 1 + text_width(sign) + text_width(word));
    fprintf(key->drawing->out, "%s %s", sign, word);
}

/* What was drawn. */
struct seen {
    bool paints[PAINTS];
    bool crowd, goes_on;
};

static void see_row(const struct drawing *drawing, const struct cell *cells, struct seen *seen)
{
    for (int i = 0; i < cell_count(drawing); i++) {
        seen->paints[cells[i].paint] = true;
        seen->crowd = seen->crowd || (cells[i].edge && cells[i].starts > 1);
        seen->goes_on = seen->goes_on || cells[i].before || cells[i].after;
    }
}

/* Explains the signs that occur. */
static void put_key(const struct drawing *drawing, const struct seen *seen)
{
    static const char *const words[PAINTS] = {"open", "closed", "buffer", "done", "held", "booked"};
    static const enum paint order[] = {BOOKED, HELD, DONE, BUFFER, OPEN, CLOSED};
    char goes_on[16];
    struct key key = {drawing, drawing->look->columns < 80 ? 1 : drawing->name_width + 3, 0};
    int now = cell_of(drawing, drawing->look->now_s, false);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (seen->paints[order[i]]) put_paint(&key, order[i], words[order[i]]);
    snprintf(goes_on, sizeof goes_on, "%s%s", drawing->glyphs->before, drawing->glyphs->after);
    if (seen->crowd) put_sign(&key, "2", "so many begin there");
    if (seen->goes_on) put_sign(&key, goes_on, "goes on");
    if (now >= 0 && now < cell_count(drawing)) put_sign(&key, drawing->glyphs->now, "now");
    fputc('\n', drawing->out);
}

void day_draw(FILE *out, const day_axis *axis, const day_row *rows, size_t count, const day_look *look)
{
    static struct cell cells[CELLS_MAX];
    struct seen seen = {{false}, false, false};
    struct drawing drawing = {.out = out, .look = look, .axis = axis};
    drawing.glyphs = !look->utf8 ? &ascii : look->colour ? &coloured : &unicode;
    choose_name_width(&drawing, rows, count);
    choose_hours(&drawing, extent_of(rows, count, axis));
    choose_scale(&drawing);

    put_title(&drawing, rows, count);
    put_hours(&drawing);
    put_ticks(&drawing);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && count <= SPACED_ROWS) put_air(&drawing);
        paint_row(&drawing, &rows[i], cells);
        see_row(&drawing, cells, &seen);
        fputc(' ', out);
        put_name(&drawing, rows[i].name);
        fputs("  ", out);
        put_cells(&drawing, cells);
        put_summary(&drawing, &rows[i]);
    }
    if (count > SPACED_ROWS) put_ticks(&drawing);
    if (count > SPACED_ROWS) put_hours(&drawing);
    put_key(&drawing, &seen);
}
