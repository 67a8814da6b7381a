/* The line editor of dialogs and forms (the `:` and filter prompts are GNU readline's, overlay/prompt.c). UI thread. */
#include "tui/widget/edit.h"
#include "backend/base/text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct edit {
    char text[EDIT_BYTES_MAX + 1];
    size_t len, point, scroll;
    struct buf scratch;
};

struct edit *edit_new(void)
{
    struct edit *edit = calloc(1, sizeof *edit);
    if (!edit)
        abort();
    edit->scratch = BUF_INIT(16 * EDIT_BYTES_MAX);
    return edit;
}

void edit_free(struct edit *edit)
{
    if (!edit)
        return;
    buf_done(&edit->scratch);
    free(edit);
}

const char *edit_text(const struct edit *edit)
{
    return edit->text;
}

/* Bytes of the character at `at`: a code point and the combining marks behind it. */
static size_t char_len(const struct edit *edit, size_t at)
{
    uint32_t code;
    size_t len = text_decode(edit->text + at, edit->len - at, &code);
    if (len == 0)
        return at < edit->len ? 1 : 0;
    for (size_t more; (more = text_decode(edit->text + at + len, edit->len - at - len, &code)) > 0; len += more) {
        if (text_code_width(code) != 0)
            break;
    }
    return len;
}

static size_t char_before(const struct edit *edit, size_t at)
{
    size_t start = 0, next = 0;
    while (next < at) {
        start = next;
        next += char_len(edit, next);
    }
    return start;
}

static void erase(struct edit *edit, size_t from, size_t to)
{
    memmove(edit->text + from, edit->text + to, edit->len - to + 1);
    edit->len -= to - from;
    edit->point = from;
}

static void insert(struct edit *edit, const char *bytes, size_t len)
{
    if (edit->len + len > EDIT_BYTES_MAX)
        return;
    memmove(edit->text + edit->point + len, edit->text + edit->point, edit->len - edit->point + 1);
    memcpy(edit->text + edit->point, bytes, len);
    edit->len += len;
    edit->point += len;
}

static void insert_pasted(struct edit *edit, const char *bytes, size_t len)
{
    while (len > 0 && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
        len--;
    for (size_t i = 0, step; i < len; i += step) {
        uint32_t code;
        step = text_decode(bytes + i, len - i, &code);
        if (step == 0) {
            step = 1;
            continue;
        }
        if (code == '\n' || code == '\t')
            insert(edit, " ", 1);
        else if (text_code_width(code) >= 0)
            insert(edit, bytes + i, step);
    }
}

void edit_set(struct edit *edit, const char *text)
{
    size_t len = strlen(text), fit = 0;
    while (fit < len) {
        uint32_t code;
        size_t step = text_decode(text + fit, len - fit, &code);
        step = step > 0 ? step : 1;
        if (fit + step > EDIT_BYTES_MAX)
            break;
        fit += step;
    }
    memcpy(edit->text, text, fit);
    edit->text[fit] = '\0';
    edit->len = edit->point = fit;
    edit->scroll = 0;
}

static size_t word_start(const struct edit *edit)
{
    size_t at = edit->point;
    while (at > 0 && isspace((unsigned char)edit->text[at - 1]))
        at--;
    while (at > 0 && !isspace((unsigned char)edit->text[at - 1]) && (at == edit->point || edit->text[at - 1] != '/'))
        at--; /* a path is edited part by part */
    return at;
}

static size_t word_end(const struct edit *edit)
{
    size_t at = edit->point;
    while (at < edit->len && isspace((unsigned char)edit->text[at]))
        at++;
    while (at < edit->len && !isspace((unsigned char)edit->text[at]))
        at++;
    return at;
}

static void do_start(struct edit *edit)
{
    edit->point = 0;
}
static void do_end(struct edit *edit)
{
    edit->point = edit->len;
}
static void do_left(struct edit *edit)
{
    edit->point = char_before(edit, edit->point);
}
static void do_right(struct edit *edit)
{
    edit->point += char_len(edit, edit->point);
}
static void do_backspace(struct edit *edit)
{
    erase(edit, char_before(edit, edit->point), edit->point);
}
static void do_delete(struct edit *edit)
{
    erase(edit, edit->point, edit->point + char_len(edit, edit->point));
}
static void do_kill_end(struct edit *edit)
{
    erase(edit, edit->point, edit->len);
}
static void do_kill_start(struct edit *edit)
{
    erase(edit, 0, edit->point);
}
static void do_kill_word(struct edit *edit)
{
    erase(edit, word_start(edit), edit->point);
}
static void do_word_left(struct edit *edit)
{
    edit->point = word_start(edit);
}
static void do_word_right(struct edit *edit)
{
    edit->point = word_end(edit);
}
static void do_kill_word_right(struct edit *edit)
{
    erase(edit, edit->point, word_end(edit));
}

static const struct {
    struct key key;
    void (*run)(struct edit *edit);
} edit_keys[] = {
    {{.code = 'a', .mods = MOD_CTRL}, do_start},
    {{.code = NAMED_HOME}, do_start},
    {{.code = 'e', .mods = MOD_CTRL}, do_end},
    {{.code = NAMED_END}, do_end},
    {{.code = 'b', .mods = MOD_CTRL}, do_left},
    {{.code = NAMED_LEFT}, do_left},
    {{.code = 'f', .mods = MOD_CTRL}, do_right},
    {{.code = NAMED_RIGHT}, do_right},
    {{.code = 'h', .mods = MOD_CTRL}, do_backspace},
    {{.code = NAMED_BACKSPACE}, do_backspace},
    {{.code = 'd', .mods = MOD_CTRL}, do_delete},
    {{.code = NAMED_DELETE}, do_delete},
    {{.code = 'k', .mods = MOD_CTRL}, do_kill_end},
    {{.code = 'u', .mods = MOD_CTRL}, do_kill_start},
    {{.code = 'w', .mods = MOD_CTRL}, do_kill_word},
    {{.code = 'b', .mods = MOD_ALT}, do_word_left},
    {{.code = 'f', .mods = MOD_ALT}, do_word_right},
    {{.code = 'd', .mods = MOD_ALT}, do_kill_word_right},
    {{.code = NAMED_LEFT, .mods = MOD_CTRL}, do_word_left},
    {{.code = NAMED_RIGHT, .mods = MOD_CTRL}, do_word_right},
};

bool edit_key(struct edit *edit, const struct event *event)
{
    if (event->kind == EVENT_PASTE) {
        insert_pasted(edit, event->paste, event->paste_len);
        return true;
    }
    if (event->kind != EVENT_KEY)
        return false;
    for (size_t i = 0; i < sizeof edit_keys / sizeof *edit_keys; i++) {
        if (key_equal(edit_keys[i].key, event->key)) {
            edit_keys[i].run(edit);
            return true;
        }
    }
    char typed[4];
    size_t len = event->key.mods & (MOD_CTRL | MOD_ALT) ? 0 : key_text(event->key, typed);
    if (len == 0 || (unsigned char)typed[0] < 0x20 || typed[0] == 0x7f)
        return false;
    insert(edit, typed, len);
    return true;
}

static int columns_of(struct edit *edit, size_t from, size_t to)
{
    buf_clear(&edit->scratch);
    text_clean(edit->text + from, to - from, &edit->scratch);
    return text_width(buf_text(&edit->scratch), edit->scratch.len);
}

void edit_draw(struct edit *edit, struct canvas *canvas, int row, int col, int cols, bool has_focus)
{
    if (cols < 1)
        return;
    if (edit->scroll > edit->point || columns_of(edit, 0, edit->len) < cols)
        edit->scroll = 0;
    while (columns_of(edit, edit->scroll, edit->point) >= cols) /* one column is the cursor's behind the end */
        edit->scroll += char_len(edit, edit->scroll);
    struct rect field = {.row = row, .col = col, .rows = 1, .cols = cols};
    canvas_fill(canvas, field, ROLE_input);
    canvas_attrs(canvas, field, CELL_UNDERLINE);
    canvas_text(canvas, row, col, cols, ROLE_input, edit->text + edit->scroll, edit->len - edit->scroll);
    canvas_attrs(canvas, field, CELL_UNDERLINE);
    if (!has_focus)
        return;
    int at = columns_of(edit, edit->scroll, edit->point), wide = 1;
    if (edit->point < edit->len)
        wide = columns_of(edit, edit->point, edit->point + char_len(edit, edit->point));
    canvas_attrs(canvas, (struct rect){.row = row, .col = col + at, .rows = 1, .cols = wide > 0 ? wide : 1},
                 CELL_REVERSE);
}
