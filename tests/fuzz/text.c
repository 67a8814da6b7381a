/* Whatever bytes come in: the sanitiser's output is valid UTF-8 without controls, every character has a width, the
 * width functions agree, cleaning again changes nothing, and cutting never splits. */
#include "backend/base/text.h"
#include "tests/fuzz/fuzz.h"
#include <locale.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    MUST(setlocale(LC_ALL, "C.UTF-8"));
    return 0;
}

/* The ones that do harm, said again here so that a hole in the sanitiser's own table shows. */
static bool does_harm(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0x061c ||
           code == 0xfeff || code == 0xfe0f || (code >= 0xe0000 && code <= 0xe0fff);
}

static int width_of(const char *clean, size_t len)
{
    int width = 0;
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t step = text_decode(clean + i, len - i, &code);
        MUST(step > 0);
        MUST(!does_harm(code) && (i > 0 || text_code_width(code) > 0));
        MUST(text_code_width(code) >= 0);
        width += text_code_width(code);
        i += step;
    }
    return width;
}

static void check_fit(const char *clean, size_t len, int width)
{
    for (int columns = 0; columns <= width && columns < 40; columns++) {
        int used;
        size_t fits = text_fit(clean, len, columns, &used);
        MUST(fits <= len && used <= columns);
        MUST(width_of(clean, fits) == used);
        MUST(columns < width || fits == len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct buf clean = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20);
    MUST(text_clean((const char *)bytes, len, &clean));
    const char *text = buf_text(&clean);
    int width = width_of(text, clean.len);
    MUST(width == text_width(text, clean.len));
    MUST(text_clean(text, clean.len, &again));
    MUST(again.len == clean.len && memcmp(buf_text(&again), text, clean.len) == 0);
    check_fit(text, clean.len, width);
    char small[17], copy[4097];
    size_t copy_len = len < sizeof copy - 1 ? len : sizeof copy - 1;
    memcpy(copy, bytes, copy_len);
    copy[copy_len] = '\0';
    text_clean_into(copy, small, sizeof small);
    width_of(small, strlen(small));
    buf_done(&clean);
    buf_done(&again);
    return 0;
}
