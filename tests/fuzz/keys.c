/* Whatever a terminal sends, in whatever pieces: the decoder makes progress, its events are well formed, a paste stays
 * within its maximum, and once time has passed nothing is left over. */
#include "tests/fuzz/fuzz.h"
#include "tui/input.h"
#include <locale.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    MUST(setlocale(LC_ALL, "C.UTF-8"));
    return 0;
}

static void check(const struct event *event)
{
    MUST(event->kind != EVENT_NONE);
    if (event->kind == EVENT_PASTE)
        MUST(event->paste && event->paste_len <= INPUT_PASTE_MAX);
    if (event->kind == EVENT_MOUSE)
        MUST(event->row >= 0 && event->col >= 0);
    if (event->kind != EVENT_KEY)
        return;
    struct buf chord = BUF_INIT(64);
    char text[4];
    MUST(event->key.code != 0 && key_text(event->key, text) <= 4);
    MUST(key_format(event->key, &chord) && chord.len > 0);
    buf_done(&chord);
}

static void drain(struct input *input, int64_t now)
{
    struct event event;
    int events = 0;
    while (input_next(input, now, &event)) {
        check(&event);
        MUST(++events <= 2 * INPUT_CHUNK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct input *input = input_new(25);
    int64_t now = 0;
    for (size_t at = 0; at < len;) {
        /* the byte at a cut says how long the piece is and how much time passes before it */
        size_t piece = bytes[at] % 17 + 1u, left = len - at;
        now += bytes[at] & 0x80 ? 30 : 1;
        input_feed(input, (const char *)bytes + at, piece < left ? piece : left, now);
        drain(input, now);
        at += piece;
    }
    int rounds = 0;
    for (int64_t wait = input_wait_ms(input, now); wait >= 0; wait = input_wait_ms(input, now)) {
        now += wait;
        drain(input, now);
        MUST(++rounds <= 2 * INPUT_CHUNK);
    }
    input_free(input);
    return 0;
}
