/* What the embedded cloud can do, from its services' rows. */
#ifndef WEIR_LOCAL_COVERAGE_H
#define WEIR_LOCAL_COVERAGE_H
#include "backend/base/buf.h"
#include "backend/base/json.h"

/* [{"service","operation","state","missing"}], a new reference. */
json_t *coverage_json(void);
/* A table for people. */
bool coverage_text(struct buf *out);
#endif
