/* Any text as a theme: an error that names its place, or a theme whose every colour can be mapped to every terminal. */
#include "tui/theme.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    return 0;
}

static void check_style(struct style style)
{
    MUST(style.fg >= COLOR_DEFAULT && style.bg >= COLOR_DEFAULT);
    for (int depth = DEPTH_MONO; depth <= DEPTH_RGB; depth++) {
        struct style mapped = theme_map_style(style, (enum theme_depth)depth);
        int32_t most = depth == DEPTH_MONO ? -1 : depth == DEPTH_8 ? 7 : depth == DEPTH_16 ? 15 : 255;
        if (depth != DEPTH_RGB)
            MUST(mapped.fg >= -1 && mapped.fg <= most && mapped.bg >= -1 && mapped.bg <= most);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct theme theme;
    struct err err = ERR_NONE;
    char *text = strndup((const char *)bytes, len);
    MUST(text);
    if (theme_parse(&theme, "t", text, &err)) {
        for (int role = 0; role < ROLE_COUNT; role++)
            check_style(theme.styles[role]);
    } else {
        MUST(err.code == ERR_CONFIG && !strncmp(err.text, "t:", 2));
    }
    free(text);
    return 0;
}
