/* Whatever stands before it, a named secret does not come through the trace. */
#include "backend/base/log.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char secret[] = " aws_secret_access_key=QRSTUVWX";
    struct buf text = BUF_INIT(1 << 16), out = BUF_INIT(1 << 20);
    for (size_t i = 0; i < len && i < 4096; i++)
        if (bytes[i] != 0)
            buf_putc(&text, (char)bytes[i]);
    bool planted = text.data && strstr(text.data, "QRSTUVWX");
    buf_puts(&text, secret);
    MUST(log_redact(buf_text(&text), &out));
    MUST(planted || !strstr(buf_text(&out), "QRSTUVWX"));
    buf_done(&text);
    buf_done(&out);
    return 0;
}
