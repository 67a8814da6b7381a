/* The test terminal: forkpty, libvterm, and waiting on what is drawn. */
#include "tests/lib/vt.h"
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>
#include <vterm.h>

enum { WAIT_MS = 20000, STEP_MS = 20, SCREEN_BYTES = 1 << 18, MODES = 4096, FRAME_MODE = 2026 };
struct vt {
    int fd;
    pid_t pid;
    int status;
    bool has_ended, is_alternate, is_cursor_hidden;
    int rows, cols;
    VTerm *term;
    VTermScreen *screen;
    char text[SCREEN_BYTES];
    struct termios before;
    /* private modes, read from the stream, since libvterm does not tell */
    int sequence; /* how much of ESC [ ? has been seen, 3: in the number */
    int number, frames;
    bool modes[MODES];
};

static void to_program(const char *bytes, size_t len, void *data)
{
    struct vt *vt = data;
    while (len > 0) {
        ssize_t sent = write(vt->fd, bytes, len);
        if (sent < 0)
            return; /* the program has gone: a wait will say so */
        bytes += sent;
        len -= (size_t)sent;
    }
}

static int on_property(VTermProp property, VTermValue *value, void *data)
{
    struct vt *vt = data;
    if (property == VTERM_PROP_ALTSCREEN)
        vt->is_alternate = value->boolean;
    if (property == VTERM_PROP_CURSORVISIBLE)
        vt->is_cursor_hidden = !value->boolean;
    return 1;
}
static void see_byte(struct vt *vt, char byte)
{
    static const char start[] = "\033[?";
    if (vt->sequence < 3) {
        vt->sequence = byte == start[vt->sequence] ? vt->sequence + 1 : byte == start[0];
        vt->number = 0;
        return;
    }
    if (byte >= '0' && byte <= '9') {
        vt->number = (vt->number * 10 + byte - '0') % MODES;
        return;
    }
    if (byte == 'h' || byte == 'l')
        vt->modes[vt->number] = byte == 'h';
    vt->frames += byte == 'l' && vt->number == FRAME_MODE;
    vt->number = 0;
    vt->sequence = byte == ';' ? 3 : 0;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

static void become_program(const struct vt_options *options)
{
    setenv("TERM", options->term ? options->term : "xterm-256color", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("ESCDELAY", "25", 1);
    unsetenv("LINES");
    unsetenv("COLUMNS");
    unsetenv("COLORTERM");
    unsetenv("TMUX");
    unsetenv("STY");
    for (const char *const *env = options->env; env && *env; env++) {
        const char *equals = strchr(*env, '=');
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)(equals ? equals - *env : 63), *env);
        if (equals)
            setenv(name, equals + 1, 1);
        else
            unsetenv(name);
    }
    execvp(options->argv[0], (char *const *)options->argv);
    fprintf(stderr, "%s: %s\n", options->argv[0], strerror(errno));
    _exit(127);
}

struct vt *vt_start(const struct vt_options *options)
{
    struct vt *vt = calloc(1, sizeof *vt);
    struct winsize size = {.ws_row = (unsigned short)options->rows, .ws_col = (unsigned short)options->cols};
    if (!vt)
        abort();
    vt->rows = options->rows;
    vt->cols = options->cols;
    vt->term = vterm_new(vt->rows, vt->cols);
    vterm_set_utf8(vt->term, 1);
    vterm_output_set_callback(vt->term, to_program, vt);
    vt->screen = vterm_obtain_screen(vt->term);
    vterm_screen_set_callbacks(vt->screen, &callbacks, vt);
    vterm_screen_enable_altscreen(vt->screen, 1);
    vterm_screen_reset(vt->screen, 1);
    int own;
    if (openpty(&vt->fd, &own, NULL, NULL, &size) != 0 || tcgetattr(own, &vt->before) != 0)
        abort();
    vt->pid = fork();
    if (vt->pid < 0)
        abort();
    if (vt->pid == 0) {
        close(vt->fd);
        login_tty(own);
        become_program(options);
    }
    close(own);
    return vt;
}

/* Takes what the program has written, waiting at most that long for the first byte. */
static void take(struct vt *vt, int timeout_ms)
{
    char bytes[16384];
    struct pollfd wait = {.fd = vt->fd, .events = POLLIN};
    while (poll(&wait, 1, timeout_ms) > 0) {
        ssize_t got = read(vt->fd, bytes, sizeof bytes);
        if (got <= 0) {
            wait.fd = -1; /* it has closed the terminal */
            if (!vt->has_ended && waitpid(vt->pid, &vt->status, WNOHANG) == vt->pid)
                vt->has_ended = true;
            return;
        }
        vterm_input_write(vt->term, bytes, (size_t)got);
        for (ssize_t i = 0; i < got; i++)
            see_byte(vt, bytes[i]);
        timeout_ms = 0;
    }
}

int vt_end(struct vt *vt)
{
    if (!vt->has_ended) {
        kill(vt->pid, SIGKILL);
        waitpid(vt->pid, &vt->status, 0);
    }
    int status = vt->status;
    close(vt->fd);
    vterm_free(vt->term);
    free(vt);
    return status;
}

int vt_hang_up(struct vt *vt)
{
    int status;
    close(vt->fd);
    waitpid(vt->pid, &status, 0);
    vterm_free(vt->term);
    free(vt);
    return status;
}

void vt_type(struct vt *vt, const char *bytes)
{
    to_program(bytes, strlen(bytes), vt);
}

void vt_key(struct vt *vt, const char *name)
{
    static const struct {
        const char *name, *bytes;
    } keys[] = {
        {.name = "Enter", .bytes = "\r"},       {.name = "Esc", .bytes = "\033"},
        {.name = "Tab", .bytes = "\t"},         {.name = "S-Tab", .bytes = "\033[Z"},
        {.name = "Up", .bytes = "\033OA"},      {.name = "Down", .bytes = "\033OB"},
        {.name = "Right", .bytes = "\033OC"},   {.name = "Left", .bytes = "\033OD"},
        {.name = "PgUp", .bytes = "\033[5~"},   {.name = "PgDn", .bytes = "\033[6~"},
        {.name = "Home", .bytes = "\033OH"},    {.name = "End", .bytes = "\033OF"},
        {.name = "F1", .bytes = "\033OP"},      {.name = "F2", .bytes = "\033OQ"},
        {.name = "F4", .bytes = "\033OS"},      {.name = "F5", .bytes = "\033[15~"},
        {.name = "F6", .bytes = "\033[17~"},    {.name = "F7", .bytes = "\033[18~"},
        {.name = "F8", .bytes = "\033[19~"},    {.name = "F9", .bytes = "\033[20~"},
        {.name = "Backspace", .bytes = "\177"}, {.name = "Space", .bytes = " "},
        {.name = "Delete", .bytes = "\033[3~"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strcmp(keys[i].name, name) == 0) {
            vt_type(vt, keys[i].bytes);
            return;
        }
    }
    if (strncmp(name, "M-", 2) == 0)
        to_program((char[]){'\033', name[2]}, 2, vt);
    else if (strncmp(name, "C-", 2) == 0)
        to_program((char[]){(char)(name[2] & 0x1f)}, 1, vt);
    else
        vt_type(vt, name);
}

void vt_resize(struct vt *vt, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    vt->rows = rows;
    vt->cols = cols;
    vterm_set_size(vt->term, rows, cols);
    ioctl(vt->fd, TIOCSWINSZ, &size);
}

static size_t put_char(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    for (size_t i = more; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)((0xff00u >> (more + 1)) | code); /* 110, 1110, 11110 and what is left */
    return more + 1;
}

/* One row as text; starts[] gets the column of every byte. */
static size_t row_text(struct vt *vt, int row, char *out, int *columns)
{
    size_t len = 0;
    for (int col = 0; col < vt->cols;) {
        VTermScreenCell cell;
        vterm_screen_get_cell(vt->screen, (VTermPos){.row = row, .col = col}, &cell);
        size_t from = len;
        if (cell.chars[0] == 0)
            out[len++] = ' ';
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] && cell.chars[i] != (uint32_t)-1; i++)
            len += put_char(out + len, cell.chars[i]);
        for (size_t i = from; i < len; i++)
            columns[i] = col;
        col += cell.width > 0 ? cell.width : 1;
    }
    out[len] = '\0';
    return len;
}

bool vt_find(struct vt *vt, const char *text, int *row, int *col)
{
    static char line[1 << 14];
    static int columns[1 << 14];
    for (int r = 0; r < vt->rows; r++) {
        row_text(vt, r, line, columns);
        const char *at = strstr(line, text);
        if (at) {
            *row = r;
            *col = columns[at - line];
            return true;
        }
    }
    return false;
}

bool vt_shows(struct vt *vt, const char *text)
{
    int row, col;
    take(vt, 0);
    return vt_find(vt, text, &row, &col);
}

const char *vt_screen(struct vt *vt)
{
    static int columns[1 << 14];
    size_t len = 0;
    for (int row = 0; row < vt->rows && len + (1 << 14) < sizeof vt->text; row++) {
        size_t start = len;
        len += row_text(vt, row, vt->text + len, columns);
        while (len > start && vt->text[len - 1] == ' ')
            len--;
        vt->text[len++] = '\n';
    }
    vt->text[len] = '\0';
    return vt->text;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_for(struct vt *vt, const char *text, bool is_there)
{
    int row, col;
    int64_t until = now_ms() + WAIT_MS;
    /* between the begin and the end of synchronized output the screen is half drawn */
    while (vt->modes[FRAME_MODE] || vt_find(vt, text, &row, &col) != is_there) {
        if (now_ms() > until || vt->has_ended) {
            fprintf(stderr, "\"%s\" %s; the screen%s:\n%s", text, is_there ? "did not come" : "did not go",
                    vt->has_ended ? " (the program has ended)" : "", vt_screen(vt));
            return false;
        }
        take(vt, STEP_MS);
    }
    return true;
}

bool vt_wait(struct vt *vt, const char *text)
{
    return wait_for(vt, text, true);
}

bool vt_wait_gone(struct vt *vt, const char *text)
{
    return wait_for(vt, text, false);
}

bool vt_wait_exit(struct vt *vt, int *status)
{
    int64_t until = now_ms() + WAIT_MS;
    while (!vt->has_ended && now_ms() < until) {
        take(vt, STEP_MS);
        if (!vt->has_ended && waitpid(vt->pid, &vt->status, WNOHANG) == vt->pid)
            vt->has_ended = true;
    }
    take(vt, 0);
    *status = vt->status;
    if (!vt->has_ended)
        fprintf(stderr, "the program did not end; the screen:\n%s", vt_screen(vt));
    return vt->has_ended;
}

static int color_of(const VTermColor *color)
{
    if (VTERM_COLOR_IS_DEFAULT_FG(color) || VTERM_COLOR_IS_DEFAULT_BG(color))
        return -1;
    return VTERM_COLOR_IS_INDEXED(color) ? color->indexed.idx : -2;
}

struct vt_look vt_look(struct vt *vt, const char *text)
{
    int row, col;
    VTermScreenCell cell;
    take(vt, 0);
    if (!vt_find(vt, text, &row, &col)) {
        fprintf(stderr, "\"%s\" is not on the screen:\n%s", text, vt_screen(vt));
        return (struct vt_look){.fg = -3, .bg = -3};
    }
    vterm_screen_get_cell(vt->screen, (VTermPos){.row = row, .col = col}, &cell);
    return (struct vt_look){.fg = color_of(&cell.fg),
                            .bg = color_of(&cell.bg),
                            .bold = cell.attrs.bold,
                            .reverse = cell.attrs.reverse,
                            .underline = cell.attrs.underline != 0};
}

int vt_frames(const struct vt *vt)
{
    return vt->frames;
}

bool vt_wait_frames(struct vt *vt, int more)
{
    int wanted = vt->frames + more;
    for (int64_t until = now_ms() + WAIT_MS; vt->frames < wanted && !vt->has_ended && now_ms() < until;)
        take(vt, STEP_MS);
    return vt->frames >= wanted;
}

bool vt_mode(const struct vt *vt, int number)
{
    return vt->modes[number];
}

bool vt_wait_mode(struct vt *vt, int number)
{
    for (int64_t until = now_ms() + WAIT_MS; !vt->modes[number] && !vt->has_ended && now_ms() < until;)
        take(vt, STEP_MS);
    return vt->modes[number];
}

/* On Linux the master side answers for the terminal's own modes. */
bool vt_is_restored(const struct vt *vt)
{
    struct termios now;
    return tcgetattr(vt->fd, &now) == 0 && now.c_lflag == vt->before.c_lflag && now.c_iflag == vt->before.c_iflag &&
           now.c_oflag == vt->before.c_oflag;
}

int vt_pid(const struct vt *vt)
{
    return vt->pid;
}

void vt_signal(struct vt *vt, int number)
{
    kill(vt->pid, number);
}

bool vt_is_plain(struct vt *vt)
{
    take(vt, 0);
    return !vt->is_alternate && !vt->is_cursor_hidden;
}
