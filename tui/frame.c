/* Frames, their title line, and the one way errors and wrapped texts are drawn inside them. Called by app and panes on
 * the UI thread. */
#include "tui/frame.h"
#include "backend/base/text.h"
#include <stdio.h>
#include <string.h>

static const struct {
    const char *word; /* "" : the age alone */
    enum theme_role role;
} sources[] = {
    [SOURCE_LOADING] = {"loading", ROLE_running},
    [SOURCE_OK] = {"", ROLE_dim},
    [SOURCE_REFRESHING] = {"refreshing", ROLE_running},
    [SOURCE_RETRYING] = {"retrying", ROLE_warn},
    [SOURCE_STALE] = {"stale", ROLE_warn},
    [SOURCE_DENIED] = {"denied", ROLE_warn},
    [SOURCE_CREDENTIALS] = {"credentials", ROLE_warn},
    [SOURCE_UNREACHABLE] = {"unreachable", ROLE_fail},
    [SOURCE_ERROR] = {"error", ROLE_fail},
    [SOURCE_PAUSED] = {"paused", ROLE_warn},
    [SOURCE_REPLAY] = {"replay", ROLE_warn},
};

/* An age in steps, so that a screen on which nothing happens also changes nothing: the last ten seconds are now, then
 * tens of seconds, then minutes. */
static void write_age(int64_t age_ms, char out[TEXT_SHORT])
{
    enum { TEN_S = 10 * 1000, MINUTE = 60 * 1000 };
    if (age_ms < TEN_S)
        snprintf(out, TEXT_SHORT, "now");
    else
        text_duration(age_ms - age_ms % (age_ms < MINUTE ? TEN_S : MINUTE), out);
}

enum theme_role frame_state(const struct pane_status *status, int64_t now_ms, char *out, size_t size)
{
    char age[TEXT_SHORT] = "", time[TEXT_SHORT] = "";
    const char *word = sources[status->source].word;
    if (status->taken_ms > 0) {
        write_age(now_ms - status->taken_ms, age);
        text_time(status->taken_ms, time);
    }
    bool is_old = status->source == SOURCE_PAUSED || status->source == SOURCE_REPLAY ||
                  status->source == SOURCE_STALE || status->source == SOURCE_RETRYING ||
                  status->source == SOURCE_DENIED || status->source == SOURCE_CREDENTIALS ||
                  status->source == SOURCE_UNREACHABLE || status->source == SOURCE_ERROR;
    if (status->taken_ms > 0 && is_old) /* the values shown are from then */
        snprintf(out, size, "%s, from %s", word, strlen(time) > 11 ? time + 11 : time);
    else if (status->taken_ms > 0)
        snprintf(out, size, "%s%s%s", word, *word ? " " : "", age);
    else
        snprintf(out, size, "%s", word);
    return sources[status->source].role;
}

static void draw_note(struct canvas *canvas, struct rect rect, int from, const struct frame *frame, int64_t now_ms)
{
    char state[64] = "", note[128] = "";
    const char *raw = frame->note ? frame->note : frame->status ? frame->status->note : "";
    enum theme_role role = frame->status ? frame_state(frame->status, now_ms, state, sizeof state) : ROLE_dim;
    text_clean_into(raw, note, sizeof note);
    int end = rect.col + rect.cols - 3;                     /* exclusive; a blank and the corner's line follow */
    if (end - text_width(state, strlen(state)) <= from + 2) /* narrow: the word alone */
        state[strcspn(state, ",")] = '\0';
    int state_width = text_width(state, strlen(state)), note_width = text_width(note, strlen(note));
    if (state_width > 0 && end - state_width > from + 2) {
        canvas_puts(canvas, rect.row, end - state_width - 1, 1, ROLE_border, " ");
        canvas_puts(canvas, rect.row, end - state_width, state_width, role, state);
        canvas_puts(canvas, rect.row, end, 1, ROLE_border, " ");
        end -= state_width + 3;
    }
    if (note_width > 0 && end - note_width > from + 2) {
        canvas_puts(canvas, rect.row, end - note_width - 1, 1, ROLE_border, " ");
        canvas_puts(canvas, rect.row, end - note_width, note_width, ROLE_dim, note);
        canvas_puts(canvas, rect.row, end, 1, ROLE_border, " ");
        if (end < rect.col + rect.cols - 3)
            canvas_puts(canvas, rect.row, end + 1, 1, ROLE_dim, "·");
    }
}

static int draw_title(struct canvas *canvas, struct rect rect, const struct frame *frame)
{
    int col = rect.col + 2, room = rect.cols - 5;
    char number[16] = "";
    if (room < 2 || !frame->title)
        return col;
    canvas_puts(canvas, rect.row, col++, 1, ROLE_border, " ");
    if (frame->number >= 0) {
        snprintf(number, sizeof number, "%d ", frame->number);
        col += canvas_puts(canvas, rect.row, col, room, ROLE_key, number);
    }
    room = rect.col + rect.cols - 3 - col;
    enum theme_role role = frame->has_focus ? ROLE_title : ROLE_text;
    col += canvas_elide(canvas, rect.row, col, room > 0 ? room : 0, role, frame->title, strlen(frame->title));
    canvas_puts(canvas, rect.row, col, 1, ROLE_border, " ");
    return col + 1;
}

struct rect frame_draw(struct canvas *canvas, struct rect rect, const struct frame *frame, int64_t now_ms)
{
    if (rect.rows < 2 || rect.cols < 4)
        return (struct rect){.row = rect.row, .col = rect.col};
    struct rect before = canvas_clip(canvas, rect);
    canvas_box(canvas, rect, frame->has_focus ? ROLE_border_focus : ROLE_border);
    draw_note(canvas, rect, draw_title(canvas, rect, frame), frame, now_ms);
    canvas_clip(canvas, before);
    return (struct rect){.row = rect.row + 1, .col = rect.col + 1, .rows = rect.rows - 2, .cols = rect.cols - 2};
}

int frame_text(struct canvas *canvas, struct rect rect, enum theme_role role, const char *text)
{
    char clean[1024];
    text_clean_into(text, clean, sizeof clean);
    int row = 0;
    for (const char *at = clean; *at && row < rect.rows; row++) {
        int used = 0;
        size_t fit = text_fit(at, strlen(at), rect.cols, &used), cut = fit;
        if (fit == 0)
            break;
        while (at[fit] && cut > 0 && at[cut] != ' ')
            cut--; /* break at the last blank that fits, or in the word when there is none */
        if (at[fit] && cut > 0)
            fit = cut;
        canvas_text(canvas, rect.row + row, rect.col, rect.cols, role, at, fit);
        at += fit;
        at += strspn(at, " ");
    }
    return row;
}

/* "7 tries failed in 32s, next in 4s" */
static void write_retry(const struct snap_retry *retry, int64_t now_ms, char *out, size_t size)
{
    char since[TEXT_SHORT], next[TEXT_SHORT];
    int64_t left_ms = retry->next_ms - now_ms;
    text_duration((now_ms - retry->since_ms) / 1000 * 1000, since);
    text_duration((left_ms + 999) / 1000 * 1000, next);
    snprintf(out, size, "%d %s failed in %s, %s%s", retry->tries, retry->tries == 1 ? "try" : "tries", since,
             left_ms > 0 ? "next in " : "trying again", left_ms > 0 ? next : "");
}

int frame_failure(struct canvas *canvas, struct rect rect, const struct pane_status *status, int64_t now_ms)
{
    const struct err *err = &status->err;
    const char *cause = err->text[0] ? err->text : err_sentence(err->code), *remedy = err_advice(err);
    char retry[96] = "", words[256] = "";
    if (status->retry.tries > 0)
        write_retry(&status->retry, now_ms, retry, sizeof retry);
    snprintf(words, sizeof words, "%s%s%s", retry, retry[0] && *remedy ? "; " : "", remedy);
    struct rect left = rect;
    left.rows -= words[0] && rect.rows > 1; /* the remedy has a line of its own, however long the cause is */
    int used = frame_text(canvas, left, ROLE_error, cause);
    left.row += used;
    left.rows = rect.rows - used;
    return used + frame_text(canvas, left, ROLE_remedy, words);
}

void frame_nothing(struct canvas *canvas, struct rect rect, const struct pane_status *status, const char *asked,
                   int64_t since_ms, int64_t now_ms)
{
    struct rect in = {.row = rect.row, .col = rect.col + 1, .rows = rect.rows, .cols = rect.cols - 2};
    char words[192], since[TEXT_SHORT];
    if (in.rows < 1 || in.cols < 4)
        return;
    if (status->err.code != ERR_OK) {
        int used = frame_failure(canvas, in, status, now_ms);
        if (status->source == SOURCE_DENIED && used < in.rows)
            canvas_puts(canvas, in.row + used, in.col, in.cols, ROLE_dim, "P shows the policy that this pane needs");
        return;
    }
    int64_t waited = now_ms - since_ms;
    snprintf(words, sizeof words, "asking %s, for %s", asked, text_duration(waited / 1000 * 1000, since));
    if (waited < 1000)
        snprintf(words, sizeof words, "asking %s", asked);
    frame_text(canvas, in, ROLE_dim, words);
}

int frame_trouble(struct canvas *canvas, struct rect rect, const struct pane_status *status, int64_t now_ms)
{
    enum { LINES = 2, NARROW_COLS = 60, NARROW_LINES = 6 };
    int rows = rect.cols < NARROW_COLS && rect.rows > 3 * NARROW_LINES ? NARROW_LINES : LINES;
    if (status->err.code == ERR_OK || rect.rows < 2 * LINES)
        return 0;
    struct rect last = {.row = rect.row + rect.rows - rows, .col = rect.col + 1, .rows = rows, .cols = rect.cols - 2};
    frame_failure(canvas, last, status, now_ms);
    return rows;
}
