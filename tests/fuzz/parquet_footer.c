/* Any bytes as a Parquet footer, and as the start of a CSV or JSON object: no crash, and what is found is within what
 * was given. */
#include "backend/local/parquet_footer.h"
#include "backend/local/glue_infer.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct arena *arena = arena_new(16 << 20);
    struct parquet_footer footer;
    struct glue_schema parquet = {0}, csv = {0}, json = {0};
    MUST(!parquet_footer_read(bytes, len, arena, &footer) || footer.count <= len);
    glue_infer_parquet(bytes, len, arena, &parquet);
    glue_infer_csv((const char *)bytes, len, true, arena, &csv);
    glue_infer_json((const char *)bytes, len, true, arena, &json);
    arena_free(arena);
    return 0;
}
