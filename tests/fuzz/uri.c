/* Any text: endpoints and s3:// names are split within their arrays or refused in words; coding goes both ways; times,
 * sizes and durations are read without overflow. */
#include "backend/base/uri.h"
#include "backend/base/text.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static void check_text(const char *text)
{
    struct uri uri;
    struct s3_name name;
    struct err err = ERR_NONE;
    char back[TEXT_SHORT];
    int64_t number;
    uint64_t size;
    MUST(uri_parse(text, &uri, &err) ? uri.scheme[0] && uri.host[0] && uri.port >= 0 && uri.port < 65536 : err.text[0]);
    err = ERR_NONE;
    MUST(s3_name_parse(text, &name, &err) ? name.bucket[0] != '\0' : err.text[0]);
    if (text_parse_bytes(text, &size))
        text_bytes(size, back);
    if (text_parse_duration(text, &number))
        text_duration(number, back);
    if (text_parse_time(text, &number)) {
        int64_t again;
        text_time(number, back);
        MUST(number < 0 || (text_parse_time(back, &again) && again == number / 1000 * 1000));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char text[4097];
    struct buf coded = BUF_INIT(1 << 16), back = BUF_INIT(1 << 16);
    size_t text_len = len < sizeof text - 1 ? len : sizeof text - 1;
    memcpy(text, bytes, text_len);
    text[text_len] = '\0';
    check_text(text);
    MUST(uri_encode(text, text_len, len % 2, &coded));
    MUST(uri_decode(buf_text(&coded), coded.len, true, &back));
    MUST(back.len == text_len && memcmp(buf_text(&back), text, text_len) == 0);
    buf_clear(&back);
    uri_decode(text, text_len, false, &back);
    MUST(back.len <= text_len);
    buf_done(&coded);
    buf_done(&back);
    return 0;
}
