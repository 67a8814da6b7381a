/* One line of input by GNU readline inside the curses screen: readline gets the decoded keys back as bytes, edits, and
 * we draw its line; it never reads the terminal, never writes to it and installs no signal handler. So inputrc, vi
 * mode, history search and completion work as everywhere. The one home of readline in the console. Readline keeps its
 * state in globals and calls back without a context, therefore there is one prompt at a time and one pointer to it. UI
 * thread. */
#include "backend/base/path.h"
#include "backend/base/text.h"
#include "tui/app.h"
#include "tui/overlay.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* readline wants stdio first */
#include <readline/history.h>
#include <readline/readline.h>

enum { PROMPT_QUEUE = 64, PROMPT_HISTORY_MAX = 500, PROMPT_CANDIDATES = 256, PROMPT_LINE_MAX = 64 * 1024 };

struct prompt {
    struct app *app;
    char *label, *last;      /* last: the text that `changed` has seen */
    char history[PATH_SIZE]; /* "" none */
    struct prompt_options options;
    char queue[PROMPT_QUEUE]; /* bytes for readline */
    size_t head, count;
    char **candidates; /* of the last completion, for the menu line; NULL: none */
    int candidate_count;
    char *accepted; /* set by readline's line handler */
    bool is_done, is_cancelled;
    bool is_completing; /* the present key completed: its candidates stay although the line changed */
    struct buf scratch;
};

static struct prompt *the_prompt; /* readline's callbacks have no context */
static bool is_initialized;

static int queued_getc(FILE *stream)
{
    (void)stream;
    struct prompt *prompt = the_prompt;
    if (!prompt || prompt->count == 0)
        return EOF;
    unsigned char byte = (unsigned char)prompt->queue[prompt->head++];
    prompt->count--;
    return byte;
}

static int queued_available(void)
{
    return the_prompt && the_prompt->count > 0;
}

static void redisplay(void)
{
    if (the_prompt)
        app_dirty(the_prompt->app);
}

static void line_handler(char *line)
{
    if (!the_prompt) {
        free(line);
        return;
    }
    the_prompt->is_done = line != NULL;
    the_prompt->is_cancelled = line == NULL; /* Ctrl-d on an empty line */
    the_prompt->accepted = line;
    rl_callback_handler_remove();
}

static char *next_candidate(const char *text, int state)
{
    static int at; /* readline asks one by one */
    (void)text;
    if (state == 0)
        at = 0;
    struct prompt *prompt = the_prompt;
    return prompt->candidates && at < prompt->candidate_count ? strdup(prompt->candidates[at++]) : NULL;
}

static void forget_candidates(struct prompt *prompt)
{
    for (int i = 0; i < prompt->candidate_count; i++)
        free(prompt->candidates[i]);
    free(prompt->candidates);
    prompt->candidates = NULL;
    prompt->candidate_count = 0;
}

static char **complete(const char *text, int start, int end)
{
    struct prompt *prompt = the_prompt;
    rl_attempted_completion_over = 1; /* never file names of its own accord */
    rl_completion_append_character = '\0';
    if (!prompt || !prompt->options.complete)
        return NULL;
    forget_candidates(prompt);
    prompt->is_completing = true;
    prompt->candidates = prompt->options.complete(prompt->app, rl_line_buffer, start, end);
    while (prompt->candidates && prompt->candidates[prompt->candidate_count] &&
           prompt->candidate_count < PROMPT_CANDIDATES)
        prompt->candidate_count++;
    return prompt->candidate_count > 0 ? rl_completion_matches(text, next_candidate) : NULL;
}

/* The candidates are drawn above the line from our own list; readline must not print them. */
static void display_matches(char **matches, int count, int longest)
{
    (void)matches, (void)count, (void)longest;
    redisplay();
}

static void initialize(void)
{
    if (is_initialized)
        return;
    is_initialized = true;
    FILE *nowhere = fopen("/dev/null", "r+");
    rl_readline_name = "weir"; /* for $if in inputrc */
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_instream = rl_outstream = nowhere;
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_getc_function = queued_getc;
    rl_input_available_hook = queued_available;
    rl_redisplay_function = redisplay;
    rl_attempted_completion_function = complete;
    rl_completion_display_matches_hook = display_matches;
    rl_completion_query_items = 0;
    rl_initialize();
    using_history();
    stifle_history(PROMPT_HISTORY_MAX);
}

static void load_history(struct prompt *prompt, const char *name)
{
    char dir[PATH_SIZE], file[64];
    clear_history();
    prompt->history[0] = '\0';
    snprintf(file, sizeof file, "history-%s", name ? name : "");
    if (!name || !path_xdg_dir(XDG_STATE, dir, NULL) || !path_join(prompt->history, dir, file, NULL)) {
        prompt->history[0] = '\0';
        return;
    }
    read_history(prompt->history); /* none yet is no error */
    using_history();
}

static void save_history(const struct prompt *prompt, const char *line)
{
    char dir[PATH_SIZE];
    if (!prompt->history[0] || !*line)
        return;
    history_set_pos(history_length);
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    if (last && strcmp(last->line, line) == 0)
        return;
    add_history(line);
    if (!path_xdg_dir(XDG_STATE, dir, NULL) || !path_make_dirs(dir, 0700, NULL))
        return;
    int fd = open(prompt->history, O_WRONLY | O_CREAT | O_CLOEXEC, 0600); /* append_history wants it to exist */
    if (fd < 0)
        return;
    close(fd);
    if (append_history(1, prompt->history) == 0)
        history_truncate_file(prompt->history, PROMPT_HISTORY_MAX);
}

static void tell_change(struct prompt *prompt)
{
    if (strcmp(prompt->last, rl_line_buffer) == 0)
        return;
    free(prompt->last);
    prompt->last = strdup(rl_line_buffer);
    if (!prompt->is_completing)
        forget_candidates(prompt);
    if (prompt->options.changed)
        prompt->options.changed(prompt->app, prompt->options.context, rl_line_buffer);
}

static void leave(struct overlay *overlay)
{
    struct prompt *prompt = overlay->state;
    struct app *app = overlay->app;
    struct prompt_options options = prompt->options;
    char *line = prompt->accepted;
    bool is_done = prompt->is_done;
    prompt->accepted = NULL;
    if (is_done)
        save_history(prompt, line);
    app_close_overlay(app, overlay); /* before the callback, which may open the next overlay */
    if (is_done && options.done)
        options.done(app, options.context, line);
    else if (!is_done && options.cancelled)
        options.cancelled(app, options.context);
    free(line);
}

static void feed(struct prompt *prompt, const char *bytes, size_t len)
{
    if (len > sizeof prompt->queue)
        return;
    memcpy(prompt->queue, bytes, len);
    prompt->head = 0;
    prompt->count = len;
    while (prompt->count > 0 && !prompt->is_done && !prompt->is_cancelled)
        rl_callback_read_char();
    prompt->count = 0;
}

/* The bytes a terminal sends for a key (xterm's, which readline binds by default). */
static size_t key_bytes(struct key key, char out[16])
{
    static const struct {
        uint32_t code;
        const char *bytes;
    } named[] = {
        {NAMED_ENTER, "\r"},       {NAMED_ESC, "\033"},     {NAMED_TAB, "\t"},       {NAMED_BACKSPACE, "\177"},
        {NAMED_SPACE, " "},        {NAMED_UP, "\033[A"},    {NAMED_DOWN, "\033[B"},  {NAMED_RIGHT, "\033[C"},
        {NAMED_LEFT, "\033[D"},    {NAMED_HOME, "\033[H"},  {NAMED_END, "\033[F"},   {NAMED_DELETE, "\033[3~"},
        {NAMED_INSERT, "\033[2~"}, {NAMED_PGUP, "\033[5~"}, {NAMED_PGDN, "\033[6~"},
    };
    size_t len = 0;
    if (key.mods == MOD_CTRL && (key.code == NAMED_LEFT || key.code == NAMED_RIGHT))
        return (size_t)snprintf(out, 16, "\033[1;5%c", key.code == NAMED_LEFT ? 'D' : 'C');
    if (key.mods & MOD_ALT)
        out[len++] = '\033';
    for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
        if (named[i].code == key.code) {
            size_t size = strlen(named[i].bytes);
            memcpy(out + len, named[i].bytes, size);
            return len + size;
        }
    }
    if (key.mods & MOD_CTRL) {
        if (key.code < '@' || key.code > 0x7e)
            return 0;
        out[len++] = (char)(key.code & 0x1f);
        return len;
    }
    size_t typed = key_text(key, out + len);
    return typed > 0 ? len + typed : 0;
}

/* In vi's insert mode Esc belongs to readline; elsewhere it leaves the prompt, as it leaves every dialog. */
static bool is_leaving(struct key key)
{
    bool is_vi_insert = rl_editing_mode == 0 && rl_get_keymap() == vi_insertion_keymap;
    if (key.code == NAMED_ESC && key.mods == 0)
        return !is_vi_insert;
    return key_equal(key, (struct key){.code = 'c', .mods = MOD_CTRL}) ||
           (key_equal(key, (struct key){.code = 'g', .mods = MOD_CTRL}) && !RL_ISSTATE(RL_STATE_ISEARCH));
}

static void paste(const struct event *event)
{
    struct buf line = BUF_INIT(PROMPT_LINE_MAX);
    for (size_t i = 0; i < event->paste_len; i++) {
        unsigned char byte = (unsigned char)event->paste[i];
        if (byte == '\n' || byte == '\t')
            buf_putc(&line, ' ');
        else if (byte >= 0x20 && byte != 0x7f)
            buf_putc(&line, (char)byte);
    }
    while (line.len > 0 && line.data[line.len - 1] == ' ')
        line.data[--line.len] = '\0';
    if (!line.failed)
        rl_insert_text(buf_text(&line));
    buf_done(&line);
}

static bool prompt_key(struct overlay *overlay, const struct event *event)
{
    struct prompt *prompt = overlay->state;
    prompt->is_completing = false;
    if (event->kind == EVENT_PASTE) {
        paste(event);
    } else if (event->kind == EVENT_KEY) {
        if (event->key.code == NAMED_ESC && event->key.mods == 0 && RL_ISSTATE(RL_STATE_ISEARCH)) {
            feed(prompt, "\007", 1); /* out of the search, not of the prompt */
        } else if (is_leaving(event->key)) {
            prompt->is_cancelled = true;
        } else {
            char bytes[16];
            feed(prompt, bytes, key_bytes(event->key, bytes));
        }
    } else {
        return true;
    }
    if (prompt->is_done || prompt->is_cancelled) {
        leave(overlay);
        return true;
    }
    tell_change(prompt);
    app_dirty(overlay->app);
    return true;
}

static bool prompt_act(struct overlay *overlay, enum action action)
{
    struct prompt *prompt = overlay->state;
    if (action == ACTION_back || action == ACTION_cancel || action == ACTION_close) {
        prompt->is_cancelled = true;
        leave(overlay);
    }
    return true;
}

static int columns_of(struct prompt *prompt, const char *bytes, size_t len)
{
    buf_clear(&prompt->scratch);
    text_clean(bytes, len, &prompt->scratch);
    return text_width(buf_text(&prompt->scratch), prompt->scratch.len);
}

static size_t step_of(const char *bytes, size_t len)
{
    uint32_t code;
    size_t step = text_decode(bytes, len, &code);
    return step > 0 ? step : 1;
}

static void draw_candidates(const struct prompt *prompt, struct canvas *canvas, struct rect line)
{
    int col = line.col + 1, end = line.col + line.cols;
    canvas_fill(canvas, line, ROLE_dialog);
    for (int i = 0; i < prompt->candidate_count && col < end - 2; i++) {
        const char *text = prompt->candidates[i];
        int room = end - col;
        if (room < 8 && i + 1 < prompt->candidate_count) {
            canvas_puts(canvas, line.row, col, room, ROLE_dim, "…");
            return;
        }
        col += canvas_elide(canvas, line.row, col, room, ROLE_dim, text, strlen(text)) + 2;
    }
}

static void draw_line(struct prompt *prompt, struct canvas *canvas, struct rect line)
{
    const char *label =
        RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH) && rl_display_prompt ? rl_display_prompt : prompt->label;
    size_t len = (size_t)rl_end, point = (size_t)rl_point < len ? (size_t)rl_point : len, from = 0;
    canvas_fill(canvas, line, ROLE_input);
    int used = canvas_puts(canvas, line.row, line.col, line.cols, ROLE_accent, label);
    bool is_vi_command = rl_editing_mode == 0 && rl_get_keymap() == vi_movement_keymap;
    int room = line.cols - used - (is_vi_command ? 5 : 0);
    if (room < 2)
        return;
    if (is_vi_command)
        canvas_puts(canvas, line.row, line.col + line.cols - 4, 4, ROLE_dim, "(vi)");
    while (from < point && columns_of(prompt, rl_line_buffer + from, point - from) >= room)
        from += step_of(rl_line_buffer + from, len - from);
    canvas_text(canvas, line.row, line.col + used, room, ROLE_input, rl_line_buffer + from, len - from);
    int at = columns_of(prompt, rl_line_buffer + from, point - from);
    int wide =
        point < len ? columns_of(prompt, rl_line_buffer + point, step_of(rl_line_buffer + point, len - point)) : 1;
    canvas_attrs(canvas,
                 (struct rect){.row = line.row, .col = line.col + used + at, .rows = 1, .cols = wide > 0 ? wide : 1},
                 CELL_REVERSE);
}

static void prompt_draw(struct overlay *overlay, struct canvas *canvas, struct rect body)
{
    struct prompt *prompt = overlay->state;
    struct rect line = {.row = body.row + body.rows - 1, .col = body.col, .rows = 1, .cols = body.cols};
    if (body.rows < 1 || body.cols < 4)
        return;
    struct rect above = line;
    above.row--;
    if (prompt->candidate_count > 1 && body.rows > 1)
        draw_candidates(prompt, canvas, above);
    draw_line(prompt, canvas, line);
}

static void prompt_close(struct overlay *overlay)
{
    struct prompt *prompt = overlay->state;
    if (the_prompt == prompt) {
        if (!prompt->is_done)
            rl_callback_handler_remove();
        the_prompt = NULL;
    }
    forget_candidates(prompt);
    buf_done(&prompt->scratch);
    free(prompt->accepted);
    free(prompt->label);
    free(prompt->last);
    free(prompt);
}

static const enum action prompt_footer[] = {ACTION_none};
static const struct overlay_ops prompt_ops = {
    .name = "prompt",
    .context = CONTEXT_text,
    .footer = prompt_footer,
    .takes_text = true,
    .key = prompt_key,
    .act = prompt_act,
    .draw = prompt_draw,
    .close = prompt_close,
};

void overlay_prompt(struct app *app, const struct prompt_options *options)
{
    struct prompt *prompt = calloc(1, sizeof *prompt);
    if (!prompt || the_prompt) {
        free(prompt); /* a second prompt on top of one is never offered */
        return;
    }
    initialize();
    prompt->app = app;
    prompt->options = *options;
    prompt->label = strdup(options->label);
    prompt->last = strdup(options->initial ? options->initial : "");
    prompt->scratch = BUF_INIT(PROMPT_LINE_MAX);
    load_history(prompt, options->history);
    the_prompt = prompt;
    rl_callback_handler_install("", line_handler);
    if (options->initial)
        rl_insert_text(options->initial);
    app_push_overlay(app, &prompt_ops, prompt);
}
