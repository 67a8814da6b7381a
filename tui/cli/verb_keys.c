/* weir keys: what this terminal sends for a key, what the key is called in keymap files, and what it does. */
#include "backend/base/clock.h"
#include "tui/cli/cli.h"
#include "tui/input.h"
#include "tui/keymap.h"
#include <poll.h>
#include <termios.h>
#include <unistd.h>

static void print_action(const struct keymap *keymap, enum keymap_context context, struct key key)
{
    struct keymap_pending pending = {.count = 0};
    enum action action;
    enum keymap_result result = keymap_feed(keymap, context, key, &pending, &action);
    if (result != KEYMAP_MISS)
        printf("  %s: %s", keymap_context_name(context), result == KEYMAP_HIT ? action_rows[action].id : "begins more");
}

static void print_key(const struct keymap *keymap, const struct event *event, const char *bytes, size_t len)
{
    struct buf chord = BUF_INIT(64);
    key_format(event->key, &chord);
    printf("%-12s bytes", buf_text(&chord));
    for (size_t i = 0; i < len; i++)
        printf(" %02x", (unsigned char)bytes[i]);
    print_action(keymap, CONTEXT_list, event->key);
    print_action(keymap, CONTEXT_zones, event->key);
    fputs("\r\n", stdout);
    fflush(stdout);
    buf_done(&chord);
}

/* Reads keys until Ctrl-c or the end of input. */
static void read_keys(struct input *input, const struct keymap *keymap)
{
    char bytes[INPUT_CHUNK];
    size_t len = 0;
    for (;;) {
        struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
        int64_t now = clock_mono(&clock_system), wait = input_wait_ms(input, now);
        if (poll(&ready, 1, (int)wait) > 0) {
            ssize_t got = read(STDIN_FILENO, bytes + len, sizeof bytes - len);
            if (got <= 0)
                return;
            input_feed(input, bytes + len, (size_t)got, clock_mono(&clock_system));
            len += (size_t)got;
        }
        struct event event;
        while (input_next(input, clock_mono(&clock_system), &event)) {
            if (event.kind == EVENT_KEY)
                print_key(keymap, &event, bytes, len);
            if (event.kind == EVENT_KEY && key_equal(event.key, (struct key){.code = 'c', .mods = MOD_CTRL}))
                return;
            len = 0;
        }
        if (len == sizeof bytes || input_wait_ms(input, clock_mono(&clock_system)) < 0)
            len = 0;
    }
}

static int keys_run(struct cli *cli, const void *options, int argc, char **argv)
{
    struct err err = ERR_NONE;
    struct termios before, raw;
    (void)options;
    (void)argc;
    (void)argv;
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        err_set(&err, ERR_USAGE, "keys needs a terminal on standard input");
        return cli_fail(cli, &err);
    }
    struct keymap *keymap = keymap_load(cli->config->keymap, &err);
    if (!keymap)
        return cli_fail(cli, &err);
    fputs("press keys; Ctrl-c ends\n", stdout);
    fflush(stdout);
    raw = before;
    cfmakeraw(&raw);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
    struct input *input = input_new(cli->config->escdelay_ms);
    read_keys(input, keymap);
    input_free(input);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    keymap_free(keymap);
    return 0;
}

const struct verb verb_keys = {
    .name = "keys",
    .arguments = "",
    .summary = "show what the terminal sends for each key",
    .help = "Prints each key's name as keymap files write it, the bytes that the terminal sent, and what the key does\n"
            "in lists and in Zones. Ctrl-c ends.",
    .run = keys_run,
};
