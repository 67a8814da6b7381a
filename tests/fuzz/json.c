/* Any bytes: a value or an error with its place; a value survives being written and read; any bytes make a valid
 * string. */
#include "backend/base/json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct err err = ERR_NONE;
    struct buf out = BUF_INIT(1 << 20);
    json_t *value = json_parse((const char *)bytes, len, &err);
    MUST((value != NULL) == (err.code == ERR_OK));
    if (value) {
        MUST(json_write(value, (int)(len % 4), &out));
        json_t *back = json_parse(out.data, out.len, &err);
        MUST(back && json_equal(value, back));
        json_decref(back);
        json_decref(value);
    }
    buf_clear(&out);
    MUST(json_write_string((const char *)bytes, len, &out));
    json_t *string = json_parse(out.data, out.len, &err);
    MUST(json_is_string(string));
    json_decref(string);
    buf_done(&out);
    return 0;
}
