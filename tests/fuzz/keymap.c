/* Any text as a keymap over the default one: an error that names its place and changes nothing, or a keymap in which
 * every chord that help shows does what help says. */
#include "tui/keymap.h"
#include "tests/fuzz/fuzz.h"
#include <locale.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    MUST(setlocale(LC_ALL, "C.UTF-8"));
    return 0;
}

static void check_chord(const struct keymap *keymap, enum keymap_context context, enum action action)
{
    struct buf chord = BUF_INIT(256);
    if (keymap_chord(keymap, context, action, &chord)) {
        struct keymap_pending pending = {.count = 0};
        enum action done = ACTION_none;
        enum keymap_result result = KEYMAP_PENDING;
        char *rest = chord.data;
        for (char *word = strtok_r(rest, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
            struct key key;
            MUST(result == KEYMAP_PENDING);
            MUST(key_parse(word, strlen(word), &key));
            result = keymap_feed(keymap, context, key, &pending, &done);
        }
        MUST(result == KEYMAP_HIT && done == action);
    }
    buf_done(&chord);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct keymap *keymap = keymap_new();
    struct err err = ERR_NONE;
    char *text = strndup((const char *)bytes, len);
    MUST(text);
    MUST(keymap_merge(keymap, "d", "global q = close\nlist g g = first\nlist j = down\n", &err));
    if (!keymap_merge(keymap, "t", text, &err))
        MUST(err.code == ERR_CONFIG && !strncmp(err.text, "t:", 2));
    for (int context = 0; context < CONTEXT_COUNT; context++)
        for (int action = ACTION_none + 1; action < ACTION_COUNT; action++)
            check_chord(keymap, (enum keymap_context)context, (enum action)action);
    free(text);
    keymap_free(keymap);
    return 0;
}
