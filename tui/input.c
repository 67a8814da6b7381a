/* The decoder of terminal input. Sequences are those of ECMA-48 and xterm's control sequences document, with the forms
 * of the Linux console and rxvt; what it does not know is dropped whole. Called by screen.c. UI thread. */
#include "tui/input.h"
#include "backend/base/text.h"
#include "tui/input_table.h"
#include <stdlib.h>
#include <string.h>

enum {
    BYTES_MAX = 2 * INPUT_CHUNK,
    OWN_MAX = 64,
    OWN_BYTES = 16,
    SEQUENCE_MAX = 64,       /* a longer control sequence is noise */
    PASTE_SILENCE_MS = 2000, /* a paste whose end never comes is over after this */
    DOUBLE_CLICK_MS = 400
};
static const char paste_end[] = "\x1b[201~";

struct own {
    char bytes[OWN_BYTES];
    size_t len;
    struct key key;
};
struct input {
    char bytes[BYTES_MAX];
    size_t len;
    int64_t escdelay_ms, last_ms;
    struct own own[OWN_MAX];
    int own_count;
    struct buf paste;
    bool in_paste, paste_cut, paste_given;
    int64_t click_ms;
    int click_row, click_col;
};

struct input *input_new(int64_t escdelay_ms)
{
    struct input *input = calloc(1, sizeof *input);
    if (!input)
        abort();
    input->escdelay_ms = escdelay_ms;
    input->click_ms = INT64_MIN / 2;
    buf_init(&input->paste, INPUT_PASTE_MAX);
    return input;
}

void input_free(struct input *input)
{
    if (!input)
        return;
    buf_done(&input->paste);
    free(input);
}

bool input_add(struct input *input, const char *sequence, struct key key)
{
    size_t len = strlen(sequence);
    if (!len || len > OWN_BYTES || input->own_count == OWN_MAX)
        return false;
    struct own *own = &input->own[input->own_count++];
    memcpy(own->bytes, sequence, len);
    own->len = len;
    own->key = key;
    return true;
}

void input_feed(struct input *input, const char *bytes, size_t len, int64_t now_ms)
{
    if (len > BYTES_MAX - input->len)
        len = BYTES_MAX - input->len;
    memcpy(input->bytes + input->len, bytes, len);
    input->len += len;
    input->last_ms = now_ms;
}

static void consume(struct input *input, size_t len)
{
    memmove(input->bytes, input->bytes + len, input->len - len);
    input->len -= len;
}

/* What one look at the head of the bytes found: so many bytes are used up, or 0: more are needed. */
struct look {
    size_t used;
    bool has_event;
};
static const struct look need_more = {.used = 0};

static struct look found_key(struct event *event, size_t used, uint32_t code, unsigned mods)
{
    *event = (struct event){.kind = EVENT_KEY, .key = {.code = code, .mods = mods}};
    return (struct look){.used = used, .has_event = true};
}

static struct look dropped(size_t used)
{
    return (struct look){.used = used};
}

/* The terminal's own sequences: the longest that matches; need_more while one may still match. */
static struct look look_own(const struct input *input, bool in_time, struct event *event)
{
    const struct own *best = NULL;
    for (int i = 0; i < input->own_count; i++) {
        const struct own *own = &input->own[i];
        size_t common = own->len < input->len ? own->len : input->len;
        if (memcmp(own->bytes, input->bytes, common))
            continue;
        if (own->len <= input->len)
            best = !best || own->len > best->len ? own : best;
        else if (in_time)
            return need_more;
    }
    return best ? found_key(event, best->len, best->key.code, best->key.mods) : dropped(0);
}

static unsigned modifiers_of(int param)
{
    unsigned bits = param > 1 ? (unsigned)param - 1 : 0; /* xterm: 1 + shift 1, alt 2, ctrl 4 */
    return (bits & 1 ? MOD_SHIFT : 0) | (bits & 2 ? MOD_ALT : 0) | (bits & 4 ? MOD_CTRL : 0);
}

static struct look found_mouse(struct input *input, size_t used, const int params[], char final, struct event *event)
{
    int button = params[0];
    *event = (struct event){.kind = EVENT_MOUSE, .row = params[2] - 1, .col = params[1] - 1};
    if (event->row < 0 || event->col < 0 || button & 32)
        return dropped(used); /* motion */
    if (button & 64) {
        event->mouse = button & 1 ? MOUSE_WHEEL_DOWN : MOUSE_WHEEL_UP;
        return (struct look){.used = used, .has_event = !(button & 2)};
    }
    if ((button & 3) != 0)
        return dropped(used);
    event->mouse = final == 'm' ? MOUSE_RELEASE : MOUSE_PRESS;
    if (event->mouse == MOUSE_PRESS) {
        if (input->last_ms - input->click_ms <= DOUBLE_CLICK_MS && input->click_row == event->row &&
            input->click_col == event->col)
            event->mouse = MOUSE_DOUBLE;
        input->click_ms = event->mouse == MOUSE_DOUBLE ? INT64_MIN / 2 : input->last_ms;
        input->click_row = event->row;
        input->click_col = event->col;
    }
    return (struct look){.used = used, .has_event = true};
}

enum { PARAMS = 4 };

static void read_params(const char *bytes, size_t len, int params[PARAMS])
{
    int at = 0;
    for (size_t i = 0; i < len && at < PARAMS; i++) {
        if (bytes[i] >= '0' && bytes[i] <= '9')
            params[at] = params[at] < 100000 ? params[at] * 10 + bytes[i] - '0' : params[at];
        else if (bytes[i] == ';')
            at++;
    }
}

/* A whole control sequence: bytes[0..used) with its parameters and final byte. */
static struct look found_csi(struct input *input, size_t used, struct event *event)
{
    int params[PARAMS] = {0};
    char final = input->bytes[used - 1], first = input->bytes[2];
    read_params(input->bytes + 2, used - 3, params);
    if (first == '<' && (final == 'M' || final == 'm'))
        return found_mouse(input, used, params, final, event);
    if (first == '?' || first == '>' || first == '<' || first == '=')
        return dropped(used); /* an answer to a question */
    if (used == 3 && (final == 'I' || final == 'O')) {
        *event = (struct event){.kind = final == 'I' ? EVENT_FOCUS : EVENT_UNFOCUS};
        return (struct look){.used = used, .has_event = true};
    }
    if (final == '~' && params[0] == 200) {
        input->in_paste = true;
        return dropped(used);
    }
    struct key key;
    if (!input_table_csi(final, params, &key))
        return dropped(used);
    key.mods |= modifiers_of(params[1]);
    return found_key(event, used, key.code, key.mods);
}

static struct look look_csi(struct input *input, bool in_time, struct event *event)
{
    const char *bytes = input->bytes;
    if (input->len > 2 && bytes[2] == '[') { /* Linux console: ESC [ [ A is F1 */
        if (input->len < 4)
            return in_time ? need_more : dropped(3);
        return bytes[3] >= 'A' && bytes[3] <= 'E' ? found_key(event, 4, NAMED_F1 + (uint32_t)(bytes[3] - 'A'), 0)
                                                  : dropped(4);
    }
    for (size_t i = 2; i < input->len && i < SEQUENCE_MAX; i++) {
        if (bytes[i] >= 0x40 && bytes[i] <= 0x7e)
            return found_csi(input, i + 1, event);
        if (bytes[i] < 0x20)
            return dropped(i); /* broken off; what follows stands for itself */
    }
    if (input->len >= SEQUENCE_MAX)
        return dropped(SEQUENCE_MAX);
    if (in_time)
        return need_more;
    return input->len == 2 ? found_key(event, 2, '[', MOD_ALT) : dropped(input->len);
}

static struct look look_ss3(struct input *input, bool in_time, struct event *event)
{
    if (input->len < 3)
        return in_time ? need_more : found_key(event, 2, 'O', MOD_ALT);
    struct key key;
    int none[PARAMS] = {0};
    char final = input->bytes[2];
    if (final == 'M')
        return found_key(event, 3, NAMED_ENTER, 0);
    return final >= 'A' && final <= 'S' && input_table_csi(final, none, &key) ? found_key(event, 3, key.code, 0)
                                                                              : dropped(3);
}

/* One control or printable character at bytes[at]; `used` of the result counts from the very start. */
static struct look look_char(const struct input *input, size_t at, bool in_time, unsigned mods, struct event *event)
{
    unsigned char byte = (unsigned char)input->bytes[at];
    struct key key;
    if (input_table_control(byte, &key))
        return found_key(event, at + 1, key.code, key.mods | mods);
    uint32_t code;
    size_t left = input->len - at, step = text_decode(input->bytes + at, left, &code);
    if (step)
        return found_key(event, at + step, code, mods);
    size_t whole = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    bool is_cut = left < whole && byte < 0xf5;
    for (size_t i = 1; i < left && is_cut; i++)
        is_cut = ((unsigned char)input->bytes[at + i] & 0xc0) == 0x80;
    return is_cut && in_time ? need_more : dropped(at + 1);
}

static struct look look_escape(struct input *input, bool in_time, struct event *event)
{
    if (input->len == 1)
        return in_time ? need_more : found_key(event, 1, NAMED_ESC, 0);
    char next = input->bytes[1];
    if (next == '[')
        return look_csi(input, in_time, event);
    if (next == 'O')
        return look_ss3(input, in_time, event);
    if (next == 0x1b)
        return found_key(event, 1, NAMED_ESC, 0);
    struct look look = look_char(input, 1, in_time, MOD_ALT, event);
    return look;
}

static struct look look_paste(struct input *input, int64_t now_ms, struct event *event)
{
    size_t end_len = sizeof paste_end - 1;
    const char *end = memmem(input->bytes, input->len, paste_end, end_len);
    bool is_over = end || now_ms - input->last_ms >= PASTE_SILENCE_MS;
    size_t keep = is_over || input->len < end_len ? (is_over ? 0 : input->len) : end_len - 1;
    size_t take = end ? (size_t)(end - input->bytes) : input->len - keep;
    size_t room = INPUT_PASTE_MAX - input->paste.len, fits = take < room ? take : room;
    buf_append(&input->paste, input->bytes, fits);
    input->paste_cut = input->paste_cut || fits < take;
    if (!is_over)
        return dropped(take);
    input->in_paste = false;
    input->paste_given = true;
    *event = (struct event){.kind = EVENT_PASTE,
                            .paste = buf_text(&input->paste),
                            .paste_len = input->paste.len,
                            .paste_cut = input->paste_cut};
    return (struct look){.used = take + (end ? end_len : 0), .has_event = true};
}

static struct look look(struct input *input, int64_t now_ms, struct event *event)
{
    bool in_time = now_ms - input->last_ms < input->escdelay_ms;
    struct look own = look_own(input, in_time, event);
    if (own.has_event)
        return own;
    return input->bytes[0] == 0x1b ? look_escape(input, in_time, event) : look_char(input, 0, in_time, 0, event);
}

bool input_next(struct input *input, int64_t now_ms, struct event *event)
{
    if (input->paste_given) {
        buf_done(&input->paste);
        buf_init(&input->paste, INPUT_PASTE_MAX);
        input->paste_given = input->paste_cut = false;
    }
    *event = (struct event){.kind = EVENT_NONE};
    while (input->in_paste || input->len) {
        struct look result = input->in_paste ? look_paste(input, now_ms, event) : look(input, now_ms, event);
        consume(input, result.used);
        if (result.has_event)
            return true;
        if (!result.used)
            return false;
    }
    return false;
}

int64_t input_wait_ms(const struct input *input, int64_t now_ms)
{
    if (!input->len && !input->in_paste)
        return -1;
    int64_t due = input->last_ms + (input->in_paste ? PASTE_SILENCE_MS : input->escdelay_ms);
    return due > now_ms ? due - now_ms : 0;
}
